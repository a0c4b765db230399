"""What the wearer can be told: the one table of answers. `feel` plays it, and docs/wearing.md is drawn from it.

Distinct with eyes shut: by the order of short pulses (to SHORT_MS) and long ones (from LONG_MS), where pauses are as
long as the pulses around them need to be told apart. No two have the same order.
"""

from collections import namedtuple

QUIET = 0  # ends what GROWS
KEPT = 1  # in the pendant's own flash
AT_HUB = 2  # durable at the hub
PERSON_HAS_IT = 3
NOT_GETTING_THROUGH = 4
PROMPT = 5  # the procedure asks the wearer for something now
OVERDUE = 6  # because of the wearer's silence, the manager is being told
CLEARED = 7  # may go in
REFUSED = 8  # may not go in, or no visit is open
LOW_BATTERY = 9
RESOLVED = 10  # the alarm is over
CLOSED = 11  # the visit is over
SOS_GROWING = 12  # the SOS button is down
NOBODY_WATCHING = 13  # nothing heard of the hub
READY = 14  # the check before the door found nothing missing
NOT_READY = 15
DISCREET_ON = 16
DISCREET_OFF = 17
FIND_ME = 18  # the tracker looks for the pendant
PRACTICE = 19  # after the answers to a practice SOS: no help is coming
FALL = 20  # has the wearer fallen? Asked again until she answers, or it is an alarm
NOT_WORN = 21  # in a visit: nobody seems to wear it

GROWS = (SOS_GROWING, FALL)  # stronger from pulse to pulse

SHORT_MS = 100
LONG_MS = 300
SLOW_MS = 500  # a pause that makes slow what would else be quick

# importance: higher cuts lower short. pulses: on, off, on ... in ms. buzzer: sounds with it unless discreet.
Pattern = namedtuple("Pattern", ("name", "importance", "pulses", "buzzer"))

PATTERNS = (
    Pattern("quiet", 0, (), False),
    Pattern("kept", 4, (60,), False),
    Pattern("at the hub", 5, (70, 70, 70), False),
    Pattern("a person has it", 6, (400, 150, 400, 150, 400), False),
    Pattern("not getting through", 5, (80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80), True),
    Pattern("prompt", 2, (500, 150, 100, 100, 100), True),
    Pattern("overdue", 3, (700, 250, 700), True),
    Pattern("cleared", 4, (100, 100, 100, 100, 600), False),
    Pattern("refused", 4, (1200,), False),
    Pattern("low battery", 0, (100, 200, 400), True),
    Pattern("resolved", 4, (400, 150, 100, 150, 400), False),
    Pattern("closed", 1, (400, 200, 100), False),
    Pattern("sos growing", 7, (200, 100) * 9 + (200,), False),
    Pattern("nobody watching", 1, (100, 500, 100, 500, 100, 500, 100), False),
    Pattern("ready", 3, (100, 150, 400, 150, 100), False),
    Pattern("not ready", 3, (400, 150, 400, 150, 100), False),
    Pattern("discreet", 1, (100, 150, 100, 150, 100), False),
    Pattern("not discreet", 1, (100, 150, 400, 150, 400), False),
    Pattern("find me", 0, (400, 200) * 6 + (400,), True),
    Pattern("practice", 4, (100, 150, 400, 150, 100, 150, 400), False),
    Pattern("have you fallen", 6, (100, 100) * 2 + (100, 150) + (400, 150) * 2 + (400,), True),
    Pattern("not worn", 1, (400, 500, 100, 500, 400, 500, 100), True),
)
NAMES = tuple([pattern.name for pattern in PATTERNS])

# What the LED says between patterns.
LIGHT_IDLE = 0
LIGHT_WATCHED = 1
LIGHT_UNWATCHED = 2
LIGHT_ALARM = 3


def beats(number):
    """A pattern as a hand tells it apart: "s" short, "l" long, "_" a slow pause between."""
    pulses = PATTERNS[number].pulses
    told = ""
    for i in range(len(pulses)):
        if i % 2 == 0:
            told += "s" if pulses[i] <= SHORT_MS else "l" if pulses[i] >= LONG_MS else "?"
        elif pulses[i] >= SLOW_MS:
            told += "_"
    return told
