import time
from urllib.parse import urlsplit

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import single_email_re

from .... import operator_settings
from ....icloud import errors, secret
from ....icloud.client import Client
from ....icloud.discovery import discover
from ..icloud_worker import in_words

CONNECT_SECONDS = 15


class ICloudAccount(models.Model):
    """How an account is connected, follows what iCloud lists, and is left."""

    _inherit = "icloud.account"

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
        apple_id = apple_id.strip() if isinstance(apple_id, str) else ""
        if not single_email_re.match(apple_id):
            raise UserError(self.env._("Enter the e-mail address of your Apple Account."))
        # Always the caller's own account, whose columns only code may write.
        accounts = self.sudo()
        account = accounts._of_users(self.env.user).get(self.env.uid, accounts)
        account._refuse_in_copy()
        found, ciphertext = self._try(apple_id, app_password)
        account = account or accounts.create({"user_id": self.env.uid})
        account._take_over(apple_id, ciphertext, found)
        return account.sudo(False)

    def _try(self, apple_id, app_password):
        """Ask iCloud whether it takes this pair.

        :return: what iCloud shows, and the password as it is kept
        """
        try:
            key = operator_settings.secret_key()
        except OSError as error:
            raise UserError(
                self.env._(
                    "This server cannot keep your password: its key can be neither read nor made. "
                    "Ask whoever runs it."
                )
            ) from error
        try:
            password = secret.normalise_app_password(
                app_password if isinstance(app_password, str) else ""
            )
            # The network comes before the first write: no row is locked while Apple answers.
            with self._client(apple_id, password, CONNECT_SECONDS) as client:
                found = discover(client)
            ciphertext = secret.encrypt(key, password)
        except errors.ICloudError as error:
            raise UserError(self._advice(error)) from error
        if not found.calendars:
            raise UserError(
                self.env._(
                    "iCloud accepted the password but shows no calendars. Switch on Calendars "
                    "under Settings → your name → iCloud on your iPhone, then connect again."
                )
            )
        return found, ciphertext

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
                return self.env._("iCloud could not be connected: %s", in_words(self.env, error))

    def _take_over(self, apple_id, ciphertext, found):
        """Store a connection that was just tried."""
        self.ensure_one()
        if self.home_url and not _is_same_home(self.home_url, found.home_url):
            self._drop_calendars()  # Another Apple Account: what we knew is not in this one.
        self.write(
            {
                "username": apple_id,
                "secret": ciphertext,
                "state": "connected",
                "home_url": found.home_url,
                "addresses": sorted(found.addresses),
                "last_import": False,
                "failures": 0,
                "last_error": False,
                "quiet_until": False,
                "quiet_seconds": 0,
            }
        )
        self._belong_here()
        self._store_calendars(found.calendars)
        if not self.primary_calendar_id:
            # "home" is the id of the calendar every iCloud account starts with.
            self.primary_calendar_id = self.calendar_ids.filtered("writable").sorted(
                lambda calendar: not calendar.href.endswith("/home/")
            )[:1]
            self.primary_calendar_id.is_guessed = True
        self._collect_upcoming()
        self._ask_workers("push", "import")

    # -- buttons -------------------------------------------------------------------------------

    def action_sync_now(self):
        """Have everything that waits sent and every calendar read, now."""
        self.check_access("write")
        # sudo: own accounts, as just checked; waking workers is no privilege.
        for account in self.sudo():
            account._refuse_in_copy()
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
        # sudo: own accounts, as just checked; the rest is the worker's columns.
        self.sudo()._disconnect(remove)
        return True

    def action_disconnect_others(self, remove=False):
        """The same for anybody's accounts, by an administrator, who learns nothing of them.

        :param remove: also delete upcoming bookings from these users' iCloud
        """
        if not self.env.is_system():
            raise AccessError(self.env._("Only administrators can disconnect others."))
        self.sudo()._disconnect(remove)  # An administrator, as just checked.
        return True

    def action_disconnect_others_and_remove(self):
        """A button of the list: it cannot give an argument."""
        return self.action_disconnect_others(remove=True)

    def _disconnect(self, remove):
        for account in self.filtered(lambda account: account.state != "disconnected"):
            account.calendar_ids._forget_imported()
            if account._is_elsewhere():
                # What stands in iCloud is the other database's; nothing may be sent from here.
                account._drop_calendars()
                account._finish_disconnect()
                continue
            copies = account._copies().filtered(lambda copy: copy._is_upcoming())
            if not (remove and copies):
                account._finish_disconnect()
                continue
            copies._want("absent")
            if account.state == "password_needed":
                # After a refusal nothing more is asked of iCloud with that password.
                account._for_owner()._copies_gone(account.last_error)
            else:
                account.write({"state": "disconnecting"})
                account._ask_workers("push")

    def _finish_disconnect(self):
        # The rows of copies that stay in iCloud stay too: a reconnect finds them, not twins.
        self._copies()._forget_travel()
        self.write(
            {
                "state": "disconnected",
                "secret": False,
                "next_import": False,
                "last_error": False,
                "is_copied": False,
            }
        )


def _is_same_home(one, other):
    """Whether two addresses of a home are one Apple Account: `/<its number>/calendars/`.

    The host says nothing: iCloud moves accounts from partition to partition.
    """
    return urlsplit(one).path.strip("/") == urlsplit(other).path.strip("/")
