from odoo import fields, models
from odoo.tools import format_list


class ICloudAccount(models.Model):
    """What iCloud lists of an account's calendars, and what its owner is told when one goes.

    One listing is never final: a calendar that is not in it is missing when the next one does not
    have it either, and so it is with a primary calendar that cannot be written any more.
    """

    _inherit = "icloud.account"

    primary_trouble = fields.Selection(
        [("seen", "Seen once"), ("told", "Its owner was told")],
        copy=False,
        help="The primary calendar is read-only or missing.",
    )

    def _store_calendars(self, remote_calendars):
        """Follow iCloud's listing, and never the owner's choices: those stay with the calendar.

        A calendar that iCloud does not list is kept: its events still block.
        """
        known = {calendar.href: calendar for calendar in self.calendar_ids}
        created = []
        for sequence, remote in enumerate(remote_calendars):
            values = self.env["icloud.calendar"]._values(remote, sequence)
            calendar = known.pop(remote.href, None)
            if calendar is None:
                created.append({**values, "account_id": self.id})
            elif changed := {
                name: value
                for name, value in {**values, "missed_at": False}.items()
                if (calendar[name] or False) != (value or False)
            }:
                calendar.write(changed)
        self.env["icloud.calendar"].create(created)
        gone = self.env["icloud.calendar"]
        for calendar in known.values():
            gone |= self._store_missing(calendar)
        if gone:
            self._notify_missing(gone)
        self._store_primary_trouble()

    def _store_missing(self, calendar):
        """:return: the calendar, if its owner is to be told that it is gone"""
        nothing = calendar.browse()
        if calendar.missing:
            return nothing
        if not calendar.missed_at:
            calendar.missed_at = fields.Datetime.now()
            return nothing
        calendar.missing = True
        is_told = calendar._is_read() and calendar != self.primary_calendar_id
        return calendar if is_told else nothing

    def _store_primary_trouble(self):
        """Tell once what becomes of bookings; when it is well again, nobody needs to be told."""
        primary = self.primary_calendar_id
        if not primary or (primary.writable and not primary.missed_at):
            if self.primary_trouble:
                self.primary_trouble = False
        elif not self.primary_trouble:
            self.primary_trouble = "seen"
        elif self.primary_trouble == "seen":
            self.primary_trouble = "told"
            self._notify_primary()

    # -- what the owner is told --------------------------------------------------------------------

    def _notify_missing(self, calendars):
        """One notice for all: a listing that is odd may lack each of them."""
        account = self._for_owner()
        account._notify(
            account.env._("A calendar is no longer in iCloud"),
            [
                account.env._(
                    "iCloud no longer lists %s. What Odoo knows of it still blocks your times.",
                    format_list(account.env, calendars.mapped("name")),
                ),
                *account._what_is_offered(),
                account.env._("If it is gone for good, untick it in your preferences."),
            ],
            account.env._("Open my preferences"),
        )

    def _notify_primary(self):
        account = self._for_owner()
        primary, env = account.primary_calendar_id, account.env
        if primary.missed_at:
            what = env._("iCloud no longer lists %s, the calendar of your bookings.", primary.name)
        else:
            what = env._("iCloud no longer lets Odoo write to %s.", primary.name)
        account._notify(
            env._("Your bookings cannot be written to iCloud"),
            [
                what,
                env._(
                    "Bookings are still taken in Odoo, and wait there. Choose another calendar for "
                    "them in your preferences, and they go out to it."
                ),
                *(account._what_is_offered() if primary.missed_at else ()),
            ],
            env._("Open my preferences"),
        )
