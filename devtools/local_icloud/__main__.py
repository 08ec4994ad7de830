"""The command: the local iCloud alone, for the demo, for other processes and for people."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence

from .cloud import LocalICloud
from .faults.faults import FAULTS


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    accounts = dict(options.account or [("anna@example.com", "abcd-efgh-ijkl-mnop")])
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    cloud = LocalICloud(
        accounts,
        options.fault,
        port=options.port,
        partition_port=options.partition_port,
        control_port=options.control_port,
        folder=options.folder,
    )
    with cloud:
        print(f"iCloud     {cloud.url}")
        print(f"partition  {cloud.partition_url}/")
        print(f"control    {cloud.control_url}")
        for email, password in accounts.items():
            print(f"account    {email} {password}")
        print(f"ICLOUD_CALDAV_URL={cloud.url} ICLOUD_CALDAV_HOSTS={','.join(sorted(cloud.hosts))}")
        print("Ctrl-C stops it.", flush=True)
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="devtools/icloud", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the front host; 0 takes a free one")
    parser.add_argument("--partition-port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--account", type=_account, action="append", metavar="EMAIL:APP-PASSWORD")
    parser.add_argument("--fault", action="append", default=[], choices=sorted(FAULTS))
    parser.add_argument("--folder", help="where to keep the calendars; a temporary one by default")
    return parser


def _account(text: str) -> tuple[str, str]:
    email, _, password = text.partition(":")
    if "@" not in email or not password:
        raise argparse.ArgumentTypeError("an account is EMAIL:APP-PASSWORD")
    return email, password


if __name__ == "__main__":
    raise SystemExit(main())
