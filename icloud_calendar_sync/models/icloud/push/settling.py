from odoo import models

from ....ical.write import fingerprint
from ....icloud import errors
from ....sync.push import Unconfirmed
from ..account.quiet import FIRST_PAUSE, JITTER, LONGEST_PAUSE
from ..icloud_worker import in_words

_PAUSES = (FIRST_PAUSE, LONGEST_PAUSE, JITTER)


class ICloudPush(models.AbstractModel):
    """Stores what became of the orders, many in a transaction."""

    _inherit = "icloud.push"

    def _settle(self, account, results):
        """Store what became of each order that was tried."""
        copies = self.env["icloud.event"].browse(result.order.key for result in results).exists()
        by_key = {copy.id: copy for copy in copies}
        known = [(by_key[each.order.key], each) for each in results if each.order.key in by_key]
        done = [(copy, result) for copy, result in known if result.error is None]
        failed = {copy: result.error for copy, result in known if result.error}
        self._apart(done, self._settle_done, self._unsettled)
        self._settle_failed(account, failed)
        if done:
            account._is_answered()

    def _settle_done(self, done):
        """:param done: [(copy, Result)]"""
        self._tell_of_changes(done)
        self._tell_healed([copy for copy, _result in done])
        there = [(copy, result) for copy, result in done if result.order.session]
        gone = self.env["icloud.event"].union(
            *(copy for copy, result in done if not result.order.session)
        )
        values = {
            copy.outcome_id: (
                result.etag,
                result.order.revision,
                fingerprint(result.order.session),
            )
            for copy, result in there
        }
        values.update({copy.outcome_id: (None, copy.revision, None) for copy in gone})
        self.env["icloud.event.outcome"]._settle(values)
        gone._bury()
        for copy, result in there:
            copy._travel(result.before.travel if result.before else 0)
            if result.href != copy.href:
                copy._found_at(result.href)

    def _unsettled(self, item, error):
        copy, _result = item
        env = copy.account_id._for_owner().env
        said = env._("Odoo could not handle this: %s.", type(error).__name__)
        self._settle_failed(copy.account_id, {copy: said})

    def _settle_failed(self, account, failed):
        """Each fails alone, and is tried again later and later.

        :param failed: {copy: error, or a sentence}
        """
        if not failed:
            return
        env = account._for_owner().env
        reasons = {
            # What is only not seen yet needs no word, unless it stays so.
            copy: in_words(env, error)
            if copy.attempts > 1 or not isinstance(error, Unconfirmed)
            else None
            for copy, error in failed.items()
        }
        self._tell_failed(account, {copy: said for copy, said in reasons.items() if said})
        copies = self.env["icloud.event"].union(*failed)
        for said, those in copies.grouped(lambda copy: reasons[copy]).items():
            those.outcome_id._fail(said, _PAUSES)
        self._tell_long_failing(account, copies)
        when = min(copies.mapped("next_try"))
        self.env["icloud.event"]._wake_push(account, at=when)

    def _settle_stopped(self, account, keys, error):
        """The whole account waits: it was not these events' fault.

        :param keys: ids of copies of which nothing was asked
        """
        copies = self.env["icloud.event"].browse(keys).exists()
        copies.outcome_id._give_back()
        copies.outcome_id._wait(in_words(account._for_owner().env, error))
        if isinstance(error, errors.Unauthorized | errors.SecretLost):
            account._password_refused(error)
            return
        account._be_quiet(getattr(error, "retry_after", None))
        said = in_words(account._for_owner().env, error)
        account._for_owner()._tell_once_a_day("warning", said)
        self._tell_long_failing(account, copies)

    def _settle_unopened(self, account, keys, error):
        """The account's password cannot be read: for good, or just now, which is our own trouble.

        :param keys: ids of copies of which nothing was asked
        """
        if isinstance(error, errors.SecretLost):
            self._settle_stopped(account, keys, error)
            return
        outcomes = self.env["icloud.event"].browse(keys).exists().outcome_id
        outcomes._give_back()
        outcomes._fail(in_words(account._for_owner().env, error), _PAUSES)
        account._password_refused(error)

    def _give_back(self, keys):
        """Nothing was asked of iCloud: these are due as before."""
        self.env["icloud.event"].browse(keys).exists().outcome_id._give_back()
