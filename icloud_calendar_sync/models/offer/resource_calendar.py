from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_list

from ...scheduling.intervals import merge, subtract
from ..planning.minutes import day_number, end_of_hours

_DAY = 24 * 60


class Line(NamedTuple):
    """Hours of a weekday, in minutes; `week_type` is None where every week is the same."""

    schedule_id: int
    week_type: str | None
    is_break: bool
    start: int
    stop: int


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    # -- in use --------------------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_hours_of_bookings(self):
        # Otherwise the company's hours would be offered instead, and nobody would know.
        self._refuse_if_in_use(self._booking_types())

    def write(self, vals):
        """Extended: hours that are archived are meant to be out of use."""
        if not vals.get("active", True):
            in_use = self.filtered("active")._booking_types()
            self._refuse_if_in_use(in_use.filtered(lambda each: each.active and each.is_published))
        return super().write(vals)

    def _booking_types(self):
        """The booking types, archived ones among them, whose hours or whose hosts' these are."""
        # sudo: hours may be offered by types of any company.
        every = self.env["icloud.booking.type"].sudo().with_context(active_test=False)
        return every.search(
            ["|", ("schedule_id", "in", self.ids), ("host_ids.schedule_id", "in", self.ids)]
        )

    def _refuse_if_in_use(self, booking_types):
        if not booking_types:
            return
        # Of other companies it is told that there are some, not which.
        own = booking_types.filtered(lambda each: each.company_id in self.env.companies)
        names = own.mapped("name")
        if booking_types - own:
            names.append(self.env._("another company"))
        raise UserError(
            self.env._(
                "These hours are offered by %s: choose other hours there first.",
                format_list(self.env, names),
            )
        )

    # -- what they are -------------------------------------------------------------------------

    def _wall_hours(self, first_day, last_day):
        """Weekly working hours of several schedules on the wall clock, breaks taken out.

        `_work_intervals_batch` answers in localized times, where a DST day has already been
        decided on; the engine decides that itself, once, from wall times.

        :param first_day: date, inclusive
        :param last_day: date, inclusive
        :return: {schedule id: intervals in minutes since 1970-01-01 00:00 on the wall clock}.
            Flexible schedules name no hours, so they offer none.
        """
        work, breaks = defaultdict(list), defaultdict(list)
        by_weekday = self._lines_by_weekday()
        day = first_day
        while day <= last_day:
            midnight = day_number(day) * _DAY
            week_type = str(self.env["resource.calendar.attendance"].get_week_type(day))
            for line in by_weekday[day.weekday()]:
                if line.week_type not in (None, week_type):
                    continue
                kind = breaks if line.is_break else work
                kind[line.schedule_id].append((midnight + line.start, midnight + line.stop))
            day += timedelta(days=1)
        return {
            schedule_id: subtract(merge(work[schedule_id]), merge(breaks[schedule_id]))
            for schedule_id in self.ids
        }

    def _lines_by_weekday(self):
        """{weekday: [Line]}."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.dayofweek, line.calendar_id,
                       CASE WHEN schedule.two_weeks_calendar THEN COALESCE(line.week_type, '') END,
                       COALESCE(line.day_period = 'lunch', FALSE), line.hour_from, line.hour_to
                  FROM resource_calendar_attendance line
                  JOIN resource_calendar schedule ON schedule.id = line.calendar_id
                 WHERE schedule.id = ANY(%s) AND NOT COALESCE(schedule.flexible_hours, FALSE)
                   AND line.display_type IS NULL
                """,
                self.ids,
            )
        )
        by_weekday = defaultdict(list)
        for weekday, schedule_id, week_type, is_break, hour_from, hour_to in rows:
            start, stop = round(hour_from * 60), end_of_hours(hour_to)
            by_weekday[int(weekday)].append(Line(schedule_id, week_type, is_break, start, stop))
        return by_weekday
