"""The pendant's clock: the only file of the firmware that reads one. Milliseconds since boot that never wrap."""

import time

from watchword_core.ticks import PERIOD_MS, Ticks


def stamp():
    """The raw ticks, for a handler that runs between two steps of the program; `Clock.at` makes it a time."""
    return time.ticks_ms()


class Clock:
    """Must be asked at least once in 6 days (half of the ticks' period)."""

    def __init__(self):
        self._ticks = Ticks(time.ticks_ms())

    def now_ms(self):
        """Milliseconds since this clock was made."""
        return self._ticks.extend(time.ticks_ms())

    def at(self, stamped):
        """The same for a `stamp` taken less than 6 days ago."""
        ticks_ms = time.ticks_ms()
        return max(0, self._ticks.extend(ticks_ms) - (ticks_ms - stamped) % PERIOD_MS)
