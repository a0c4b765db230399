"""Waiting for what real processes do: the only place in tests/ that sleeps, always for a condition and with a bound.

Tests in virtual time never need it.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

WITHIN_S = 10.0
EVERY_S = 0.01


def until(condition: Callable[[], T], what: str, within_s: float = WITHIN_S) -> T:
    """The first true value of `condition()`; AssertionError naming `what` when there is none in `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:g} s in vain for {what}; last seen: {value!r}")
        time.sleep(EVERY_S)
    return value


async def until_async(condition: Callable[[], T], what: str, within_s: float = WITHIN_S) -> T:
    """As `until`, letting the event loop run."""
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s:g} s in vain for {what}; last seen: {value!r}")
        await asyncio.sleep(EVERY_S)
    return value
