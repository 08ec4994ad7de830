from odoo import models


class ICloudStore(models.AbstractModel):
    """What a look found of our own copies: Odoo's wish stands (rules 6 and 11)."""

    _inherit = "icloud.store"

    def _store_ours(self, calendar, found):
        """Refresh what we know of our own copies that were found."""
        copies = {
            copy.uid: copy
            for copy in self.env["icloud.event"].search(
                [
                    ("account_id", "=", calendar.account_id.id),
                    ("origin", "=", "odoo"),
                    ("uid", "in", [each.our_uid for each in found]),
                ]
            )
        }
        for each in found:
            copy = copies.get(each.our_uid)
            if not copy:
                continue
            if copy.href != each.href:
                copy._found_at(each.href)
            if copy.outcome_id.pushed_fingerprint == each.fingerprint:
                copy.outcome_id.etag = each.etag
            elif copy.outcome_id.pushed_revision:
                copy._put_back(etag=each.etag)

    def _store_ours_removed(self, rows):
        """Copies that are gone from iCloud: what is wished there is put back."""
        for row in rows:
            if row.wanted == "present":
                row._put_back(etag=False)
