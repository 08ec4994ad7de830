import json
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Two questions, not one: a function that may not be called fails wherever it stands in a query.
_MAY_ASK = SQL("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')")
_CLUSTER = SQL("SELECT system_identifier::text FROM pg_control_system()")


class ICloudAccount(models.Model):
    """An account remembers the database it was connected in: a copy must leave iCloud alone.

    What tells a copy: the database's UUID (Odoo's own "Duplicate" changes it), its name, and
    PostgreSQL's own number for the server it lives in (`createdb -T` keeps the server, a dump that
    is restored elsewhere may keep the name). All servers and workers of one database agree in
    these; a restart, another port, https, or a backup restored in its place change none of them.

    The address counts only where the operator froze it (`web.base.url.freeze`): otherwise Odoo
    changes it by itself whenever an administrator logs in under another name of the same server.
    """

    _inherit = "icloud.account"

    home_database = fields.Char(copy=False, groups=fields.NO_ACCESS)
    is_copied = fields.Boolean(
        "Stopped as a copy",
        copy=False,
        help="This database is not the one this account was connected in.",
    )

    @api.model
    def _this_database(self):
        """What is known of this database, as text that is the same for all its servers."""
        # sudo: compared and kept, never shown.
        parameters = self.env["ir.config_parameter"].sudo()
        is_frozen = parameters.get_param("web.base.url.freeze")
        address = parameters.get_param("web.base.url") if is_frozen else ""
        return json.dumps(
            {
                "uuid": parameters.get_param("database.uuid") or "",
                "name": self.env.cr.dbname,
                "cluster": self._cluster(),
                "address": urlsplit(address or "").hostname or "",
            },
            sort_keys=True,
        )

    @api.model
    def _cluster(self):
        """PostgreSQL's own number of its server, or "" where its operator keeps that back."""
        ((may_ask,),) = self.env.execute_query(_MAY_ASK)
        return self.env.execute_query(_CLUSTER)[0][0] if may_ask else ""

    def _belong_here(self):
        """From now on this database is the one that may speak with these accounts' iCloud."""
        self.write({"home_database": self._this_database(), "is_copied": False})

    def _is_elsewhere(self):
        """Whether this account belongs to another database than this one."""
        self.ensure_one()
        return self.is_copied or _differ(self.home_database, self._this_database())

    def _refuse_in_copy(self):
        for account in self.filtered(lambda account: account.state != "disconnected"):
            if account._is_elsewhere():
                raise UserError(account._copy_sentence())

    @api.model
    def _stop_copies(self):
        """The workers' first look, before any request: which accounts belong elsewhere?"""
        here = self._this_database()
        accounts = self.search(
            [
                ("state", "!=", "disconnected"),
                ("is_copied", "=", False),
                ("home_database", "!=", here),
            ]
        )
        copied = accounts.filtered(lambda account: _differ(account.home_database, here))
        # Connected before accounts remembered it, or an address was frozen since.
        (accounts - copied).write({"home_database": here})
        for account in copied:
            account._stop_as_copy()

    def _stop_as_copy(self):
        self.write({"is_copied": True, "last_error": self._copy_sentence()})
        self._notify_copied()

    def _copy_sentence(self):
        self.ensure_one()
        return self._for_owner().env._(
            "Odoo has stopped syncing: this database (“%s”) is not the one that your iCloud was "
            "connected in. Nothing is read from iCloud or sent there until you say that this is "
            "the real one.",
            self.env.cr.dbname,
        )

    def action_go_on_here(self):
        """The owner's word that this is the real database: what waits goes out from here."""
        self.check_access("write")
        # sudo: own accounts, as just checked; these columns are the worker's.
        accounts = self.sudo().filtered(lambda account: account._is_elsewhere())
        accounts._belong_here()
        accounts.write({"last_error": False})
        for account in accounts:
            account._ask_workers("push", "import")
        return True


def _differ(known, here):
    """Whether two descriptions are of two databases; what one of them does not know tells nothing.

    A database that was frozen to an address later, or whose server does not tell its number, is
    still the same.
    """
    if not known:
        return False
    known, here = json.loads(known), json.loads(here)
    return any(known.get(name) and here[name] and known[name] != here[name] for name in here)
