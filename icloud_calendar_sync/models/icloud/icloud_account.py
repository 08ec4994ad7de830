import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import single_email_re

from ... import operator_settings
from ...icloud import errors, secret
from ...icloud.client import Client
from ...icloud.discovery import discover

CONNECT_SECONDS = 15
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
    apple_id = fields.Char("Apple Account")
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
    home_url = fields.Char(help="Where iCloud keeps this account's calendars.")
    addresses = fields.Json(help="Addresses that mean the owner, in lower case.")
    primary_calendar_id = fields.Many2one(
        "icloud.calendar", "Primary calendar", domain="[('writable', '=', True)]"
    )
    calendar_ids = fields.One2many("icloud.calendar", "account_id", "Calendars")
    last_import = fields.Datetime()
    next_import = fields.Datetime(index=True)
    failures = fields.Integer(help="Imports that failed in a row.")
    last_error = fields.Char()

    _user_uniq = models.Constraint("UNIQUE(user_id)", "Each user connects one iCloud account.")

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

    # -- connecting ----------------------------------------------------------------------------

    @api.model
    def connect(self, apple_id, app_password):
        """Connect the calling user's iCloud, or say exactly what is wrong and change nothing.

        :param apple_id: the Apple Account's e-mail address
        :param app_password: an app-specific password, any case, with or without dashes
        :return: the account of the calling user
        :raise UserError: one sentence the user can act on
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only internal users can connect iCloud."))
        apple_id = (apple_id or "").strip()
        if not single_email_re.match(apple_id):
            raise UserError(self.env._("Enter the e-mail address of your Apple Account."))
        try:
            password = secret.normalise_app_password(app_password or "")
            # The network comes before the first write: no row is locked while Apple answers.
            with self._client(apple_id, password, CONNECT_SECONDS) as client:
                found = discover(client)
        except errors.ICloudError as error:
            raise UserError(self._advice(error)) from error
        if not found.calendars:
            raise UserError(
                self.env._(
                    "iCloud accepted the password but shows no calendars. Switch on Calendars "
                    "under Settings → your name → iCloud on your iPhone, then connect again."
                )
            )
        # Always the caller's own account, whose columns only code may write.
        accounts = self.sudo()
        account = accounts._of_users(self.env.user).get(self.env.uid)
        if not account:
            account = accounts.create({"user_id": self.env.uid})
        account._take_over(apple_id, password, found)
        return account.sudo(False)

    @api.model
    def _client(self, apple_id, password, seconds):
        return Client(
            operator_settings.caldav_url(),
            apple_id,
            password,
            trusted_hosts=operator_settings.trusted_hosts(),
            deadline=time.monotonic() + seconds,
        )

    def _advice(self, error):
        """What to tell a user whose Connect failed."""
        match error:
            case errors.NotAppSpecific():
                return self.env._(
                    "This is not an app-specific password. It has 16 letters, like "
                    "abcd-efgh-ijkl-mnop; your normal Apple password does not work here."
                )
            case errors.Unauthorized():
                return self.env._(
                    "iCloud refused this e-mail and password. Check the e-mail address, or make "
                    "a new app-specific password and paste it here."
                )
            case errors.TimedOut():
                return self.env._("iCloud did not answer in time. Try again in a minute.")
            case errors.Unreachable():
                return self.env._("iCloud cannot be reached from this server. Try again later.")
            case errors.Unavailable():
                return self.env._(
                    "iCloud is not available at the moment. Try again in a few minutes."
                )
            case _:
                return self.env._("iCloud could not be connected: %s", error)

    def _take_over(self, apple_id, password, found):
        """Store a connection that was just tried."""
        self.ensure_one()
        if self.home_url and urlsplit(self.home_url).path != urlsplit(found.home_url).path:
            self._drop_calendars()  # Another Apple Account: what we knew is not in this one.
        self.write(
            {
                "apple_id": apple_id,
                "secret": secret.encrypt(operator_settings.secret_key(), password),
                "state": "connected",
                "home_url": found.home_url,
                "addresses": sorted(found.addresses),
                "last_import": False,
                "failures": 0,
                "last_error": False,
            }
        )
        self._store_calendars(found.calendars)
        if not self.primary_calendar_id:
            # "home" is the id of the calendar every iCloud account starts with.
            self.primary_calendar_id = self.calendar_ids.filtered("writable").sorted(
                lambda calendar: not calendar.href.endswith("/home/")
            )[:1]
        self._collect_upcoming()
        self._ask_workers("push", "import")

    def _store_calendars(self, remote_calendars):
        """Follow iCloud's listing. A calendar it does not list is kept: its events still block."""
        known = {calendar.href: calendar for calendar in self.calendar_ids}
        created = []
        for sequence, remote in enumerate(remote_calendars):
            values = self.env["icloud.calendar"]._values(remote, sequence)
            calendar = known.pop(remote.href, None)
            if calendar is None:
                created.append({**values, "account_id": self.id})
            elif changed := {
                name: value for name, value in values.items() if calendar[name] != value
            }:
                calendar.write(changed)
        self.env["icloud.calendar"].create(created)
        for calendar in known.values():
            if not calendar.missing:
                calendar.missing = True
                if calendar._is_read():
                    self._notify(
                        self.env._("A calendar is no longer in iCloud"),
                        self.env._(
                            "iCloud no longer lists %s. Until you untick it under My Preferences → "
                            "Integrations, your times are not offered.",
                            calendar.name,
                        ),
                    )

    # -- buttons -------------------------------------------------------------------------------

    def action_sync_now(self):
        """Have everything that waits sent and every calendar read, now."""
        self.check_access("write")
        for (
            account
        ) in self.sudo():  # Own accounts, as just checked; waking workers is no privilege.
            if account.state != "connected":
                raise UserError(self.env._("Connect iCloud first."))
            account._ask_workers("push", "compare")
        return True

    def action_disconnect(self, remove=False):
        """Stop the connection.

        :param remove: also delete upcoming bookings from iCloud; the account stays
            `disconnecting`, and keeps its password, until that is done
        """
        self.check_access("write")
        accounts = self.sudo()  # Own accounts, as just checked; the rest is the worker's columns.
        for account in accounts.filtered(lambda account: account.state != "disconnected"):
            account.calendar_ids._forget_imported()
            copies = account._copies().filtered(lambda copy: copy._is_upcoming())
            if remove and copies:
                copies._want("absent")
                account.write({"state": "disconnecting"})
                account._ask_workers("push")
            else:
                account._finish_disconnect()
        return True

    def _finish_disconnect(self):
        # The rows of copies that stay in iCloud stay too: a reconnect finds them, not twins.
        self.write(
            {
                "state": "disconnected",
                "secret": False,
                "next_import": False,
                "last_error": False,
            }
        )

    # -- workers -------------------------------------------------------------------------------

    def _finish_if_clean(self):
        """Disconnecting accounts whose deletes are all out are done."""
        for account in self:
            if not self.env["icloud.event"].search_count(
                [
                    ("account_id", "=", account.id),
                    ("origin", "=", "odoo"),
                    ("wanted", "=", "absent"),
                ],
                limit=1,
            ):
                account._finish_disconnect()

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
        if former and former != self.primary_calendar_id:
            self._copies().filtered(
                lambda copy: copy.calendar_id == former and copy._is_upcoming()
            )._want("absent")
        self._collect_upcoming()

    def _ask_workers(self, *works):
        for work in works:
            self.env["icloud.wish"]._ask(self, work)

    def _open_client(self, seconds):
        """A client for the workers.

        :raise errors.SecretLost: the key changed; the user must connect again
        """
        password = secret.decrypt(operator_settings.secret_key(), self.secret or "")
        client = self._client(self.apple_id, password, seconds)
        client.bind(self.home_url)
        return client

    def _password_refused(self, error):
        """Stop after one refusal, tell the owner; everything waits until they connect again."""
        for account in self.filtered(
            lambda account: account.state in ("connected", "disconnecting")
        ):
            if account.state == "disconnecting":
                account._copies_gone(str(error))
                continue
            account.write({"state": "password_needed", "last_error": str(error)})
            account._notify(
                self.env._("iCloud needs a new password"),
                self.env._(
                    "iCloud no longer accepts the app-specific password. Connect again under My "
                    "Preferences → Integrations; bookings made meanwhile go out then."
                ),
            )

    def _notify(self, subject, body):
        """What the owner must do something about: in the log, and where Odoo notifies them."""
        self.ensure_one()
        self._tell("error", body)
        self.env["mail.thread"].message_notify(
            partner_ids=self.user_id.partner_id.ids, subject=subject, body=body
        )

    def _copies_gone(self, reason):
        """Disconnecting without a valid password: what could not be deleted stays in iCloud."""
        left = self.env["icloud.event"].search(
            [
                ("account_id", "=", self.id),
                ("origin", "=", "odoo"),
                ("wanted", "=", "absent"),
            ]
        )
        self._tell(
            "warning",
            self.env._(
                "%(count)s bookings could not be removed from iCloud: %(reason)s",
                count=len(left),
                reason=reason,
            ),
        )
        # Their rows stay: the next connect deletes them from iCloud.
        self._finish_disconnect()

    def _pause_import(self, error):
        """Try again later, and later still, up to an hour.

        :param error: what happened, as an exception or a sentence
        """
        self.ensure_one()
        failures = self.failures + 1
        pause = min(IMPORT_EVERY * 2 ** min(failures - 1, 6), LONGEST_PAUSE)
        if getattr(error, "retry_after", None):
            pause = max(pause, timedelta(seconds=error.retry_after))
        if str(error) != self.last_error:
            self._tell("warning", str(error))
        self.write(
            {
                "failures": failures,
                "last_error": str(error),
                "next_import": datetime.now(UTC).replace(tzinfo=None) + pause,
            }
        )

    def _tell(self, level, message):
        self.env["icloud.log"].create(
            [{"account_id": account.id, "level": level, "message": message} for account in self]
        )

    def _drop_calendars(self):
        """Forget all we know of this account's calendars. Nothing is sent."""
        rows = self.env["icloud.event"].search([("account_id", "in", self.ids)])
        rows._forget()
        self.write({"primary_calendar_id": False})
        self.calendar_ids.unlink()
