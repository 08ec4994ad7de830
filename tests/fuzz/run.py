"""One target, in the fuzzer's own environment: `python -m tests.fuzz.run TARGET options…`.

Only our own code is watched for new paths.
"""

import sys

import atheris

with atheris.instrument_imports(
    include=["icloud_calendar_sync.ical", "icloud_calendar_sync.icloud"]
):
    import tests.conftest  # noqa: F401 (lets the plain rooms be imported without Odoo)
    from tests.fuzz.targets import TARGETS, within_time


def main() -> None:
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    atheris.Setup([sys.argv[0], *options], lambda data: within_time(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
