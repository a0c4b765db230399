"""Feeds the board's watchdog only while every task makes progress: one that hangs resets the board."""

import asyncio

TIMEOUT_MS = 10_000
STEP_MS = 1_000
STUCK_MS = 6_000


class Watchdog:
    """`wdt` has feed(). `progress_of(name)` gives the function that a task calls in each round of its loop."""

    def __init__(self, wdt, clock, log):
        self._wdt = wdt
        self.clock = clock
        self._log = log
        self._seen_ms = {}

    def progress_of(self, name):
        self._seen_ms[name] = self.clock.now_ms()

        def progress():
            self._seen_ms[name] = self.clock.now_ms()

        return progress

    def stuck(self):
        """Names of the tasks that have not come round for STUCK_MS."""
        now_ms = self.clock.now_ms()
        return [name for name in self._seen_ms if now_ms - self._seen_ms[name] > STUCK_MS]

    async def run(self, ran):
        """For ever; `ran(for_ms)` is called while all is well, with the time since the first task began."""
        began_ms = self.clock.now_ms()
        while True:
            stuck = self.stuck()
            if stuck:
                self._log.say("stuck:", ", ".join(stuck))
            else:
                self._wdt.feed()
                ran(self.clock.now_ms() - began_ms)
            await asyncio.sleep_ms(STEP_MS)
