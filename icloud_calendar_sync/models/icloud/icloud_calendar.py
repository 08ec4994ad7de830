from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...scheduling.blocking import ALWAYS, AS_MARKED, NEVER, SEVERAL_DAYS, Choice

BLOCKING = {"all_day_blocks", "unanswered_blocks", "free_blocks"}
OWNER_MAY_WRITE = {"check_conflicts", *BLOCKING}
# Letters of a file's name that people are shown.
MOST_OF_NAME = 64


class ICloudCalendar(models.Model):
    """One CalDAV collection of an account."""

    _name = "icloud.calendar"
    _description = "iCloud calendar"
    _order = "sequence, id"

    account_id = fields.Many2one("icloud.account", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one(related="account_id.user_id", store=True, index=True)
    name = fields.Char(required=True)
    color = fields.Char(help="As iCloud shows it, #RRGGBB.")
    href = fields.Char(required=True, help="Path on the account's host, with its last slash.")
    sequence = fields.Integer()
    writable = fields.Boolean()
    missing = fields.Boolean(help="iCloud no longer lists it; its events still block.")
    check_conflicts = fields.Boolean("Check for conflicts")
    all_day_blocks = fields.Selection(
        [
            (SEVERAL_DAYS, "As marked in iCloud, but two days or more always block"),
            (AS_MARKED, "As marked in iCloud"),
            (ALWAYS, "Always block"),
            (NEVER, "Never block"),
        ],
        "All-day events",
        default=SEVERAL_DAYS,
    )
    unanswered_blocks = fields.Boolean("Invitations not answered yet block", default=True)
    free_blocks = fields.Boolean("Events marked free block")
    last_import = fields.Datetime(help="When iCloud last confirmed that this copy is complete.")
    last_comparison = fields.Datetime(help="When every event was last compared with iCloud.")
    known_until = fields.Datetime(
        help="From this time on some event is not known: it repeats more often than can be read."
    )
    listed_token = fields.Char(help="What the listing showed when the calendar was last read.")
    sync_token = fields.Char()
    unread = fields.Json(help="Listed but unreadable resources: href → number of tries.")
    incomplete = fields.Boolean(
        help="Something that changed was not read yet: nobody knows which times are free."
    )

    # An index holds no more than 2.7 kB of a row, and servers choose names of any length.
    _place_uniq = models.UniqueIndex(
        "(account_id, md5(href))", "This calendar is already known for this account."
    )

    @api.depends("name", "user_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        # A many2one's name is read with all rights; this one is the owner's to know.
        for calendar in self:
            own = calendar.user_id == self.env.user
            calendar.display_name = calendar.name if own else self.env._("iCloud calendar")

    def write(self, vals):
        # Every other column is iCloud's word or the worker's.
        if not self.env.su and not vals.keys() <= OWNER_MAY_WRITE:
            raise AccessError(self.env._("Only what blocks of a calendar can be changed."))
        if "check_conflicts" in vals:
            vals = {"is_guessed": False, **vals}
        result = super().write(vals)
        if "check_conflicts" in vals:
            self._follow_choice()
        if vals.keys() & BLOCKING:
            # The owner's own choice; imported events are the import's, and need its rights.
            calendars = self.sudo()
            changed = self.env["calendar.event"].sudo()._judge_again(calendars)
            self.env["icloud.booking"].sudo()._flag_overlaps(changed)
            calendars._read_unstored_again()
        return result

    def _choice(self):
        """What blocks of this calendar, as its owner chose."""
        self.ensure_one()
        # Rows that no ORM made have no default.
        return Choice(self.all_day_blocks or SEVERAL_DAYS, self.unanswered_blocks, self.free_blocks)

    def _is_read(self):
        """Whether events of this calendar block slots; the primary always is one."""
        self.ensure_one()
        return self.check_conflicts or self == self.account_id.primary_calendar_id

    def _follow_choice(self):
        """Forget what is no longer read; have the rest read soon."""
        # The owner's own choice; imported rows are the worker's and need its rights.
        calendars = self.sudo()
        calendars.filtered(lambda calendar: not calendar._is_read())._forget_imported()
        calendars.account_id._ask_workers("import")

    def _read_unstored_again(self):
        """What blocks as spans alone has no marks that could be judged by another choice."""
        rows = self.env["icloud.event"].search(
            [("calendar_id", "in", self.ids), ("unstored", "!=", False)]
        )
        rows.next_reading = fields.Datetime.now()
        if rows:
            rows.account_id._ask_workers("import")

    def _forget_imported(self):
        """Delete the imported events of these calendars and the memory of having read them."""
        imported = self.env["icloud.event"].search(
            [("calendar_id", "in", self.ids), ("origin", "=", "icloud")]
        )
        imported._forget()
        for calendar in self:
            calendar.times_forgotten += 1
        self.write(
            {
                "last_import": False,
                "last_comparison": False,
                "known_until": False,
                "listed_token": False,
                "sync_token": False,
                "unread": False,
                "incomplete": False,
            }
        )

    def _of_file(self, href, sentence):
        """A sentence about one file of this calendar."""
        return storable(f"{self.name}, {href.rpartition('/')[2][:MOST_OF_NAME]}: {sentence}")

    @api.model
    def _values(self, remote, sequence):
        """Columns that iCloud decides, from a `RemoteCalendar`."""
        return {
            "name": remote.name or self.env._("Calendar"),
            "color": remote.color,
            "href": remote.href,
            "writable": remote.writable,
            "sequence": sequence,
            "missing": False,
        }


def storable(text):
    """A text from outside without what no column of PostgreSQL holds."""
    return text.replace("\0", "").encode(errors="replace").decode()
