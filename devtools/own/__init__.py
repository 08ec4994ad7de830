"""Odoo's own tests and its number of queries, with the addon and without. Imports machine alone."""
