"""Feeds the detectors from the accelerometer while falls are looked for. What the sensor does stops nothing else.

In batches: what its FIFO holds is read BATCH_MS apart, well before it is full, and between reading and reckoning the
other tasks have their turn.
"""

import asyncio
from array import array
from errno import EIO

from . import stillness
from .fall import Detector

BATCH_MS = 400  # 20 samples of the 32 that the FIFO holds
IDLE_MS = 1_000  # between two looks whether it is wanted; the longest wait, so that the watchdog sees progress
AGAIN_MS = 10_000  # after a failure, before it is tried again
DEAD_BATCHES = 5  # without a sample, or of zeros alone, which nothing that falls for less than 20 m measures so long
STUCK_BATCHES = 75  # 30 s of one reading to the bit: at rest the part's own noise is about half a digit of each axis


class Motion:
    """`sensor` as lis2dw12.Lis2dw12, measuring at `rate_hz`. `failures` counts how often it had to be started again.

    Of `wearer`: `falls_wanted()` says whether falls are looked for now; `fell(still)` is called when one was found, or
    she moves no more; `worn(is_worn)` whenever that changes, None: not known; again while nobody does;
    `sees_falls(works)` when the sensor is first known to work or not, and when that changes: after a failure it works
    when it measures again, not when it answers.
    """

    def __init__(self, sensor, rate_hz, log, wearer):
        self.failures = 0
        self._sensor = sensor
        self._stillness = stillness.Stillness()
        self._detector = Detector(rate_hz, self._stillness)
        self._log = log
        self._wearer = wearer
        self._works = None
        self._dead_batches = 0
        self._same_batches = 0
        self._last = array("h", bytes(6))  # the latest sample

    async def run(self, progress):
        """For ever."""
        while True:
            try:
                await self._once(progress)
            except OSError as e:
                self.failures += 1
                self._now_works(False, e)
                for _ in range(AGAIN_MS // IDLE_MS):
                    progress()
                    await asyncio.sleep_ms(IDLE_MS)

    async def _once(self, progress):
        """Off until it is wanted, and on until it is so no more."""
        progress()
        self._wearer.worn(None)
        self._sensor.reset()
        await asyncio.sleep_ms(self._sensor.RESET_MS)
        if self._works is None:
            self._now_works(True, "")
        while not self._wearer.falls_wanted():
            progress()
            await asyncio.sleep_ms(IDLE_MS)
        self._sensor.start()
        self._detector.forget()
        self._dead_batches = 0
        while self._wearer.falls_wanted():
            progress()
            await asyncio.sleep_ms(BATCH_MS)
            if await self._batch():
                self._wearer.fell(False)
            self._tell(self._stillness.taken())

    async def _batch(self):
        """Takes what has come; whether there was a fall in it."""
        count = self._sensor.read()
        await asyncio.sleep_ms(0)
        self._judge(self._sensor.samples, count)
        return self._detector.feed(self._sensor.samples, count)

    def _judge(self, samples, count):
        """Raises OSError where the sensor has measured nothing for too long; a restart of it begins no new count of the
        one reading at which it is stuck.
        """
        dead, same = _is_dead(samples, count), _is_all(samples, count, self._last)
        self._dead_batches = self._dead_batches + 1 if dead else 0
        self._same_batches = self._same_batches + 1 if same else 0
        for axis in range(3 if count else 0):
            self._last[axis] = samples[3 * count - 3 + axis]
        if self._dead_batches >= DEAD_BATCHES or self._same_batches >= STUCK_BATCHES:
            raise OSError(EIO, "it answers and measures nothing")
        if not (dead or same):
            self._now_works(True, "")

    def _tell(self, news):
        if news == stillness.LIES_STILL:
            self._wearer.fell(True)
        elif news != stillness.NOTHING:
            self._wearer.worn(news == stillness.WORN)

    def _now_works(self, works, why):
        if works != self._works:
            self._works = works
            self._wearer.sees_falls(works)
            if not works:
                self._log.say("accelerometer:", why, "- no falls are found; hand this pendant to a technician")


def _is_dead(samples, count):
    for i in range(3 * count):
        if samples[i]:
            return False
    return True


def _is_all(samples, count, sample):
    for i in range(3 * count):
        if samples[i] != sample[i % 3]:
            return False
    return True
