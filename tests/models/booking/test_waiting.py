from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from tests.models.booking.test_class import ClassCase

WAITING = "odoo.addons.icloud_calendar_sync.models.booking.icloud_booking_waiting"


class WaitingCase(ClassCase):
    """The class has one seat, which Anna has, and a waiting list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yoga.write({"seats": 1, "waiting_list": True, "hold_minutes": 30})

    def setUp(self):
        super().setUp()
        self.anna = self.attend("Anna")
        self.session = self.anna.event_id.sudo()

    def wait(self, name, seats=1, hour=10):
        customer = {"name": name, "email": f"{name.lower()}@example.com", "tz": "America/New_York"}
        return self.yoga.join_waiting_list(self.iso(hour), customer, seats=seats)

    def roll(self):
        """The cron comes."""
        self.settle()
        with self.enter_registry_test_mode():
            self.env.ref("icloud_calendar_sync.cron_waiting").method_direct_trigger()
        self.env.invalidate_all()

    def late(self, entry):
        self.be_late(entry.booking_id)

    def mails_to(self, name):
        return self.env["mail.mail"].search([("email_to", "=", f"{name.lower()}@example.com")])

    def is_woken(self):
        """Whether the cron was asked to come, since this was asked last."""
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("icloud_calendar_sync.cron_waiting").id)]
        )
        found = bool(triggers)
        triggers.unlink()
        return found


class TestJoining(WaitingCase):
    def test_who_joins_gets_a_place_and_a_mail_with_the_link(self):
        ben, cleo = self.wait("Ben"), self.wait("Cleo")
        self.assertEqual((ben.place, cleo.place), (1, 2))
        self.assertEqual(cleo.state, "waiting")
        mail = self.mails_to("Cleo")
        self.assertIn("place 2", mail.subject)
        self.assertIn(cleo.sudo().customer_url, mail.body_html)
        self.assertIn("New York (GMT", mail.body_html)
        self.assertEqual(mail.email_from, self.mara.email_formatted)

    @mute_logger("odoo.sql_db")
    def test_nobody_stands_in_line_twice(self):
        self.wait("Ben")
        with self.assertRaisesRegex(UserError, "already on the waiting list"):
            self.wait("Ben")

    def test_who_left_may_join_again_at_the_end(self):
        ben, _cleo = self.wait("Ben"), self.wait("Cleo")
        ben.sudo()._leave()
        self.assertEqual(self.wait("Ben").place, 2)

    def test_more_seats_than_the_session_has_are_refused(self):
        with self.assertRaisesRegex(UserError, "only 1 seat"):
            self.wait("Ben", seats=2)

    def test_a_line_has_an_end(self):
        with patch(f"{WAITING}.LONGEST_LINE", 1):
            self.wait("Ben")
            with self.assertRaisesRegex(UserError, "full"):
                self.wait("Cleo")

    def test_nobody_waits_for_a_session_with_seats_left(self):
        self.session.seats = 2
        with self.assertRaises(UserError):
            self.wait("Ben")

    def test_nobody_waits_where_there_is_no_list(self):
        self.yoga.waiting_list = False
        with self.assertRaises(UserError):
            self.wait("Ben")


class TestOffers(WaitingCase):
    def test_nothing_is_offered_while_the_session_is_full(self):
        ben = self.wait("Ben")
        self.roll()
        self.assertEqual(ben.state, "waiting")

    def test_a_freed_seat_is_held_for_the_next_in_line_who_is_told(self):
        ben, cleo = self.wait("Ben"), self.wait("Cleo")
        self.anna.action_cancel()
        self.roll()
        self.assertEqual((ben.state, cleo.state), ("offered", "waiting"))
        self.assertEqual((ben.place, cleo.place), (0, 1))
        hold = ben.sudo().booking_id
        self.assertEqual(hold.state, "pending")
        self.assertEqual(hold.email, "ben@example.com")
        self.assertEqual(hold.tz, "America/New_York")
        wait = hold.hold_until - fields.Datetime.now()
        self.assertTrue(timedelta(minutes=29) < wait <= timedelta(minutes=30))
        mail = self.mails_to("Ben")[:1]
        self.assertIn("A seat is free", mail.subject)
        self.assertIn(hold.customer_url, mail.body_html)
        self.assertNotIn("A seat is free", " ".join(self.mails_to("Cleo").mapped("subject")))

    def test_nobody_else_gets_the_seat_that_is_held(self):
        self.wait("Ben")
        self.anna.action_cancel()
        self.roll()
        self.assertEqual(self.seats_left(), 0)
        with self.assertRaises(UserError):
            self.attend("Dora")

    def test_a_freed_seat_is_not_sold_to_others_before_the_line_was_asked(self):
        self.wait("Ben")
        self.anna.action_cancel()
        self.assertEqual(self.seats_left(), 0)
        with self.assertRaises(UserError):
            self.attend("Dora")
        # Dora may stand in line behind Ben.
        self.assertEqual(self.wait("Dora").place, 2)

    def test_seats_that_are_too_few_for_the_line_are_sold(self):
        self.session.seats = 3
        self.attend("Eve")
        self.wait("Ben", seats=2)
        self.assertEqual(self.seats_left(), 1)
        self.attend("Dora")

    def test_who_takes_it_comes(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        self.roll()
        ben.sudo().booking_id._take_held()
        self.assertEqual(ben.state, "taken")
        self.assertEqual(ben.sudo().booking_id.state, "confirmed")
        self.roll()
        self.assertEqual(ben.state, "taken")

    def test_who_takes_it_from_a_host_who_approves_waits_for_the_host_alone(self):
        self.yoga.needs_approval = True
        ben = self.wait("Ben")
        self.anna.action_cancel()
        self.roll()
        hold = ben.sudo().booking_id
        hold._take_held()
        self.assertEqual((ben.state, hold.state), ("taken", "pending"))
        self.roll()
        self.assertEqual(hold.state, "pending")

    def test_an_offer_that_nobody_takes_rolls_on(self):
        ben, cleo, dora = self.wait("Ben"), self.wait("Cleo"), self.wait("Dora")
        self.anna.action_cancel()
        self.roll()
        self.late(ben)
        self.roll()
        self.assertEqual(
            [each.state for each in (ben, cleo, dora)], ["expired", "offered", "waiting"]
        )
        with self.assertRaises(UserError):
            ben.sudo().booking_id._take_held()
        self.late(cleo)
        self.roll()
        self.assertEqual(dora.state, "offered")

    def test_the_cron_comes_again_when_a_hold_is_over(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        self.roll()
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("icloud_calendar_sync.cron_waiting").id)]
        )
        self.assertIn(ben.sudo().booking_id.hold_until, triggers.mapped("call_at"))

    def test_an_offer_that_is_refused_goes_to_the_next_at_once(self):
        ben, cleo = self.wait("Ben"), self.wait("Cleo")
        self.anna.action_cancel()
        self.roll()
        ben.sudo()._leave()
        self.assertEqual(ben.state, "left")
        self.roll()
        self.assertEqual(cleo.state, "offered")

    def test_several_seats_go_to_several_in_one_run(self):
        self.session.seats = 3
        self.attend("Bert", seats=2)
        ben, cleo, dora = self.wait("Ben"), self.wait("Cleo"), self.wait("Dora")
        self.session.seats = 5
        self.roll()
        self.assertEqual(
            [each.state for each in (ben, cleo, dora)], ["offered", "offered", "waiting"]
        )

    def test_who_wants_more_than_is_left_keeps_the_place_and_others_go_first(self):
        self.session.seats = 2
        bert = self.attend("Bert")
        couple, cleo = self.wait("Couple", seats=2), self.wait("Cleo")
        bert.action_cancel()
        self.roll()
        self.assertEqual((couple.state, cleo.state), ("waiting", "offered"))
        cleo.sudo()._leave()
        self.anna.action_cancel()
        self.roll()
        self.assertEqual(couple.state, "offered")
        self.assertEqual(len(couple.sudo().booking_id.seat_ids), 2)

    def test_a_seat_that_was_taken_at_the_last_moment_is_not_taken_away(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        self.roll()
        hold = ben.sudo().booking_id
        hold._take_held()
        # The step was planned on a snapshot from before, and runs again after the conflict.
        self.env["icloud.booking.waiting"]._expire(hold)
        self.assertEqual(hold.state, "confirmed")

    def test_who_left_at_the_last_moment_is_not_asked(self):
        ben = self.wait("Ben").sudo()
        self.session.seats = 2
        ben._leave()
        self.env["icloud.booking.waiting"]._offer(ben)
        self.assertEqual(ben.state, "left")
        self.assertFalse(ben.booking_id)

    def test_other_sessions_have_lines_of_their_own(self):
        self.attend("Emil", hour=12)
        ben, cleo = self.wait("Ben"), self.wait("Cleo", hour=12)
        self.assertEqual(cleo.place, 1)
        self.anna.action_cancel()
        self.roll()
        self.assertEqual((ben.state, cleo.state), ("offered", "waiting"))

    def test_a_seat_that_is_gone_again_is_not_offered(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        bookings = self.env.registry["icloud.booking"]
        nobody = self.env["icloud.booking"]
        with patch.object(bookings, "_hold", lambda *_args, **_options: nobody):
            self.roll()
        self.assertEqual(ben.state, "waiting")
        self.assertEqual(len(self.mails_to("Ben")), 1)

    def test_one_entrys_trouble_stops_no_other(self):
        self.session.seats = 2
        self.attend("Bert")
        ben, cleo = self.wait("Ben"), self.wait("Cleo")
        self.session.seats = 4
        bookings = self.env.registry["icloud.booking"]
        hold = bookings._hold

        def fails_for_ben(model, session, details, seats, until):
            if details["customer_name"] == "Ben":
                raise ValueError("broken")
            return hold(model, session, details, seats, until)

        with (
            patch.object(bookings, "_hold", fails_for_ben),
            self.assertLogs("odoo.addons.icloud_calendar_sync", "ERROR"),
        ):
            self.roll()
        self.assertEqual((ben.state, cleo.state), ("waiting", "offered"))
        self.roll()
        self.assertEqual(ben.state, "offered")


class TestEnds(WaitingCase):
    def test_a_session_somebody_waits_for_stays_when_the_last_one_cancels(self):
        self.wait("Ben")
        self.anna.action_cancel()
        self.assertTrue(self.session.active)
        self.assertNotIn((10, 0), self.starts(self.make_type(self.mara)))

    def test_the_hosts_time_is_free_when_the_line_runs_dry(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        self.roll()
        self.late(ben)
        self.roll()
        self.assertFalse(self.session.active)
        self.assertIn((10, 0), self.starts(self.make_type(self.mara)))

    def test_the_hosts_time_is_free_when_the_last_one_leaves_the_line(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        ben.sudo()._leave()
        self.assertFalse(self.session.active)

    def test_a_session_that_somebody_enters_at_this_moment_stays(self):
        ben = self.wait("Ben")
        self.anna.action_cancel()
        seats = self.env.registry["icloud.booking.seat"]
        with patch.object(seats, "_is_entered_meanwhile", lambda *_arguments: True):
            ben.sudo()._leave()
        self.assertTrue(self.session.active)

    def test_nobody_leaves_twice(self):
        ben = self.wait("Ben")
        ben.sudo()._leave()
        with self.assertRaises(UserError):
            ben.sudo()._leave()

    def test_the_line_of_a_session_that_has_started_ends(self):
        ben = self.wait("Ben")
        self.env.cr.execute(
            "UPDATE calendar_event SET start = now() at time zone 'UTC' - interval '1 minute'"
            " WHERE id = %s",
            [self.session.id],
        )
        self.env.invalidate_all()
        self.anna.action_cancel()
        self.roll()
        self.assertEqual(ben.state, "expired")

    def test_the_line_ends_with_the_session(self):
        ben = self.wait("Ben")
        self.is_woken()
        self.session.with_user(self.mara).action_archive()
        self.assertTrue(self.is_woken())
        self.roll()
        self.assertEqual(ben.state, "expired")

    def test_the_line_of_a_deleted_session_ends(self):
        ben = self.wait("Ben")
        self.session.unlink()
        self.roll()
        self.assertEqual(ben.state, "expired")

    def test_the_line_ends_when_the_class_has_no_waiting_list_any_more(self):
        ben = self.wait("Ben")
        self.yoga.waiting_list = False
        self.anna.action_cancel()
        self.roll()
        self.assertEqual(ben.state, "expired")
        self.assertFalse(self.session.active)

    def test_no_hold_outlasts_the_start(self):
        self.yoga.hold_minutes = 10080
        self.env.cr.execute(
            "UPDATE calendar_event SET start = now() at time zone 'UTC' + interval '1 hour'"
            " WHERE id = %s",
            [self.session.id],
        )
        self.env.invalidate_all()
        ben = self.env["icloud.booking.waiting"]._queue(
            self.session, {"customer_name": "Ben", "email": "ben@example.com"}, 1
        )
        self.anna.action_cancel()
        self.roll()
        self.assertEqual(ben.booking_id.hold_until, self.session.start)


class TestWaking(WaitingCase):
    def test_cancelling_only_wakes_the_cron(self):
        ben = self.wait("Ben")
        self.is_woken()
        self.anna.action_cancel()
        self.assertTrue(self.is_woken())
        self.assertEqual(ben.state, "waiting")

    def test_joining_wakes_the_cron_because_a_seat_may_just_have_got_free(self):
        self.is_woken()
        self.wait("Ben")
        self.assertTrue(self.is_woken())

    def test_more_seats_in_a_session_wake_the_cron_and_fewer_do_not(self):
        self.is_woken()
        self.session.with_user(self.mara).seats = 4
        self.assertTrue(self.is_woken())
        self.session.with_user(self.mara).seats = 2
        self.assertFalse(self.is_woken())

    def test_who_has_nothing_to_do_with_it_does_not_see_who_waits(self):
        ben = self.wait("Ben")
        self.assertEqual(ben.with_user(self.mara).customer_name, "Ben")
        self.assertFalse(ben.with_user(self.colleague).has_access("read"))
