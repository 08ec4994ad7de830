"""Booking pages and iCloud sync for Odoo 19; docs/design.md is the map."""

from . import controllers, log_filter, models, uninstall, wizards

log_filter.install()


def uninstall_hook(env):
    """Nothing of ours stays, in other models neither; what stands in iCloud does."""
    uninstall.leave_nothing(env)
