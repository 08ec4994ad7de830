from collections import defaultdict
from datetime import date, timedelta

from odoo import models

from ..scheduling.intervals import merge, subtract

_EPOCH = date(1970, 1, 1)
_DAY = 24 * 60


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

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
        by_weekday = self._attendances_by_weekday()
        day = first_day
        while day <= last_day:
            midnight = (day - _EPOCH).days * _DAY
            week_type = str(self.env["resource.calendar.attendance"].get_week_type(day))
            for line in by_weekday[day.weekday()]:
                if line.calendar_id.two_weeks_calendar and line.week_type != week_type:
                    continue
                kind = breaks if line.day_period == "lunch" else work
                kind[line.calendar_id.id].append(
                    (midnight + round(line.hour_from * 60), midnight + round(line.hour_to * 60))
                )
            day += timedelta(days=1)
        return {
            schedule.id: subtract(merge(work[schedule.id]), merge(breaks[schedule.id]))
            for schedule in self
        }

    def _attendances_by_weekday(self):
        lines = self.env["resource.calendar.attendance"].search(
            [
                ("calendar_id", "in", self.ids),
                ("calendar_id.flexible_hours", "=", False),
                ("display_type", "=", False),
            ]
        )
        by_weekday = defaultdict(list)
        for line in lines:
            by_weekday[int(line.dayofweek)].append(line)
        return by_weekday
