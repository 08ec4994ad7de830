"""Who may move, rename and delete a session, on every way in."""

from functools import partial

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from tests.models.security.session_case import TITLE, SessionCase


@tagged("-at_install", "post_install", "standard")
class TestWhoMay(SessionCase):
    """Who may change a session."""

    def state(self):
        self.env.cr.flush()
        self.env.invalidate_all()
        session = self.session
        return (
            session.exists(),
            session.active,
            session.start,
            session.stop,
            session.name,
            session.location,
            session.seats,
            session.user_id,
            session.partner_ids,
            session.attendee_ids.mapped("state"),
            session.recurrency,
            self.booking.state,
            self.env["mail.mail"].search_count([]),
            len(session.message_ids | self.booking.message_ids),
            session.message_partner_ids,
        )

    def ways(self, user):
        session = self.of(user)
        attendee = self.session.attendee_ids[:1].with_user(user)
        own = (
            self.env["calendar.event"]
            .with_user(user)
            .with_context(no_mail_to_attendees=True)
            .create({"name": "Own", "start": self.at(8), "stop": self.at(9)})
        )
        recurrence = self.env["calendar.recurrence"].with_user(user)
        rule = {"rrule_type": "daily", "end_type": "count", "count": 3, "interval": 1}
        return {
            "seats": partial(session.write, {"seats": 3}),
            "name": partial(session.write, {"name": "Mine"}),
            "place": partial(session.write, {"location": "Here"}),
            "move": partial(session.write, {"start": self.at(14), "stop": self.at(14, 30)}),
            "save a form": partial(session.web_save, {"start": str(self.at(14))}, {}),
            "give away": partial(session.write, {"user_id": user.id}),
            "all day": partial(session.write, {"allday": True}),
            "invite": partial(session.write, {"partner_ids": [Command.link(user.partner_id.id)]}),
            "join": partial(session.action_join_meeting, user.partner_id.id),
            "attendees": partial(session.write, {"attendee_ids": [Command.clear()]}),
            "join as a partner": partial(
                user.partner_id.with_user(user).sudo(False).write,
                {"meeting_ids": [Command.link(session.id)]},
            ),
            "join as a user": partial(
                user.with_user(user).write, {"meeting_ids": [Command.link(session.id)]}
            ),
            "archive": session.action_archive,
            "delete": session.unlink,
            "delete in a dialog": partial(self._delete_in_dialog, session),
            "open it in a form": partial(session.onchange, {}, [], {"location": {}}),
            "write and delete in a dialog": partial(self._delete_in_dialog, session, tell=True),
            "archive a series": partial(session.action_mass_archive, "self_only"),
            "repeat": partial(session.write, {"recurrency": True, **rule}),
            "base of a series": lambda: recurrence.create(
                {"base_event_id": session.id, **rule}
            )._apply_recurrence(),
            "into a series": lambda: recurrence.create(
                {"base_event_id": own.id, "calendar_event_ids": [Command.link(session.id)], **rule}
            ),
            "answer for another": partial(attendee.write, {"state": "declined"}),
            "decline for another": attendee.do_decline,
            "drop an attendee": attendee.unlink,
            "move an attendee": partial(attendee.write, {"event_id": own.id}),
            "add an attendee": lambda: attendee.browse().create(
                {"event_id": session.id, "partner_id": user.partner_id.id}
            ),
            "through an activity": lambda: self._delete_by_activity(user),
            "post": partial(session.message_post, body="Hello"),
            "follow": partial(session.message_subscribe, user.partner_id.ids),
            "cancel": partial(self.booking.with_user(user).action_cancel),
            "reschedule": partial(self.booking.with_user(user).reschedule, self.iso(14)),
        }

    def _delete_in_dialog(self, session, tell=False):
        wizard = session.env["calendar.popover.delete.wizard"].create(
            {"calendar_event_id": session.id}
        )
        if tell:
            wizard.action_send_mail_and_delete()
        else:
            wizard.action_delete()

    def _delete_by_activity(self, user):
        activity = (
            self.env["mail.activity"]
            .with_user(user)
            .create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": user.partner_id.id,
                    "user_id": user.id,
                    "calendar_event_id": self.session.id,
                }
            )
        )
        activity.unlink_w_meeting()

    def test_neither_colleagues_nor_other_companies_change_it(self):
        for user in self.strangers():
            ways, before = self.ways(user), self.state()
            for way, attempt in ways.items():
                with self.subTest(user=user.login, way=way):
                    with self.assertRaises(AccessError):
                        attempt()
                    self.assertEqual(self.state(), before)

    def test_the_host_and_the_managers_of_the_company_do(self):
        for number, user in enumerate((self.mara, self.manager)):
            with self.subTest(user=user.login):
                session = self.of(user)
                start, stop = self.at(14 + number), self.at(14 + number, 30)
                session.write({"start": start, "stop": stop, "name": "Trial"})
                self.assertEqual((self.booking.start, session.name), (start, "Trial"))
                self.assertTrue(session.user_can_edit)
        self.of(self.manager).unlink()
        self.assertEqual(self.booking.state, "cancelled")

    def test_who_booked_it_does_while_alone_in_it(self):
        customer = {"name": "Anna Berg", "email": "anna@example.com"}
        lesson = self.make_type(self.mara, kind="class")
        for booking_type, alone in ((self.type, True), (lesson, False)):
            booked = booking_type.with_user(self.colleague).book(self.iso(15), customer)
            if not alone:
                self.book(15, booking_type=lesson)
            self.env.cr.flush()
            session = self.of(self.colleague, booked.sudo().event_id)
            with self.subTest(kind=booking_type.kind):
                self.assertEqual(session.user_can_edit, alone)
                self.assertNotEqual(session.name, "Booked")
                if alone:
                    session.unlink()
                    self.assertEqual(booked.state, "cancelled")
                else:
                    with self.assertRaises(AccessError):
                        session.unlink()

    def test_a_colleague_who_was_invited_answers_for_oneself(self):
        self.of(self.mara).with_context(no_mail_to_attendees=True).write(
            {"partner_ids": [Command.link(self.colleague.partner_id.id)]}
        )
        session = self.of(self.colleague)
        self.assertEqual(session.name, TITLE)
        self.assertFalse(session.user_can_edit)
        session.change_attendee_status("accepted", "self_only")
        own = session.attendee_ids.filtered(
            lambda each: each.partner_id in self.colleague.partner_id
        )
        self.assertEqual(own.state, "accepted")
        for attempt in (
            partial((session.attendee_ids - own).write, {"state": "declined"}),
            partial(own.write, {"state": "accepted", "event_id": session.id}),
            partial(session.write, {"name": "Mine"}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_portal_users_and_the_public_change_nothing(self):
        portal = new_test_user(self.env, login="portal", groups="base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            session = self.of(user)
            for attempt in (
                partial(session.write, {"name": "Mine"}),
                session.unlink,
                partial(session.read, ["name"]),
            ):
                with self.assertRaises(AccessError):
                    attempt()
