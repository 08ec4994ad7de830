"""`make demo-check`: does what the demo's reader would do, and says whether it worked.

`--pictures FOLDER` also keeps pictures of it.
"""

import argparse
import sys
import time
from pathlib import Path

from playwright.sync_api import Error as BrowserError

from devtools import paths
from devtools.demo import __main__ as demo
from devtools.demo.browser import browser, save_picture
from devtools.demo.rpc import RpcError
from devtools.demo.salon import Salon
from devtools.demo.steps import Walk
from devtools.ports import free_port


def walk_through(walk: Walk) -> bool:
    """Take each step and print its proof; False at the first that fails."""
    begin = time.monotonic()
    for number, step in enumerate(walk.steps(), 1):
        title = step.__doc__.strip()
        try:
            proof = step()
        except (AssertionError, BrowserError, LookupError, RpcError, ValueError) as error:
            print(f"✗ {number:2} {title}\n      {error}", flush=True)
            _keep_evidence(walk)
            return False
        print(f"✓ {number:2} {title}\n      {proof}", flush=True)
    print(f"\nThe main job works, end to end ({time.monotonic() - begin:.0f} s).")
    return True


def _keep_evidence(walk: Walk) -> None:
    for number, page in enumerate(walk.pages(), 1):
        path = paths.LOGS / f"demo-check-{number}.png"
        save_picture(page, path)
        print(f"      what the browser showed: {path}")
    print(f"      what Odoo said: {walk.salon.odoo.log}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    pictures = parser.parse_args().pictures

    def check(salon: Salon) -> int:
        with browser() as chromium:
            return 0 if walk_through(Walk(salon, chromium, pictures)) else 1

    return demo.run(check, demo.port(free_port()), when_stopped=130)


if __name__ == "__main__":
    sys.exit(main())
