from odoo.tools import sql


def migrate(cr, _version):
    """`apple_id` shows itself to its owner alone now; what is stored has a name of its own."""
    if not sql.column_exists(cr, "icloud_account", "username"):
        sql.rename_column(cr, "icloud_account", "apple_id", "username")
