"""The set-up as a whole. Standard library only; `devtools/setup` starts it on a fitting Python."""

import sys
from concurrent.futures import ThreadPoolExecutor

from devtools.machine import odoo_source, venv
from devtools.steps import SetupError


def prepare() -> None:
    """Virtual environment and Odoo 19, both at once: each waits for the network by turns."""
    with ThreadPoolExecutor(1) as pool:
        odoo = pool.submit(odoo_source.find)
        venv.prepare()
        venv.point_at_odoo(odoo.result())


def main() -> int:
    try:
        prepare()
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    return 0
