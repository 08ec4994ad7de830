"""Whoever manages bookings makes rooms, equipment and schedules for them, no more.

Employees' names and hours are those of their resources and schedules: others decide there. Not
record rules: one for the group of booking managers would bind HR officers who are in it, too.

The resource by which a host's time is reserved is code's alone: whoever archived it, deleted it or
handed it to another user would sell the host's time a second time.
"""

from odoo import api, models
from odoo.exceptions import AccessError

_MANAGER = "icloud_calendar_sync.group_booking_manager"


def _only_for_bookings(records, operation):
    """Whether who acts may do this as a manager of bookings, and for no other reason."""
    env = records.env
    if env.su or not env.user.has_group(_MANAGER):
        return False
    groups = env.user.all_group_ids - env.ref(_MANAGER)
    # sudo: one's own groups' rights.
    others = env["ir.model.access"].sudo()
    allowed = [("model_id.model", "=", records._name), (f"perm_{operation}", "=", True)]
    return not others.search_count([*allowed, ("group_id", "in", [False, *groups.ids])], limit=1)


# What a host is called and works by is no matter of bookings.
_OPEN_OF_HOSTS = {"name", "calendar_id", "time_efficiency"}


class ResourceResource(models.Model):
    _name = "resource.resource"
    # What was a room before it was written is a room afterwards.
    _inherit = ["resource.resource", "icloud.company.bound"]

    def write(self, vals):
        if not self.env.su and vals.keys() - _OPEN_OF_HOSTS and (hosts := self._of_hosts()):
            raise AccessError(hosts._words_for_hosts())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_hosts(self):
        if not self.env.su and (hosts := self._of_hosts()):
            raise AccessError(hosts._words_for_hosts())

    def _of_hosts(self):
        """Those by which hosts' time is reserved."""
        # sudo: only that there are hosts is told, not who.
        users = self.env["res.users"].sudo().with_context(active_test=False)
        return users.search([("booking_resource_id", "in", self.ids)]).booking_resource_id

    def _of_bookings(self):
        """The rooms and equipment among these that bookings need."""
        needed = set()
        for model in ("icloud.booking.type", "icloud.booking.service"):
            # sudo: whether it is needed, also by another company, no more.
            offers = self.env[model].sudo().with_context(active_test=False)
            found = offers.search(
                ["|", ("room_ids", "in", self.ids), ("equipment_ids", "in", self.ids)]
            )
            needed |= {*found.room_ids._ids, *found.equipment_ids._ids}
        return self.filtered(lambda resource: resource.id in needed)

    def _words_for_hosts(self):
        return self.env._("The time of a host is reserved by this: only Odoo itself changes it.")

    def _check_access(self, operation):
        """Extended: see above."""
        refused = super()._check_access(operation)
        if refused or operation == "read" or not _only_for_bookings(self, operation):
            return refused
        # Absences are those of its user, whatever type it has.
        people = self.sudo().filtered(
            lambda resource: resource.resource_type == "user" or resource.user_id
        )
        words = self.env._("Only rooms and equipment can be changed here.")
        return (self.browse(people.ids), lambda: AccessError(words)) if people else None


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _check_access(self, operation):
        """Extended: see above."""
        refused = super()._check_access(operation)
        is_harmless = operation in ("read", "create")
        if refused or is_harmless or not _only_for_bookings(self, operation):
            return refused
        return self._refuse_hours_of_others()

    def _refuse_hours_of_others(self):
        """As `_check_access`: another company's schedules, and those by which people work."""
        # Odoo has no rule on whose schedules these are. sudo: only that they are another company's.
        own = self.env.user.company_ids & self.env.companies
        foreign = self.sudo().filtered(lambda each: each.company_id and each.company_id not in own)
        if foreign:
            words = self.env._("Another company works by this schedule.")
            return self.browse(foreign.ids), lambda: AccessError(words)
        # sudo: only that there are people is told, not who.
        of_people = [("calendar_id", "in", self.ids), ("resource_type", "=", "user")]
        theirs = self.env["resource.resource"].sudo().search(of_people).calendar_id
        words = self.env._("People work by this schedule: make a copy of it for your bookings.")
        return (self.browse(theirs.ids), lambda: AccessError(words)) if theirs else None


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "icloud.company.bound"]

    def _check_access(self, operation):
        """Extended: see above."""
        refused = super()._check_access(operation)
        if refused or operation == "read" or not _only_for_bookings(self, operation):
            return refused
        # sudo: the lines of a schedule are as much its users' as the schedule.
        theirs = self.sudo().calendar_id._refuse_hours_of_others()
        if not theirs:
            return None
        return self.filtered(lambda line: line.calendar_id in theirs[0]), theirs[1]


class ResourceCalendarLeaves(models.Model):
    """Absences that are written stay one's own: handed on, they would close another's hours.

    To Odoo a room is nobody's, and anybody inside may say that it is away. Where bookings need the
    room, that closes them: it is for those who may change the room.
    """

    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "icloud.company.bound"]

    def _check_access(self, operation):
        """Extended: see above."""
        refused = super()._check_access(operation)
        if refused or operation == "read" or self.env.su:
            return refused
        # sudo: which rooms they are; what the user may do with these is asked of the user.
        rooms = self.sudo().resource_id.sudo(False)._of_bookings()
        closed = rooms - rooms._filtered_access("write")
        theirs = self.sudo().filtered(lambda leave: leave.resource_id.id in closed._ids)
        words = self.env._("Bookings need this room or equipment: others say when it is away.")
        return (self.browse(theirs.ids), lambda: AccessError(words)) if theirs else None
