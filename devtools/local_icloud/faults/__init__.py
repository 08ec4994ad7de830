"""What can go wrong on demand: outages, oddities, delays, and their register. Imports `kept`."""
