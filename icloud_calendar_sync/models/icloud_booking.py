import secrets
import unicodedata
import uuid
from datetime import UTC, timedelta
from zoneinfo import available_timezones

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, format_datetime, format_list, single_email_re

from ..ical.write import write as write_ical

HOLDING = ("pending", "confirmed")
LONGEST_NAME = 120
LONGEST_ANSWER = 2000
MOST_ANSWERS = 20


def _one_line(text):
    """What a stranger typed, on one line and without control characters (no column takes a NUL)."""
    # The invisible joiners stay: names and emoji are made with them.
    kept = (
        char if unicodedata.category(char) not in ("Cc", "Cs", "Cn") else " "
        for char in str(text or "")
    )
    return " ".join("".join(kept).split())


class ICloudBooking(models.Model):
    """One customer's reservation of a session."""

    _name = "icloud.booking"
    _description = "Booking"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "start desc, id desc"
    _rec_name = "customer_name"
    # Bookings are changed by their methods alone, and talked about by whoever may see them.
    _mail_post_access = "read"

    type_id = fields.Many2one(
        "icloud.booking.type", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="type_id.company_id", store=True, index=True)
    event_id = fields.Many2one(
        "calendar.event", "Session", readonly=True, ondelete="set null", index="btree_not_null"
    )
    user_id = fields.Many2one("res.users", "Host", readonly=True, index=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True)
    # What this customer typed. The contact is not overwritten by what a stranger types.
    customer_name = fields.Char("Name", required=True, readonly=True)
    email = fields.Char(required=True, readonly=True)
    phone = fields.Char(readonly=True)
    answers = fields.Json(readonly=True)
    tz = fields.Char("Customer's zone", readonly=True)
    start = fields.Datetime(compute="_compute_times", store=True, index=True)
    stop = fields.Datetime(compute="_compute_times", store=True)
    seats = fields.Integer(default=1, readonly=True)
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("confirmed", "Confirmed"),
            ("cancelled", "Cancelled"),
            ("attended", "Attended"),
            ("no_show", "No-show"),
        ],
        required=True,
        default="confirmed",
        readonly=True,
        index=True,
        tracking=True,
    )
    holds_time = fields.Boolean(compute="_compute_holds_time", store=True)
    assignment = fields.Char("Why this host", readonly=True)
    token = fields.Char(
        required=True, readonly=True, copy=False, default=lambda _self: secrets.token_urlsafe(24)
    )
    customer_url = fields.Char(compute="_compute_customer_url")

    _token_uniq = models.Constraint("UNIQUE(token)", "Every booking has its own link.")

    @api.depends("event_id.start", "event_id.stop")
    def _compute_times(self):
        for booking in self:
            # A deleted session leaves the booking its times.
            session = booking.event_id
            booking.start = session.start or booking.start
            booking.stop = session.stop or booking.stop

    @api.depends("state")
    def _compute_holds_time(self):
        for booking in self:
            booking.holds_time = booking.state in HOLDING

    @api.depends("token")
    def _compute_customer_url(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")  # Public knowledge.
        for booking in self:
            booking.customer_url = f"{base}/booking/{booking.token}"

    # -- hooks ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Bookings are made with “Book” on a booking type."))
        bookings = super().create(vals_list)
        self.env["icloud.event"]._collect_sessions(bookings.event_id.ids)
        return bookings

    def write(self, vals):
        result = super().write(vals)
        self.env["icloud.event"]._collect_sessions(self.event_id.ids)
        return result

    def _session_gone(self):
        """The session was archived or deleted in the back office."""
        gone = self.filtered("holds_time")
        gone.write({"state": "cancelled"})
        gone._write_to_customer("icloud_calendar_sync.mail_booking_cancelled")

    # -- making --------------------------------------------------------------------------------

    @api.model
    def _clean_customer(self, customer, answers=None):
        """Check what a stranger typed.

        :return: columns of the booking
        :raise UserError: one sentence
        """
        customer = customer if isinstance(customer, dict) else {}
        name = _one_line(customer.get("name"))
        email = email_normalize(_one_line(customer.get("email")), strict=True)
        phone = _one_line(customer.get("phone"))
        zone = customer.get("tz")
        if not name:
            raise UserError(self.env._("Please tell us your name."))
        if len(name) > LONGEST_NAME:
            raise UserError(self.env._("This name is too long."))
        if not email or len(email) > 254 or not single_email_re.match(email):
            raise UserError(self.env._("Please give an e-mail address we can write to."))
        if len(phone) > 40:
            raise UserError(self.env._("This phone number is too long."))
        return {
            "customer_name": name,
            "email": email,
            "phone": phone,
            # A zone nobody knows is no zone: the mail then names the type's.
            "tz": zone if isinstance(zone, str) and zone in available_timezones() else False,
            "answers": self._clean_answers(answers or {}),
        }

    @api.model
    def _clean_answers(self, answers):
        if not isinstance(answers, dict) or len(answers) > MOST_ANSWERS:
            raise UserError(self.env._("These answers do not fit the questions."))
        cleaned = {
            _one_line(question)[:LONGEST_NAME]: text
            for question, answer in answers.items()
            if (text := "\n".join(map(_one_line, str(answer or "").splitlines())).strip())
        }
        if any(len(answer) > LONGEST_ANSWER for answer in cleaned.values()):
            raise UserError(self.env._("Please keep each answer under 2,000 characters."))
        return cleaned or False

    @api.model
    def _open(self, session, user, details, reason):
        """Store a booking whose time is already reserved, and tell the customer."""
        booking = self.create(
            {
                **details,
                "type_id": session.booking_type_id.id,
                "event_id": session.id,
                "user_id": user.id,
                "partner_id": self._contact(session.booking_type_id, details).id,
                "assignment": reason,
            }
        )
        booking._write_to_customer("icloud_calendar_sync.mail_booking_confirmed")
        return booking

    @api.model
    def _contact(self, booking_type, details):
        Partner = self.env["res.partner"]
        company = booking_type.company_id
        found = Partner.search(
            [
                ("email_normalized", "=", details["email"]),
                ("company_id", "in", [False, company.id]),
            ],
            limit=1,
        )
        return found or Partner.create(
            {
                "name": details["customer_name"],
                "email": details["email"],
                "phone": details["phone"],
            }
        )

    # -- changing ------------------------------------------------------------------------------

    def action_confirm(self):
        """Approve pending bookings; their time is already held.

        For the host and administrators, not for whoever booked.
        """
        is_manager = self.env.su or self.env.user.has_group(
            "icloud_calendar_sync.group_booking_manager"
        )
        for booking in self._managed():
            if not (is_manager or booking.user_id == self.env.user):
                raise AccessError(self.env._("The host confirms this booking."))
            if booking.state != "pending":
                raise UserError(self.env._("Only a pending booking can be confirmed."))
            booking.state = "confirmed"
            booking._write_to_customer("icloud_calendar_sync.mail_booking_confirmed")
        return True

    def action_cancel(self):
        """Cancel; the time is free again at once."""
        self._managed()._cancel()
        return True

    def slots(self, start, stop, tz=None):
        """The other times this booking may move to, as `icloud.booking.type.slots`.

        Its own time counts as free, and its type need not be published any more.
        """
        booking = self._managed()
        booking.ensure_one()
        booking.type_id._check_zone(tz)
        slots = booking.type_id._slots(start, stop, ignore=booking.event_id)
        return [slot for slot in slots if booking.type_id._moment(slot["start"]) != booking.start]

    def reschedule(self, start):
        """Move to another time that is offered, with the same host if that host is free then.

        :param start: Odoo's UTC string or ISO 8601 with an offset
        :raise UserError: with the nearest free starts; nothing has changed
        """
        for booking in self._managed():
            booking._reschedule(start)
        return True

    def _managed(self):
        """These bookings with the rights to change them, for whoever may see them.

        Readers are the host, whoever booked, and administrators (record rules); the columns are
        changed by these methods alone.
        """
        self.check_access("read")
        return self.sudo()

    def _cancel(self):
        if self.filtered(lambda booking: not booking.holds_time):
            raise UserError(self.env._("This booking is already closed."))
        self.write({"state": "cancelled"})
        sessions = self.event_id
        sessions.filtered(lambda session: not session._is_live()).action_archive()
        self._write_to_customer("icloud_calendar_sync.mail_booking_cancelled")

    def _reschedule(self, start):
        self.ensure_one()
        session, booking_type = self.event_id, self.type_id
        moment = booking_type._moment(start)
        if not self.holds_time:
            raise UserError(self.env._("This booking is already closed."))
        if moment == session.start:
            return
        stop = moment + timedelta(minutes=booking_type.duration)
        # The customer knows this host: the others only if this one is not free.
        plans = booking_type._plans(moment, ignore=session)
        plans.sort(key=lambda plan: plan[0][0] != self.user_id)
        for users, _reason in plans:
            if session.reservation_ids._move(
                users._ensure_booking_resource(), *booking_type._padded(moment, stop)
            ):
                self._moved_to(users, moment, stop)
                return
        raise booking_type._taken(moment, ignore=session)

    def _moved_to(self, users, start, stop):
        # The reservations stand already; the session and the booking follow them.
        values = {"start": start, "stop": stop}
        if users[0] != self.user_id:
            values.update(user_id=users[0].id, **self.type_id._attendance(users))
            self.user_id = users[0]
        self.event_id.with_context(no_mail_to_attendees=True).write(values)
        self._write_to_customer("icloud_calendar_sync.mail_booking_moved")

    # -- telling -------------------------------------------------------------------------------

    def _summary(self):
        """Who comes, as plain text for the host's phone."""
        self.ensure_one()
        lines = [self.customer_name, self.email, self.phone or ""]
        lines += [f"{question}: {answer}" for question, answer in (self.answers or {}).items()]
        return "\n".join(line for line in lines if line)

    def _hosts_in_words(self):
        """With whom, for the customer: the host, or all of them."""
        self.ensure_one()
        hosts = self.event_id._hosts() | self.user_id
        return format_list(self.env, hosts.mapped("name"))

    def _when(self):
        """Start in the customer's zone, in words, with the zone's name."""
        self.ensure_one()
        zone = self.tz or self.type_id.tz
        when = format_datetime(self.env, self.start, tz=zone, dt_format="EEEE d MMMM y, HH:mm")
        return f"{when} ({zone})"

    def _write_to_customer(self, template_xmlid):
        # Queued: no customer waits for a mail server, and a failed one is seen in the queue.
        template = self.env.ref(template_xmlid)
        for booking in self:
            template.send_mail(
                booking.id,
                email_values={
                    "attachment_ids": [(0, 0, booking._ical_attachment())],
                }
                if booking.holds_time
                else None,
            )

    def _ical_attachment(self):
        """The session for the customer's own calendar, without anybody's address in it."""
        self.ensure_one()
        session = self.event_id._as_ical(
            # Unique in the world: customers book with several businesses.
            uid=str(uuid.uuid5(uuid.NAMESPACE_URL, self.customer_url)),
            zone=self.tz or self.type_id.tz,
            texts=[self.env._("Change or cancel: %s", self.customer_url)],
            title=self.type_id.name,
            tentative=self.state == "pending",
        )
        return {
            "name": "booking.ics",
            "raw": write_ical(session, now=fields.Datetime.now().replace(tzinfo=UTC)),
            "mimetype": "text/calendar",
            # Goes with the mail that carries it.
            "res_model": "mail.message",
            "res_id": 0,
        }

    # -- overlaps ------------------------------------------------------------------------------

    @api.model
    def _flag_overlaps(self, events):
        """Tell hosts whose upcoming bookings an imported event overlaps (rule 14).

        The hint names times only: colleagues see it too.
        """
        upcoming = events.filtered(
            lambda event: event.show_as == "busy" and event.stop > fields.Datetime.now()
        )
        for event in upcoming:
            start, stop = event._busy_span(event.user_id.tz or "UTC")
            bookings = self.search(
                Domain("user_id", "=", event.user_id.id)
                & Domain("holds_time", "=", True)
                & Domain("start", "<", stop)
                & Domain("stop", ">", start)
            )
            for booking in bookings:
                booking._flag_overlap(start, stop)

    def _flag_overlap(self, start, stop):
        summary = self.env._("Overlaps with iCloud")
        if self.activity_ids.filtered(lambda activity: activity.summary == summary):
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id,
            summary=summary,
            note=self.env._(
                "Your iCloud is busy from %(start)s to %(stop)s. The booking stands: move it, or "
                "the event on your phone.",
                start=format_datetime(self.env, start, tz=self.user_id.tz),
                stop=format_datetime(self.env, stop, tz=self.user_id.tz),
            ),
        )
