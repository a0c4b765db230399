"""How a snapshot holds a case in few bytes (docs/protocol.md)."""

import struct
from collections import namedtuple

# visit id, plan, visit state, which times are known, base ms
HEAD = ">IHBBQ"
SLOT = ">BBBI"

# Alarm slots. Duress has its own, so that an SOS during it changes nothing of it.
ALARM = 0
DURESS = 1
SLOTS = 2

Slot = namedtuple("Slot", ("stage", "kind", "owner", "ref"))
Heading = namedtuple("Heading", ("visit_id", "plan", "state", "slots"))


def snapshot_base_ms(moments):
    """What a snapshot's times count from, so that the latest fits, however long ago the first was."""
    return max(min(moments), max(moments) - 0x7FFFFFFF) if moments else 0


def offset_ms(moment, base_ms):
    """A moment in a snapshot's 32 bits; one more than 24 days before its base was long dealt with, and stays there."""
    return max(moment - base_ms, -0x80000000)


def first_untried(tried):
    """Which of several is tried next; `tried`: the others, as bits."""
    which = 0
    while tried >> which & 1:
        which += 1
    return which


def pack_states(states):
    """Numbers from 0 to 3 as bytes, four in each."""
    s = states + bytes(-len(states) % 4)
    return bytes([s[i] | s[i + 1] << 2 | s[i + 2] << 4 | s[i + 3] << 6 for i in range(0, len(s), 4)])


def unpack_states(stored, at, states):
    """Fills `states` from `stored[at:]`; the position after it. Raises IndexError where the bytes end too soon."""
    for i in range(len(states)):
        states[i] = stored[at + i // 4] >> (i % 4 * 2) & 3
    return at + (len(states) + 3) // 4


def heading_of(stored):
    """What a snapshot says without its table: an alarm's answers need none. Raises ValueError for other bytes."""
    try:
        visit_id, plan, state, _, _ = struct.unpack_from(HEAD, stored, 0)
        at, size = struct.calcsize(HEAD), struct.calcsize(SLOT)
        slots = [Slot(*struct.unpack_from(SLOT, stored, at + i * size)) for i in range(SLOTS)]
    except Exception as e:  # noqa: BLE001 -- struct and index errors differ by interpreter
        raise ValueError("these bytes are no snapshot: %s" % (e,))
    return Heading(visit_id, plan, state, slots)


def visit_id_of(stored):
    """The visit that a snapshot is about, without its table."""
    return heading_of(stored).visit_id
