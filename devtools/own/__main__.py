"""`make test-odoo-own`: Odoo's own tests with the addon and without, and the difference.

A test of Odoo's that fails on this machine anyway is none of our making; one that fails with the
addon alone is. Takes about twenty minutes.
"""

import sys

from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.own import queries, suites
from devtools.steps import SetupError, step

MODULES = (
    "calendar",
    "resource",
    "portal",
    "hr",
    "hr_holidays",
    "crm",
    "google_calendar",
    "microsoft_calendar",
    "calendar_sms",
)


def main() -> int:
    with postgres.start() as server:
        databases = Databases(server)
        results, counts = {}, {}
        for name, side in suites.sides(MODULES).items():
            with step(f"Odoo's own tests {name}"):
                results[name] = suites.run(databases, side, MODULES)
            counts[name] = queries.count(databases, side)
            print(suites.summary(results[name]), flush=True)
    for text in queries.lines(counts["without us"], counts["with us"]):
        print(text)
    ours = suites.difference(results["without us"], results["with us"])
    print(*ours or ["Odoo's own tests fail with us where they fail without us, and nowhere else."])
    return 1 if ours else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as error:
        sys.exit(str(error))
