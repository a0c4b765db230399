"""When the GNSS receiver is switched on: for a fix now and then, and all the time while it matters.

After each press it stays on for a while, whichever press it was: so the hub sees where the wearer goes after a duress,
and nothing that the pendant does tells it from the OK that it looks like.
"""

from . import watching

# The check at the door takes no place of more than 10 minutes (doorstep.FIX_MAX_AGE_S). 0: all the time.
EVERY_MS = {watching.IDLE: 480_000, watching.VISIT: 300_000, watching.ALARM: 0}
START_MS = 20_000  # after the boot: woken only to look for a phone, it is asleep again by then (duty.LOOK_MS)
SEARCH_MS = 90_000  # under a roof there is nothing to be found
SETTLE_MS = 10_000  # the first fixes of a receiver are its worst
AFTER_PRESS_MS = 600_000
SAME_TIME_MS = 3_000  # the sentences of one fix come within a second; for longer than this none tells the same time


class Fixes:
    """`on` is what the receiver is to be; `stuck` counts places of a time that stands still. `now_ms`: of the boot."""

    def __init__(self, now_ms):
        self.on = False
        self.stuck = 0
        self._off_ms = None  # since when it is off; None: it was never on
        self._began_ms = now_ms  # of this search, or the boot
        self._fixed_ms = None  # the first fix of this search
        self._presses = 0
        self._pressed_ms = None
        self._told_ms = None  # the receiver's own time with its latest place
        self._told_first_ms = now_ms  # when it told that first

    def look(self, level, presses, now_ms):
        """Whether it is to be on; `level` is watching's, `presses` how many there have been. Call every second."""
        if presses != self._presses:
            self._presses, self._pressed_ms = presses, now_ms
        every_ms = EVERY_MS[level]
        pressed_lately = self._pressed_ms is not None and now_ms - self._pressed_ms < AFTER_PRESS_MS
        if not every_ms or pressed_lately:
            self._switch_on(now_ms)
        elif self.on and self._found_or_in_vain(now_ms):
            self.on, self._off_ms = False, now_ms
        elif not self.on and now_ms >= self._due_ms(every_ms):
            self._switch_on(now_ms)
        return self.on

    def fixed(self, time_ms, now_ms):
        """The receiver has told a place, and that it is `time_ms` there (None: no time). Whether it is of now: one that
        hangs and repeats itself tells an old place, and a time that stands still.
        """
        if time_ms is None or time_ms != self._told_ms:
            self._told_ms, self._told_first_ms = time_ms, now_ms
        elif now_ms - self._told_first_ms > SAME_TIME_MS:
            self.stuck += 1
            return False
        if self._fixed_ms is None:
            self._fixed_ms = now_ms
        return True

    def _switch_on(self, now_ms):
        if not self.on:
            self.on, self._began_ms, self._fixed_ms = True, now_ms, None

    def _due_ms(self, every_ms):
        return self._began_ms + START_MS if self._off_ms is None else self._off_ms + every_ms

    def _found_or_in_vain(self, now_ms):
        if self._fixed_ms is not None:
            return now_ms - self._fixed_ms >= SETTLE_MS
        return now_ms - self._began_ms >= SEARCH_MS
