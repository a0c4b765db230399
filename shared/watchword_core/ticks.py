"""Board ticks to a time that never wraps: `ticks_ms` starts again at 2^30 (about 12.4 days) on the board."""

PERIOD_MS = 1 << 30


class Ticks:
    """Extends a wrapping millisecond counter; must be fed at least once every half period (6.2 days)."""

    def __init__(self, ticks_ms):
        self._last = ticks_ms % PERIOD_MS
        self.since_boot_ms = 0

    def extend(self, ticks_ms):
        """Milliseconds since this object was made; never less than the last answer."""
        step = (ticks_ms - self._last) % PERIOD_MS
        if step < PERIOD_MS // 2:  # a reading from before the last one (an interrupt's) must not add a period
            self._last = ticks_ms % PERIOD_MS
            self.since_boot_ms += step
        return self.since_boot_ms


class HubClock:
    """The hub's time on the pendant, from answers to its own heartbeats (Cristian 1989): wrong by a round trip at most.

    All times in ms: `sent` and `received` since boot, `hub_ms` Unix. None until the first usable answer.
    """

    MAX_ROUND_TRIP_MS = 10_000

    def __init__(self):
        self.offset_ms = None
        self.round_trip_ms = None
        self._set_at = 0

    def answered(self, sent, received, hub_ms):
        """Takes the answer if it is at least as sharp as the last one, allowing the old 1 ms of drift for each 20 s."""
        round_trip = received - sent
        if round_trip < 0 or round_trip > self.MAX_ROUND_TRIP_MS:
            return False
        if self.offset_ms is not None:
            drifted = self.round_trip_ms + (received - self._set_at) // 20_000
            if round_trip > drifted:
                return False
        self.offset_ms = hub_ms + round_trip // 2 - received
        self.round_trip_ms = round_trip
        self._set_at = received
        return True

    def hub_ms(self, since_boot_ms):
        """Unix ms by the hub's clock, or None when it was never set."""
        return None if self.offset_ms is None else self.offset_ms + since_boot_ms
