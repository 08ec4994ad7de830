from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..html_lists import as_list

_CHOOSING = {Command.UNLINK, Command.LINK, Command.CLEAR, Command.SET}
OWN = [
    "icloud_state",
    "icloud_apple_id",
    "icloud_last_import",
    "icloud_next_import",
    "icloud_last_error",
    "icloud_primary_calendar_id",
    "icloud_conflict_calendar_ids",
    "icloud_calendar_count",
    "icloud_trouble",
]


PRIMARY = "icloud_primary_calendar_id"
CHOSEN = [PRIMARY, "icloud_conflict_calendar_ids"]
MAILS = [
    "booking_mail_requested",
    "booking_mail_confirmed",
    "booking_mail_moved",
    "booking_mail_cancelled",
]


class ResUsers(models.Model):
    _inherit = "res.users"

    # The preferences page: what a user sees and chooses of their own account, and only that.
    icloud_account_ids = fields.One2many("icloud.account", "user_id")
    icloud_state = fields.Selection(
        [
            ("none", "Not connected"),
            ("connected", "Connected"),
            ("password_needed", "Password needed"),
            ("disconnecting", "Disconnecting"),
            ("copied", "Stopped: a copy"),
        ],
        "iCloud state",
        compute="_compute_icloud",
    )
    icloud_apple_id = fields.Char("Apple Account", compute="_compute_icloud")
    icloud_last_import = fields.Datetime("Last import", compute="_compute_icloud")
    icloud_next_import = fields.Datetime("Next import", compute="_compute_icloud")
    icloud_last_error = fields.Char("iCloud says", compute="_compute_icloud")
    icloud_calendar_count = fields.Integer(compute="_compute_icloud")
    icloud_trouble = fields.Html("Events that need a look", compute="_compute_icloud")
    icloud_primary_calendar_id = fields.Many2one(
        "icloud.calendar",
        "Primary calendar",
        compute="_compute_icloud",
        inverse="_inverse_icloud_primary",
        domain="[('user_id', '=', id), ('writable', '=', True), ('missing', '=', False)]",
        help="New bookings are written here.",
    )
    icloud_conflict_calendar_ids = fields.Many2many(
        "icloud.calendar",
        string="Check for conflicts",
        compute="_compute_icloud",
        inverse="_inverse_icloud_conflicts",
        domain="[('user_id', '=', id)]",
        help="Events in these calendars block booking times. The primary calendar always does.",
    )
    # What a host hears of by mail.
    booking_mail_requested = fields.Boolean("Bookings that wait for my word", default=True)
    booking_mail_confirmed = fields.Boolean("New bookings", default=True)
    booking_mail_moved = fields.Boolean("Moved bookings", default=True)
    booking_mail_cancelled = fields.Boolean(
        "Cancelled bookings", default=True, help="Also those that another host takes over."
    )
    booking_resource_id = fields.Many2one(
        "resource.resource", "Resource of bookings", copy=False, groups=fields.NO_ACCESS
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + OWN + MAILS

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + CHOSEN + MAILS

    def write(self, vals):
        for command in vals.get("icloud_conflict_calendar_ids") or ():
            if command[0] not in _CHOOSING:
                # Odoo writes one's own preferences with all rights: a command that changes the
                # calendar itself, anybody's, would be carried out.
                raise AccessError(self.env._("Calendars can be chosen here, not changed."))
        if vals.keys() >= set(CHOSEN):
            # What leaves the primary calendar's place is forgotten unless it is ticked: the list
            # of the same save says whether it is.
            super().write({name: value for name, value in vals.items() if name != PRIMARY})
            self._keep_ticked(vals[PRIMARY])
            return super().write({PRIMARY: vals[PRIMARY]})
        return super().write(vals)

    @api.depends(
        "icloud_account_ids.state",
        "icloud_account_ids.is_copied",
        "icloud_account_ids.primary_calendar_id",
        "icloud_account_ids.calendar_ids.check_conflicts",
    )
    @api.depends_context("uid")
    def _compute_icloud(self):
        for user in self:
            # Each user's own connection; nobody else's preferences page shows it.
            own = user if user == self.env.user else self.browse()
            account = own.sudo().icloud_account_ids.filtered(
                lambda account: account.state != "disconnected"
            )
            user.icloud_state = "copied" if account.is_copied else account.state or "none"
            user.icloud_apple_id = account.apple_id
            user.icloud_last_import = account.last_import
            user.icloud_next_import = account.next_import
            user.icloud_last_error = account.last_error
            user.icloud_primary_calendar_id = account.primary_calendar_id
            user.icloud_calendar_count = len(account.calendar_ids)
            user.icloud_trouble = as_list(account.calendar_ids._troubles())
            user.icloud_conflict_calendar_ids = account.calendar_ids.filtered(
                lambda calendar: calendar._is_read()
            )

    def _inverse_icloud_primary(self):
        for user in self:
            account = user._own_account(user.icloud_primary_calendar_id)
            if account.primary_calendar_id != user.icloud_primary_calendar_id:
                account.primary_calendar_id = user.icloud_primary_calendar_id

    def _inverse_icloud_conflicts(self):
        for user in self:
            chosen = user.icloud_conflict_calendar_ids
            for calendar in user._own_account(chosen).calendar_ids:
                if calendar.check_conflicts != (calendar in chosen):
                    calendar.check_conflicts = calendar in chosen

    def _keep_ticked(self, primary_id):
        """Another primary calendar is about to be chosen, with a list beside it: what is ticked
        there is no guess any more.
        """
        # sudo: the users' own accounts, as the list's inverse has just checked.
        accounts = self.sudo().icloud_account_ids
        accounts = accounts.filtered(lambda account: account.primary_calendar_id.id != primary_id)
        accounts.calendar_ids.filtered("check_conflicts").is_guessed = False

    def _own_account(self, calendars):
        """The user's account, all of whose rows the user may choose from.

        Odoo writes the fields of one's own preferences with all rights, so what was chosen is
        checked here.
        """
        self.ensure_one()
        if self != self.env.user or calendars.sudo().user_id - self:
            raise AccessError(self.env._("Only your own calendars can be chosen."))
        return self.sudo().icloud_account_ids

    # -- hosts ---------------------------------------------------------------------------------

    def _ensure_booking_resource(self):
        """The one resource by which each of these users' time is reserved.

        One of its own: employees' resources come several to a person (one for each company), and
        are handed from user to user.
        """
        for user in self.filtered(lambda user: not user.booking_resource_id):
            user.booking_resource_id = self.env["resource.resource"].create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": user.company_id.id,
                    "tz": user.tz or "UTC",
                }
            )
        return self.booking_resource_id

    @api.ondelete(at_uninstall=False)
    def _unlink_tears_down_icloud(self):
        # The user's own connection goes with the user; imported events are the import's to delete.
        self.sudo().icloud_account_ids._drop_calendars()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        upcoming = [("user_id", "in", self.ids), ("stop", ">", fields.Datetime.now())]
        # sudo: that there are bookings is told, not which.
        if self.env["icloud.booking"].sudo().search_count([("holds_time", "=", True), *upcoming]):
            raise UserError(
                self.env._("There are bookings ahead: cancel them, or give them to other hosts.")
            )
