"""Button edges to gestures. SOS is one held button or the pulled lanyard; OK is one button, and SHAPES its gestures.

Timings are in real milliseconds whatever the procedure's pace. A gesture is reported when it is complete, so that a
wearer who lets go too early has done nothing. A contact that opens for a moment has slipped: the press goes on. That is
what a bouncing contact, a glove or a shaking hand does (`make gestures` counts what it makes of them).
"""

SOS_BUTTON = 1
OK_BUTTON = 2
LANYARD = 3

SOS = 1  # SOS held for SOS_HOLD_MS, or lanyard pulled
OK = 2
OK_HELD = 3
EXTEND = 4
DURESS = 5  # the twin of OK; as the other twins: hold first
SOS_STARTED = 6  # SOS down: the haptic grows, so that it can be let go
SOS_LET_GO = 7
DURESS_HELD = 8
DURESS_EXTEND = 9
CHECK = 10  # is all ready for the visit, or for the shift?
DISCREET = 11  # no light and no sound from now on, or both again
PRACTICE = 12  # of an SOS, with OK alone: the SOS button is always meant
PRACTICE_STARTED = 13  # OK pressed, then held: the haptic grows as for an SOS
PRACTICE_LET_GO = 14

NAMES = (
    "",
    "SOS",
    "OK",
    "OK held",
    "extend",
    "duress",
    "SOS started",
    "SOS let go",
    "duress, as OK held",
    "duress, as extend",
    "check",
    "discreet",
    "practice",
    "practice started",
    "practice let go",
)

# The presses of OK that make a gesture: s short, h held for OK_HOLD_MS; at most GAP_MS between two. Each is reported
# GAP_MS after its last press, a twin as its ordinary gesture, so that the time of the answer gives nothing away. CHECK
# and DISCREET report nothing to anybody, so they have no twin.
SHAPES = (
    ("s", OK),
    ("h", OK_HELD),
    ("ss", EXTEND),
    ("hs", DURESS),
    ("hsh", DURESS_HELD),
    ("hss", DURESS_EXTEND),
    ("sss", CHECK),
    ("hh", DISCREET),
    ("sh", PRACTICE_LET_GO),  # held on for PRACTICE_HOLD_MS it is PRACTICE
)
TWINS = ((DURESS, OK), (DURESS_HELD, OK_HELD), (DURESS_EXTEND, EXTEND))  # under duress, and what it looks like

SOS_HOLD_MS = 3000
OK_HOLD_MS = 1200
PRACTICE_HOLD_MS = OK_HOLD_MS + SOS_HOLD_MS
GAP_MS = 450  # the longest pause within a gesture
MAX_PRESSES = 4  # remembered of one gesture; what comes after them changes nothing

# The longest opening of a contact that is no letting go.
SOS_SLIP_MS = 100  # shorter than the pauses of a button that is knocked again and again
OK_SLIP_MS = 70  # shorter than the pause of two quick presses
HELD_SLIP_MS = 150  # of OK once it is held: a slip there must not make duress of it
BOUNCE_MS = 25  # a contact that closes again so soon was closed all the while
KNOCK_MS = 40  # what is shorter, after a press, is the pendant swinging back: no press
LANYARD_SLIP_MS = 1000  # a contact that flutters is one pull


def looks_like(gesture):
    """The ordinary gesture that this one under duress looks like, or None if it is none."""
    for twin, ordinary in TWINS:
        if twin == gesture:
            return ordinary
    return None


class Gestures:
    """Feed it every edge; call `handle_deadline` at `next_deadline_ms`. Times are ms that never wrap."""

    def __init__(self):
        self._down_at = {}  # button: when it went down
        self._again_at = {}  # button: when it was pressed again within a slip
        self._opened_at = {}  # button: when its contact last opened
        self._last = {}  # button: (when its last press began, when it ended)
        self._sos_done = False
        self._let_go_at = None  # SOS: let go unless it is pressed again by then
        self._presses = ""  # of OK so far, as in SHAPES
        self._presses_before = ""  # the same without the last
        self._practice = None  # PRACTICE_STARTED or PRACTICE, of the press that is down
        self._released_at = 0

    def edge(self, button, down, now_ms):
        """A button went down or up; the gesture that this completes, or None."""
        if (button in self._down_at) == down:
            return None
        if down:
            return self._pressed(button, now_ms)
        began_ms, ended_ms = self._down_at.pop(button), now_ms
        again_ms = self._again_at.get(button)
        self._opened_at[button] = now_ms
        if again_ms is not None and now_ms - again_ms < KNOCK_MS:
            ended_ms = self._last[button][1]
        elif button == OK_BUTTON and self._presses and now_ms - began_ms < KNOCK_MS:
            return None
        self._last[button] = (began_ms, ended_ms)
        return self._released(button, ended_ms - began_ms, ended_ms)

    def is_down(self, button):
        """Whether a button is down by what was accepted so far: its caller looks again at one that is not so."""
        return button in self._down_at

    def _pressed(self, button, now_ms):
        began_ms, ended_ms = self._last.get(button, (None, None))
        if began_ms is not None and now_ms - ended_ms <= _slip_ms(button, ended_ms - began_ms):
            self._down_at[button] = began_ms
            if now_ms - self._opened_at[button] > BOUNCE_MS:
                self._again_at[button] = now_ms
            if button == OK_BUTTON:
                self._presses = self._presses_before
            elif button == SOS_BUTTON:
                self._let_go_at = None
            return None
        self._down_at[button] = now_ms
        self._again_at.pop(button, None)
        if button == OK_BUTTON:
            self._practice = None
        if button == LANYARD:
            return SOS
        if button == SOS_BUTTON:
            self._sos_done = False
            return SOS_STARTED
        return None

    def _released(self, button, held_ms, now_ms):
        if button == SOS_BUTTON and not self._sos_done:
            if held_ms >= SOS_HOLD_MS:
                self._sos_done = True
                return SOS  # the deadline came late; the hold was long enough
            self._let_go_at = now_ms + SOS_SLIP_MS
        if button == OK_BUTTON and self._practice == PRACTICE:
            self._presses = self._presses_before = ""
        elif button == OK_BUTTON:
            self._presses_before = self._presses
            self._presses = (self._presses + ("h" if held_ms >= OK_HOLD_MS else "s"))[:MAX_PRESSES]
            self._released_at = now_ms
        return None

    def next_deadline_ms(self):
        """When a held or a finished press becomes a gesture by itself, or None."""
        due = []
        if SOS_BUTTON in self._down_at and not self._sos_done:
            due.append(self._down_at[SOS_BUTTON] + SOS_HOLD_MS)
        if self._let_go_at is not None:
            due.append(self._let_go_at + 1)
        if self._presses and OK_BUTTON not in self._down_at:
            due.append(self._released_at + GAP_MS)
        elif self._presses == "s" and self._practice != PRACTICE:
            due.append(self._down_at[OK_BUTTON] + (PRACTICE_HOLD_MS if self._practice else OK_HOLD_MS))
        return min(due) if due else None

    def handle_deadline(self, now_ms):
        """The gesture that time completes, or None; call again until None."""
        if SOS_BUTTON in self._down_at and not self._sos_done and now_ms - self._down_at[SOS_BUTTON] >= SOS_HOLD_MS:
            self._sos_done = True
            return SOS
        if self._let_go_at is not None and now_ms > self._let_go_at:
            self._let_go_at = None
            return SOS_LET_GO
        if self._presses and OK_BUTTON not in self._down_at and now_ms - self._released_at >= GAP_MS:
            presses, self._presses = self._presses, ""
            return _shaped(presses)
        if self._presses == "s" and OK_BUTTON in self._down_at:
            return self._practised(now_ms - self._down_at[OK_BUTTON])
        return None

    def _practised(self, held_ms):
        if self._practice is None and held_ms >= OK_HOLD_MS:
            self._practice = PRACTICE_STARTED
            return PRACTICE_STARTED
        if self._practice == PRACTICE_STARTED and held_ms >= PRACTICE_HOLD_MS:
            self._practice = PRACTICE
            return PRACTICE
        return None


def _slip_ms(button, held_ms):
    if button == OK_BUTTON:
        return HELD_SLIP_MS if held_ms >= OK_HOLD_MS else OK_SLIP_MS
    return SOS_SLIP_MS if button == SOS_BUTTON else LANYARD_SLIP_MS


def _shaped(presses):
    """What these presses of OK mean, or None: no gesture of ours."""
    for shape, gesture in SHAPES:
        if shape == presses:
            return gesture
    if presses == "s" * MAX_PRESSES:
        return CHECK  # impatience: it changes nothing, and its answer says that it was no OK
    return DURESS if presses.startswith("hs") else None  # whoever begins it is not asked to do it better
