from collections.abc import Callable
from datetime import date

from odoo import api, fields, models
from odoo.orm.model_classes import is_model_class
from odoo.tools import SQL, ormcache

# Addons of Odoo whose code does nothing with what is stored in silence (`models/calendar/quiet`):
# each was read, and those that can be installed here are tested. `_is_read` says what is asked of
# all others.
_READ = {
    *("base", "base_sparse_field", "bus", "calendar", "calendar_sms", "crm", "google_calendar"),
    *("hr", "hr_calendar", "hr_holidays", "hr_recruitment", "html_editor", "mail", "mass_mailing"),
    *("microsoft_calendar", "phone_validation", "portal", "queue_job", "rating", "resource", "sms"),
    *("snailmail", "transifex", "web", "web_hierarchy", "website"),
}
_OURS = "icloud_calendar_sync"
# Of fewer, what is asked for the first costs more than the ORM for the others.
_FEWEST = 5
_ORM = ("odoo.orm.", "odoo.models")


class ICloudCopies(models.AbstractModel):
    """Stores many rows as copies of one that the ORM has made, where that comes to the same.

    The ORM takes longer for a row than its file does to read. So it makes the first, with all that
    any addon does for it, and the others are copies of it with other values in a few columns. That
    is the same only if no code would have treated the others differently: `_are_alike` asks the
    registry, and whoever is told no goes on through the ORM.
    """

    _name = "icloud.copies"
    _description = "Rows that are copies of one"

    @api.model
    def _may_copy(self, count, given):
        """Whether so many rows are to be copies, and may be: see `_are_alike`."""
        return count >= _FEWEST and self._are_alike(given)

    @api.model
    def _are_alike(self, given):
        """Whether rows of these models are the same, made or changed by SQL or by the ORM.

        :param given: {model's name: names of the columns that differ between the copies, each with
            what follows from it}
        """
        asked = tuple((name, tuple(sorted(columns))) for name, columns in sorted(given.items()))
        return all(self._is_unpatched(name) for name in given) and self._is_all_read(asked)

    @api.model
    def _insert(self, template, columns):
        """Copies of a row, in the order of the values.

        :param template: one record, flushed
        :param columns: {name of a stored field: its values as for `create`, one for each copy}
        :return: the new records; nothing of them is in the cache
        """
        model, given = template.browse(), tuple(columns)
        stored = [field for field in model._fields.values() if field.store and field.column_type]
        copied = [field.name for field in stored if field.name not in {"id", *given}]
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO %(table)s (%(given)s, %(copied)s)
                SELECT %(values)s, %(templates)s
                  FROM %(table)s template,
                       unnest(%(arrays)s) WITH ORDINALITY AS copy(%(given)s, nth)
                 WHERE template.id = %(id)s
                 ORDER BY copy.nth
                RETURNING id
                """,
                table=SQL.identifier(model._table),
                given=_names(given),
                copied=_names(copied),
                values=_names(given, "copy"),
                templates=_names(copied, "template"),
                arrays=SQL(", ").join(_array(model, *column) for column in columns.items()),
                id=template.id,
            )
        )
        return model.browse(new_id for (new_id,) in rows)

    @api.model
    def _insert_links(self, template, copies):
        """Give copies the many2many rows of their template."""
        for field in template._fields.values():
            if field.type != "many2many" or not field.store or not template[field.name]:
                continue
            names = {
                "relation": SQL.identifier(field.relation),
                "one": SQL.identifier(field.column1),
                "other": SQL.identifier(field.column2),
            }
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO %(relation)s (%(one)s, %(other)s)
                    SELECT copy.id, link.%(other)s
                      FROM %(relation)s link, unnest(%(ids)s) AS copy(id)
                     WHERE link.%(one)s = %(template)s
                    """,
                    ids=copies.ids,
                    template=template.id,
                    **names,
                )
            )

    @api.model
    def _update(self, records, columns):
        """Give rows other values, and all that follows from them.

        :param columns: {name of a stored field: its values as for `write`, one for each record}
        """
        records.flush_recordset()
        names = tuple(columns)
        converted = [
            [records._fields[name].convert_to_column_insert(value, records) for value in values]
            for name, values in columns.items()
        ]
        rows = zip(*converted, strict=True)
        records._write_multi([dict(zip(names, row, strict=True)) for row in rows])
        records.invalidate_recordset(flush=False)

    # -- whether it comes to the same ----------------------------------------------------------

    @api.model
    def _is_unpatched(self, name):
        """Whether the model's methods are those of its addons' files: automation rules are not."""
        for each in type(self.env[name]).__mro__:
            if is_model_class(each) and not all(map(_is_read, _functions(each).values())):
                return False
        return True

    @api.model
    @ormcache("asked")
    def _is_all_read(self, asked):
        names = {name for name, _columns in asked}
        return all(self._is_model_read(name) for name in names) and not any(
            self._has_unread_dependents(name, {**dict(asked)}) for name in names
        )

    def _is_model_read(self, name):
        """Whether no unread addon has a word in how rows of this model are stored."""
        model = type(self.env[name])
        definitions = [each for each in model.__mro__ if not is_model_class(each)]
        unread = [each for each in definitions if not _is_read(each)]
        known = {key for each in definitions if each not in unread for key in vars(each)}
        for each in unread:
            for key, function in _functions(each).items():
                if key in known or hasattr(function, "_constrains"):
                    return False
        return all(map(_is_plain, self.env[name]._fields.values()))

    def _has_unread_dependents(self, name, given):
        """Whether anything stored follows from these rows that whoever gives them cannot know."""
        for field in self.env[name]._fields.values():
            if not field.store:
                continue
            for dependent in self.env.registry.get_dependent_fields(field):
                if not dependent.store:
                    continue
                is_given = dependent.name in given.get(dependent.model_name, ())
                if dependent.model_name in given:
                    follows = field.name in given[name] and not is_given
                else:
                    follows = not _is_addon_read(dependent._modules[:1])
                if follows:
                    return True
        return False


def _array(model, name, values):
    """The values of a column as an array of PostgreSQL's."""
    field = model._fields[name]
    convert, kind = field.convert_to_column_insert, field.column_type[0]
    if kind == "jsonb":
        return SQL("%s::jsonb[]", [convert(value, model) for value in values])
    # As one text: for an ARRAY[…] psycopg2 quotes, and PostgreSQL parses, one by one. In most
    # columns only a few values differ.
    elements = {value: _element(convert(value, model)) for value in set(values)}
    return SQL("%s::%s[]", f"{{{','.join(elements[value] for value in values)}}}", SQL(kind))


def _element(value):
    """A column's value in the text of an array (PostgreSQL's manual, section 8.15.2)."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else value
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _names(names, table=None):
    return SQL(", ").join(
        SQL.identifier(table, name) if table else SQL.identifier(name) for name in names
    )


def _functions(model_class):
    """{name: function} of what a class defines itself."""
    found = {}
    for name, value in vars(model_class).items():
        function = getattr(value, "__func__", value)  # of a class method
        function = getattr(function, "fget", function)  # of a property
        is_code = isinstance(function, Callable) and not isinstance(function, type | fields.Field)
        if is_code and not (name.startswith("__") and name.endswith("__")):
            found[name] = function
    return found


def _is_read(code):
    """Whether a function or class stands in a file of Odoo's ORM, of a known addon, or of ours."""
    origin = getattr(code, "__module__", None) or ""
    parts = origin.split(".")
    if parts[:2] == ["odoo", "addons"] and len(parts) > 2:
        return _is_addon_read(parts[2:3])
    return origin.startswith(_ORM)


def _is_addon_read(addons):
    return all(addon in _READ or addon.startswith(_OURS) for addon in addons)


def _is_plain(field):
    """Whether a copy of the column is what the ORM would have put there."""
    if not field.manual and _is_addon_read(field._modules):
        return True
    is_own = field.manual or not _is_addon_read(field._modules[:1])
    says_something = field.compute or field.default is not None or field.inverse
    return is_own and not (field.store and says_something)
