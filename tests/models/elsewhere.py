"""What the tests beside other calendar services share."""

from tests.models.common import ICloudCase


class ElsewhereCase(ICloudCase):
    """`event` came from Mara's iCloud."""

    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.href = self.put("Pick John from school")
        self.event = self.env["calendar.event"].search([("icloud_origin_id", "!=", False)])

    def put(self, summary, **options):
        """Mara writes the event on her phone, and Odoo reads it."""
        times = {"start": self.aware(15), "stop": self.aware(16)}
        named = {"uid": "school", "summary": summary, **times, **options}
        href = self.cloud.put_event("mara@icloud.com", "home", **named)
        self.run_import()
        return href

    def own_event(self):
        """An event of Mara's that she made in Odoo."""
        Event = self.env["calendar.event"].with_user(self.mara)
        return Event.create({"name": "Lunch", "start": self.at(12), "stop": self.at(13)})
