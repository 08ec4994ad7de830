import base64
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from tests.models.common import ICloudCase

# Letters that no text of Odoo has.
TITLE = "Qzxwv jjyk divorce lawyer"
_WORD = "Qzxwv"


@tagged("-at_install", "post_install", "standard")
class TestTitles(ICloudCase):
    """A title from iCloud is on its owner's screen, and nowhere else."""

    def setUp(self):
        super().setUp()
        self.connect(self.mara)
        self.cloud.put_event(
            "mara@icloud.com",
            "home",
            summary=TITLE,
            start=self.aware(15),
            stop=self.aware(16),
            uid="private",
        )
        self.run_import()
        row = self.env["calendar.event"].search([("icloud_origin_id", "!=", False)])
        self.assertEqual(row.sudo().icloud_title, TITLE)
        # The owner may do everything that an administrator's rights allow.
        self.mara.group_ids |= self.env.ref("base.group_system")
        self.mara.group_ids |= self.env.ref("mail.group_mail_template_editor")
        self.event = row.with_user(self.mara)

    def test_no_text_in_the_database_has_it_after_all_that_odoo_does(self):
        self._look()
        self._talk()
        self._invite()
        self._plan()
        self._copy()
        self._send_files()
        self._remind()
        self._compose()
        self.settle()
        self.assertEqual(self._places(), ["calendar_event.icloud_title"])

    def test_a_copy_of_it_in_a_text_would_be_found(self):
        self.event.message_post(body=f"The {TITLE}")
        self.settle()
        self.assertIn("mail_message.body", self._places())

    def test_the_owners_client_reads_it_in_every_view(self):
        Event, ids = self.event.browse(), self.event.ids
        spec = {"display_name": {}, "start": {}}
        reads = {
            "form": self.event.web_read(spec),
            "list": Event.web_search_read([("id", "in", ids)], spec)["records"],
            "calendar": Event.search_read([("id", "in", ids)], ["display_name", "start"]),
            "api": self.event.read(["display_name"]),
        }
        for view, (row,) in reads.items():
            with self.subTest(view):
                self.assertEqual(row["display_name"], TITLE)
        (plain,) = self.event.read(["name"])
        self.assertNotIn("display_name", plain)

    def test_nobody_else_and_no_code_does(self):
        spec = {"display_name": {}}
        others = [self.event.with_user(user) for user in (self.jonas, self.env.user)]
        for event in (*others, self.event.sudo()):
            for rows in (
                event.web_read(spec),
                event.search_read([("id", "=", event.id)], ["display_name"]),
                event.read(None if not event.env.su else ["name", "display_name"]),
            ):
                self.assertNotIn(_WORD, str(rows))
        self.assertEqual(self.event.display_name, "Busy")

    def test_a_hundred_titles_cost_as_many_queries_as_one(self):
        origin = self.event.icloud_origin_id.sudo()
        Event = self.env["calendar.event"]._as_import()
        identity = {**Event._imported_identity(self.mara), "icloud_origin_id": origin.id}
        Event.create(
            [
                {
                    **identity,
                    "icloud_recurrence_id": str(number),
                    "icloud_title": f"{TITLE} {number}",
                    "start": self.at(8),
                    "stop": self.at(9),
                }
                for number in range(100)
            ]
        )
        self.env.cr.flush()
        domain = [("icloud_origin_id", "=", origin.id)]
        counts = []
        for limit in (1, 100):
            self.event.search_read(domain, ["display_name"], limit=1)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.event.search_read(domain, ["display_name"], limit=limit)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(_WORD in row["display_name"] for row in rows))
        self.assertEqual(*counts)

    # -- the storm -----------------------------------------------------------------------------

    def _look(self):
        """The title is in every cache that there is when the rest begins."""
        self.event.web_read({"display_name": {}})
        self.event.search_read([("id", "=", self.event.id)])

    def _talk(self):
        partners = (self.jonas | self.colleague).partner_id
        self._look()
        self.event.message_post(
            body="See you", partner_ids=partners.ids, subtype_xmlid="mail.mt_comment"
        )
        message = self.event.message_notify(body="Look", partner_ids=partners.ids)
        self.event.message_post(body="Again", parent_id=message.id, subject=False)
        self.event.message_post(body="Mail", email_layout_xmlid="mail.mail_notification_layout")
        self.event._message_log(body="Log")
        self.event.message_mail_with_source(
            "mail.message_activity_done",
            render_values={"activity": self.env["mail.activity"], "display_assignee": False},
        )
        self.event.message_unsubscribe(partners.ids)

    def _invite(self):
        self._look()
        wizard = self.env["mail.followers.edit"].with_user(self.mara)
        for notify in (True, False):
            wizard.create(
                {
                    "res_model": "calendar.event",
                    "res_ids": str(self.event.ids),
                    "partner_ids": [Command.set((self.jonas | self.colleague).partner_id.ids)],
                    "message": "Please follow",
                    "notify": notify,
                }
            ).edit_followers()
        self.event.message_subscribe(self.jonas.partner_id.ids)
        self.event.sudo()._message_auto_subscribe({"user_id": self.jonas.id})
        self.event.sudo()._message_auto_subscribe_notify(
            self.jonas.partner_id.ids, "mail.message_user_assigned"
        )

    def _plan(self):
        self._look()
        activities = self.env["mail.activity"].with_user(self.mara)
        activity = activities.create(
            {
                "res_model_id": self.env["ir.model"]._get_id("calendar.event"),
                "res_id": self.event.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "user_id": self.jonas.id,
                "note": "Call",
            }
        )
        activity.action_notify()
        activity.action_feedback(feedback="Done")
        activities.create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.jonas.partner_id.id,
                "calendar_event_id": self.event.id,
                "user_id": self.jonas.id,
            }
        )
        scheduled = self.env["mail.scheduled.message"].with_user(self.mara)
        scheduled.create(
            {
                "model": "calendar.event",
                "res_id": self.event.id,
                "author_id": self.mara.partner_id.id,
                "body": "Later",
                "scheduled_date": fields.Datetime.now() + timedelta(hours=1),
            }
        ).post_message()

    def _copy(self):
        self._look()
        copied = self.event.with_context(no_mail_to_attendees=False).copy(
            {"partner_ids": [Command.set((self.mara | self.jonas).partner_id.ids)]}
        )
        copied.write(
            {
                "partner_ids": [Command.link(self.colleague.partner_id.id)],
                "recurrency": True,
                "rrule_type_ui": "daily",
                "rrule_type": "daily",
                "end_type": "count",
                "count": 3,
                "interval": 1,
            }
        )
        copied.action_open_composer()
        copied._create_videocall_channel()
        copied.attendee_ids._send_invitation_emails()
        self.event.export_data(["name", "display_name", "attendee_ids/event_id"])
        self.event.copy_data()

    def _send_files(self):
        self._look()
        files = self.event._get_ics_file()
        for name, content in files.items():
            self.env["ir.attachment"].create({"name": str(name), "raw": content})
            self.assertNotIn(_WORD.encode(), content)
        self.event.action_sendmail()
        self.event.attendee_ids._send_invitation_emails()
        template = self.env.ref("calendar.calendar_template_meeting_changedate")
        self.event.attendee_ids._notify_attendees(template, notify_author=True, force_send=True)

    def _remind(self):
        self._look()
        alarms = self.env["calendar.alarm"]
        for kind in ("email", "notification"):
            alarms |= alarms.create(
                {"name": kind, "alarm_type": kind, "interval": "hours", "duration": 1}
            )
        alarms.filtered(lambda alarm: alarm.alarm_type == "email").mail_template_id = self.env.ref(
            "calendar.calendar_template_meeting_reminder"
        )
        self.event.alarm_ids = alarms
        manager = self.env["calendar.alarm_manager"].with_user(self.mara)
        self.assertNotIn(_WORD, str(manager.get_next_notif()))
        self.env.cr.execute(
            "UPDATE calendar_event SET start = now() at time zone 'UTC' + interval '10 minutes'"
            " WHERE id = %s",
            [self.event.id],
        )
        self.env.invalidate_all()
        self.env["calendar.alarm_manager"]._send_reminder()

    def _compose(self):
        self._look()
        template = (
            self.env["mail.template"]
            .with_user(self.mara)
            .create(
                {
                    "name": "Mine",
                    "model_id": self.env["ir.model"]._get_id("calendar.event"),
                    "subject": "{{ object.display_name }} / {{ object.name }}",
                    "body_html": '<t t-out="object.display_name"/> <t t-out="object.name"/>',
                    "email_to": "someone@example.com",
                }
            )
        )
        template.send_mail(self.event.id)
        for mode in ("comment", "mass_mail"):
            composer = (
                self.env["mail.compose.message"]
                .with_user(self.mara)
                .with_context(
                    default_model="calendar.event",
                    default_res_ids=self.event.ids,
                    default_composition_mode=mode,
                    default_template_id=template.id,
                    default_partner_ids=self.jonas.partner_id.ids,
                )
                .create({})
            )
            composer.action_send_mail()
        plain = (
            self.env["mail.compose.message"]
            .with_user(self.mara)
            .with_context(default_model="calendar.event", default_res_ids=self.event.ids)
            .create({"body": "Hello", "partner_ids": [Command.set(self.jonas.partner_id.ids)]})
        )
        plain.action_send_mail()

    # -- where it is ---------------------------------------------------------------------------

    def _places(self):
        """["table.column"] of every text in the database that has the title; and files."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT columns.table_name, columns.column_name FROM information_schema.columns columns
              JOIN information_schema.tables tables USING (table_schema, table_name)
             WHERE columns.table_schema = 'public' AND tables.table_type = 'BASE TABLE'
               AND columns.data_type IN ('text', 'character varying', 'jsonb', 'json')
             ORDER BY 1, 2
            """
        )
        found = []
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text LIKE %s LIMIT 1', [f"%{_WORD}%"]
            )
            if self.env.cr.fetchone():
                found.append(f"{table}.{column}")
        needles = [_WORD.encode(), base64.b64encode(_WORD.encode()).rstrip(b"=")]
        recent = [("create_date", ">=", self.event.sudo().create_date)]
        files = self.env["ir.attachment"].search([*recent, ("type", "=", "binary")])
        return found + [
            f"file {file.name}"
            for file in files
            if any(needle in (file.raw or b"") for needle in needles)
        ]
