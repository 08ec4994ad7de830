import time
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .... import operator_settings
from ....icloud import errors, secret
from ....icloud.client import Client

IMPORT_EVERY = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
OWNER_MAY_WRITE = {"primary_calendar_id"}
WORKING = ("connected", "password_needed")


class ICloudAccount(models.Model):
    """One user's iCloud connection."""

    _name = "icloud.account"
    _description = "iCloud connection"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", index=True)
    # The owner's alone: administrators see states. A group cannot tell whose row it is.
    apple_id = fields.Char(
        "Apple Account", compute="_compute_apple_id", search="_search_apple_id", exportable=False
    )
    username = fields.Char(copy=False, groups=fields.NO_ACCESS)
    secret = fields.Char(copy=False, groups=fields.NO_ACCESS)
    state = fields.Selection(
        [
            ("connected", "Connected"),
            ("password_needed", "Password needed"),
            ("disconnecting", "Disconnecting"),
            ("disconnected", "Disconnected"),
        ],
        required=True,
        default="disconnected",
    )
    home_url = fields.Char(
        copy=False,
        groups=fields.NO_ACCESS,
        help="Where iCloud keeps this account's calendars.",
    )
    addresses = fields.Json(
        copy=False, groups=fields.NO_ACCESS, help="Addresses that mean the owner, in lower case."
    )
    primary_calendar_id = fields.Many2one(
        "icloud.calendar", "Primary calendar", domain="[('writable', '=', True)]"
    )
    calendar_ids = fields.One2many("icloud.calendar", "account_id", "Calendars")
    last_import = fields.Datetime()
    next_import = fields.Datetime(index=True)
    failures = fields.Integer(help="Imports that failed in a row.")
    last_error = fields.Char()

    _user_uniq = models.Constraint("UNIQUE(user_id)", "Each user connects one iCloud account.")

    @api.depends("username", "user_id")
    @api.depends_context("uid")
    def _compute_apple_id(self):
        for account in self:
            own = self.env.su or account.user_id == self.env.user
            # sudo: the owner's own, which no group may read as a field.
            account.apple_id = own and account.sudo().username

    def _search_apple_id(self, _operator, _value):
        raise AccessError(self.env._("Accounts cannot be searched by their Apple Account."))

    @api.constrains("primary_calendar_id")
    def _check_primary(self):
        for account in self:
            primary = account.primary_calendar_id
            if primary and primary.account_id != account:
                raise ValidationError(self.env._("The primary calendar must be one of your own."))
            if primary and not primary.writable:
                raise ValidationError(
                    self.env._("%s is read-only: bookings cannot be written there.", primary.name)
                )

    def write(self, vals):
        # Every other column is iCloud's word or the worker's.
        if not self.env.su and not vals.keys() <= OWNER_MAY_WRITE:
            raise AccessError(self.env._("Use Connect and Disconnect to change the connection."))
        former = {account: account.primary_calendar_id for account in self}
        result = super().write(vals)
        if "primary_calendar_id" in vals:
            for account in self.sudo():  # The owner's choice moves copies that are the worker's.
                account._follow_primary(former[account.sudo(self.env.su)])
        return result

    @api.model
    def _of_users(self, users):
        """Accounts by user id."""
        return {
            account.user_id.id: account for account in self.search([("user_id", "in", users.ids)])
        }

    # -- workers -------------------------------------------------------------------------------

    def _copies(self):
        """Remote events of ours that are or shall be in this account's calendars."""
        return self.env["icloud.event"].search(
            [
                ("account_id", "in", self.ids),
                ("origin", "=", "odoo"),
                ("wanted", "=", "present"),
            ]
        )

    def _collect_upcoming(self):
        """Have the copies of all upcoming sessions of these users worked out again."""
        sessions = self.env["calendar.event"]._upcoming_sessions(self.user_id)
        self.env["icloud.event"]._collect_sessions(sessions.ids)

    def _follow_primary(self, former):
        """Upcoming sessions move to the new primary calendar; past ones stay where they are."""
        self.primary_calendar_id.write({"check_conflicts": True})
        self.primary_trouble = False
        if former and former != self.primary_calendar_id:
            if former.is_guessed:
                former.check_conflicts = False  # Nobody chose that one: Connect did.
            else:
                former._follow_choice()
            self._copies().filtered(
                lambda copy: copy.calendar_id == former and copy._is_upcoming()
            )._want("absent")
        self._collect_upcoming()

    def _go_on_importing(self):
        """It failed in part: what can be read is read as ever."""
        self.write({"failures": 0, "next_import": fields.Datetime.now() + IMPORT_EVERY})

    def _ask_workers(self, *works):
        for work in works:
            self.env["icloud.wish"]._ask(self, work)

    def _open_client(self, seconds):
        """A client for a worker.

        :raise UserError: the account belongs to another database
        :raise errors.SecretLost: the key changed; the user must connect again
        :raise errors.Unavailable: the key cannot be read just now
        """
        self._refuse_in_copy()
        client = self._open_clients(time.monotonic() + seconds)[self.id]
        if isinstance(client, errors.ICloudError):
            raise client
        return client

    def _open_clients(self, deadline):
        """The same for many accounts, of workers that have stopped copies of databases before.

        :param deadline: in `time.monotonic()`
        :return: {account id: client, or the error why there is none}
        """
        try:
            key = operator_settings.secret_key()
        except OSError:
            sentence = self._for_owner().env._("Odoo cannot read its key for stored passwords.")
            return dict.fromkeys(self.ids, errors.Unavailable(sentence))
        open_client = partial(
            Client,
            operator_settings.caldav_url(),
            trusted_hosts=operator_settings.trusted_hosts(),
            deadline=deadline,
        )
        clients = {}
        for account in self:
            try:
                password = secret.decrypt(key, account.secret or "")
                clients[account.id] = client = open_client(account.username, password)
                client.bind(account.home_url)
            except errors.ICloudError as error:
                clients[account.id] = error
        return clients

    def _is_connected_anew(self, secret):
        """Whether its owner has connected since a worker opened it with this `secret`.

        What that worker hears is of an old password, maybe of another Apple Account.
        """
        self.ensure_one()
        return self.secret != secret

    def _drop_calendars(self):
        """Forget all we know of this account's calendars. Nothing is sent."""
        rows = self.env["icloud.event"].search([("account_id", "in", self.ids)])
        rows._forget()
        self.write({"primary_calendar_id": False})
        self.calendar_ids.unlink()
