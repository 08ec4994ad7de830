"""Speaks with iCloud over CalDAV. Plain Python: knows nothing of Odoo."""
