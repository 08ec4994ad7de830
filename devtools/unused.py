"""Finds functions of ours that nobody calls: `python -m devtools.unused`; any finding fails.

For the addons a call by a test does not count; for the tools, which are there for tests, it does.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from vulture import Vulture

from devtools import paths

# Odoo and the standard library call these by their names or decorators.
DECORATORS = ["@api.*", "@http.route", "@route", "@public_route", "@private_route"]
HOOKS = [
    "init",
    "_compute_*",
    "_inverse_*",
    "_search_*",
    "_default_*",
    "migrate",
    "pre_init_hook",
    "post_init_hook",
    "uninstall_hook",
    # standard library: tzinfo, io, http.server, logging, classes
    "__init_subclass__",
    "fromutc",
    "readable",
    "readinto",
    "filter",
    "do_*",
    "log_message",
    # urllib3: its connections
    "_new_conn",
    # lxml: the target of a parser
    "doctype",
    # Radicale: its storage and its rights
    "_atomic_write",
    "_clean_history",
    "_update_history_etag",
    "authorization",
]
# Methods for people who call the addon over Odoo's external API (docs/design.md, section 4).
EXTERNAL_API = [
    "action_sync_now",
    "action_disconnect",
    "book",
    "book_series",
    "connect",
    "reschedule",
    "slots",
]
KINDS = {"function", "method", "property"}


def unused(scanned: Iterable[Path], reported: Iterable[Path]) -> list[str]:
    """The functions below `reported` whose names nothing below `scanned` mentions."""
    finder = Vulture(
        ignore_names=[*HOOKS, *EXTERNAL_API, *_named_outside_python()], ignore_decorators=DECORATORS
    )
    finder.scavenge([str(path) for path in scanned if path.exists()])
    roots = tuple(f"{path}/" for path in reported)
    return [
        f"{item.filename.relative_to(paths.ROOT)}:{item.first_lineno}: nobody calls {item.name}"
        for item in finder.get_unused_code()
        if item.typ in KINDS and str(item.filename).startswith(roots)
    ]


def _named_outside_python() -> set[str]:
    """Every identifier in the addons' views, data and scripts: they name methods."""
    files = (path for addon in paths.addons() for path in addon.rglob("*"))
    texts = (path.read_text() for path in files if path.suffix in {".xml", ".js"})
    return {word for text in texts for word in re.findall(r"\b[a-z_][a-z0-9_]{2,}\b", text)}


def main() -> int:
    tools = paths.ROOT / "devtools"
    found = unused(paths.addons(), paths.addons())
    found += unused([tools, paths.ROOT / "benchmarks", paths.ROOT / "tests"], [tools])
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
