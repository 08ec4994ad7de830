"""What is cleaned up before Odoo drops our tables, so that it leaves nothing of ours behind.

Odoo (`ir.model.data: _module_data_uninstall`) deletes records that came from our files, then
columns, then tables, one by one: it fails, and says so in the log, where rows still hold each other
(RESTRICT), and it knows nothing of what we made in other models.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from odoo.sql_db import db_connect
from odoo.tools import SQL, config
from psycopg2 import Error as DatabaseError

from . import operator_settings

_logger = logging.getLogger(__name__)

MODULE = "icloud_calendar_sync"

# Whoever is only ours gets this, so that nobody is left who may do nothing at all.
_KEEP_USERS = """
    INSERT INTO res_groups_users_rel (gid, uid)
    SELECT %(internal)s, rel.uid FROM res_groups_users_rel rel WHERE rel.gid = %(manager)s
    ON CONFLICT DO NOTHING
"""
# Names say who comes. What is left is a plain event of the host, named as the offer was.
_PLAIN_EVENTS = """
    UPDATE calendar_event event
       SET name = COALESCE(offer.name->>COALESCE(partner.lang, 'en_US'), offer.name->>'en_US', %s),
           booking_type_id = NULL
      FROM icloud_booking_type offer, res_users owner, res_partner partner
     WHERE offer.id = event.booking_type_id
       AND owner.id = event.user_id AND partner.id = owner.partner_id
"""
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
     WHERE contype = 'f' AND (conrelid = ANY(%(ours)s::regclass[])
                              OR confrelid = ANY(%(ours)s::regclass[]))
"""
# Of rows that are gone, which Odoo would look for; and those that other modules gave to what our
# models have of theirs (`mail.selection__icloud_booking__…`), which Odoo would leave behind.
_NAMES = """
    DELETE FROM ir_model_data data
     WHERE data.model = ANY(%(models)s)
        OR data.module <> %(module)s AND data.model = 'ir.model.fields.selection'
           AND data.res_id IN (SELECT selection.id FROM ir_model_fields_selection selection
                                 JOIN ir_model_fields field ON field.id = selection.field_id
                                WHERE field.model = ANY(%(models)s))
        OR data.module <> %(module)s AND data.model = 'ir.model.inherit'
           AND data.res_id IN (SELECT inherit.id FROM ir_model_inherit inherit
                                 JOIN ir_model model ON model.id = inherit.model_id
                                WHERE model.model = ANY(%(models)s))
        OR data.module <> %(module)s AND data.model = 'ir.model.fields'
           AND data.res_id IN (SELECT id FROM ir_model_fields WHERE model = ANY(%(models)s))
"""
# Odoo keeps a list of foreign keys, and takes none off it that stood on another's table.
_CONSTRAINTS = """
    DELETE FROM ir_model_constraint
     WHERE type = 'f' AND module IN (SELECT id FROM ir_module_module WHERE name = %(module)s)
"""


def leave_nothing(env) -> None:
    """Delete what we made in other models, and all rows of ours. Copies in iCloud stay there."""
    env["icloud.event"].search([])._forget()
    _delete_attachments(env)
    _delete_todos(env)
    _make_events_plain(env)
    _delete_own_resources(env)
    _keep_users(env)
    # The hash of a token, and limits that an operator changed.
    env["ir.config_parameter"].search([("key", "=like", f"{MODULE}.%")]).unlink()
    _empty_own_tables(env)
    others = _other_databases(env)
    env.cr.postcommit.add(lambda: _delete_key(others))


def _delete_attachments(env) -> None:
    # Each `booking.ics` carries a link; the mail that brought it may be gone.
    env.cr.execute(
        """
        SELECT attachment_id FROM message_attachment_rel rel
          JOIN mail_message message ON message.id = rel.message_id
         WHERE message.model LIKE 'icloud.%%'
         UNION
        SELECT id FROM ir_attachment
         WHERE res_model LIKE 'icloud.%%'
            OR name = 'booking.ics' AND (res_model = 'mail.message' OR res_model IS NULL)
        """
    )
    ids = [row[0] for row in env.cr.fetchall()]
    # What was already deleted with its message is no error.
    env["ir.attachment"].browse(ids).exists().unlink()
    env["mail.message"].search([("model", "=like", "icloud.%")]).unlink()


def _delete_todos(env) -> None:
    """Those about a mail template are about no record that would take them along."""
    names = [("module", "=", MODULE), ("model", "=", "mail.activity.type")]
    kinds = env["ir.model.data"].search(names).mapped("res_id")
    todos = env["mail.activity"].with_context(active_test=False)
    todos.search([("activity_type_id", "in", kinds)]).unlink()


def _make_events_plain(env) -> None:
    env.flush_all()
    env.cr.execute(_PLAIN_EVENTS, [env._("Booking")])
    # A session that has lost its host, too.
    env.cr.execute(
        "UPDATE calendar_event SET name = %s, booking_type_id = NULL"
        " WHERE booking_type_id IS NOT NULL",
        [env._("Booking")],
    )
    env.invalidate_all()


def _delete_own_resources(env) -> None:
    users = env["res.users"].with_context(active_test=False)
    resources = users.search([("booking_resource_id", "!=", False)]).booking_resource_id
    env.cr.execute("DELETE FROM icloud_booking_reservation")
    env.cr.execute("UPDATE res_users SET booking_resource_id = NULL")
    env.invalidate_all()
    resources.unlink()


def _keep_users(env) -> None:
    env.flush_all()
    env.cr.execute(
        _KEEP_USERS,
        {
            "internal": env.ref("base.group_user").id,
            "manager": env.ref(f"{MODULE}.group_booking_manager").id,
        },
    )
    env.invalidate_all()


def _empty_own_tables(env) -> None:
    env.flush_all()
    models = [model for model in env.registry.values() if model._original_module == MODULE]
    ours = sorted(_tables(models))
    env.cr.execute(_FOREIGN_KEYS, {"ours": ours})
    for table, name in env.cr.fetchall():
        env.cr.execute(
            SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name))
        )
    for table in ours:
        env.cr.execute(SQL("TRUNCATE %s", SQL.identifier(table)))
    env.cr.execute(_NAMES, {"models": [model._name for model in models], "module": MODULE})
    env.cr.execute(_CONSTRAINTS, {"module": MODULE})
    env.invalidate_all()


def _tables(models) -> Iterator[str]:
    for model in models:
        if not model._auto or model._abstract:
            continue
        yield model._table
        for field in model._fields.values():
            if field.type == "many2many" and field.store:
                yield field.relation


def _other_databases(env) -> list[str]:
    """Databases that live with this data folder: each has its files there."""
    folder = Path(config["data_dir"]) / "filestore"
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    env.cr.execute(
        "SELECT datname FROM pg_database WHERE datname = ANY(%s) AND datname <> %s",
        [names, env.cr.dbname],
    )
    return [row[0] for row in env.cr.fetchall()]


def _delete_key(others: list[str]) -> None:
    """The file goes with the last database that stored passwords with it."""
    path = operator_settings.key_path()
    if path.exists() and not any(_may_need_key(name) for name in others):
        path.unlink(missing_ok=True)
        _logger.info("The key of stored passwords is deleted with the last that used it.")


def _may_need_key(dbname: str) -> bool:
    try:
        with db_connect(dbname).cursor() as cr:
            cr.execute(
                "SELECT FROM information_schema.columns"
                " WHERE table_name = 'icloud_account' AND column_name = 'secret'"
            )
            return bool(cr.rowcount)
    except DatabaseError:
        return True  # Losing a key costs every user a reconnect: in doubt it stays.
