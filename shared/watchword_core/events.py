"""What a case is told, and what it asks for."""

from collections import namedtuple

Event = namedtuple(
    "Event",
    (
        "kind",  # words: ARRIVED ... DURABLE
        "at_ms",  # when it happened, Unix ms by the hub's clock
        "by",  # role that did or recorded it, 0 or WORKER: the worker by the pendant
        "who",  # role that was called, 0: nobody
        # verb (DONE), decision (DECIDED), deadline's name (CHECKED_IN), raising count (alarms), means tried or which of
        # several emergency contacts, as bits (calls; 0: not said), WHATEVER_WAS_DUE (SPOKE),
        # words.AT_FINISH where the time is of the next check-in (EXTENDED)
        "what",
        "value",  # new time, Unix ms (EXTENDED; 0: one step later)
    ),
)

# `what`: which of several emergency contacts, from 0.
Action = namedtuple("Action", ("at_ms", "verb", "by", "who", "via", "rung", "what"))


def new_event(kind, at_ms, by=0, who=0, what=0, value=0):
    """An Event with the fields that most kinds leave empty."""
    return Event(kind, at_ms, by, who, what, value)


def disguised(kind, value):
    """`Report.value` of a duress that looks like a report of `kind` with `value`."""
    return value << 8 | kind


def disguise(value):
    """(kind, value) of the report that a duress with this `Report.value` looks like."""
    return value & 0xFF, value >> 8
