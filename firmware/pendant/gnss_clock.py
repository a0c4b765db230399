"""The time by GNSS, while the hub's is not known: after a restart without a link the wearer's own ladder goes by it.

A transmitter nearby can forge it, so nothing that the hub says is fresh by it (`Watching.age_ms` has the hub's alone).
"""

EARLIEST_MS = 1_767_225_600_000  # 2026-01-01; a receiver that lost count of its 1,024 weeks tells one 19 years before
AGREES_MS = 2_000  # readings no further apart tell one time: a sentence takes up to a second to come
SETTLES_MS = 3_000  # how long another time must be told; at midnight some sentences have the old date for a moment


class GnssClock:
    """`offset_ms`: Unix ms of the boot, None while no time is known. `refused` counts times that can't be."""

    def __init__(self):
        self.offset_ms = None
        self.refused = 0
        self._other_ms = None  # an offset that is told and not believed yet
        self._since_ms = 0

    def told(self, unix_ms, now_ms):
        """A receiver that knows its place says that it is `unix_ms`, at `now_ms` since boot."""
        if unix_ms < EARLIEST_MS:
            self.refused += 1
            return
        offset_ms = unix_ms - now_ms
        if _agree(offset_ms, self.offset_ms):
            self.offset_ms, self._other_ms = offset_ms, None
        elif not _agree(offset_ms, self._other_ms):
            self._other_ms, self._since_ms = offset_ms, now_ms
        elif now_ms - self._since_ms >= SETTLES_MS:
            self.offset_ms, self._other_ms = offset_ms, None


def _agree(one_ms, other_ms):
    return other_ms is not None and abs(one_ms - other_ms) <= AGREES_MS
