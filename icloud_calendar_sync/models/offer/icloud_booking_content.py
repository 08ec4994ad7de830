from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL


class ICloudBookingContent(models.AbstractModel):
    """What takes time: a booking type's session, or one service of a menu."""

    _name = "icloud.booking.content"
    _description = "Duration, buffers and rooms"

    duration = fields.Integer(default=30, required=True, help="Minutes.")
    buffer_before = fields.Integer(help="Minutes kept free before each booking.")
    buffer_after = fields.Integer(help="Minutes kept free after each booking.")
    # Each model gives its own tables; two relations of one model never share one.
    room_ids = fields.Many2many(
        "resource.resource",
        relation="icloud_booking_content_room_rel",
        string="Rooms",
        domain="[('resource_type', '=', 'material')]",
        check_company=True,
        help="One of them must be free.",
    )
    equipment_ids = fields.Many2many(
        "resource.resource",
        relation="icloud_booking_content_equipment_rel",
        domain="[('resource_type', '=', 'material')]",
        check_company=True,
        help="All of it must be free.",
    )

    _positive_duration = models.Constraint(
        "CHECK(duration BETWEEN 1 AND 1440)", "A duration is between 1 minute and 24 hours."
    )
    _bounded_buffers = models.Constraint(
        "CHECK(buffer_before BETWEEN 0 AND 1440 AND buffer_after BETWEEN 0 AND 1440)",
        "A buffer is between 0 minutes and 24 hours.",
    )

    def _pools(self):
        """{record id: ((resource id, …), …)}, of each pool one must be free."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "%s UNION ALL %s ORDER BY name, id",
                self._resources("room_ids", SQL("FALSE")),
                self._resources("equipment_ids", SQL("TRUE")),
            )
        )
        rooms, equipment = defaultdict(list), defaultdict(list)
        for content_id, is_equipment, resource_id, is_active, _name in rows:
            # What was archived is never free: a pool of nothing lets no start through.
            free = (resource_id,) if is_active else ()
            if is_equipment:
                equipment[content_id].append(free)
            else:
                rooms[content_id] += free
        return {
            content_id: (
                *([tuple(rooms[content_id])] if content_id in rooms else ()),
                *equipment[content_id],
            )
            for content_id in self.ids
        }

    def _resources(self, name, is_equipment):
        field = self._fields[name]
        return SQL(
            """
            SELECT content.%s, %s, resource.id, resource.active, resource.name
              FROM %s content JOIN resource_resource resource ON resource.id = content.%s
             WHERE content.%s = ANY(%s)
            """,
            SQL.identifier(field.column1),
            is_equipment,
            SQL.identifier(field.relation),
            SQL.identifier(field.column2),
            SQL.identifier(field.column1),
            self.ids,
        )
