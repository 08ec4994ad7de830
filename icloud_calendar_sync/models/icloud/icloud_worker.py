import logging
import traceback

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...icloud.errors import ICloudError
from ...sentence import Sentence

_logger = logging.getLogger(__name__)

TRIES = 5


class ICloudWorker(models.AbstractModel):
    """What the two workers share."""

    _name = "icloud.worker"
    _description = "Worker for iCloud"

    def _despite_conflicts(self, work, *arguments):
        """Do a piece of database work; again, on a fresh snapshot, when a user's write met it.

        Nothing before it may wait for its commit: a conflict undoes the whole transaction.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                result = work(*arguments)
                self.env.flush_all()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                if not tries_left:
                    raise
            else:
                return result
        raise AssertionError("unreachable")

    def _alone(self, work, *arguments, otherwise):
        """Do the work for one record, so that its trouble is no other's.

        :param otherwise: called with the kind of the failure when the work failed and was undone
        :return: what the work returned, or None
        """
        try:
            with self.env.cr.savepoint():
                return work(*arguments)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # noqa: BLE001 (one record's trouble is no other's; it is logged)
            log_privately(error)
            otherwise(type(error).__name__)
            return None


def in_words(env, what):
    """What to tell a person, in the language of `env`: an exception of iCloud's, or a sentence.

    :param what: an `ICloudError`, a `Sentence`, or text that is translated already
    """
    said = what.sentence if isinstance(what, ICloudError) else what
    return env._(said.template, **said.values) if isinstance(said, Sentence) else str(said)


def log_privately(error):
    """Where it happened and what kind it is; its text may hold a row of the database."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    _logger.error("A worker for iCloud met %s\n%s", type(error).__name__, frames)
