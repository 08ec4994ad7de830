from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import UniqueViolation

# Of one commit; what comes later is asked for again.
BATCH = 50
# What should have gone out longer ago than this goes out no more: nobody is thanked for last week.
LATEST_HOURS = 48
# The longest that a reminder may be.
LONGEST = timedelta(days=90)


class ICloudBookingNotice(models.Model):
    """A reminder, or a follow-up, that one booking was sent.

    Nothing is planned ahead, so nothing has to follow a booking that is moved or cancelled: what is
    due is asked of the bookings as they stand. The row is unique, and is stored together with the
    mail: whoever comes second, at the same moment too, finds it taken.
    """

    _name = "icloud.booking.notice"
    _description = "Sent reminder"
    _inherit = ["icloud.worker"]
    _order = "id desc"

    booking_id = fields.Many2one(
        "icloud.booking", required=True, readonly=True, ondelete="cascade", index=True
    )
    reminder_id = fields.Many2one(
        "icloud.booking.reminder", required=True, readonly=True, ondelete="cascade", index=True
    )
    # Whoever is moved is reminded of the new time, too.
    start = fields.Datetime("Of the time", required=True, readonly=True)
    state = fields.Selection(
        [("sent", "Sent"), ("failed", "Not sent")], required=True, readonly=True, default="sent"
    )

    _once = models.UniqueIndex(
        "(booking_id, reminder_id, start)", "Nobody is reminded twice of the same."
    )

    @api.model
    def _cron_notices(self):
        cron = self.env["ir.cron"]
        while due := self._due():
            self._despite_conflicts(self._remind_all, due)
            # There may be more, and Odoo comes round again for it.
            if not cron._commit_progress(len(due), remaining=BATCH):
                return
        cron._commit_progress(remaining=0)

    def _remind_all(self, due):
        for booking, reminder in due:
            self._alone(
                self._remind,
                booking,
                reminder,
                otherwise=lambda _kind, due=(booking, reminder): self._not_sent(*due),
            )

    def _remind(self, booking, reminder):
        if self._claim(booking, reminder):
            self._send(booking, reminder)

    def _send(self, booking, reminder):
        """By mail; a module that adds another kind of reminder sends that one itself."""
        name = "mail_booking_reminder" if reminder.moment == "before" else "mail_booking_follow_up"
        booking.with_context(mail_reader=None)._send_mail(
            name,
            booking.email,
            author=booking.user_id.partner_id,
            template=reminder.template_id,
        )

    def _claim(self, booking, reminder, **values):
        """The row that says so, or nothing when somebody else has made it."""
        try:
            with self.env.cr.savepoint():
                return self.create(
                    {
                        "booking_id": booking.id,
                        "reminder_id": reminder.id,
                        "start": booking.start,
                        **values,
                    }
                )
        except UniqueViolation:
            return self.browse()

    def _not_sent(self, booking, reminder):
        """It is tried once; the host sees that it is missing, and why is in the log."""
        if self._claim(booking, reminder, state="failed"):
            env = booking.with_context(lang=booking.user_id.lang).env
            booking.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=booking.user_id.id,
                summary=env._("A reminder could not be sent"),
            )

    @api.model
    def _due(self):
        """[(booking, reminder)] that are to be sent now, the earliest bookings first.

        Whoever booked, was moved or was confirmed after the moment of a reminder has just read the
        time, and needs none.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT booking.id, reminder.id
                  FROM icloud_booking_reminder reminder
                  JOIN icloud_booking booking ON booking.type_id = reminder.type_id
                  LEFT JOIN LATERAL (
                       SELECT MAX(part.stop) AS stop FROM icloud_booking part
                        WHERE part.parent_id = booking.id
                       ) parts ON reminder.moment = 'after'
                 CROSS JOIN LATERAL (
                       SELECT CASE reminder.moment
                              WHEN 'before' THEN booking.start - minutes.span
                              ELSE GREATEST(booking.stop, parts.stop) + minutes.span END AS moment
                         FROM (SELECT reminder.minutes * interval '1 minute' AS span) minutes
                       ) due
                 WHERE booking.parent_id IS NULL
                   AND booking.start BETWEEN %(now)s - %(past)s AND %(now)s + %(future)s
                   AND due.moment BETWEEN %(now)s - %(latest)s AND %(now)s
                   AND due.moment > COALESCE(booking.told_at, booking.create_date)
                   AND due.moment > reminder.write_date
                   AND CASE reminder.moment
                       WHEN 'before' THEN booking.state = 'confirmed' AND booking.start > %(now)s
                       ELSE booking.state IN ('confirmed', 'attended') END
                   AND NOT EXISTS (
                       SELECT FROM icloud_booking_notice notice
                        WHERE notice.booking_id = booking.id AND notice.start = booking.start
                          AND notice.reminder_id = reminder.id)
                 ORDER BY booking.start, booking.id, reminder.minutes
                 LIMIT %(batch)s
                """,
                now=fields.Datetime.now(),
                latest=timedelta(hours=LATEST_HOURS),
                # No reminder is longer; a session takes 24 hours at most, a chain some of them.
                past=LONGEST + timedelta(days=14),
                future=LONGEST,
                batch=BATCH,
            )
        )
        bookings, reminders = self.env["icloud.booking"], self.env["icloud.booking.reminder"]
        return [(bookings.browse(one), reminders.browse(other)) for one, other in rows]
