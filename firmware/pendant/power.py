"""The battery: measured now and then, told to the logic and to the standard Battery service."""

import asyncio

MEASURE_MS = 30_000
STEP_MS = 1_000
EMPTY_MV = 3300  # a lithium cell's, roughly straight between these two
FULL_MV = 4200


def percent(battery_mv):
    """0 to 100."""
    return max(0, min(100, (battery_mv - EMPTY_MV) * 100 // (FULL_MV - EMPTY_MV)))


class Battery:
    """`adc` has read_uv(); `divider`: battery voltage by that at the pin."""

    def __init__(self, adc, divider):
        self._adc = adc
        self._divider = divider

    def measure_mv(self):
        return self._adc.read_uv() * self._divider // 1000

    async def run(self, measured, progress):
        """Calls `measured(battery_mv)` at once and every MEASURE_MS."""
        while True:
            measured(self.measure_mv())
            for _ in range(MEASURE_MS // STEP_MS):
                progress()
                await asyncio.sleep_ms(STEP_MS)
