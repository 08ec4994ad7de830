"""What can go wrong on demand: oddities, outages, and their register. Imports no other room."""
