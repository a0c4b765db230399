"""The battery: measured now and then, told to the logic and to the standard Battery service."""

import asyncio

MEASURE_MS = 30_000
STEP_MS = 1_000
LOW_MV = 3500  # felt, and told to the tracker: about 2 h of a visit are left
RESERVE_MV = 3400  # from here on what is left is for an SOS
EMPTY_MV = 3300  # a lithium cell's, roughly straight between these two
FULL_MV = 4200


def percent(battery_mv):
    """0 to 100."""
    return max(0, min(100, (battery_mv - EMPTY_MV) * 100 // (FULL_MV - EMPTY_MV)))


class Charge:
    """What the voltage says. `reserved`: only what is kept for an SOS is left, from an earlier boot on perhaps; it ends
    with charging alone.
    """

    SURE_AFTER = 2  # measurements: one may have met the motor or the radio at work

    def __init__(self, reserved=False):
        self.reserved = reserved
        self._below = 0

    def measured(self, battery_mv):
        """`battery_mv` 0: not known, which changes nothing."""
        if battery_mv > LOW_MV:
            self.reserved = False
        self._below = self._below + 1 if 0 < battery_mv <= RESERVE_MV else 0
        if self._below >= self.SURE_AFTER:
            self.reserved = True


class LowBattery:
    """When the wearer is to feel it: at once, and again while it stays low."""

    AGAIN_MS = 600_000

    def __init__(self):
        self._felt_at_ms = None

    def due(self, battery_mv, now_ms):
        """Whether to feel it now, which then counts as felt."""
        if battery_mv > LOW_MV:
            self._felt_at_ms = None
        elif battery_mv and (self._felt_at_ms is None or now_ms - self._felt_at_ms >= self.AGAIN_MS):
            self._felt_at_ms = now_ms
            return True
        return False

    def hush(self, now_ms):
        """The timer woke it, to look for a phone without a word: felt only if it is still awake after a while."""
        self._felt_at_ms = now_ms


class Battery:
    """`adc` has read_uv(); `divider`: battery voltage by that at the pin. `unread` counts failures of the converter."""

    def __init__(self, adc, divider):
        self.unread = 0
        self._adc = adc
        self._divider = divider

    def measure_mv(self):
        """0 when it can't be measured: no reason to stop anything."""
        try:
            return self._adc.read_uv() * self._divider // 1000
        except OSError:
            self.unread += 1
            return 0

    async def run(self, measured, progress):
        """Calls `measured(battery_mv)` at once and every MEASURE_MS."""
        while True:
            measured(self.measure_mv())
            for _ in range(MEASURE_MS // STEP_MS):
                progress()
                await asyncio.sleep_ms(STEP_MS)
