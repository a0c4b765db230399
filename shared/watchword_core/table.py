"""A procedure compiled to bytes: what the pendant keeps in flash and both sides run (layout in docs/protocol.md).

The hub compiles it from a procedure file; here it is only read. Its version is the hash of these bytes, which hold the
engine's own version, so that two sides that would decide differently never look alike.
"""

import hashlib
import struct
from collections import namedtuple

ENGINE_VERSION = 5
MAGIC = b"WL"

# magic, engine version, watches, rungs, forbidden plans, gate, ms a minute, what ends the visit, extension cap s,
# extension step s, flags, end of day (minutes after local midnight), how long after a later T_end it starts instead s
_HEAD = ">2sBBBBBIHHHBHH"
_WATCH = ">BBHHHHHB"
_RUNG = ">BBBHBBBBHHHH"
_FORBID = ">HHB"
_HEAD_BYTES = struct.calcsize(_HEAD)
_WATCH_BYTES = struct.calcsize(_WATCH)
_RUNG_BYTES = struct.calcsize(_RUNG)
_FORBID_BYTES = struct.calcsize(_FORBID)

MAX_WATCHES = 16
MAX_RUNGS = 64
MAX_TABLE_BYTES = 2048

# How a rung comes to open.
AT = 0  # when its watch has run for after_s
FAILED = 1  # when its source was answered "no"
LAPSED = 2  # when nobody reported on its source within the limit
EITHER = 3

# How much sooner than agreed a check-in may be made; contact before that is about something else, and it stays agreed.
EARLY_S = 600

NONE_AFTER = ()  # of the rungs that none follows; a list of its own for each takes the pendant 2 KB

AGAIN = 1  # Watch.flags: after an answer it starts once more, while the visit is open

MANAGER_TRACKS = 1  # Table.flags: out of hours the manager does the tracker's work
NO_END_OF_DAY = 0xFFFF

Watch = namedtuple(
    "Watch",
    (
        "anchor",  # words.AT_*: what starts it
        "flags",
        "when_set",  # plan bits that must all be set for it to exist
        "when_clear",  # plan bits that must all be clear
        "answered_by",  # words.BY_* bits
        "early_by",  # those of them that count even before the first rung opens
        "again_s",  # with AGAIN: how long after the answer the first rung opens
        "mark",  # words.RULE_*: what is marked on the record when speech answers it; 0: nothing
    ),
)

Rung = namedtuple(
    "Rung",
    (
        "watch",
        "start",  # AT, FAILED, LAPSED, EITHER
        "source",  # rung index, for all but AT
        "after_s",
        "verb",
        "by",
        "who",
        "via",
        "limit_s",  # 0: asks for no report
        "repeat_s",  # 0: once
        "when_set",
        "when_clear",
    ),
)

Forbid = namedtuple("Forbid", ("when_set", "when_clear", "rule"))


class TableError(Exception):
    """The bytes are no table that this engine can run; says what and where."""


def pack(gate, minute_ms, ends, cap_s, step_s, watches, rungs, forbids, flags=0, day_ends_min=NO_END_OF_DAY, late_s=0):
    """The compiled bytes; raises TableError where a count or a number does not fit."""
    if len(watches) > MAX_WATCHES or len(rungs) > MAX_RUNGS:
        raise TableError(
            "%d watches and %d rungs; the limits are %d and %d" % (len(watches), len(rungs), MAX_WATCHES, MAX_RUNGS)
        )
    try:
        parts = [
            struct.pack(
                _HEAD,
                MAGIC,
                ENGINE_VERSION,
                len(watches),
                len(rungs),
                len(forbids),
                gate,
                minute_ms,
                ends,
                cap_s,
                step_s,
                flags,
                day_ends_min,
                late_s,
            )
        ]
        parts += [struct.pack(_WATCH, *w) for w in watches]
        parts += [struct.pack(_RUNG, *r) for r in rungs]
        parts += [struct.pack(_FORBID, *f) for f in forbids]
    except Exception as e:  # noqa: BLE001 -- struct raises ValueError, OverflowError or its own error by interpreter
        raise TableError("a number does not fit the table: %s" % (e,))
    return b"".join(parts)


class Table:
    """The parsed table; shared by all cases that run it. `rungs_of[w]` are the rung indices of watch w."""

    def __init__(self, compiled):
        compiled = bytes(compiled)
        if len(compiled) < _HEAD_BYTES or len(compiled) > MAX_TABLE_BYTES:
            raise TableError("table has %d bytes; it needs %d to %d" % (len(compiled), _HEAD_BYTES, MAX_TABLE_BYTES))
        head = struct.unpack_from(_HEAD, compiled, 0)
        magic, engine, nw, nr, nf, self.gate, self.minute_ms, self.ends = head[:8]
        self.cap_s, self.step_s, self.flags, self.day_ends_min, self.late_s = head[8:]
        if magic != MAGIC or engine != ENGINE_VERSION:
            raise TableError("table is for engine %d; this is engine %d" % (engine, ENGINE_VERSION))
        want = _HEAD_BYTES + nw * _WATCH_BYTES + nr * _RUNG_BYTES + nf * _FORBID_BYTES
        if nw > MAX_WATCHES or nr > MAX_RUNGS or len(compiled) != want:
            raise TableError("table has %d bytes; its header asks for %d" % (len(compiled), want))
        at = _HEAD_BYTES
        self.watches, at = _rows(_WATCH, _WATCH_BYTES, Watch, compiled, at, nw)
        self.rungs, at = _rows(_RUNG, _RUNG_BYTES, Rung, compiled, at, nr)
        self.forbids, at = _rows(_FORBID, _FORBID_BYTES, Forbid, compiled, at, nf)
        for i, r in enumerate(self.rungs):
            if r.watch >= nw or (r.start != AT and r.source >= nr):
                raise TableError("rung %d points at a watch or rung that is not there" % i)
        self.rungs_of = [[i for i in range(nr) if self.rungs[i].watch == w] for w in range(nw)]
        self.after = [self._after(s) or NONE_AFTER for s in range(nr)]
        self.compiled = compiled
        self.version = hashlib.sha256(compiled).digest()[:8]
        self.short_version = int.from_bytes(self.version[:4], "big")

    def _after(self, source):
        return [i for i, r in enumerate(self.rungs) if r.start != AT and r.source == source]

    def ms(self, seconds):
        """Procedure seconds as milliseconds, at the pace that the table was compiled for."""
        return seconds * self.minute_ms // 60


def _rows(layout, size, row, compiled, at, n):
    return [row(*struct.unpack_from(layout, compiled, at + i * size)) for i in range(n)], at + n * size


def plan_fits(plan, when_set, when_clear):
    """Whether a plan's bits meet a condition."""
    return plan & when_set == when_set and plan & when_clear == 0
