"""The hub's clock: the only file of the hub that reads one.

Deadlines are Unix ms. While the hub is up, time is the wall clock at start plus what CLOCK_BOOTTIME has counted since,
so that a stepped wall clock moves no deadline and a suspended machine misses none.
"""

import time
from pathlib import Path
from typing import NamedTuple, Protocol


class Clock(Protocol):
    """`now_ms()` is Unix ms and never goes back."""

    def now_ms(self) -> int: ...


class Machine(NamedTuple):
    """`boot` names one run of the machine between two starts, "" where it has no name; `up_ms`: for how long."""

    boot: str
    up_ms: int


class SystemClock:
    """This machine's time."""

    def __init__(self) -> None:
        self._base_ns = time.time_ns() - _since_boot_ns()

    def now_ms(self) -> int:
        return (self._base_ns + _since_boot_ns()) // 1_000_000

    def machine(self) -> "Machine":
        """This run of this machine, by which two runs of the hub notice that the wall clock was set in between."""
        return Machine(_machine_boot(), _since_boot_ns() // 1_000_000)


def _since_boot_ns() -> int:
    # CLOCK_BOOTTIME is Linux's and counts suspended time; elsewhere the monotonic clock is what there is.
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if boottime is None else time.clock_gettime_ns(boottime)


def _machine_boot() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")  # Linux; elsewhere a set clock between two runs is not noticed
    return path.read_text().strip() if path.exists() else ""
