from odoo import fields, models


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
    pushed_revision = fields.Integer(
        help="The wish that iCloud holds. Due means: it differs from the revision."
    )
    pushed_at = fields.Datetime(help="When iCloud last took something from us.")
    pushed_fingerprint = fields.Char(help="Hash of our fields as iCloud holds them.")
    attempts = fields.Integer(help="Tries since the last success.")
    next_try = fields.Datetime(index=True)
    last_error = fields.Char()
