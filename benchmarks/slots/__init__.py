"""How long a month of free times takes, here and in a peer: `make bench-slots`."""
