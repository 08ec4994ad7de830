"""`odoo icloud_rotate_keys -d DATABASE`: Odoo finds it by this file's name in the addons path."""

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class IcloudRotateKeys(Command):
    """Encrypt every stored app-specific password with the first key of ICLOUD_SYNC_KEY.

    Safe while Odoo runs, and to do again. Ends with 1 while there are passwords that no key opens.
    """

    name = "icloud_rotate_keys"

    def run(self, cmdargs):
        parser = self.parser
        parser.add_argument("-c", "--config", help="a configuration file")
        parser.add_argument("-d", "--database", help="the database, unless the file names one")
        options = parser.parse_args(cmdargs)
        arguments = ["--no-http"]
        if options.config:
            arguments += ["-c", options.config]
        if options.database:
            arguments += ["-d", options.database]
        config.parse_config(arguments, setup_logging=True)
        if len(config["db_name"]) != 1:
            parser.error("name one database with -d")
        with Registry(config["db_name"][0]).cursor() as cursor:
            env = Environment(cursor, SUPERUSER_ID, {})
            if "icloud.account" not in env:
                parser.error("icloud_calendar_sync is not installed in this database")
            try:
                counts = env["icloud.account"]._rotate_keys()
            except OSError as error:
                parser.exit(2, f"{error}\n")
        parser.exit(
            1 if counts["lost"] else 0,
            f"{counts['moved']} moved to the first key, {counts['current']} were under it already, "
            f"{counts['lost']} cannot be read with any key\n",
        )
