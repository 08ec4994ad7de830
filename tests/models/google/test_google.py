"""Beside Odoo's Google calendar."""

from tests.models.elsewhere import ElsewhereCase


class TestBesideGoogle(ElsewhereCase):
    def wish_to_send_all(self):
        # As if a later write had set it: need_sync alone does not hold.
        self.env.cr.execute("UPDATE calendar_event SET need_sync = TRUE")
        self.env.invalidate_all()

    def test_what_comes_from_icloud_does_not_go_to_google(self):
        own = self.own_event()
        self.wish_to_send_all()
        wanted = self.env["calendar.event"].with_user(self.mara)._get_records_to_sync()
        self.assertIn(own, wanted)
        self.assertNotIn(self.event, wanted)

    def test_imported_events_are_born_and_updated_without_the_wish_to_be_sent(self):
        self.assertFalse(self.event.need_sync)
        self.wish_to_send_all()
        self.put("Pick up John", href=self.href)
        self.assertFalse(self.event.need_sync)

    def test_an_event_that_is_archived_because_google_knows_it_frees_its_hour(self):
        """Odoo cannot delete what stands in Google too: it archives (google_sync.py)."""
        meeting = self.own_event()
        meeting.write({"google_id": "one", "need_sync": False})
        self.assertTrue(all(meeting.attendee_ids.mapped("busy_stop")))
        meeting.unlink()
        self.assertFalse(meeting.active)
        self.assertFalse(any(meeting.attendee_ids.mapped("busy_stop")))
