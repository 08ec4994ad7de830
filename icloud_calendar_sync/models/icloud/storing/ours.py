from odoo import models
from odoo.fields import Domain

from ..icloud_calendar import storable


class ICloudStore(models.AbstractModel):
    """What a look found of our own copies: Odoo's wish stands (rules 6 and 11)."""

    _inherit = "icloud.store"

    def _store_ours(self, calendar, found):
        """Refresh what we know of our own copies that were found, the buried ones among them.

        What differs from what we sent becomes due: the push reads it, puts it back, and tells.

        :param found: all that was found; what is not ours and stands where no copy of ours should
            be is passed over
        """
        uids = [each.our_uid for each in found if each.our_uid]
        # Of what PostgreSQL cannot hold no copy has the name.
        hrefs = [each.href for each in found if each.reading and storable(each.href) == each.href]
        copies = self.env["icloud.event"].search(
            Domain("origin", "=", "odoo")
            & (
                (Domain("account_id", "=", calendar.account_id.id) & Domain("uid", "in", uids))
                | (Domain("calendar_id", "=", calendar.id) & Domain("href", "in", hrefs))
            )
        )
        by_uid = {copy.uid: copy for copy in copies}
        by_href = {copy.href: copy for copy in copies if copy.calendar_id == calendar}
        for each in found:
            if copy := by_uid.get(each.our_uid):
                self._store_copy(copy, each)
            elif each.reading and each.href in by_href:
                self._store_emptied(by_href[each.href], each)

    def _store_copy(self, copy, found):
        if copy.wanted == "absent" and copy._is_done():
            copy._reappeared(found.href, found.etag)
            return
        if copy.href != found.href:
            copy._found_at(found.href)
        if copy.wanted == "absent":
            return
        copy._travel(found.ours.travel)
        if copy.pushed_fingerprint == found.fingerprint:
            if copy.etag != found.etag:
                copy.outcome_id.etag = found.etag
        elif copy.pushed_revision:
            copy._put_back(etag=found.etag)

    def _store_emptied(self, copy, found):
        """Where it stood is something else now, or an event without a name of ours."""
        if copy.wanted == "present" and copy.pushed_revision:
            copy._put_back(etag=found.etag)

    def _store_ours_removed(self, rows):
        """Copies that are gone from iCloud: what is wished there is put back."""
        for row in rows:
            if row.wanted == "present":
                row._put_back(etag=False)
