"""Beside Odoo's Outlook calendar."""

from tests.models.elsewhere import ElsewhereCase


class TestBesideOutlook(ElsewhereCase):
    def wish_to_send_all(self):
        # As if a later write had set it: need_sync_m alone does not hold.
        self.env.cr.execute("UPDATE calendar_event SET need_sync_m = TRUE")
        self.env.invalidate_all()

    def test_what_comes_from_icloud_does_not_go_to_outlook(self):
        own = self.own_event()
        self.wish_to_send_all()
        wanted = self.env["calendar.event"].with_user(self.mara)._get_microsoft_records_to_sync()
        self.assertIn(own, wanted)
        self.assertNotIn(self.event, wanted)

    def test_imported_events_are_born_and_updated_without_the_wish_to_be_sent(self):
        self.assertFalse(self.event.need_sync_m)
        self.wish_to_send_all()
        self.put("Pick up John", href=self.href)
        self.assertFalse(self.event.need_sync_m)
