"""What the end of `make` means to a command that it runs."""

import ctypes
import os
import signal
import sys

import psutil

SET_PARENT_DEATH_SIGNAL = 1  # linux/prctl.h: PR_SET_PDEATHSIG


def end_with_make() -> None:
    """Get SIGTERM when the `make` that runs us ends: killed, it cannot pass on what killed it.

    A shell that ends is left alone: whoever starts a command behind one may want it to stay.
    """
    parent = os.getppid()
    if sys.platform != "linux" or psutil.Process(parent).name() not in {"make", "gmake"}:
        return
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:  # it ended meanwhile
        os.kill(os.getpid(), signal.SIGTERM)
