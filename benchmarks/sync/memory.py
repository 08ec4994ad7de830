"""How much more memory this process needed at once while something was done."""

import gc
import re
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"


class Growth:
    """From its making on; Linux alone can tell."""

    def __init__(self) -> None:
        gc.collect()
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
        self._before = _megabytes("VmRSS")

    def peak(self) -> float:
        """MiB by which the process was larger at its largest than at the beginning."""
        return _megabytes("VmHWM") - self._before


def _megabytes(name: str) -> float:
    return int(re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)[1]) / 1024
