import logging

from odoo import api, models
from odoo.tools import SQL

from .... import operator_settings
from ....icloud import errors, secret

_logger = logging.getLogger(__name__)

BATCH = 500


class ICloudAccount(models.Model):
    """Passwords move from an old key of the server to its new one."""

    _inherit = "icloud.account"

    @api.model
    def _rotate_keys(self):
        """Encrypt every stored password with the first key; again is harmless, and goes on.

        Committed batch by batch. A user who connects meanwhile uses the first key anyway, and is
        not overwritten.

        :return: {"moved", "current", "lost"}: how many were under another key, how many under the
            first, and how many no key opens (their owners connect again)
        :raise OSError: there is no usable key
        """
        keys = operator_settings.secret_key()
        counts = {"moved": 0, "current": 0, "lost": 0}
        last = 0
        while batch := self._secrets_after(last):
            last = batch[-1][0]
            self.env["icloud.worker"]._despite_conflicts(self._rotate_batch, keys, batch, counts)
            self.env.cr.commit()  # pylint: disable=invalid-commit
        _logger.info("Keys rotated: %(moved)s moved, %(current)s current, %(lost)s lost", counts)
        return counts

    def _secrets_after(self, last):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT id, secret FROM icloud_account WHERE secret IS NOT NULL AND id > %s"
                " ORDER BY id LIMIT %s",
                last,
                BATCH,
            )
        )

    def _rotate_batch(self, keys, batch, counts):
        done = dict.fromkeys(counts, 0)
        for id_, ciphertext in batch:
            try:
                rotated = secret.rotate(keys, ciphertext)
            except errors.SecretLost:
                done["lost"] += 1
                continue
            if rotated is None:
                done["current"] += 1
                continue
            self.env.cr.execute(
                "UPDATE icloud_account SET secret = %s WHERE id = %s AND secret = %s",
                [rotated, id_, ciphertext],
            )
            done["moved"] += 1
        self.invalidate_model(["secret"])
        # A batch that met somebody is done again, and counted once.
        counts.update({name: counts[name] + done[name] for name in counts})
