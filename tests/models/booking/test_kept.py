"""An offer changes while there are bookings: what was agreed is kept, and nothing else is sold."""

from unittest.mock import patch

from odoo.addons.icloud_calendar_sync.exceptions import TimeTaken
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.models.booking.test_class import ClassCase
from tests.models.common import BookingCase
from tests.models.planning.test_services import MenuCase


@tagged("-at_install", "post_install", "standard")
class TestChangedOffer(ClassCase):
    def test_the_kind_stays_while_there_are_bookings_ahead(self):
        anna, ben = self.attend("Anna"), self.attend("Ben")
        visit = self.make_type(self.jonas)
        single = self.book(booking_type=visit)
        for booking_type, kind in ((self.yoga, "round_robin"), (visit, "class")):
            with self.assertRaisesRegex(UserError, "The kind stays"):
                booking_type.kind = kind
            booking_type.kind = booking_type.kind
        (anna | ben | single).action_cancel()
        visit.kind = "class"
        self.assertEqual(visit.kind, "class")

    def test_a_lower_maximum_for_customers_stops_no_move(self):
        first, _second = self.book(10), self.book(11)
        self.type.customer_max = 1
        first.reschedule(self.iso(14))
        self.assertEqual(first.start, self.at(14))
        with self.assertRaisesRegex(UserError, "as many upcoming bookings"):
            self.book(15)

    def test_a_moved_meeting_is_with_the_new_team(self):
        team = self.make_type(kind="collective")
        meeting = self.book(booking_type=team)
        left = meeting.event_id._hosts() - meeting.user_id
        team.host_ids.filtered(lambda host: host.user_id == left).unlink()
        team.host_ids = [(0, 0, {"user_id": self.colleague.id, "priority": 0})]
        meeting.reschedule(self.iso(14))
        self.assertEqual(meeting.event_id._hosts(), meeting.user_id | self.colleague)
        self.assertEqual(meeting.event_id.partner_ids, meeting.event_id._hosts().partner_id)

    def test_seats_of_a_former_hosts_session_are_not_sold(self):
        anna = self.attend("Anna")
        self.yoga.host_ids.user_id = self.jonas
        ben = self.attend("Ben")
        self.assertEqual((anna.user_id, ben.user_id), (self.mara, self.jonas))
        self.assertNotEqual(anna.event_id, ben.event_id)
        self.assertEqual(self.seats_left(), 2)

    def test_a_user_with_bookings_ahead_is_not_deleted(self):
        booking = self.book(user_id=self.jonas.id)
        with self.assertRaisesRegex(UserError, "There are bookings ahead"):
            self.jonas.unlink()
        self.assertTrue(booking.event_id.active)

    def test_defaults_of_the_client_reach_no_other_booking(self):
        # Odoo drops them where code gets all rights, and all of booking happens there.
        victim = self.attend("Anna", hour=11)
        self.attend("Ben", hour=10)
        for default in (
            {"default_parent_id": victim.id},
            {"default_child_ids": [(4, victim.id)]},
            {"default_token": "abc"},
        ):
            asked = self.yoga.with_user(self.colleague).with_context(**default)
            # In a session that stands, and in one that is opened.
            for hour in (10, 12):
                own = asked.book(self.iso(hour), {"name": "Eve", "email": "eve@example.com"})
                self.assertNotEqual(own.sudo().token, "abc")
                own.action_cancel()
                self.assertEqual(victim.state, "confirmed")
        with self.assertRaises(AccessError):
            victim.with_user(self.colleague).read(["email"])


@tagged("-at_install", "post_install", "standard")
class TestPlaces(BookingCase):
    def test_who_has_no_number_counts_also_for_two_who_look_at_the_same_time(self):
        places = self.env["icloud.booking.quota"]
        # Of three, one is used without a number (from before), and one has the number three.
        shown = places.create({"scope": "day", "number": 3})
        with (
            patch.object(type(places), "search", lambda *_arguments, **_options: shown),
            mute_logger("odoo.sql_db"),
        ):
            got = [bool(places._take("day", 3, 2)) for _visitor in range(2)]
        self.assertEqual(got, [True, False])


@tagged("-at_install", "post_install", "standard")
class TestFixed(BookingCase):
    """Mara comes to every booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type.host_ids[0].fixed = True

    def test_who_always_comes_is_not_booked_alone(self):
        self.assertIn((10, 0), self.starts())
        self.jonas.active = False
        self.assertEqual(self.starts(), [])
        with self.assertRaises(TimeTaken):
            self.book()

    def test_who_chooses_the_one_who_always_comes_has_chosen_nobody(self):
        booking = self.book(user_id=self.mara.id)
        self.assertEqual(booking.event_id._hosts(), self.mara | self.jonas)
        self.assertFalse(booking.asked_user_id)


@tagged("-at_install", "post_install", "standard")
class TestChangedMenu(MenuCase):
    def test_who_chose_a_host_who_is_gone_may_move_to_another(self):
        self.menu.choose_host = True
        booking = self.order(self.cut, user=self.jonas)
        self.by_jonas.unlink()
        self.assertTrue(booking.slots(self.iso(0, days=8), self.iso(0, days=9)))
        booking.reschedule(self.iso(10, days=8))
        self.assertEqual(booking.user_id, self.mara)

    def test_a_service_without_its_only_room_is_not_offered(self):
        cabin = self.room("Cabin")
        massage = self.service("Massage", 30, 10, self.by_jonas, room_ids=[(6, 0, cabin.ids)])
        self.assertIn((10, 0), self.offered(massage))
        cabin.active = False
        self.assertEqual(self.offered(massage), [])
        with self.assertRaises(TimeTaken):
            self.order(massage)

    def test_a_service_that_is_not_done_any_more_is_refused(self):
        self.cut.active = False
        with self.assertRaisesRegex(UserError, "does not have these services"):
            self.order(self.cut)

    def test_what_is_no_list_of_services_is_refused_in_a_sentence(self):
        for nonsense in ([[1]], [{}], ["1"], "12", 7, {"1": 1}, list(range(1, 12))):
            with self.assertRaisesRegex(UserError, "up to 10 services"):
                self.menu.slots(self.iso(0), self.iso(23), service_ids=nonsense)

    def test_no_host_is_what_rpc_sends_for_anybody(self):
        slots = self.menu.slots(
            self.iso(10), self.iso(10, 1), user_id=False, service_ids=self.cut.ids
        )
        self.assertEqual(slots[0]["user_ids"], (self.mara | self.jonas).ids)


@tagged("-at_install", "post_install", "standard")
class TestLanguages(BookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.type.with_context(lang="fr_FR").name = "Première visite"

    def test_the_session_is_titled_in_its_hosts_language(self):
        self.jonas.lang = "fr_FR"
        for page, host, title in (
            ("fr_FR", self.mara, "First visit: Anna Berg"),
            ("en_US", self.jonas, "Première visite"),
        ):
            booking = self.book(booking_type=self.type.with_context(lang=page), user_id=host.id)
            self.assertIn(title, booking.event_id.with_context(lang="en_US").name)
