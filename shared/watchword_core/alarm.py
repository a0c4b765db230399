"""The alarm: raised, at the hub, with a person, resolved. A total table as the visit's; nothing moves it backwards."""

NONE = 0
RAISED = 1
AT_HUB = 2
WITH_PERSON = 3
RESOLVED = 4

STAGES = ("none", "raised", "at the hub", "with a person", "resolved")

RAISE = 0
DURABLE = 1
ACKNOWLEDGE = 2
RESOLVE = 3

EVENTS = ("raise", "durable", "acknowledge", "resolve")

NOTHING = 0
START = 1  # the ladder starts, the wearer feels that it is kept
AGAIN = 2  # pressed again while open: people are told again, no timer moves
REACHED_HUB = 3
TAKEN = 4
END = 5

TABLE = (
    # raise              durable                 acknowledge            resolve
    ((RAISED, START), (NONE, NOTHING), (NONE, NOTHING), (NONE, NOTHING)),
    ((RAISED, AGAIN), (AT_HUB, REACHED_HUB), (WITH_PERSON, TAKEN), (RESOLVED, END)),
    ((AT_HUB, AGAIN), (AT_HUB, NOTHING), (WITH_PERSON, TAKEN), (RESOLVED, END)),
    ((WITH_PERSON, AGAIN), (WITH_PERSON, NOTHING), (WITH_PERSON, TAKEN), (RESOLVED, END)),
    ((RAISED, START), (RESOLVED, NOTHING), (RESOLVED, NOTHING), (RESOLVED, NOTHING)),
)
