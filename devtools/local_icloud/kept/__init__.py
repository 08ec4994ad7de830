"""What the local iCloud keeps: accounts' calendars in Radicale's storage. Imports no other room."""
