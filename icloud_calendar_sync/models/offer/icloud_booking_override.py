from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...scheduling.hours import Override
from ..planning.minutes import day_number, end_of_hours

LONGEST = timedelta(days=366)


class ICloudBookingOverride(models.Model):
    """Other hours on certain days: of a booking type, or of one of its hosts."""

    _name = "icloud.booking.override"
    _description = "Date override"
    _inherit = ["icloud.company.bound"]
    _order = "first_day, hour_from, id"

    type_id = fields.Many2one("icloud.booking.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    host_id = fields.Many2one(
        "icloud.booking.host",
        "Only for",
        ondelete="cascade",
        domain="[('type_id', '=', type_id)]",
        help="Every host when empty.",
    )
    first_day = fields.Date("From", required=True, default=fields.Date.context_today)
    last_day = fields.Date(
        "To",
        required=True,
        compute="_compute_last_day",
        store=True,
        readonly=False,
        precompute=True,
    )
    opens = fields.Selection(
        [("closed", "Closed"), ("open", "Open, instead of the weekly hours")],
        "These days are",
        required=True,
        default="closed",
    )
    hour_from = fields.Float("Hours from", default=0)
    hour_to = fields.Float("Hours to", default=24)

    _days_in_order = models.Constraint(
        "CHECK(first_day <= last_day)", "The first day is not after the last."
    )
    _hours_in_order = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "Hours go from 0:00 to 24:00, the first before the second.",
    )

    @api.depends("first_day")
    def _compute_last_day(self):
        for override in self:
            if not override.last_day or override.last_day < override.first_day:
                override.last_day = override.first_day

    @api.constrains("first_day", "last_day", "host_id", "type_id")
    def _check_bounds(self):
        for override in self:
            if override.last_day - override.first_day > LONGEST:
                raise ValidationError(self.env._("A date override spans a year at most."))
            if override.host_id and override.host_id.type_id != override.type_id:
                raise ValidationError(
                    self.env._("A date override is for a host of the same booking type.")
                )

    @api.model
    def _rows(self, booking_type, first_day, last_day):
        """[OverrideRow] of a type and of its hosts."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, host_id, first_day, last_day, opens, hour_from, hour_to
                  FROM icloud_booking_override
                 WHERE type_id = %s AND first_day <= %s AND last_day >= %s
                """,
                *(booking_type.id, last_day, first_day),
            )
        )
        return [OverrideRow(*row) for row in rows]


class OverrideRow(NamedTuple):
    id: int
    host_id: int | None
    first_day: date
    last_day: date
    opens: str
    hour_from: float
    hour_to: float

    def rules(self, first_day, last_day):
        """Yield an Override of the engine for each day inside [first_day, last_day]."""
        start, stop = round(self.hour_from * 60), end_of_hours(self.hour_to)
        day = max(self.first_day, first_day)
        # Hours of less than half a minute are none.
        while start < stop and day <= min(self.last_day, last_day):
            yield Override(day_number(day), start, stop, opens=self.opens == "open")
            day += timedelta(days=1)
