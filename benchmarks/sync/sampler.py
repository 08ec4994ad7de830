"""Where the time of our side goes: a look at all threads, every few milliseconds.

Coarse on purpose: it may run during a measurement (`PROFILE=1`), and what it costs is told. Python
3.11 has crashed under it once: it follows other threads' frames while those run (see the tracker of
CPython, 111363). So it never runs unless it is asked for.
"""

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from types import FrameType

from devtools import paths

EVERY_SECONDS = 0.005
MOST_SHOWN = 30
_OURS = f"{paths.ROOT}/icloud_calendar_sync"


class Samples:
    """How often which place was being worked at, innermost and within."""

    def __init__(self) -> None:
        self.count = 0
        self.innermost: Counter[str] = Counter()
        self.within: Counter[str] = Counter()

    def take(self, own: int) -> None:
        self.count += 1
        for thread, frame in sys._current_frames().items():
            if thread != own:
                self._add(frame)

    def _add(self, frame: FrameType) -> None:
        leaf, seen = f"{_module(frame)}", []
        while frame:
            if frame.f_code.co_filename.startswith(_OURS):
                seen.append(f"{_module(frame)}.{frame.f_code.co_name}")
            frame = frame.f_back
        if seen:
            self.innermost[f"{seen[0]} in {leaf}"] += 1
            self.within.update(set(seen))

    def __str__(self) -> str:
        lines = [f"  profile: {self.count} looks, the share of them in which a thread was there"]
        for title, counter in (("within", self.within), ("innermost", self.innermost)):
            lines.append(f"  {title}:")
            for place, count in counter.most_common(MOST_SHOWN):
                lines.append(f"  {count / self.count:7.1%} {place}")
        return "\n".join(lines)


def _module(frame: FrameType) -> str:
    name = frame.f_globals.get("__name__", "?")
    return name.removeprefix("odoo.addons.").removeprefix("icloud_calendar_sync.")


_samples = Samples()


@contextlib.contextmanager
def watching() -> Iterator[None]:
    """Look on while the block runs, if `PROFILE` is set."""
    if not os.environ.get("PROFILE"):
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(_samples, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def told() -> str:
    """What was seen since this was asked last; "" where nobody looked."""
    global _samples
    seen, _samples = _samples, Samples()
    return str(seen) if seen.count else ""


def _watch(samples: Samples, ended: threading.Event) -> None:
    while not ended.is_set():
        samples.take(threading.get_ident())
        time.sleep(EVERY_SECONDS)
