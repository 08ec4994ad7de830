"""Deleting events of Odoo's calendar beside our columns: what vanishes is not computed again."""

from contextlib import contextmanager
from unittest.mock import patch

from tests.models.common import BookingCase

# Odoo's own tests of its Google calendar leave room for three (test_recurring_event_creation_perf).
MOST_OF_OURS = 3


class TestDeleting(BookingCase):
    def meetings(self, count):
        """Plain meetings of Mara and Jonas, as if they had been there for long."""
        hosts = self.mara | self.jonas
        values = {
            "name": "Meeting",
            "start": self.at(10),
            "stop": self.at(11),
            "partner_ids": [(6, 0, hosts.partner_id.ids)],
        }
        quiet = self.env["calendar.event"].with_context(no_mail_to_attendees=True)
        meetings = quiet.create([values] * count)
        self.env.flush_all()
        self.env.invalidate_all()
        return meetings

    @contextmanager
    def statements(self):
        """What is sent to the database meanwhile, one text each."""
        cursor, sent = type(self.env.cr), []
        execute = cursor.execute

        def note(cr, query, *arguments, **options):
            sent.append(str(getattr(query, "code", query)))
            return execute(cr, query, *arguments, **options)

        with patch.object(cursor, "execute", note):
            yield sent
            self.env.flush_all()

    def delete(self, count):
        meetings = self.meetings(count)
        with self.statements() as sent:
            meetings.unlink()
        return sent

    def test_after_the_events_are_deleted_nobody_asks_for_their_attendees(self):
        sent = self.delete(2)
        [deleted] = [at for at, text in enumerate(sent) if 'DELETE FROM "calendar_event"' in text]
        self.assertEqual([text for text in sent[deleted:] if "calendar_attendee" in text], [])

    def test_it_costs_few_questions_more_for_one_event_as_for_a_hundred(self):
        self.delete(1)  # whatever is asked once and then remembered
        for count in (1, 100):
            ours = [
                text
                for text in self.delete(count)
                if "icloud_booking" in text.partition("FROM")[2] or "calendar_attendee" in text
            ]
            self.assertLessEqual(len(ours), MOST_OF_OURS, ours)
