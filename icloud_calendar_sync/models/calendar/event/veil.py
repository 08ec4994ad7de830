import itertools
from collections.abc import Set

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..veiled_fields import (
    VeiledChar,
    VeiledHtml,
    VeiledMany2many,
    VeiledMany2one,
    VeiledName,
    VeiledOne2many,
    VeiledPartners,
    VeiledReference,
)

# What colleagues may know of a session, besides what Odoo tells them of private events: that the
# time is taken, whose it is, and what it takes from the engine.
_ALWAYS_SHOWN = {
    "booking_type_id",
    "busy_start",
    "busy_stop",
    "create_date",
    "create_uid",
    "current_attendee",
    "current_status",
    "display_name",
    "display_time",
    "effective_privacy",
    "follow_recurrence",
    "icloud_origin_id",
    "icloud_recurrence_id",
    "icloud_travel",
    "is_highlighted",
    "is_veiled",
    "recurrence_update",
    "recurrency",
    "res_model",
    "res_model_id",
    "res_model_name",
    "seats",
    "seats_taken",
    "user_can_edit",
    "write_date",
    "write_uid",
}
# Shown, but to be asked for like what is veiled.
_NOT_SEARCHED = {"display_name"}


class CalendarEvent(models.Model):
    """What colleagues see of a session that they may not see: “Booked”.

    Customers' names, places and notes stay with the session, where mails, the copies in iCloud and
    other calendar services find them; a user who may not see the bookings reads none of them, and
    finds, sorts or groups nothing by them. Every column that is not known to be harmless is one
    that tells.
    """

    _inherit = "calendar.event"

    is_veiled = fields.Boolean(compute="_compute_is_veiled")

    name = VeiledName()
    location = VeiledChar()
    description = VeiledHtml()
    notes = VeiledHtml()
    videocall_location = VeiledChar()
    videocall_channel_id = VeiledMany2one()
    access_token = VeiledChar()
    partner_ids = VeiledPartners()
    attendee_ids = VeiledOne2many()
    invalid_email_partner_ids = VeiledMany2many()
    unavailable_partner_ids = VeiledMany2many()
    message_ids = VeiledOne2many()
    message_follower_ids = VeiledOne2many()
    message_partner_ids = VeiledMany2many()
    website_message_ids = VeiledOne2many()
    res_id = VeiledReference()
    activity_ids = VeiledOne2many()
    alarm_ids = VeiledMany2many()
    categ_ids = VeiledMany2many()

    @api.depends("booking_type_id", "user_id", "partner_ids", "booking_ids.user_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_veiled(self):
        self.is_veiled = False
        if not self.env.su:
            self._hidden_from_user().is_veiled = True

    @api.model
    def _get_public_fields(self):
        # Also of a private event: what it is decides who is asked.
        return super()._get_public_fields() | {
            "booking_type_id",
            "icloud_origin_id",
            "is_veiled",
        }

    @api.model
    def _get_custom_fields(self):
        """Replaced: Odoo has all fields described for this, several times for each event."""
        return {
            name
            for name, field in self._fields.items()
            if field.manual and self._has_field_access(field, "read")
        }

    @api.model
    def _always_shown(self):
        return self._get_public_fields() | _ALWAYS_SHOWN

    @api.model
    def _tells(self, field_expr):
        """Whether what is asked for by this field, or path, would tell what is veiled."""
        name = field_expr.split(".")[0]
        return not self.env.su and (name in _NOT_SEARCHED or name not in self._always_shown())

    # -- searching -----------------------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain).map_conditions(self._unveiling)
        return super()._search(domain, *args, **kwargs)

    def _unveiling(self, condition):
        """A condition that only holds for what the user may see."""
        if not self._tells(condition.field_expr):
            return condition
        return condition & self._may_see_domain() | self._in_calendars_of(condition)

    def _may_see_domain(self):
        self._flush_rights()
        return Domain.custom(
            to_sql=lambda model, alias, _query: model._may_see_sql(alias),
            predicate=lambda event: not event.is_veiled,
        )

    def _in_calendars_of(self, condition):
        """The calendars of colleagues show that their time is taken: `partner_ids` finds it."""
        if condition.field_expr != "partner_ids" or condition.operator not in ("in", "="):
            return Domain.FALSE
        asked = [condition.value] if condition.operator == "=" else condition.value
        if not isinstance(asked, Set | list | tuple):
            return Domain.FALSE  # A query of some code, not what a calendar asks.
        ids = [each for each in asked if isinstance(each, int) and not isinstance(each, bool)]
        # sudo: whether a partner is a colleague, no more.
        colleagues = self.env["res.partner"].sudo().browse(ids).exists()
        return Domain("partner_ids", "in", colleagues.filtered(lambda p: not p.partner_share).ids)

    @api.model
    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if not self._tells(field_name):
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if self._fields[field_name.split(".")[0]].type == "many2one":
            return SQL()  # Its order is that of another table's columns.
        self._flush_rights()
        value = self._field_to_sql(alias, field_name, query)
        shown = SQL("CASE WHEN %s THEN %s END", self._may_see_sql(alias), value)
        query._order_groupby.append(shown)
        return SQL("%s %s %s", shown, direction, nulls)

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        asked = [condition[0] for condition in having if isinstance(condition, list | tuple)]
        domain = self._unveiled_groups(domain, [*groupby, *aggregates, *asked])
        return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        asked = [*itertools.chain(*grouping_sets), *aggregates]
        domain = self._unveiled_groups(domain, asked)
        return super()._read_grouping_sets(domain, grouping_sets, aggregates, order)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Extended: others group their rows by an event's columns without searching events."""
        value = super()._read_group_groupby(alias, groupby_spec, query)
        if not self._tells(groupby_spec.split(":")[0]):
            return value
        self._flush_rights()
        return SQL("CASE WHEN %s THEN %s END", self._may_see_sql(alias), value)

    def _unveiled_groups(self, domain, specs):
        # As Odoo does it for private events: what may not be seen is in no group.
        names = {spec.split(":")[0] for spec in specs} - {"__count"}
        if any(map(self._tells, names)):
            return Domain(domain) & self._may_see_domain()
        return domain

    # -- names ---------------------------------------------------------------------------------

    @api.depends("booking_type_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if self.env.su:
            # What code reads with all rights may end up before anybody: links to a session, the
            # names of its activities and messages.
            self.filtered("booking_type_id").display_name = self.env._("Booked")
        return result

    def _compute_user_can_edit(self):
        result = super()._compute_user_can_edit()
        sessions = self.browse() if self.env.su else self.filtered("booking_type_id")
        closed = sessions._closed_to_user()
        closed.user_can_edit = False
        # Odoo asks whether one attends; here one may have booked it, or look after all of them.
        (sessions - closed).user_can_edit = True
        return result

    # -- messages ------------------------------------------------------------------------------

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Extended: messages about a session are for whoever sees it, and those may answer."""
        result = super()._mail_get_operation_for_mail_message_operation(message_operation)
        asking = self.sudo(False)
        hidden = asking._hidden_from_user()
        if message_operation == "read":
            result.update((event, "write") for event in self if event.id in hidden._ids)
        elif message_operation == "create":
            sessions = self.sudo().filtered("booking_type_id")._ids  # That it is one, no more.
            seen = [each for each in self if each.id in sessions and each.id not in hidden._ids]
            result.update((event, "read") for event in seen)
        return result

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        # Followers are told of what is written later: nobody follows what they may not see.
        if not self.env.su:
            self._hidden_from_user().check_access("write")
        return super().message_subscribe(partner_ids, subtype_ids)
