from odoo import fields, models
from odoo.tools import SQL


class ICloudEventOutcome(models.Model):
    """What became of the wish for one remote event.

    Written by the workers alone, in a row of its own: a user who saves a session while its push
    runs writes the wish (`icloud.event`) and meets no lock and no serialization error.
    """

    _name = "icloud.event.outcome"
    _description = "Outcome of a push to iCloud"
    # The worker's user and time say nothing; `next_try` and `attempts` do.
    _log_access = False

    remote_event_ids = fields.One2many("icloud.event", "outcome_id")
    etag = fields.Char(help="Version of the remote event we know of; empty when unknown.")
    digest = fields.Char(
        help="Hash of the data of an imported one, where the ETag says too little."
    )
    pushed_revision = fields.Integer(
        help="The wish that iCloud holds. Due means: it differs from the revision."
    )
    pushed_at = fields.Datetime(
        index="btree_not_null", help="When iCloud last took something from us."
    )
    pushed_fingerprint = fields.Char(help="Hash of our fields as iCloud holds them.")
    attempts = fields.Integer(help="Tries since the last success.")
    next_try = fields.Datetime(index=True)
    leased_until = fields.Datetime(help="A worker is at it; one that died, no longer than this.")
    last_error = fields.Char()
    failing_since = fields.Datetime()
    is_told = fields.Boolean(help="Its owner got a notice that it fails.")
    put_back = fields.Char(
        help="What was undone of what its owner did on the phone, and no notice has told yet."
    )
    put_back_at = fields.Datetime(help="When its owner was last told that it was put back.")

    # A notice is about one account, and hardly ever is there any.
    _put_back_idx = models.Index("(id) WHERE put_back IS NOT NULL")

    def write(self, values):
        """With a mark of what is due by it."""
        done = super().write(values)
        if "pushed_revision" in values:
            self.env["icloud.due"]._note(self.remote_event_ids)
        return done

    def _is_tried(self):
        """Whether iCloud may have it."""
        self.ensure_one()
        return bool(self.attempts or self.pushed_at or self.etag)

    def _is_leased(self):
        """Whether a worker is at it, or died at it a moment ago."""
        self.ensure_one()
        return bool(self.leased_until) and self.leased_until > fields.Datetime.now()

    def _holds(self, fingerprint):
        """Whether iCloud has just that, as far as is known."""
        self.ensure_one()
        return bool(self.pushed_revision) and self.pushed_fingerprint == fingerprint

    # -- in bulk: a push of a thousand copies shall not be a thousand statements -------------------

    def _begin(self, lease):
        """They are about to be sent. Counted before the request, and committed: after a crash it is
        known that iCloud may have them.
        """
        self._update(
            SQL(
                # What made it due for its count is gone by now; until it is sent it stays due.
                "attempts = COALESCE(attempts, 0) + 1, pushed_revision = 0, leased_until = %s",
                fields.Datetime.now() + lease,
            )
        )
        self.env["icloud.due"]._note_begun(self)

    def _give_back(self):
        """Nothing was asked of iCloud: they are due as before."""
        self._update(SQL("attempts = GREATEST(attempts - 1, 0), leased_until = NULL"))

    def _wait(self, error):
        """They wait with their account, through no fault of their own.

        :param error: why, in the owner's words
        """
        self._update(
            SQL(
                "last_error = %s, failing_since = COALESCE(failing_since, %s)",
                error,
                fields.Datetime.now(),
            )
        )

    def _fail(self, error, seconds):
        """They are tried again after a pause, later and later.

        :param seconds: (first, longest, jitter): pauses, and by what each is longer at most
        """
        first, longest, jitter = seconds
        self._update(
            SQL(
                """
                last_error = %(error)s, failing_since = COALESCE(failing_since, %(now)s),
                leased_until = NULL, next_try = %(now)s + interval '1 second'
                    * LEAST(%(first)s * 2 ^ LEAST(attempts - 1, 20), %(longest)s)
                    * (1 + %(jitter)s * random())
                """,
                error=error,
                now=fields.Datetime.now(),
                first=first,
                longest=longest,
                jitter=jitter - 1,
            )
        )

    def _try_again_now(self, account_ids):
        """What waits of these accounts for a pause of its own waits no more."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE icloud_event_outcome outcome SET next_try = NULL FROM icloud_event event
                 WHERE event.outcome_id = outcome.id AND event.account_id = ANY(%s)
                   AND event.origin = 'odoo' AND outcome.next_try IS NOT NULL
                 RETURNING outcome.id
                """,
                account_ids,
            )
        )
        self._forget_cached()

    def _settle(self, values):
        """iCloud holds what was wished.

        :param values: {outcome: (etag, revision, fingerprint)}
        """
        if not values:
            return
        self.env.flush_all()
        rows = SQL(", ").join(
            SQL("(%s, %s, %s, %s)", outcome.id, etag or None, revision, fingerprint or None)
            for outcome, (etag, revision, fingerprint) in values.items()
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE icloud_event_outcome outcome
                   SET etag = sent.etag, pushed_revision = sent.revision, pushed_at = %s,
                       pushed_fingerprint = sent.fingerprint, attempts = 0, next_try = NULL,
                       leased_until = NULL, last_error = NULL, failing_since = NULL,
                       is_told = FALSE
                  FROM (VALUES %s) sent (id, etag, revision, fingerprint)
                 WHERE outcome.id = sent.id::int
                 RETURNING outcome.id
                """,
                fields.Datetime.now(),
                rows,
            )
        )
        self._forget_cached()
        self.env["icloud.due"]._done(self.browse(outcome.id for outcome in values))

    def _update(self, assignments):
        if self:
            self.env.flush_all()
            self.env.execute_query(
                SQL(
                    "UPDATE icloud_event_outcome SET %s WHERE id = ANY(%s) RETURNING id",
                    assignments,
                    self.ids,
                )
            )
            self._forget_cached()

    def _forget_cached(self):
        self.invalidate_model()
        self.env["icloud.event"].invalidate_model()
