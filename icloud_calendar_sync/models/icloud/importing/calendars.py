from odoo import fields, models


class ICloudCalendar(models.Model):
    """What the import keeps of a calendar beside what it read."""

    _inherit = "icloud.calendar"

    missed_at = fields.Datetime(
        help="When iCloud's listing did not have it for the first time; a second one confirms that."
    )
    is_guessed = fields.Boolean(
        help="Nobody ticked it: Connect took it as the primary calendar, until another is chosen."
    )
    failures = fields.Integer(help="Looks in a row in which it could not be read.")
    times_forgotten = fields.Integer(
        help="How often what was read was dropped: a look that began before knows nothing of that."
    )
    read_by = fields.Integer(
        help="Which of our readers has read all of it; a newer one does again."
    )
    zone = fields.Char(help="The host's zone when all of it was read.")
    copies_token = fields.Char(
        help="What the listing showed when the copies in a calendar that is not read were last due."
    )
