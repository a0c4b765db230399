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

EVENTS = ("arrive", "clear", "depart", "finish", "abandon", "cancel")

# Effects.
NOTHING = 0
OPEN_DOOR_WATCH = 1  # T: the arrival is known, entry waits for the gate
LET_IN = 2
SEE_OUT = 3
END = 4
ALREADY = 5  # shown on the record, changes nothing
EARLY = 6  # nothing to clear yet

TABLE = (
    # arrive                      clear                departs               finish           abandon             cancel
    (
        (AT_DOOR, OPEN_DOOR_WATCH),
        (PLANNED, EARLY),
        (LEAVING, SEE_OUT),
        (CLOSED, END),
        (LEAVING, SEE_OUT),
        (CLOSED, END),
    ),
    ((AT_DOOR, ALREADY), (INSIDE, LET_IN), (LEAVING, SEE_OUT), (CLOSED, END), (LEAVING, SEE_OUT), (CLOSED, END)),
    ((INSIDE, ALREADY), (INSIDE, ALREADY), (LEAVING, SEE_OUT), (CLOSED, END), (LEAVING, SEE_OUT), (LEAVING, SEE_OUT)),
    ((LEAVING, ALREADY), (LEAVING, ALREADY), (LEAVING, ALREADY), (CLOSED, END), (LEAVING, ALREADY), (LEAVING, ALREADY)),
    ((CLOSED, ALREADY), (CLOSED, ALREADY), (CLOSED, ALREADY), (CLOSED, ALREADY), (CLOSED, ALREADY), (CLOSED, ALREADY)),
)
