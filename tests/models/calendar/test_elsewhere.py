from tests.models.common import ICloudCase


class TestOtherCalendarServices(ICloudCase):
    """With the Google and Outlook connectors of Odoo installed too."""

    def setUp(self):
        super().setUp()
        self.account = self.connect(self.mara)
        self.cloud.put_event(
            "mara@icloud.com",
            "home",
            summary="Pick John from school",
            start=self.aware(15),
            stop=self.aware(16),
        )
        self.run_import()
        self.event = self.env["calendar.event"].search([("icloud_origin_id", "!=", False)])
        # As if a later write had set them: need_sync alone does not hold.
        self.env.cr.execute("UPDATE calendar_event SET need_sync = TRUE, need_sync_m = TRUE")
        self.env.invalidate_all()

    def test_what_comes_from_icloud_goes_neither_to_google_nor_to_outlook(self):
        Event = self.env["calendar.event"].with_user(self.mara)
        own = Event.create({"name": "Lunch", "start": self.at(12), "stop": self.at(13)})
        self.env.cr.execute("UPDATE calendar_event SET need_sync = TRUE, need_sync_m = TRUE")
        self.env.invalidate_all()
        for wanted in (Event._get_records_to_sync(), Event._get_microsoft_records_to_sync()):
            self.assertIn(own, wanted)
            self.assertNotIn(self.event, wanted)

    def test_imported_events_are_born_and_updated_without_the_wish_to_be_sent(self):
        self.cloud.put_event(
            "mara@icloud.com",
            "home",
            summary="Dentist",
            start=self.aware(11),
            stop=self.aware(12),
        )
        self.run_import()
        dentist = (
            self.env["calendar.event"].search([("icloud_origin_id", "!=", False)]) - self.event
        )
        self.assertFalse(dentist.need_sync)
        self.assertFalse(dentist.need_sync_m)
