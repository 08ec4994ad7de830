from datetime import timedelta

from babel.dates import format_interval
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime
from odoo.tools.misc import babel_locale_parse

from ...scheduling.blocking import ALWAYS, AS_MARKED, NEVER, SEVERAL_DAYS

# Beyond no booking type offers anything.
HORIZON = timedelta(days=365)
MOST_TROUBLES = 10


class ICloudCalendar(models.Model):
    """What blocks of a calendar, in words, with examples from that very calendar for its owner."""

    _inherit = "icloud.calendar"

    blocking_summary = fields.Char(compute="_compute_blocking_summary")
    all_day_example = fields.Char(compute="_compute_examples")
    unanswered_example = fields.Char(compute="_compute_examples")
    free_example = fields.Char(compute="_compute_examples")

    @api.depends("all_day_blocks", "unanswered_blocks", "free_blocks")
    @api.depends_context("lang")
    def _compute_blocking_summary(self):
        all_day = {
            SEVERAL_DAYS: self.env._("All-day events of two days or more block, others as marked"),
            AS_MARKED: self.env._("All-day events as marked"),
            ALWAYS: self.env._("All-day events always block"),
            NEVER: self.env._("All-day events never block"),
        }
        unanswered = {
            True: self.env._("unanswered invitations block"),
            False: self.env._("unanswered invitations do not block"),
        }
        free = {True: self.env._("events marked free block"), False: None}
        for calendar in self:
            parts = (
                all_day.get(calendar.all_day_blocks),
                unanswered[calendar.unanswered_blocks],
                free[calendar.free_blocks],
            )
            calendar.blocking_summary = "; ".join(filter(None, parts))

    @api.depends("name")
    @api.depends_context("uid", "lang", "tz")
    def _compute_examples(self):
        for calendar in self:
            # sudo: the titles of imported events are no field that anybody reads; these calendars
            # are the reader's own.
            own = calendar.sudo() if calendar.user_id == self.env.user else calendar.browse()
            calendar.all_day_example = bool(own) and own._all_day_example()
            calendar.unanswered_example = bool(own) and own._unanswered_example()
            calendar.free_example = bool(own) and own._free_example()

    def _all_day_example(self):
        all_day = [("allday", "=", True), ("icloud_declined", "!=", True)]
        marked = self._examples([*all_day, ("icloud_free", "=", True)])
        # A holiday tells more than a birthday.
        longest = max(marked, key=lambda event: event.stop_date - event.start_date, default=None)
        if longest:
            return self.env._(
                "%(title)s, %(days)s, is marked free. Block such days?", **self._said(longest)
            )
        busy = self._examples(all_day)[:1]
        return bool(busy) and self.env._(
            "%(title)s, %(days)s, is marked busy and blocks.", **self._said(busy)
        )

    def _unanswered_example(self):
        event = self._examples([("icloud_unanswered", "=", True)])[:1]
        return bool(event) and self.env._(
            "%(title)s, %(days)s, waits for your answer. Block its time?", **self._said(event)
        )

    def _free_example(self):
        event = self._examples([("icloud_free", "=", True), ("allday", "=", False)])[:1]
        return bool(event) and self.env._(
            "%(title)s, %(days)s, is marked free. Block its time?", **self._said(event)
        )

    def _examples(self, domain):
        """Events of this calendar, the next ones first, else the latest."""
        events = self.env["calendar.event"]
        those = Domain(domain) & Domain("icloud_origin_id.calendar_id", "=", self.id)
        ahead = Domain("stop", ">", fields.Datetime.now())
        return events.search(those & ahead, order="start", limit=20) or events.search(
            those, order="start desc", limit=1
        )

    def _said(self, event):
        """Title and time of an event for its owner."""
        title = event.icloud_title or self.env._("An event without a title")
        if not event.allday:
            return {
                "title": title,
                "days": format_datetime(self.env, event.start, dt_format="d MMMM, HH:mm"),
            }
        locale = babel_locale_parse(self.env.context.get("lang") or self.env.user.lang)
        days = format_interval(event.start_date, event.stop_date, "MMMMd", locale=locale)
        return {"title": title, "days": days}

    # -- what needs a look -----------------------------------------------------------------------

    def _troubles(self):
        """Sentences about files that could not be read or stored as they are, for their owner."""
        horizon = fields.Datetime.now() + HORIZON
        rows = self.env["icloud.event"].search(
            Domain("calendar_id", "in", self.ids)
            & Domain("origin", "=", "icloud")
            & (Domain("set_aside", "=", True) | Domain("known_until", "<", horizon)),
            order="known_until, id",
        )
        said = [
            self.env._(
                "%s: something that changed could not be read yet. Until it is, your times may not "
                "be offered.",
                calendar.name,
            )
            for calendar in self
            if calendar.incomplete and calendar.last_import
        ]
        said += [row._trouble(horizon) for row in rows[:MOST_TROUBLES]]
        left = len(rows) - MOST_TROUBLES
        return [*said, self.env._("… and %s more", left)] if left > 0 else said
