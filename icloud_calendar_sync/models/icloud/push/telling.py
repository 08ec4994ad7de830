from datetime import timedelta

from odoo import fields, models

from ....ical.write import fields_of, fingerprint
from .copies import MOST_NAMED

# One that fails for so long, or so often, is worth a message.
LONG = timedelta(hours=1)
OFTEN = 5
# At most one notice about the same copy, or about what does not arrive, in this time.
NOTICE_EVERY = timedelta(hours=1)


class ICloudPush(models.AbstractModel):
    """What the owner is told of the bookings that should be on the phone: in the owner's log at
    once, in a notice when it lasts.
    """

    _inherit = "icloud.push"

    # -- what does not arrive ------------------------------------------------------------------

    def _tell_failed(self, account, reasons):
        """A line for each booking that cannot be sent: once for a reason, not for each try.

        :param reasons: {copy: sentence}
        """
        new = {copy: said for copy, said in reasons.items() if copy.last_error != said}
        owner = account._for_owner()
        if len(new) <= MOST_NAMED:
            for copy, said in new.items():
                owner._tell("warning", self._not_done(owner, copy, said))
            return
        for said in dict.fromkeys(new.values()):
            owner._tell_once_a_day(
                "warning", owner.env._("Several bookings do not reach your iPhone yet: %s", said)
            )

    def _not_done(self, owner, copy, said):
        if copy.wanted == "absent":
            return owner.env._("A booking is still on your iPhone, and should be gone: %s", said)
        return owner.env._(
            "%(booking)s is not on your iPhone as it should be: %(reason)s",
            booking=copy._in_words(),
            reason=said,
        )

    def _tell_long_failing(self, account, copies):
        """A notice about what has failed for long; several together, and no flood."""
        now = fields.Datetime.now()
        long = copies.filtered(
            lambda copy: (
                not copy.is_told
                and (
                    copy.attempts >= OFTEN
                    or (copy.failing_since and copy.failing_since <= now - LONG)
                )
            )
        )
        is_rested = not account.unsent_told_at or account.unsent_told_at <= now - NOTICE_EVERY
        if not long or not is_rested or account.state != "connected":
            return
        owner = account._for_owner()
        named = long[:MOST_NAMED].filtered(lambda copy: copy.wanted == "present")
        sentences = [
            owner.env._("What Odoo should change on your iPhone is not there yet: %s", each)
            for each in dict.fromkeys(long[:MOST_NAMED].mapped("last_error"))
        ]
        if named:
            list_of = named._listed_in_words(more=len(long) - len(named))
            sentences.append(owner.env._("This is about %s.", list_of))
        sentences.append(
            owner.env._("The bookings themselves are safe in Odoo, and Odoo keeps trying.")
        )
        owner._notify(
            owner.env._("Bookings do not reach your iPhone"),
            sentences,
            owner.env._("Open my preferences"),
        )
        account.unsent_told_at = now
        long.outcome_id.is_told = True

    def _tell_healed(self, copies):
        """:param copies: those that iCloud took now; what was said of them is true no more"""
        healed = self.env["icloud.event"].union(*(copy for copy in copies if copy.last_error))
        for account, those in healed.grouped("account_id").items():
            owner = account._for_owner()
            if len(those) > MOST_NAMED:
                owner._tell(
                    "info",
                    owner.env._("%s bookings are in iCloud now as they should be.", len(those)),
                )
                continue
            for copy in those:
                owner._tell(
                    "info",
                    owner.env._("%s is on your iPhone now.", copy._in_words())
                    if copy.wanted == "present"
                    else owner.env._("A booking that should be gone has left your iPhone."),
                )

    # -- what the host changed on the phone -----------------------------------------------------

    def _tell_of_changes(self, done):
        """What a push found otherwise than it had left it, and put right.

        :param done: [(copy, Result)], the outcomes still those of before
        """
        changes = {}
        for copy, result in done:
            before, session = copy.pushed_fingerprint, result.order.session
            if not before or not session or not result.order.may_exist:
                continue
            there = result.before.fields if result.before else None
            stood = result.before and result.before.fingerprint
            wished = fingerprint(session)
            if stood not in (before, wished):
                changes[copy] = (there, fields_of(session) if wished == before else None)
        self.env["icloud.event"]._note_put_back(changes)
