"""A booking type whose page was at /bookings/health gets another address: monitoring asks there."""


def migrate(cr, _version):
    cr.execute(
        """
        UPDATE icloud_booking_type SET slug = 'health-' || id
         WHERE slug = 'health'
        """
    )
