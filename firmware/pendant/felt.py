"""What the wearer can be told, by number. `feel` gives each its touch, light and sound."""

QUIET = 0  # ends SOS_GROWING
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

NAMES = (
    "quiet",
    "kept",
    "at the hub",
    "a person has it",
    "not getting through",
    "prompt",
    "overdue",
    "cleared",
    "refused",
    "low battery",
    "resolved",
    "closed",
    "sos growing",
    "nobody watching",
)

# What the LED says between patterns.
LIGHT_IDLE = 0
LIGHT_WATCHED = 1
LIGHT_UNWATCHED = 2
LIGHT_ALARM = 3
