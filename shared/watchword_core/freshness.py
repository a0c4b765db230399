"""Late is not forged: an anti-replay window (as RFC 4303 section 3.4.3) for one lane of one boot.

A genuine frame is accepted once, in whatever order the carriers bring them. The window is the high-water mark and,
below it, a bit for each count that was already accepted.
"""

import struct

WINDOW = 256  # counts below the high-water mark that may still come; a pendant's journal never has more waiting
_LAYOUT = ">I%ds" % (WINDOW // 8)
WINDOW_BYTES = struct.calcsize(_LAYOUT)

NEW = 0
REPEATED = 1
TOO_OLD = 2


class Window:
    """Counts from 1. `judge` tells without changing anything, `accept` tells and remembers."""

    def __init__(self, stored=None):
        self.highest = 0
        self._seen = 0  # bit n: highest - n was accepted
        if stored is not None:
            self.highest, seen = struct.unpack(_LAYOUT, stored)
            self._seen = int.from_bytes(seen, "big")

    def judge(self, count):
        """NEW, REPEATED or TOO_OLD."""
        if count > self.highest:
            return NEW
        behind = self.highest - count
        if behind >= WINDOW or count < 1:
            return TOO_OLD
        return REPEATED if self._seen >> behind & 1 else NEW

    def accept(self, count):
        """As `judge`; a NEW count is REPEATED from now on."""
        verdict = self.judge(count)
        if verdict == NEW:
            if count > self.highest:
                step = count - self.highest
                # A leap of the count must not shift by billions: that is more than memory holds.
                self._seen = 1 if step >= WINDOW else (self._seen << step | 1) & ((1 << WINDOW) - 1)
                self.highest = count
            else:
                self._seen |= 1 << (self.highest - count)
        return verdict

    def to_bytes(self):
        """WINDOW_BYTES that give the same window again."""
        return struct.pack(_LAYOUT, self.highest, self._seen.to_bytes(WINDOW // 8, "big"))
