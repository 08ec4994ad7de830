from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields, models
from odoo.tools import format_date, format_time

from ..planning.zones import local_day

_GOOGLE = "https://calendar.google.com/calendar/render"
_OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"
_MAP = "https://www.google.com/maps/search/"
_COMPACT = "%Y%m%dT%H%M%SZ"


class ICloudBooking(models.Model):
    """What a customer needs for the visit: calendar, map, and until when it can be changed."""

    _inherit = "icloud.booking"

    def _change_until(self):
        """Naive UTC time until which customers may move or cancel."""
        self.ensure_one()
        return self.start - timedelta(minutes=self.type_id.change_notice)

    def _may_be_changed(self):
        """Whether the customer may still move or cancel it by the link."""
        self.ensure_one()
        return self.holds_time and fields.Datetime.now() < self._change_until()

    def _deadline_in_words(self):
        """The policy in a sentence, "" where there is none but the start."""
        if not self.type_id.change_notice or not self.holds_time:
            return ""
        until, zone = self._change_until(), self.tz or self.type_id.tz
        if until <= fields.Datetime.now():
            return self.env._("Too late to move or cancel online: please get in touch with us.")
        return self.env._(
            "You can move or cancel until %(day)s, %(time)s.",
            day=format_date(self.env, local_day(until, zone), date_format="full"),
            time=format_time(self.env, until, tz=zone, time_format="short"),
        )

    def _map_url(self):
        """Where the place is on a map, "" where it is no address."""
        location = self.event_id.location or ""
        if not self.type_id.location_on_map or not location or "://" in location:
            return ""
        return f"{_MAP}?{urlencode({'api': 1, 'query': location})}"

    def _calendar_links(self):
        """[(name, address)] by which the booking comes into the customer's own calendar."""
        self.ensure_one()
        stop = max(self._parts().mapped("stop"))
        location, link = self.event_id.location or "", self.customer_url
        title, note = self.type_id.name, self.env._("Change or cancel: %s", link)
        google = {
            "action": "TEMPLATE",
            "text": title,
            "dates": f"{self.start.strftime(_COMPACT)}/{stop.strftime(_COMPACT)}",
            "details": note,
            "location": location,
        }
        outlook = {
            "path": "/calendar/action/compose",
            "rru": "addevent",
            "subject": title,
            "startdt": f"{self.start.isoformat()}Z",
            "enddt": f"{stop.isoformat()}Z",
            "body": note,
            "location": location,
        }
        return [
            (self.env._("Apple Calendar"), f"{link}/calendar"),
            ("Google", f"{_GOOGLE}?{urlencode(google)}"),
            ("Outlook", f"{_OUTLOOK}?{urlencode(outlook)}"),
        ]
