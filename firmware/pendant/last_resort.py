"""In a safe boot: the second path, left out at first, for when no phone brings what waits.

It may be what made the boots fail, so it is begun late, alone, and nothing that it raises ends anything else.
"""

import asyncio
import sys

WANTED_FOR_MS = 60_000
STEP_MS = 1_000


async def run(wanted, build, add, clock):
    """For ever, unless `build()` gives None: this pendant has no second path.

    `wanted(now_ms)` is asked every second; once it was so for WANTED_FOR_MS without a break, the path that `build`
    gives is passed to `add`, and runs. After a failure it is begun again as late.
    """
    path = None
    while True:
        await _wanted_for_long(wanted, clock)
        try:
            if path is None:
                path = build()
                if path is None:
                    return
                add(path)
            await path.run(_unwatched)
        except Exception as e:  # noqa: BLE001 -- whatever it was: buttons and radio go on
            sys.print_exception(e)


async def _wanted_for_long(wanted, clock):
    since_ms = clock.now_ms()
    while clock.now_ms() - since_ms < WANTED_FOR_MS:
        if not wanted(clock.now_ms()):
            since_ms = clock.now_ms()
        await asyncio.sleep_ms(STEP_MS)


def _unwatched():
    """The watchdog doesn't wait for it: a second path that hangs is no reason to end a radio that works."""
