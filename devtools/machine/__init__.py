"""What all runs on: virtual environment, Odoo, PostgreSQL, browser. Imports no other room."""
