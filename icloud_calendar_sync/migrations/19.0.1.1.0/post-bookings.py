"""Names from before: what no name may hold is taken out; old to-dos on overlaps can be solved."""

from odoo import SUPERUSER_ID, api
from odoo.addons.icloud_calendar_sync.models.booking import typed


def migrate(cr, _version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for table in ("icloud_booking", "icloud_booking_waiting"):
        cr.execute(f"SELECT id, customer_name, email FROM {table}")  # pylint: disable=sql-injection
        cleaned = [
            (typed.name(name) or email, row_id)
            for row_id, name, email in cr.fetchall()
            if typed.name(name) != name
        ]
        if cleaned:
            cr.executemany(f"UPDATE {table} SET customer_name = %s WHERE id = %s", cleaned)
    # Their words were those of the host's language: the English ones are found.
    kind = env.ref("icloud_calendar_sync.activity_overlap")
    cr.execute(
        "UPDATE mail_activity SET activity_type_id = %s"
        " WHERE res_model = 'icloud.booking' AND automated AND summary = 'Overlaps with iCloud'",
        [kind.id],
    )
