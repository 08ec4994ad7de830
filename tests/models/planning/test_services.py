"""A menu: services in a chain, by one host or handed on, with staff, prices and rooms."""

from datetime import timedelta

from odoo.addons.icloud_calendar_sync.exceptions import TimeTaken
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from tests.models.common import BookingCase, ICloudCase


class MenuCase(BookingCase):
    """A salon where Mara cuts and colours, and Jonas cuts and cares: 30, 60 and 15 minutes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.menu = cls.make_type(kind="service", name="Salon", is_published=False)
        cls.by_mara, cls.by_jonas = cls.menu.host_ids
        cls.cut = cls.service("Cut", 30, 40, cls.by_mara, cls.by_jonas)
        cls.colour = cls.service("Colour", 60, 80, cls.by_mara)
        cls.care = cls.service("Care", 15, 20, cls.by_jonas)
        cls.menu.is_published = True

    @classmethod
    def service(cls, name, duration, price, *hosts, **values):
        staff = [(0, 0, {"host_id": host.id}) for host in hosts]
        return cls.env["icloud.booking.service"].create(
            {
                "type_id": cls.menu.id,
                "name": name,
                "duration": duration,
                "price": price,
                "staff_ids": staff,
                **values,
            }
        )

    @classmethod
    def room(cls, name):
        return cls.env["resource.resource"].create({"name": name, "resource_type": "material"})

    def offered(self, *services, user=None, days=7):
        ids = [service.id for service in services]
        return self.starts(self.menu, days=days, service_ids=ids, user_id=user and user.id)

    def order(self, *services, hour=10, minute=0, user=None, days=7, **customer):
        return self.menu.book(
            self.iso(hour, minute, days),
            {"name": "Anna Berg", "email": "anna@example.com", **customer},
            user_id=user and user.id,
            service_ids=[service.id for service in services],
        )

    def busy(self, user, hour, until, days=7):
        return self.env["calendar.event"].create(
            {
                "name": "Dentist",
                "start": self.at(hour, days=days),
                "stop": self.at(until, days=days),
                "user_id": user.id,
                "partner_ids": [(6, 0, user.partner_id.ids)],
            }
        )


@tagged("-at_install", "post_install", "standard")
class TestServices(MenuCase):
    def test_a_service_takes_its_own_time_and_is_kept_as_agreed(self):
        booking = self.order(self.colour)
        self.assertEqual(booking.user_id, self.mara)
        self.assertEqual((booking.start, booking.stop), (self.at(10), self.at(11)))
        self.assertEqual(booking.event_id.name, "Colour: Anna Berg")
        self.colour.write({"price": 99, "name": "Colour and more"})
        self.assertEqual(booking.price_total, 80)
        self.assertEqual(booking.line_ids.name, "Colour")

    def test_who_does_it_is_offered_and_nobody_else(self):
        slot = self.menu.slots(self.iso(10), self.iso(10, 1), service_ids=[self.colour.id])[0]
        self.assertEqual(slot["user_ids"], self.mara.ids)
        self.assertEqual(self.offered(self.colour, user=self.jonas), [])

    def test_staff_may_take_their_own_time_and_price(self):
        self.cut.staff_ids.filtered(lambda staff: staff.host_id == self.by_jonas).write(
            {"duration": 45, "has_own_price": True, "price": 55}
        )
        booking = self.order(self.cut, user=self.jonas)
        self.assertEqual(booking.stop - booking.start, timedelta(minutes=45))
        self.assertEqual(booking.price_total, 55)
        self.assertEqual(self.order(self.cut, user=self.mara).stop, self.at(10, 30))

    def test_several_services_by_one_host_are_one_session(self):
        booking = self.order(self.cut, self.colour)
        self.assertFalse(booking.child_ids)
        self.assertEqual(booking.user_id, self.mara)
        self.assertEqual((booking.start, booking.stop), (self.at(10), self.at(11, 30)))
        self.assertEqual(booking.line_ids.mapped("name"), ["Cut", "Colour"])
        self.assertEqual(booking.price_total, 120)

    def test_services_that_no_host_does_all_are_handed_on(self):
        booking = self.order(self.colour, self.care)
        part = booking.child_ids
        self.assertEqual((booking.user_id, part.user_id), (self.mara, self.jonas))
        self.assertEqual((booking.start, booking.stop), (self.at(10), self.at(11)))
        self.assertEqual((part.start, part.stop), (self.at(11), self.at(11, 15)))
        self.assertEqual(booking.price_total, 100)
        self.assertEqual(part.line_ids.name, "Care")

    def test_a_chain_is_offered_only_where_each_host_is_free_in_turn(self):
        self.busy(self.jonas, 11, 12)
        # Jonas would care from 11:00 to 11:15.
        self.assertNotIn((10, 0), self.offered(self.colour, self.care))
        self.assertIn((9, 30), self.offered(self.colour, self.care))
        with self.assertRaises(TimeTaken):
            self.order(self.colour, self.care)
        self.menu.hand_over = False
        self.assertEqual(self.offered(self.colour, self.care), [])

    def test_a_chain_is_cancelled_as_one(self):
        booking = self.order(self.colour, self.care)
        sessions = (booking | booking.child_ids).event_id
        booking.child_ids.action_cancel()
        self.assertEqual(set((booking | booking.child_ids).mapped("state")), {"cancelled"})
        self.assertFalse(any(sessions.mapped("active")))
        self.assertIn((10, 0), self.offered(self.colour, self.care))

    def test_a_host_who_deletes_a_part_cancels_all_of_it(self):
        booking = self.order(self.colour, self.care)
        booking.child_ids.event_id.with_user(self.jonas).unlink()
        self.assertEqual(set((booking | booking.child_ids).mapped("state")), {"cancelled"})
        self.assertFalse(booking.event_id.active)
        mails = self.env["mail.mail"].sudo().search([("email_to", "ilike", "anna@")])
        self.assertEqual(len(mails), 2, "booked, cancelled")

    def test_a_chain_moves_as_one(self):
        booking = self.order(self.colour, self.care)
        booking.reschedule(self.iso(14))
        part = booking.child_ids
        self.assertEqual((booking.start, part.start), (self.at(14), self.at(15)))
        self.assertEqual(part.event_id.start, self.at(15))
        self.assertEqual(booking.price_total, 100)
        # Half an hour later its own time is free for it.
        booking.reschedule(self.iso(14, 30))
        self.assertEqual((booking.start, part.start), (self.at(14, 30), self.at(15, 30)))
        self.assertIn((10, 0), self.offered(self.colour, self.care))

    def test_a_chain_that_another_host_takes_over_gets_a_part_more_or_less(self):
        self.service_hosts(self.care, self.by_mara, self.by_jonas)
        booking = self.order(self.cut, self.care, user=None)
        self.assertFalse(booking.child_ids)
        one = booking.user_id
        self.busy(self.mara, 14, 15)
        self.busy(self.jonas, 14, 14)
        self.service_hosts(self.cut, self.by_jonas)
        self.service_hosts(self.care, self.by_mara)
        booking.reschedule(self.iso(15))
        self.assertEqual((booking.user_id, booking.child_ids.user_id), (self.jonas, self.mara))
        self.assertEqual(booking.child_ids.line_ids.name, "Care")
        self.service_hosts(self.care, self.by_jonas)
        booking.reschedule(self.iso(16))
        self.assertEqual(booking.user_id, self.jonas)
        self.assertFalse(booking.child_ids)
        self.assertEqual(booking.line_ids.mapped("name"), ["Cut", "Care"])
        self.assertTrue(one)

    def service_hosts(self, service, *hosts):
        service.staff_ids = [(5, 0, 0), *((0, 0, {"host_id": host.id}) for host in hosts)]

    def test_a_room_must_be_free_too(self):
        basin = self.room("Basin")
        self.cut.room_ids = basin
        first = self.order(self.cut)
        self.assertEqual(
            first.event_id.reservation_ids.resource_id,
            first.user_id.sudo().booking_resource_id | basin,
        )
        # The other host is free, the basin is not.
        self.assertNotIn((10, 0), self.offered(self.cut))
        self.cut.room_ids |= self.room("Second basin")
        self.assertIn((10, 0), self.offered(self.cut))
        second = self.order(self.cut)
        self.assertNotEqual(first.user_id, second.user_id)
        first.action_cancel()
        self.assertIn((10, 0), self.offered(self.cut))

    def test_equipment_is_needed_by_each_and_may_be_on_leave(self):
        dryer, lamp = self.room("Dryer"), self.room("Lamp")
        self.colour.equipment_ids = dryer | lamp
        self.assertIn((10, 0), self.offered(self.colour))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Repair",
                "resource_id": lamp.id,
                "date_from": self.at(10, 30),
                "date_to": self.at(12),
            }
        )
        self.assertNotIn((10, 0), self.offered(self.colour))
        self.assertIn((12, 0), self.offered(self.colour))

    def test_buffers_are_those_of_the_first_and_the_last_service(self):
        self.cut.buffer_before, self.colour.buffer_after = 10, 20
        booking = self.order(self.cut, self.colour)
        reserved = booking.event_id.reservation_ids
        self.assertEqual((reserved.start, reserved.stop), (self.at(9, 50), self.at(11, 50)))

    def test_a_session_of_a_menu_moves_in_the_back_office_within_what_is_free(self):
        booking = self.order(self.cut, user=self.mara)
        self.order(self.cut, hour=12, user=self.mara)
        booking.event_id.write({"start": self.at(11), "stop": self.at(11, 30)})
        self.assertEqual(booking.start, self.at(11))
        with self.assertRaises(TimeTaken):
            booking.event_id.write({"start": self.at(12), "stop": self.at(12, 30)})

    def test_a_session_that_is_cut_short_gives_its_last_rooms_back(self):
        basin, cabin = self.room("Basin"), self.room("Cabin")
        self.cut.room_ids, self.colour.room_ids = basin, cabin
        session = self.order(self.cut, self.colour).event_id
        session.stop = self.at(10, 20)
        reserved = session.reservation_ids
        self.assertEqual(set(reserved.mapped("stop")), {self.at(10, 20)})
        self.assertNotIn(cabin, reserved.resource_id)

    def test_what_cannot_be_ordered_is_refused_in_a_sentence(self):
        other = self.make_type(kind="service", name="Other", is_published=False)
        foreign = self.env["icloud.booking.service"].create({"type_id": other.id, "name": "Nails"})
        for services, words in [
            ((), "Please choose at least one service."),
            ((foreign,), "Salon does not have these services."),
            ((self.cut, self.cut), "Please choose each service once."),
        ]:
            with self.assertRaises(UserError) as refusal:
                self.order(*services)
            self.assertEqual(refusal.exception.args[0], words)
        with self.assertRaisesRegex(UserError, "no services to choose from"):
            self.book(service_ids=self.cut.ids)
        self.assertFalse(self.env["icloud.booking"].search([("type_id", "=", self.menu.id)]))

    def test_a_copied_menu_names_its_own_hosts(self):
        self.env["icloud.booking.override"].create(
            {"type_id": self.menu.id, "first_day": self.day(), "host_id": self.by_jonas.id}
        )
        copy = self.menu.copy()
        self.assertEqual(copy.service_ids.mapped("name"), ["Cut", "Colour", "Care"])
        self.assertEqual(copy.service_ids[1].staff_ids.host_id.type_id, copy)
        self.assertEqual(copy.override_ids.host_id.user_id, self.jonas)
        self.assertEqual(copy.override_ids.host_id.type_id, copy)
        self.assertFalse(copy.is_published)

    def test_staff_are_hosts_of_the_same_type(self):
        with self.assertRaises(ValidationError):
            self.service("Nails", 30, 20, self.type.host_ids[0])


@tagged("-at_install", "post_install", "standard")
class TestServicesInICloud(MenuCase, ICloudCase):
    def test_each_host_of_a_chain_gets_the_own_part(self):
        for user in self.mara | self.jonas:
            self.connect(user)
        self.run_import()
        booking = self.order(self.colour, self.care)
        self.push()
        (colour,), (care,) = self.in_icloud(self.mara), self.in_icloud(self.jonas)
        self.assertIn(b"SUMMARY:Colour: Anna Berg", colour)
        self.assertIn(b"SUMMARY:Care: Anna Berg", care)
        booking.action_cancel()
        self.push()
        self.assertEqual(self.in_icloud(self.mara) + self.in_icloud(self.jonas), [])
