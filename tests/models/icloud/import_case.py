from datetime import timedelta

from odoo import fields

from tests.models.common import ICloudCase


class ImportCase(ICloudCase):
    """Mara has connected; her calendar "home" blocks, and is still empty."""

    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.home = self.account.primary_calendar_id.sudo()

    def put(self, summary="Pick John from school", hour=15, **values):
        values.setdefault("start", self.aware(hour))
        values.setdefault("stop", self.aware(hour, 30))
        return self.cloud.put_event("mara@icloud.com", "home", summary=summary, **values)

    def imported(self):
        return self.env["calendar.event"].search(
            [
                ("user_id", "=", self.mara.id),
                ("icloud_origin_id", "!=", False),
            ],
            order="start",
        )

    def of(self, user, event):
        return self.env["calendar.event"].with_user(user).browse(event.id)

    def title(self, user, event, su=False):
        """What this user's client reads."""
        (row,) = self.of(user, event).sudo(su).read(["display_name"])
        return row["display_name"]

    def compare(self):
        """A day later: everything is compared with iCloud again."""
        self.account.sudo().calendar_ids.last_comparison = self.before(days=2)
        rows = self.env["icloud.event"].search([("account_id", "=", self.account.id)])
        rows.filtered("next_reading").next_reading = self.before(days=1)
        self.run_import()

    @staticmethod
    def before(**ago):
        return fields.Datetime.now() - timedelta(**ago)
