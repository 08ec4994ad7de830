"""Where Odoo's own test command finds the tests beside OCA's queue_job."""

from odoo.addons.icloud_calendar_sync.tests import repository

globals().update(repository.modules_of(__name__, only="queue"))
