"""Boots that came to nothing: how many in a row, in memory that outlives a reset, and what is left out after some.

A boot counts as failed until it has run well for WELL_MS, so one that hangs, raises or browns out is one more. After
SAFE_AFTER of them the pendant starts without sensors and second path: buttons, touch, radio and journal alone, which is
all that an SOS needs while a phone is near (without one: `last_resort`). After FORGET_AFTER it sets the remembered
visit aside too, an open alarm never; the hub's next status brings it back.

The same memory has whether only the reserve of the charge is left: asleep a cell recovers by a little, and only
charging ends the reserve.
"""

import struct

WELL_MS = 60_000
SAFE_AFTER = 3
FORGET_AFTER = 6
SAFE_FOR_MS = 600_000  # then it tries everything again, when nobody needs it just then

_LAYOUT = ">3sBHB"  # magic, failed boots in a row, safe boots since power came, reserve alone
_MAGIC = b"WWb"
_MOST_FAILED, _MOST_SAFE = 255, 65535


class Boots:
    """`rtc` has memory(). `slept`: this boot is a waking from deep sleep, which ended no run."""

    def __init__(self, rtc, slept):
        self.failed, self.safe_boots, reserved = _read(rtc.memory())
        self.reserved = bool(reserved)
        self.is_well = False
        self._rtc = rtc
        self._next_failed = 0  # as the next boot will read it
        if slept:
            self.failed = 0
        if self.is_safe():
            self.safe_boots = min(self.safe_boots + 1, _MOST_SAFE)
        self._write(min(self.failed + 1, _MOST_FAILED))

    def is_safe(self):
        """Whether to start only what an SOS needs."""
        return self.failed >= SAFE_AFTER

    def forgets(self):
        """Whether to start without the remembered visit and place."""
        return self.failed >= FORGET_AFTER

    def ran(self, for_ms):
        """It has run well for so long. Whether to start anew, with everything, when nothing is open."""
        if not self.is_well and for_ms >= WELL_MS:
            self.is_well = True
            self._write(0)
        return self.is_safe() and for_ms >= SAFE_FOR_MS

    def keep_reserved(self, reserved):
        """For the next boot."""
        if reserved != self.reserved:
            self.reserved = reserved
            self._write(self._next_failed)

    def _write(self, failed):
        self._next_failed = failed
        self._rtc.memory(struct.pack(_LAYOUT, _MAGIC, failed, self.safe_boots, self.reserved))


def _read(stored):
    """(failed, safe boots, reserved); zeros when power has been away or these bytes are another's."""
    if len(stored) != struct.calcsize(_LAYOUT) or stored[:3] != _MAGIC:
        return 0, 0, 0
    return struct.unpack(_LAYOUT, stored)[1:]
