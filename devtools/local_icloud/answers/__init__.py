"""What the local iCloud answers to each method. Imports `kept`."""
