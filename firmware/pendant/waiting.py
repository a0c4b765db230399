"""Presses that the hub has not acknowledged yet: bounded, repeated with growing pauses, SOS ahead of all else."""

from collections import namedtuple

from watchword_core import words as w

MAX_WAITING = 64
BURST = 8  # frames sent at once; the radio's own queue is short
BURST_GAP_MS = 60
RESEND_MS = 1_000
RESEND_MAX_MS = 10_000
NOT_GETTING_THROUGH_MS = 10_000
NOT_GETTING_THROUGH_AGAIN_MS = 15_000

ALARMS = (w.SOS, w.MAN_DOWN, w.DURESS)


# What is asked of a report after it is sealed: MAX_WAITING of the whole would take half as much room again.
# hub_ms: when it was pressed, Unix ms, 0: the clock was not set.
Said = namedtuple("Said", ("event", "ticks_ms", "visit", "about", "value", "hub_ms"))


class Press:
    """One press and its sealed frame. `told`: the wearer knows already that the hub had it (a recalled one)."""

    def __init__(self, boot, count, report, frame, hub_ms, pressed_at_ms, told=False):
        self.boot = boot
        self.count = count
        self.report = Said(report.event, report.ticks_ms, report.visit, report.about, report.value, hub_ms)
        self.frame = frame
        self.pressed_at_ms = pressed_at_ms  # since this boot; for an earlier boot's press the start of this one
        self.told = told
        self.send_at_ms = pressed_at_ms
        self.tries = 0

    def is_alarm(self):
        return self.report.event in ALARMS

    def goes_first(self):
        return self.report.event in (w.SOS, w.MAN_DOWN)


class Waiting:
    """In order of pressing; `dropped` counts those that made room for an alarm."""

    def __init__(self):
        self.presses = []
        self.dropped = 0
        self._complain_at_ms = None
        self._burst_until_ms = 0

    def __len__(self):
        return len(self.presses)

    def has_room(self):
        return len(self.presses) < MAX_WAITING

    def admit(self, press):
        """Takes a press; when full, an alarm takes the place of the oldest press that is none, or of an old alarm."""
        if not self.has_room():
            self.dropped += 1
            self.presses.pop(self._least())
        self.presses.append(press)

    def _least(self):
        for i, press in enumerate(self.presses):
            if not press.is_alarm():
                return i
        return 1  # all are alarms: the first and the latest say all that the others do

    def settle(self, boot, count):
        """The press that the hub now has, or None if it was not waiting."""
        for i, press in enumerate(self.presses):
            if press.count == count and press.boot == boot:
                return self.presses.pop(i)
        return None

    def has(self, boot, count=None):
        """Whether a press of that boot (and count) waits."""
        return any(p.boot == boot and (count is None or p.count == count) for p in self.presses)

    def has_event(self, event):
        """Whether a press that says so waits."""
        return any(press.report.event == event for press in self.presses)

    def owes_word(self):
        """Whether the wearer still has to be told that the hub has a press."""
        return any(not press.told for press in self.presses)

    def hurry(self, at_ms, boot=None):
        """Send all (or one boot's) again from `at_ms` on: the link is new, or the hub has learned the boot."""
        for press in self.presses:
            if boot is None or press.boot == boot:
                press.tries = 0
                press.send_at_ms = at_ms

    def due(self, now_ms):
        """The frames to send now, SOS and man-down first, at most BURST; each is due again after a pause that grows.

        A duress takes its turn, half a second in the longest queue: its count is in clear, and would show that it went
        ahead of what was pressed before.
        """
        if now_ms < self._burst_until_ms:
            return []
        ready = [p for p in self.presses if p.send_at_ms <= now_ms]
        ready = [p for p in ready if p.goes_first()] + [p for p in ready if not p.goes_first()]
        for press in ready[:BURST]:
            press.send_at_ms = now_ms + min(RESEND_MS << min(press.tries, 8), RESEND_MAX_MS)
            press.tries += 1
        if len(ready) > BURST:
            self._burst_until_ms = now_ms + BURST_GAP_MS
        return [p.frame for p in ready[:BURST]]

    def next_send_ms(self):
        """When `due` next has something, or None."""
        if not self.presses:
            return None
        return max(self._burst_until_ms, min([p.send_at_ms for p in self.presses]))

    def complain(self, now_ms, alarm_open):
        """Whether the wearer is to be told now that a press is not getting through; again until it is."""
        due = self.next_complaint_ms(alarm_open)
        if due is None or due > now_ms:
            return False
        self._complain_at_ms = now_ms + NOT_GETTING_THROUGH_AGAIN_MS
        return True

    def oldest_untold_ms(self, but=None):
        """When the oldest press (`but` of one event) was made that the wearer still has to be told of, or None."""
        oldest = None
        for press in self.presses:
            if not press.told and press.report.event != but and (oldest is None or press.pressed_at_ms < oldest):
                oldest = press.pressed_at_ms
        return oldest

    def next_complaint_ms(self, alarm_open):
        """When the wearer is next to be told, or None; with an alarm open not of a practice, as it would be of that."""
        oldest = self.oldest_untold_ms(w.PRACTICE_SOS if alarm_open else None)
        if oldest is None:
            self._complain_at_ms = None
            return None
        return max(oldest + NOT_GETTING_THROUGH_MS, self._complain_at_ms or 0)
