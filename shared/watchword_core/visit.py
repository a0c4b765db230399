"""The visit: a total table, since late and doubled events come from radios and tired people, not from bugs.

Every (state, event) pair is written down: the next state and the effect that `case` carries out. docs/states.md is
generated from it.
"""

PLANNED = 0
AT_DOOR = 1
INSIDE = 2
LEAVING = 3
CLOSED = 4

STATES = ("planned", "at the door", "inside", "leaving", "closed")

# Events of this table; `case` translates what happened into them.
ARRIVE = 0
CLEAR = 1
DEPART = 2
FINISH = 3  # what the file calls the end: a spoken departure, a report, a return
ABANDON = 4
CANCEL = 5
BAR = 6  # don't go in: no signal at the doorstep

EVENTS = ("arrive", "clear", "depart", "finish", "abandon", "cancel", "bar")

# Effects.
NOTHING = 0
OPEN_DOOR_WATCH = 1  # T: the arrival is known, entry waits for the gate
LET_IN = 2
SEE_OUT = 3
END = 4
ALREADY = 5  # shown on the record, changes nothing
EARLY = 6  # nothing to clear yet

_DOOR = (AT_DOOR, OPEN_DOOR_WATCH)
_IN = (INSIDE, LET_IN)
_OUT = (LEAVING, SEE_OUT)
_END = (CLOSED, END)


def _same(state):
    return (state, ALREADY)


TABLE = (
    # arrive, clear, depart, finish, abandon, cancel, bar
    (_DOOR, (PLANNED, EARLY), _OUT, _END, _OUT, _END, (PLANNED, NOTHING)),
    (_same(AT_DOOR), _IN, _OUT, _END, _OUT, _END, (AT_DOOR, NOTHING)),
    (_same(INSIDE), _same(INSIDE), _OUT, _END, _OUT, _OUT, (AT_DOOR, NOTHING)),
    (_same(LEAVING), _same(LEAVING), _same(LEAVING), _END, _same(LEAVING), _same(LEAVING), _same(LEAVING)),
    (_same(CLOSED), _same(CLOSED), _same(CLOSED), _same(CLOSED), _same(CLOSED), _same(CLOSED), _same(CLOSED)),
)
