"""What a figure was taken on."""

import os
import platform
from pathlib import Path

from odoo import release

# More than this many programs that want to run, and a figure says little.
BUSY_LOAD = 1.5


def words() -> str:
    """One line: cores, processor, memory, versions; the load if others are at work.

    To be asked before the measurement: afterwards the load is its own.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{os.cpu_count()} cores{_processor()}",
        f"{memory:.0f} GiB",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"Odoo {release.version}",
    ]
    load = os.getloadavg()[0]
    if load > BUSY_LOAD:
        parts.append(f"under load ({load:.1f}) before it began")
    return f"machine: {', '.join(parts)}"


def _processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f" ({names[0]})" if names else ""
