"""Lets Odoo's test classes be collected here, outside the addon.

Odoo gives `test_tags` only to classes of modules named `odoo.addons.*`, and pytest-odoo reads it of
every class. "standard" also arms Odoo's block on requests to other machines.
"""

from odoo.tests.common import BaseCase

BaseCase.test_tags = {"standard", "at_install"}
