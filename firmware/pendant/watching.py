"""Is the hub watching? Heartbeats, the hub's time from their answers, and how long the hub has been silent.

The hub is heard from when it sealed a frame, not when a carrier brought it: held-back frames don't count as watching.
All `now_ms` are milliseconds since boot.
"""

from watchword_core import frames
from watchword_core.ticks import HubClock

from .gnss_clock import GnssClock

# How closely the hub must watch.
IDLE = 0
VISIT = 1
ALARM = 2

HEARTBEAT_MS = (30_000, 10_000, 5_000)
SILENCE_MS = (90_000, 25_000, 25_000)  # in a visit noticed within 30 s
SILENT_AGAIN_MS = 90_000
LINK_LOST_MS = 10_000  # after which a link that is missed counts as silence
LINK_MS = (90_000, 30_000, 15_000)  # a carrier that brings nothing genuine for three heartbeats makes room for another
FIRST_BEATS_MS = (500, 1_000, 2_000, 4_000)  # on a new link, until one is answered: the carrier may not listen yet
MAX_ASKED = 8  # heartbeats whose answers may still set the clock


class Watching:
    """`level` says how closely. Starts unheard, and due for a heartbeat."""

    def __init__(self, now_ms, hub_ms=None):
        self.clock = HubClock()
        self.clock_steps = 0  # the hub's time jumped (its host's clock was set)
        self.gnss_clock = GnssClock()
        self.level = IDLE
        self.silent = False
        self._heard_ms = now_ms
        self._next_beat_ms = now_ms
        self._next_complaint_ms = None
        self._missed_ms = None  # when the loss of a link is silence
        self._asked = []  # (count, sent since boot)
        self._first_beats = 0  # of this link
        self._answered = False  # on this link
        if hub_ms is not None:  # from a clock that ran on through the reset; any answer is sharper
            self.clock.answered(now_ms - HubClock.MAX_ROUND_TRIP_MS, now_ms, hub_ms - HubClock.MAX_ROUND_TRIP_MS // 2)

    def hub_ms(self, since_boot_ms):
        """Unix ms by the hub's clock, by GNSS while that is not known, or None."""
        offset_ms = self._offset_ms()
        return None if offset_ms is None else offset_ms + since_boot_ms

    def since_boot_ms(self, hub_ms):
        """When it is that time by the same clock, or None."""
        offset_ms = self._offset_ms()
        return None if offset_ms is None else hub_ms - offset_ms

    def clock_flag(self):
        """By which clock `hub_ms` is, as frames say it."""
        if self.clock.offset_ms is not None:
            return frames.CLOCK_SET
        return 0 if self.gnss_clock.offset_ms is None else frames.CLOCK_GNSS

    def _offset_ms(self):
        return self.gnss_clock.offset_ms if self.clock.offset_ms is None else self.clock.offset_ms

    # -- asking

    def link_is_new(self, now_ms):
        """Heartbeats at once, and soon again until one is answered."""
        self._first_beats = 0
        self._answered = False
        self._next_beat_ms = now_ms
        self._missed_ms = None

    def link_lost(self, now_ms):
        """The link is gone, and its carrier had asked (Link Loss service) that this be felt."""
        self._missed_ms = now_ms + LINK_LOST_MS

    def beat_now(self, now_ms):
        self._next_beat_ms = now_ms

    def beat_by(self, at_ms):
        """The next heartbeat goes out no later than that."""
        self._next_beat_ms = min(self._next_beat_ms, at_ms)

    def beat_due(self, now_ms):
        """Whether a heartbeat is to be sent now."""
        return now_ms >= self.next_beat_ms()

    def next_beat_ms(self):
        return self._next_beat_ms

    def asked(self, count, now_ms):
        """A heartbeat with this count goes out."""
        self._asked = self._asked[1 - MAX_ASKED :] + [(count, now_ms)]
        pause_ms = HEARTBEAT_MS[self.level]
        if not self._answered and self._first_beats < len(FIRST_BEATS_MS):
            pause_ms = min(pause_ms, FIRST_BEATS_MS[self._first_beats])
            self._first_beats += 1
        self._next_beat_ms = now_ms + pause_ms

    def watch_closely(self, level, now_ms):
        """The visit or alarm has changed: the next heartbeat comes no later than this level wants it."""
        if level > self.level:
            self._next_beat_ms = min(self._next_beat_ms, now_ms + HEARTBEAT_MS[level])
        self.level = level

    # -- hearing

    def answered(self, count, hub_ms, now_ms):
        """An answer to heartbeat `count`: sets the clock, and shows that the hub was there after it was sent."""
        for asked, sent_ms in self._asked:
            if asked == count:
                self._asked = [a for a in self._asked if a[0] > count]
                if not self._answered:
                    self._answered = True
                    self._next_beat_ms = max(self._next_beat_ms, now_ms + HEARTBEAT_MS[self.level])
                self._set_clock(sent_ms, now_ms, hub_ms)
                self.heard(sent_ms, now_ms)
                return

    def _set_clock(self, sent_ms, now_ms, hub_ms):
        if self.clock.offset_ms is not None and now_ms - sent_ms <= HubClock.MAX_ROUND_TRIP_MS:
            drift_ms = now_ms // 20_000
            off = abs(self.clock.hub_ms(now_ms) - hub_ms)
            if off > (now_ms - sent_ms) + self.clock.round_trip_ms + drift_ms:
                self.clock = HubClock()  # no drift explains it: the hub's own clock was set
                self.clock_steps += 1
        self.clock.answered(sent_ms, now_ms, hub_ms)

    def age_ms(self, hub_ms, now_ms):
        """How long ago the hub sealed something, never negative; None until the hub itself has set the clock.

        Never by GNSS: with a forged time an old "cleared" would be felt as a new one.
        """
        now_by_hub = self.clock.hub_ms(now_ms)
        return None if now_by_hub is None else max(0, now_by_hub - hub_ms)

    def heard(self, at_ms, now_ms):
        """The hub was there at `at_ms`."""
        self._heard_ms = max(self._heard_ms, at_ms)
        self._missed_ms = None
        if now_ms < self._silent_from_ms():
            self.silent = False
            self._next_complaint_ms = None

    def complain(self, now_ms):
        """Whether to tell the wearer now that nobody is watching; once idle, again and again in a visit or alarm."""
        if now_ms < self._silent_from_ms():
            self.silent = False
            self._next_complaint_ms = None
            return False
        first = not self.silent
        self.silent = True
        if first or (self.level != IDLE and (self._next_complaint_ms or now_ms) <= now_ms):
            self._next_complaint_ms = now_ms + SILENT_AGAIN_MS
            return True
        return False

    def next_complaint_ms(self):
        """When `complain` next has something to say or to find, or None."""
        if not self.silent:
            return self._silent_from_ms()
        return None if self.level == IDLE else self._next_complaint_ms

    def _silent_from_ms(self):
        from_ms = self._heard_ms + SILENCE_MS[self.level]
        return from_ms if self._missed_ms is None else min(from_ms, self._missed_ms)
