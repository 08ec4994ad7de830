"""Commands of `odoo`, each in a file that bears its name. Odoo loads them without the addon."""
