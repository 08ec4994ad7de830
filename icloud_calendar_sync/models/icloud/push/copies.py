from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, format_list

# As long as a deleted copy may appear again: a phone that was off, a calendar made anew.
REMEMBERED = timedelta(days=400)
GC_LIMIT = 10_000
# So many bookings are named one by one; of more, the number is told.
MOST_NAMED = 3
# At most one notice about the same copy in this time.
NOTICE_EVERY = timedelta(hours=1)


class ICloudEvent(models.Model):
    """Our copies: remembered when they are gone, named for their owner, with their travel time."""

    _inherit = "icloud.event"

    # -- gone, and remembered ------------------------------------------------------------------

    def _bury(self):
        """They are gone from iCloud, and not forgotten: should they appear again, they are deleted
        again, and never imported as the host's own.
        """
        self.write({"event_id": False, "unstored": False})

    def _reappeared(self, href, etag):
        """What was gone is there again."""
        self.ensure_one()
        if self.href != href:
            self._found_at(href)
        self._put_back(etag)

    def _is_done(self):
        self.ensure_one()
        return self.revision == self.pushed_revision

    @api.autovacuum
    def _gc_buried(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.id FROM icloud_event event
                  JOIN icloud_event_outcome outcome ON outcome.id = event.outcome_id
                 WHERE event.origin = 'odoo' AND event.wanted = 'absent'
                   AND event.revision = outcome.pushed_revision AND outcome.pushed_at < %s
                 LIMIT %s
                """,
                fields.Datetime.now() - REMEMBERED,
                GC_LIMIT,
            )
        )
        self.browse(row[0] for row in rows)._forget()
        return len(rows), GC_LIMIT if len(rows) == GC_LIMIT else 0

    # -- travel time ---------------------------------------------------------------------------

    def _travel(self, minutes):
        """The host added travel time on the phone, or took it away: it blocks, as the session does.

        :param minutes: before the start of the session
        """
        self.ensure_one()
        spans = self._travel_spans(minutes)
        if (self.unstored or False) != spans:
            self.unstored = spans

    def _forget_travel(self):
        """Nothing is known of iCloud any more; should it be read again, these are, too."""
        known = self.filtered("unstored")
        known.unstored = False
        known.outcome_id.etag = False

    def _travel_spans(self, minutes):
        """[[start, stop]] in minutes UTC since 1970, or False."""
        if not minutes or not self.event_id:
            return False
        start = int(self.event_id.start.replace(tzinfo=UTC).timestamp()) // 60
        return [[start - minutes, start]]

    # -- in words ------------------------------------------------------------------------------

    def _in_words(self):
        """Which booking this is, for its owner."""
        self.ensure_one()
        copy = self.with_context(lang=self.user_id.lang)
        if not copy.event_id:
            return copy.env._("A booking")
        return copy.env._(
            "“%(title)s” of %(when)s",
            title=copy.event_id._title_with_count() or copy.event_id.name,
            when=format_datetime(
                copy.env, copy.event_id.start, tz=copy.user_id.tz, dt_format="EEE d MMM, HH:mm"
            ),
        )

    def _listed_in_words(self, more=0):
        """Some of these bookings by name, in their owner's language, and how many there are beside.

        :param more: so many are not even among these
        """
        named = self[:MOST_NAMED]
        listed, more = ", ".join(copy._in_words() for copy in named), more + len(self - named)
        if not more:
            return listed
        env = self.with_context(lang=self.user_id.lang).env
        return env._("%(bookings)s and %(count)s more", bookings=listed, count=more)

    def _note_put_back(self, changes):
        """What the host did to copies on the phone was undone, and why: a line each in the log. The
        notice comes when all is done, see `_tell_put_back`.

        :param changes: {copy: (what stood there, what we had sent) as `Fields`}; the first None
            when nothing stood there, or something else; the second when it is not known any more
        """
        for copy, (before, sent) in changes.items():
            owner = copy.account_id._for_owner()
            line = copy._put_back_words(owner.env, before, sent)
            owner._tell("info", line)
            copy.outcome_id.put_back = line

    def _tell_put_back(self, account):
        """One notice of all that was put back and not told yet; those within the hour wait."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.id, outcome.put_back_at IS NULL OR outcome.put_back_at <= %s
                  FROM icloud_event_outcome outcome
                  JOIN icloud_event event ON event.outcome_id = outcome.id
                 WHERE outcome.put_back IS NOT NULL AND event.account_id = %s
                 ORDER BY event.id
                """,
                fields.Datetime.now() - NOTICE_EVERY,
                account.id,
            )
        )
        if any(is_rested for _id, is_rested in rows):
            copies = self.browse(row_id for row_id, _is_rested in rows)
            account._for_owner()._notify_put_back(copies.mapped("put_back"))
            copies.outcome_id.write({"put_back": False, "put_back_at": fields.Datetime.now()})

    def _put_back_words(self, env, before, sent):
        return env._(
            "%(booking)s was %(changed)s on your iPhone. Odoo put it back: a booking is changed in "
            "Odoo, so that the customer hears of it.",
            booking=self._in_words(),
            changed=format_list(env, _changed(env, before, sent)),
        )


def _changed(env, before, sent):
    """What was done on the phone, as a list of words."""
    if before is None:
        return [env._("deleted")]
    if sent is None:
        return [env._("changed")]
    what = {
        env._("moved"): before[:2] != sent[:2],
        env._("renamed"): before.title != sent.title,
        env._("given another text"): before.description != sent.description,
        env._("given another place"): before.location != sent.location,
        env._("marked as free"): before.transparency != sent.transparency,
        env._("given another status"): before.status != sent.status,
        env._("made to repeat"): before.repeats != sent.repeats,
    }
    return [word for word, is_so in what.items() if is_so]
