from datetime import UTC

from odoo import api, fields, models

from ....scheduling.blocking import Marks, judge
from ....scheduling.intervals import merge
from ...planning.minutes import minutes_down, minutes_up


class CalendarEvent(models.Model):
    """What iCloud says of an imported event, and with it whether the event blocks.

    The marks stay with the event, so that a new choice of its host counts at once.
    """

    _inherit = "calendar.event"

    # Whom a host answers is no colleague's to know; that the time is taken shows in `show_as`.
    icloud_free = fields.Boolean(
        "Marked free in iCloud", copy=False, groups=fields.NO_ACCESS, prefetch="icloud"
    )
    icloud_unanswered = fields.Boolean(
        "Invitation not answered in iCloud",
        copy=False,
        groups=fields.NO_ACCESS,
        prefetch="icloud",
    )
    icloud_declined = fields.Boolean(
        "Declined in iCloud", copy=False, groups=fields.NO_ACCESS, prefetch="icloud"
    )

    def _marks(self):
        self.ensure_one()
        return Marks(
            days=(self.stop_date - self.start_date).days + 1 if self.allday else 0,
            empty=not self.allday and self.start >= self.stop,
            free=self.icloud_free,
            unanswered=self.icloud_unanswered,
            declined=self.icloud_declined,
        )

    def _blocking_setting(self):
        """The name of the host's choice (a field of `Choice`) that has this event block, or None.

        The choice is the host's; that it is one is told to whoever may ask why a time is taken.
        """
        self.ensure_one()
        # sudo: the calendar and what iCloud says of the event are its owner's alone.
        event = self.sudo()
        calendar = event.icloud_origin_id.calendar_id
        return judge(event._marks(), calendar._choice()).setting if calendar else None

    @api.model
    def _judge_again(self, calendars):
        """Have what is stored of these calendars block as their host chose.

        :return: the events that block now, or no longer
        """
        changed = self.browse()
        for calendar in calendars:
            choice = calendar._choice()
            events = self.with_context(active_test=False).search(
                [("icloud_origin_id.calendar_id", "=", calendar.id)]
            )
            for show_as, those in events.grouped(
                lambda event, choice=choice: shown_as(event._marks(), choice)
            ).items():
                other = those.filtered(lambda event, show_as=show_as: event.show_as != show_as)
                other._as_import().write({"show_as": show_as})
                changed |= other
        return changed

    @api.model
    def _blocked_minutes(self, occurrences, choice, window):
        """What these occurrences take of a window, as merged minutes UTC since 1970, travel
        included.
        """
        first, last = minutes_down(_naive(window.start)), minutes_up(_naive(window.stop))
        spans = (
            (
                max(minutes_down(_naive(one.start)) - one.travel, first),
                min(minutes_up(_naive(one.stop)), last),
            )
            for one in occurrences
            if judge(marks_of(one), choice).blocks
        )
        return merge((start, stop) for start, stop in spans if start < stop)


def _naive(moment):
    return moment.astimezone(UTC).replace(tzinfo=None)


def marks_of(occurrence):
    """The `Marks` of an occurrence as it was read."""
    days = (occurrence.last_day - occurrence.first_day).days + 1 if occurrence.all_day else 0
    return Marks(
        days=days,
        empty=not days and occurrence.start >= occurrence.stop,
        free=occurrence.marked_free,
        unanswered=occurrence.unanswered,
        declined=occurrence.declined,
    )


def shown_as(marks, choice):
    """The value of `show_as` that blocks, or does not."""
    return "busy" if judge(marks, choice).blocks else "free"
