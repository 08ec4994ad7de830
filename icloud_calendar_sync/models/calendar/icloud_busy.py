from datetime import date, datetime, time, timedelta

from odoo import fields, models
from odoo.tools import SQL, sql

from ..planning.minutes import minutes_down, minutes_up
from ..planning.zones import local_midnight

NOT_BUSY = (0, 0)
_DAY = timedelta(days=1)
# Nobody knows where a person without a zone is: too much is blocked rather than too little.
_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=-12)
# What people can type in goes further than minutes fit into a column, or days into a zone.
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(5000, 1, 1)
_LAST_MOMENT = datetime.combine(_LAST_DAY, time())
_BATCH = 1000

_MINUTES = SQL(
    """
    busy_start = FLOOR(EXTRACT(EPOCH FROM event.start) / 60) - COALESCE(event.icloud_travel, 0),
    busy_stop = CEIL(EXTRACT(EPOCH FROM LEAST(event.stop, %s)) / 60)
    """,
    _LAST_MOMENT,
)
_IS_BUSY = SQL(
    """
    event.active AND event.show_as = 'busy' AND NOT COALESCE(event.allday, FALSE)
    AND event.start - make_interval(mins => COALESCE(event.icloud_travel, 0))
        < LEAST(event.stop, %s)
    """,
    _LAST_MOMENT,
)


class ICloudBusy(models.AbstractModel):
    """Rows that know when they keep somebody busy: slots are listed from an index, table unread.

    No secret: everybody sees when others are busy, also with a private event.
    """

    _name = "icloud.busy"
    _description = "Busy time"

    # Minutes UTC since 1970, rounded outwards: a second of overlap is an overlap. 0 and 0: free.
    # Not fetched with whatever else is read of an event: the engine asks for them in SQL.
    busy_start = fields.Integer(
        compute="_compute_busy", store=True, precompute=True, prefetch="icloud"
    )
    busy_stop = fields.Integer(
        compute="_compute_busy", store=True, precompute=True, prefetch="icloud"
    )

    def _compute_busy(self):
        for row in self:
            row.busy_start, row.busy_stop = row._busy_minutes()

    def _busy_minutes(self):
        """(first minute, minute after the last), or NOT_BUSY."""
        raise NotImplementedError

    # -- rows from before ----------------------------------------------------------------------

    def _auto_init(self):
        is_new = self._auto and not sql.column_exists(self.env.cr, self._table, "busy_start")
        if is_new:
            # There already, the ORM would compute row by row: minutes for a big calendar.
            for name, kind in self._busy_columns().items():
                sql.create_column(self.env.cr, self._table, name, kind)
        result = super()._auto_init()
        if is_new:
            self.pool.post_init(self._fill_busy)
        return result

    def _busy_columns(self):
        return {"busy_start": "int4", "busy_stop": "int4"}

    def _fill_busy(self):
        """Timed events by one statement; only whole days need their zones, and Python."""
        self.env.cr.execute(self._timed_update(_MINUTES, _IS_BUSY))
        rows = self.with_context(active_test=False).search(self._all_day_domain())
        for position in range(0, len(rows), _BATCH):
            batch = rows[position : position + _BATCH]
            for name in self._busy_columns():
                self.env.add_to_compute(self._fields[name], batch)
            batch.flush_recordset()
            self.env.invalidate_all()

    def _timed_update(self, minutes, is_busy):
        """The SQL that fills the rows of events with hours.

        :param minutes: what to SET, of an `event`
        :param is_busy: the condition that an `event` has such minutes
        """
        raise NotImplementedError

    def _all_day_domain(self):
        """Rows of all-day events."""
        raise NotImplementedError


def event_minutes(event, zone):
    """The minutes an event takes, or NOT_BUSY.

    :param zone: IANA name of where whoever is busy lives, or False
    """
    if not event.active or event.show_as != "busy" or not event.start or not event.stop:
        return NOT_BUSY
    if event.allday and event.start_date and event.stop_date:
        first, last = (
            min(max(day, _FIRST_DAY), _LAST_DAY) for day in (event.start_date, event.stop_date)
        )
        start, _west = _midnights(first, zone)
        _east, stop = _midnights(last + _DAY, zone)
        return minutes_down(start), minutes_up(stop)
    end = min(event.stop, _LAST_MOMENT)
    start, stop = minutes_down(event.start) - event.icloud_travel, minutes_up(end)
    return (start, stop) if start < stop else NOT_BUSY


def _midnights(day, zone):
    """The earliest and the latest naive UTC time at which a day may begin."""
    if zone:
        midnight = local_midnight(day, zone)
        return midnight, midnight
    midnight = datetime.combine(day, time())
    return midnight - _EASTERNMOST, midnight - _WESTERNMOST
