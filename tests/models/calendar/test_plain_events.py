"""Events of Odoo's calendar that are no business of ours cost what they cost without us."""

from contextlib import contextmanager
from unittest.mock import patch

from tests.models.common import BookingCase


class TestPlainEvents(BookingCase):
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

    @staticmethod
    def of_ours(sent):
        """Those that ask our tables, or that ask again whether an event is one of ours."""
        return [
            text
            for text in sent
            if "icloud_" in text.partition("FROM")[2] or "FROM calendar_event event" in text
        ]

    def delete(self, count, user=None):
        meetings = self.meetings(count).with_user(user or self.env.user)
        with self.statements() as sent:
            meetings.unlink()
        return sent

    def test_after_the_events_are_deleted_nobody_asks_for_their_attendees(self):
        sent = self.delete(2)
        [deleted] = [at for at, text in enumerate(sent) if 'DELETE FROM "calendar_event"' in text]
        self.assertEqual([text for text in sent[deleted:] if "calendar_attendee" in text], [])

    def test_to_delete_them_asks_nothing_more_for_one_as_for_a_hundred(self):
        self.delete(1)  # whatever is asked once and then remembered
        for user in (self.env.user, self.mara):
            for count in (1, 100):
                sent = self.delete(count, user)
                ours = [text for text in sent if "calendar_attendee" in text]
                self.assertEqual(self.of_ours(sent) + ours, [])

    def test_to_make_one_asks_nothing_more(self):
        events = self.env["calendar.event"].with_user(self.mara)
        hosts = self.mara | self.jonas
        values = {
            "name": "Meeting",
            "start": self.at(10),
            "stop": self.at(11),
            "partner_ids": [(6, 0, hosts.partner_id.ids)],
        }
        with self.statements() as sent:
            made = events.create(dict(values))
        # Who may read the attendees of others' sessions is asked with the attendees.
        plain = [text for text in sent if 'FROM "calendar_attendee"' not in text]
        self.assertEqual(self.of_ours(plain), [])
        self.assertTrue(all(made.attendee_ids.sudo().mapped("busy_stop")))

    def test_to_move_one_reads_its_attendees_and_writes_when_they_are_busy(self):
        meeting = self.meetings(1).with_user(self.mara)
        before = meeting.attendee_ids.sudo().mapped("busy_start")
        self.env.invalidate_all()
        with self.statements() as sent:
            meeting.write({"start": self.at(12), "stop": self.at(13)})
        plain = [text for text in sent if 'FROM "calendar_attendee"' not in text]
        self.assertEqual(self.of_ours(plain), [])
        self.assertEqual(len([text for text in sent if 'UPDATE "calendar_attendee"' in text]), 1)
        self.assertEqual(len([text for text in sent if 'UPDATE "calendar_event"' in text]), 1)
        after = meeting.attendee_ids.sudo().mapped("busy_start")
        self.assertEqual(after, [minute + 120 for minute in before])

    def test_a_booking_follows_its_session_all_the_same(self):
        booking = self.book(10)
        self.env.flush_all()
        self.env.invalidate_all()
        booking.event_id.write({"start": self.at(12), "stop": self.at(12, 30)})
        self.assertEqual(booking.start, self.at(12))
