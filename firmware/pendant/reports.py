"""The frames that go up: each numbered in its lane, with what the pendant knows of itself at that moment."""

from watchword_core import frames
from watchword_core import words as w

from .place import Place

_NOWHERE = (0, frames.NO_POSITION, frames.NO_POSITION, 0, frames.NO_AGE)  # flag, latitude, longitude, accuracy, age
_COUNT_FOR_OLD_BOOT = 0x80000000  # routine counts from here on are never reached by a live boot


class Reports:
    """Seals reports of one pendant in one boot. `battery_mv` 0: not known yet.

    `hub_ms(now_ms)` is the hub's time at a moment since boot, or None.
    """

    def __init__(self, pendant, boot, seal, hub_ms):
        self.pendant = pendant
        self.boot = boot
        self.press_count = 0
        self.routine_count = 0
        self.battery_mv = 0
        self._seal = seal
        self._hub_ms = hub_ms
        self._position = (frames.NO_POSITION, frames.NO_POSITION, 0)
        self._fixed_at_ms = None
        self._old_place = None  # of an earlier boot, until there is a fix in this one

    def located(self, lat_e7, lon_e7, accuracy_m, now_ms):
        """A position fix, 1e-7 degrees."""
        self._position = (lat_e7, lon_e7, accuracy_m)
        self._fixed_at_ms = now_ms
        self._old_place = None

    def remember(self, place):
        """The last known place, of an earlier boot."""
        self._position = (place.lat_e7, place.lon_e7, place.accuracy_m)
        self._old_place = place

    def place(self):
        """The last fix, for a later boot to remember."""
        lat_e7, lon_e7, accuracy_m = self._position
        fixed_hub_ms = None if self._fixed_at_ms is None else self._hub_ms(self._fixed_at_ms)
        return Place(lat_e7, lon_e7, accuracy_m, fixed_hub_ms or 0)

    def fix_age_s(self, now_ms):
        """Seconds since the position was fixed; None: there is none, or it is of an earlier boot and no clock tells."""
        if self._old_place is None:
            return None if self._fixed_at_ms is None else (now_ms - self._fixed_at_ms) // 1000
        hub_ms = self._hub_ms(now_ms)
        if hub_ms is None or not 0 < self._old_place.hub_ms <= hub_ms:
            return None
        return (hub_ms - self._old_place.hub_ms) // 1000

    def press(self, event, flags, now_ms, visit, about, value, procedure):
        """(count, Report, frame) of something that the wearer did."""
        self.press_count += 1
        report = self._report(event, flags, now_ms, now_ms, visit, about, value, procedure)
        return self.press_count, report, self._sealed(frames.PRESS, self.boot, self.press_count, report)

    def heartbeat(self, flags, now_ms, visit, procedure):
        """The frame; its count is `routine_count`."""
        return self._routine(w.HEARTBEAT, flags, now_ms, visit, 0, procedure)

    def hello(self, flags, now_ms, visit, challenge, procedure):
        """The answer to a challenge to this boot."""
        return self._routine(w.HELLO, flags, now_ms, visit, challenge, procedure)

    def hello_for(self, boot, hub_ms, challenge):
        """The answer for an earlier boot; `hub_ms`, of the challenge, gives a count that no other such answer had."""
        report = self._report(w.HELLO, 0, 0, None, 0, 0, challenge, 0)  # where that boot was, nobody knows
        return self._sealed(frames.ROUTINE, boot, _COUNT_FOR_OLD_BOOT | (hub_ms // 1000 & 0x7FFFFFFF), report)

    def opened(self, frame):
        """(Header, Report) of a frame of one's own; FrameError when it was sealed under another key."""
        return frames.open_report(self._seal, frame)

    def _routine(self, event, flags, now_ms, visit, value, procedure):
        self.routine_count += 1
        report = self._report(event, flags, now_ms, now_ms, visit, 0, value, procedure)
        return self._sealed(frames.ROUTINE, self.boot, self.routine_count, report)

    def _report(self, event, flags, ticks_ms, now_ms, visit, about, value, procedure):
        old_place, lat_e7, lon_e7, accuracy_m, fix_age_s = _NOWHERE if now_ms is None else self._whereabouts(now_ms)
        flags |= old_place
        return frames.Report(
            event,
            flags,
            self.battery_mv,
            ticks_ms,
            visit,
            about,
            value,
            lat_e7,
            lon_e7,
            accuracy_m,
            fix_age_s,
            procedure,
        )

    def _whereabouts(self, now_ms):
        age_s = self.fix_age_s(now_ms)
        fix_age_s = frames.NO_AGE if age_s is None else min(age_s, frames.NO_AGE - 1)
        old_place = 0 if self._old_place is None else frames.OLD_PLACE
        return (old_place,) + self._position + (fix_age_s,)

    def _sealed(self, lane, boot, count, report):
        return frames.seal_report(self._seal, lane, self.pendant, boot, count, report)
