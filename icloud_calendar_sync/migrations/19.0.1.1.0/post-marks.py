"""Imported events get to know that they were marked free; the next look reads them all again."""


def migrate(cr, _version):
    cr.execute(
        """
        UPDATE calendar_event SET icloud_free = TRUE
         WHERE icloud_origin_id IS NOT NULL AND show_as = 'free'
        """
    )
