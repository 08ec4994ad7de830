import uuid
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from .account.icloud_account import WORKING

_COLLECTED = "icloud_sessions"


class ICloudEvent(models.Model):
    """One `.ics` resource of a calendar.

    For sessions of ours it holds the wish (`wanted`, `revision`), written by hooks alone; what
    became of it stands in `icloud.event.outcome`.
    """

    _name = "icloud.event"
    _description = "Remote event in iCloud"
    # A many2one's name is read with all rights, and a foreign UID can tell what an event is.
    _rec_name = "origin"
    _inherits = {"icloud.event.outcome": "outcome_id"}

    outcome_id = fields.Many2one(
        "icloud.event.outcome", required=True, ondelete="cascade", index=True
    )
    calendar_id = fields.Many2one("icloud.calendar", required=True, ondelete="cascade", index=True)
    account_id = fields.Many2one(related="calendar_id.account_id", store=True, index=True)
    user_id = fields.Many2one(related="account_id.user_id", store=True, index=True)
    event_id = fields.Many2one("calendar.event", ondelete="set null", index="btree_not_null")
    uid = fields.Char("UID", required=True)
    href = fields.Char(required=True)
    origin = fields.Selection([("odoo", "Odoo"), ("icloud", "iCloud")], required=True)
    wanted = fields.Selection(
        [("present", "In iCloud"), ("absent", "Not in iCloud")], required=True, default="present"
    )
    revision = fields.Integer(default=1)
    # Of imported events only: what was read of them, and when they are read again.
    known_until = fields.Datetime(help="Occurrences from this time on are not known.")
    next_reading = fields.Datetime(help="It is read again then, also when nothing changed.")
    read_by = fields.Integer(help="Which of our readers read it last; a newer one reads it again.")
    zone = fields.Char(help="The host's zone it was read in, where that makes a difference.")
    set_aside = fields.Boolean(help="It could not be read, or not be stored.")
    unstored = fields.Json(
        help="Not read or not stored; these spans, in minutes UTC since 1970, block instead."
    )
    problem = fields.Char(help="What could not be read or stored, in the words of its owner.")

    # An index holds no more than 2.7 kB of a row, and servers choose names of any length.
    _place_uniq = models.UniqueIndex(
        "(calendar_id, md5(href))", "This remote event is already known."
    )
    # Ours are short. Which of the others' are ours is asked of all accounts.
    _own_uid_idx = models.Index("(uid) WHERE origin = 'odoo'")
    # What is read again although nothing changed is looked for in many calendars at once.
    _next_reading_idx = models.Index("(calendar_id, next_reading) WHERE next_reading IS NOT NULL")
    _set_aside_idx = models.Index("(user_id) WHERE set_aside")
    _unstored_idx = models.Index("(user_id) WHERE unstored IS NOT NULL")
    _one_copy = models.UniqueIndex(
        "(event_id, account_id) WHERE origin = 'odoo' AND wanted = 'present'",
        "This session already has its copy in this account.",
    )

    # -- hooks ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """With a mark of what is due."""
        created = super().create(vals_list)
        self.env["icloud.due"]._note(created)
        return created

    def write(self, values):
        """With a mark of what is due by it."""
        done = super().write(values)
        if "revision" in values:
            self.env["icloud.due"]._note(self)
        return done

    @api.model
    def _collect_sessions(self, session_ids):
        """Remember sessions whose copies may have to change; worked out once, before commit."""
        if not session_ids:
            return
        precommit = self.env.cr.precommit
        if _COLLECTED not in precommit.data:
            precommit.data[_COLLECTED] = set()
            # Whoever may change a session may have its copies follow; the rows are not theirs.
            precommit.add(self.sudo()._mark_collected)
        precommit.data[_COLLECTED].update(session_ids)

    def _mark_collected(self):
        # Savepoints run precommit early, so this may happen several times in one transaction.
        session_ids = self.env.cr.precommit.data.pop(_COLLECTED, None)
        if session_ids:
            sessions = self.env["calendar.event"].browse(session_ids).exists()
            self._mark(sessions.filtered("booking_type_id"))

    def _mark(self, sessions):
        """Work out the wanted copies of sessions: one for each connected host."""
        copies = self.search(
            [
                ("event_id", "in", sessions.ids),
                ("origin", "=", "odoo"),
                ("wanted", "=", "present"),
            ]
        )
        accounts = self.env["icloud.account"]._of_users(sessions._hosts())
        missing, unwanted = [], copies
        for session in sessions:
            known = copies.filtered(lambda copy, session=session: copy.event_id == session)
            for user in session._hosts() if session._is_live() else ():
                account = accounts.get(user.id, self.env["icloud.account"])
                copy = known.filtered(lambda copy, account=account: copy.account_id == account)
                # A disconnected account keeps its copies: reconnecting finds them, not twins.
                unwanted -= copy
                if not copy and account.state in WORKING and account.primary_calendar_id:
                    missing.append(self._copy_values(session, account.primary_calendar_id))
        (copies - unwanted)._want("present")
        unwanted._want("absent")
        created = self.create(missing)
        if copies or created:
            self._wake_push(copies.account_id | created.account_id)

    def _want(self, wanted):
        for copy in self:
            values = {"wanted": wanted, "revision": copy.revision + 1}
            if copy.unstored:
                # Travel time that the host added goes where the session goes.
                minutes = sum(stop - start for start, stop in copy.unstored)
                values["unstored"] = wanted == "present" and copy._travel_spans(minutes)
            copy.write(values)

    @api.model
    def _copy_values(self, session, calendar):
        # Chosen here and committed before the first PUT: whatever happens to the worker, there
        # is one UID and one place for this session and account.
        uid = str(uuid.uuid4()).upper()
        return {
            "event_id": session.id,
            "calendar_id": calendar.id,
            "uid": uid,
            "href": f"{calendar.href}{uid}.ics",
            "origin": "odoo",
            "wanted": "present",
        }

    @api.model
    def _wake_push(self, accounts, at=None):  # noqa: ARG002 (who shares the work out must know)
        """Have what is due of these accounts pushed soon, or at a time (naive UTC)."""
        # Waking a cron is no privilege: it does the work that is due and nothing else.
        self.env.ref("icloud_calendar_sync.cron_push").sudo()._trigger(at=at)

    def _session_gone(self):
        """Their session is about to be deleted: so are these copies."""
        self.filtered(lambda copy: copy.wanted == "present")._want("absent")
        self._wake_push(self.account_id)

    def _is_upcoming(self):
        """Whether the session this is a copy of has not ended."""
        self.ensure_one()
        return bool(self.event_id.stop) and self.event_id.stop > fields.Datetime.now()

    def _trouble(self, horizon):
        """What its owner should know of an imported file that is not in Odoo as it is in iCloud.

        :param horizon: naive UTC; what is known until then is known long enough
        """
        self.ensure_one()
        sentences = [self.problem]
        if self.unstored:
            when = format_datetime(self.env, self._unstored_from(), tz=self.user_id.tz)
            sentences.append(self.env._("It begins %s.", when))
        if self.known_until and self.known_until < horizon:
            day = format_date(self.env, self.known_until)
            sentences.append(self.env._("From %s on your times are not offered.", day))
        return self.calendar_id._of_file(self.href, " ".join(filter(None, sentences)))

    def _unstored_from(self):
        """When what blocks as spans alone begins, naive UTC."""
        return datetime(1970, 1, 1) + timedelta(minutes=self.unstored[0][0])

    # -- workers -------------------------------------------------------------------------------

    def _forget(self):
        """Drop rows and, for imported ones, their occurrences in Odoo. Nothing is sent."""
        self.filtered(lambda row: row.origin == "icloud")._forget_occurrences()
        self.outcome_id.unlink()

    def _forget_occurrences(self):
        """Drop what imported files have in Odoo."""
        occurrences = (
            self.env["calendar.event"]
            .with_context(active_test=False)
            .search([("icloud_origin_id", "in", self.ids)])
        )
        occurrences._as_import().unlink()

    def _put_back(self, etag):
        """Edited or deleted on the phone: Odoo's wish stands and is due again.

        What we sent stays known, so that the push can tell what was changed.
        """
        self.outcome_id.write({"etag": etag, "pushed_revision": 0, "next_try": False})
        self._wake_push(self.account_id)

    def _look_again(self):
        """Something may have been done to them on the phone: the push reads what stands there."""
        if self:
            self.outcome_id.write({"pushed_revision": 0, "next_try": False})
            self._wake_push(self.account_id)

    def _found_at(self, href):
        """Dragged to another calendar on the phone: it is followed there."""
        self.ensure_one()
        folder = href.rpartition("/")[0] + "/"
        calendar = self.account_id.calendar_ids.filtered(lambda each: each.href == folder)
        calendar = calendar or self.calendar_id
        # A look that could not read it there took it for the host's own.
        self.search(
            [
                ("calendar_id", "=", calendar.id),
                ("href", "=", href),
                ("origin", "=", "icloud"),
            ]
        )._forget()
        self.write({"href": href, "calendar_id": calendar.id})
