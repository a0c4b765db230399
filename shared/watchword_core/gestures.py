"""Button edges to gestures. SOS is one held button or the pulled lanyard; OK is one button with four shapes.

Timings are in real milliseconds whatever the procedure's pace. A gesture is reported when it is complete, so that a
wearer who lets go too early has done nothing.
"""

SOS_BUTTON = 1
OK_BUTTON = 2
LANYARD = 3

SOS = 1  # SOS held for SOS_HOLD_MS, or lanyard pulled
OK = 2  # one short press
OK_HELD = 3  # held for OK_HOLD_MS and let go
EXTEND = 4  # two short presses
DURESS = 5  # held for OK_HOLD_MS, let go, then one short press
SOS_STARTED = 6  # SOS down: the haptic grows, so that it can be let go
SOS_LET_GO = 7

SOS_HOLD_MS = 3000
OK_HOLD_MS = 1200
GAP_MS = 450  # the longest pause within a gesture
DEBOUNCE_MS = 20


class Gestures:
    """Feed it every edge; call `handle_deadline` at `next_deadline_ms`. Times are ms that never wrap."""

    def __init__(self):
        self._down_at = {}  # button: when it went down
        self._changed_at = {}
        self._sos_done = False
        self._sos_since = 0
        self._presses = ""  # of OK so far: s short, h held
        self._released_at = 0

    def edge(self, button, down, now_ms):
        """A button went down or up; the gesture that this completes, or None."""
        if (button in self._down_at) == down:
            return None
        if now_ms - self._changed_at.get(button, -DEBOUNCE_MS) < DEBOUNCE_MS:
            # The contact bounces. Who is still holding SOS has not let go; all else is seen once the contact rests.
            if button != SOS_BUTTON or not down or self._sos_done:
                return None
            self._down_at[button] = self._sos_since
            return SOS_STARTED
        self._changed_at[button] = now_ms
        if down:
            self._down_at[button] = now_ms
            return self._pressed(button, now_ms)
        return self._released(button, now_ms - self._down_at.pop(button), now_ms)

    def is_down(self, button):
        """Whether a button is down by what was accepted so far: its caller looks again at one that is not so."""
        return button in self._down_at

    def _pressed(self, button, now_ms):
        if button == LANYARD:
            return SOS
        if button == SOS_BUTTON:
            self._sos_done = False
            self._sos_since = now_ms
            return SOS_STARTED
        return None

    def _released(self, button, held_ms, now_ms):
        if button == SOS_BUTTON:
            if held_ms >= SOS_HOLD_MS and not self._sos_done:
                return SOS  # the deadline came late; the hold was long enough
            return None if self._sos_done else SOS_LET_GO
        if button == OK_BUTTON:
            self._presses += "h" if held_ms >= OK_HOLD_MS else "s"
            self._released_at = now_ms
            if self._presses == "hs":
                return self._finish(DURESS)
            if self._presses == "ss":
                return self._finish(EXTEND)
            if len(self._presses) > 1:
                self._presses = ""  # no gesture of ours
        return None

    def _finish(self, gesture):
        self._presses = ""
        return gesture

    def next_deadline_ms(self):
        """When a held or a finished press becomes a gesture by itself, or None."""
        due = []
        if SOS_BUTTON in self._down_at and not self._sos_done:
            due.append(self._down_at[SOS_BUTTON] + SOS_HOLD_MS)
        if self._presses and OK_BUTTON not in self._down_at:
            due.append(self._released_at + GAP_MS)
        return min(due) if due else None

    def handle_deadline(self, now_ms):
        """The gesture that time completes, or None; call again until None."""
        if SOS_BUTTON in self._down_at and not self._sos_done and now_ms - self._down_at[SOS_BUTTON] >= SOS_HOLD_MS:
            self._sos_done = True
            return SOS
        if self._presses and OK_BUTTON not in self._down_at and now_ms - self._released_at >= GAP_MS:
            return self._finish(OK if self._presses == "s" else OK_HELD)
        return None
