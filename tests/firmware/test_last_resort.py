"""A safe boot's second path: late, alone, and nothing that it raises ends anything else."""

import asyncio
import sys

import board_asyncio  # noqa: F401
from pendant import last_resort
from pendant.last_resort import WANTED_FOR_MS

if not hasattr(sys, "print_exception"):
    sys.print_exception = print


class Boot:
    """What the second path meets; its clock goes on by a second each time that it is asked whether it is wanted."""

    def __init__(self, wanted, has_path=True, failures=0):
        self.ms = 0
        self.began_ms = []
        self.added = []
        self._wanted = wanted
        self._has_path = has_path
        self._failures = failures

    def now_ms(self):
        return self.ms

    def wanted(self, now_ms):
        self.ms += 1_000
        return self._wanted(now_ms)

    def build(self):
        return self if self._has_path else None

    async def run(self, progress):
        progress()
        self.began_ms.append(self.ms)
        if self._failures:
            self._failures -= 1
            raise ValueError("what made the boots fail")
        raise asyncio.CancelledError()  # for the test's end: it runs for ever

    def boot(self):
        async def no_sleep(ms):
            """Time goes on in `wanted`."""

        slept, asyncio.sleep_ms = asyncio.sleep_ms, no_sleep
        try:
            asyncio.run(last_resort.run(self.wanted, self.build, self.added.append, self))
        except asyncio.CancelledError:
            pass
        finally:
            asyncio.sleep_ms = slept
        return self


def test_wanted_for_a_minute_it_begins():
    boot = Boot(lambda now_ms: True).boot()
    assert boot.began_ms == [WANTED_FOR_MS] and boot.added == [boot]


def test_a_phone_that_brings_something_meanwhile_puts_it_off():
    boot = Boot(lambda now_ms: now_ms != 30_000).boot()
    assert boot.began_ms == [30_000 + 1_000 + WANTED_FOR_MS]


def test_what_it_raises_is_caught__and_it_is_begun_again_as_late():
    boot = Boot(lambda now_ms: True, failures=2).boot()
    assert boot.began_ms == [WANTED_FOR_MS, 2 * WANTED_FOR_MS, 3 * WANTED_FOR_MS]
    assert boot.added == [boot], "the same path: two would end each other's session"


def test_a_pendant_without_a_second_path_has_none_then_either():
    assert Boot(lambda now_ms: True, has_path=False).boot().began_ms == []
