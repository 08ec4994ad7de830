"""Fields that read differently for whoever may not see what stands in them.

Odoo masks private events by overwriting the cache, which all users of a transaction share: what a
colleague read is then what code with all rights reads, and the other way round. Here the cache
keeps the truth, and each look at it is judged.
"""

from odoo import fields
from odoo.tools import SQL


class _Veiled:
    """A field of a model with a field `is_veiled`: empty where that is set, but for code."""

    def __get__(self, records, owner=None):
        value = super().__get__(records, owner)
        if records is None or records.env.su or not _may_be_veiled(records):
            return value
        veiled = records.filtered("is_veiled")
        return self._without(records, veiled, value) if veiled else value

    def _without(self, records, veiled, value):  # noqa: ARG002
        """What is left of a value when some of the records are veiled."""
        return False


def _may_be_veiled(records):
    """Whether there is anything to ask: most events are no session, and the cache knows it."""
    kind_of = records._fields["booking_type_id"]._get_cache(records.env)
    # What is new may stand for a session in a form, whatever it says itself.
    return any(not each or kind_of.get(each, True) is not None for each in records._ids)


class VeiledChar(_Veiled, fields.Char):
    pass


class VeiledHtml(_Veiled, fields.Html):
    pass


class VeiledReference(_Veiled, fields.Many2oneReference):
    pass


class VeiledName(VeiledChar):
    """Everybody may know that the time is taken."""

    def _without(self, records, veiled, value):  # noqa: ARG002
        return records.env._("Booked")


class _VeiledRows(_Veiled):
    def _without(self, records, veiled, value):
        shown = records - veiled
        return self.__get__(shown) if shown else value.browse()


class VeiledOne2many(_VeiledRows, fields.One2many):
    pass


class VeiledMany2many(_VeiledRows, fields.Many2many):
    pass


class VeiledMany2one(_VeiledRows, fields.Many2one):
    pass


class VeiledPartners(_Veiled, fields.Many2many):
    """Whose calendar it stands in is no secret among colleagues; who comes from outside is."""

    def _without(self, records, veiled, value):  # noqa: ARG002
        everybody = fields.Many2many.__get__(self, veiled)
        hidden = everybody.sudo().filtered("partner_share")  # A flag, no more.
        shown = records - veiled
        colleagues = everybody - hidden.with_env(everybody.env)
        return self.__get__(shown) | colleagues if shown else colleagues


class VeiledMeetings(fields.Many2many):
    """Meetings of partners: of customers, those alone that one may see."""

    def __get__(self, records, owner=None):
        value = super().__get__(records, owner)
        if records is None or records.env.su or not any(records.sudo().mapped("partner_share")):
            return value
        return value - value.filtered("is_veiled")

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        """Extended: who searches customers by their meetings would learn whose a session is.

        Here, and not in `_search`: Odoo joins the contacts of users, and of whatever else says
        `bypass_search_access`, without searching contacts.
        """
        found = super().condition_to_sql(field_expr, operator, value, model, alias, query)
        if model.env.su:
            return found
        return SQL("(%s AND %s)", found, is_colleague_sql(model, alias, query))


def is_colleague_sql(partners, alias, query):
    """The condition that a row of contacts is nobody from outside."""
    return SQL("%s IS NOT TRUE", partners._field_to_sql(alias, "partner_share", query))
