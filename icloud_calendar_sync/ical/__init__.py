"""iCalendar (RFC 5545) to plain values and back, without Odoo and without the network."""
