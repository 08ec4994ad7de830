"""How long it takes to keep Odoo and iCloud alike, here and in a peer: `make bench-sync`."""
