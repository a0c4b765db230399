"""Off duty, on duty, alarm: when the pendant goes to sleep, and for how long.

On duty it listens and beats as `watching` says. Off duty it is in deep sleep, where only a button, the lanyard, the
charger or the timer wakes it. It goes there when nothing has kept it for a while, and never with a visit or alarm open.
docs/power.md has the whole of it.
"""

import asyncio

OFF_AFTER_MS = 1_800_000  # without link, press or charger
RESERVED_OFF_AFTER_MS = 60_000  # when only what is kept for an SOS is left; a link alone is no reason to stay then
LOOK_MS = 15_000  # woken by the timer: a phone that is near has linked by then
SLEEP_MS = 900_000
RESERVED_SLEEP_MS = 3_600_000
STEP_MS = 1_000


class Duty:
    """One boot's. `by_timer`: nobody woke it, it only looks whether a phone is near.

    `keeps(reserved)` says whether something keeps it on duty, `sleep(ms)` does not come back.
    """

    def __init__(self, by_timer, clock, charge, keeps, sleep):
        self._clock = clock
        self._charge = charge
        self._keeps = keeps
        self._sleep = sleep
        self._kept_at_ms = clock.now_ms()
        self._patience_ms = LOOK_MS if by_timer else OFF_AFTER_MS

    async def run(self, progress):
        """For ever, or until it is time to sleep."""
        while True:
            progress()
            self.look()
            await asyncio.sleep_ms(STEP_MS)

    def look(self):
        """Sleeps if nothing has kept it for long enough."""
        reserved = self._charge.reserved
        if self.is_over(self._keeps(reserved), reserved, self._clock.now_ms()):
            self._sleep(RESERVED_SLEEP_MS if reserved else SLEEP_MS)

    def is_over(self, kept, reserved, now_ms):
        """Whether to sleep now; `kept`: something keeps it on duty at this moment."""
        if kept:
            self._kept_at_ms = now_ms
            self._patience_ms = OFF_AFTER_MS
        patience_ms = min(self._patience_ms, RESERVED_OFF_AFTER_MS) if reserved else self._patience_ms
        return now_ms - self._kept_at_ms >= patience_ms
