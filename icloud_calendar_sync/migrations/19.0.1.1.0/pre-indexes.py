"""Indexes of whole UIDs and hrefs give way to those of their hashes, which take any length."""


def migrate(cr, _version):
    cr.execute("ALTER TABLE icloud_event DROP CONSTRAINT IF EXISTS icloud_event_href_uniq")
    cr.execute("ALTER TABLE icloud_calendar DROP CONSTRAINT IF EXISTS icloud_calendar_href_uniq")
    cr.execute("DROP INDEX IF EXISTS icloud_event__uid_index")
