"""`make demo`: the whole product on real parts, until Ctrl-C."""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta

from devtools.demo import events
from devtools.demo.salon import LEA, MARA, PASSWORDS, Salon, running
from devtools.machine.parent import end_with_make
from devtools.ports import LAST
from devtools.steps import SetupError

PORT = 8069
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

TEXT = """
  The demo is up:  {url}          Ctrl-C stops all of it.

  Logins           mara / mara     owner of the salon, connected to iCloud
                   jonas / jonas   connected to iCloud
                   lea / lea       not connected yet
                   admin / admin

  Connect iCloud   log in as lea → user menu → My Preferences → Integrations → Connect
                   e-mail                 {lea}
                   app-specific password  {password}

  Four things to try
  1. Book a haircut, best on a page as narrow as a phone:
       {url}/bookings/haircut
  2. See it in Mara's iCloud, a moment later:
       curl -s '{control}events?account={mara}&calendar=Home' | {print_values}
  3. Add a school run there, as her iPhone would:
       curl -s {control}put_event -d '{school_run}'
  4. Watch that time vanish from the page: Odoo reads iCloud every five minutes, and at once
     when Mara presses My Preferences → Integrations → Sync now. In her Odoo calendar the event
     has its title; Jonas sees “Busy”.

  One of each kind
       {url}/bookings/first-visit         round robin: any of three hosts
       {url}/bookings/wedding-styling     collective: two hosts, who approve it
       {url}/bookings/braiding-workshop   class: eight seats, a waiting list
       {url}/bookings/salon               service menu: staff, prices, a basin

  Every start begins afresh, with dates around today. No mail leaves this machine.
"""
PRINT_VALUES = "python3 -c 'import json, sys; print(*json.load(sys.stdin).values())'"


def text(salon: Salon) -> str:
    """What the reader needs to know."""
    start = events.at(events.working_day(1), 16)
    school_run = {
        "account": MARA,
        "calendar": "Home",
        "summary": "Pick John from school",
        "start": start.isoformat(),
        "stop": (start + timedelta(hours=1)).isoformat(),
    }
    return TEXT.format(
        url=salon.odoo.url,
        control=salon.cloud.control_url,
        lea=LEA,
        mara=MARA,
        password=PASSWORDS[LEA],
        school_run=json.dumps(school_run),
        print_values=PRINT_VALUES,
    )


def port(otherwise: int = PORT) -> int:
    """Where Odoo listens: DEMO_PORT, if it is set.

    :raise SystemExit: it is no port
    """
    chosen = os.environ.get("DEMO_PORT", "").strip() or str(otherwise)
    # Not isdecimal alone: that takes the digits of every script.
    if not (chosen.isascii() and chosen.isdecimal()) or not 0 < int(chosen) <= LAST:
        sys.exit(f"DEMO_PORT is {chosen}: it must be a number from 1 to {LAST}, like {PORT}")
    return int(chosen)


def run(work: Callable[[Salon], int], port: int, *, when_stopped: int = 0) -> int:
    """Do something with the salon; an exit code, plain words for what went wrong."""
    _stop_on_signals()
    end_with_make()
    try:
        with running(port) as salon:
            return work(salon)
    except SetupError as error:
        print(f"The demo cannot run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe demo has stopped.")
        return when_stopped


def _stop_on_signals() -> None:
    """The first signal ends the program in good order; no second one interrupts that."""

    def stop(*_signal: object) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in SIGNALS:
        signal.signal(number, stop)


def stay(salon: Salon) -> int:
    """Until somebody stops us."""
    print(text(salon), flush=True)
    code = salon.odoo.process.wait()
    print(f"Odoo ended by itself, with exit code {code}: see {salon.odoo.log}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(stay, port()))
