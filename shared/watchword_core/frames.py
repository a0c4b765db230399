"""The frames between pendant and hub: fixed layouts, one class a message, sealed end to end (docs/protocol.md).

Clear to the carriers is only the header, which a bridge needs to queue, repeat and drop: version, lane, pendant, boot,
count, and on the way down which frame it acknowledges. All frames of one direction have one length, whatever they
say, so that length tells a bystander nothing.
"""

import struct
from collections import namedtuple

from .seal import TAG_BYTES, SealError

VERSION = 1

# Lanes. Each counts for itself within a boot. All that a person does goes by PRESS, duress and SOS included, so that a
# carrier cannot tell them apart; ROUTINE may be lost, PRESS is repeated until the hub has it.
PRESS = 1
ROUTINE = 2
DOWN = 3

# Header: version, lane, pendant, boot, count; on the way down also the lane and count of the frame acknowledged.
_UP_HEADER = ">BBIQI"
_DOWN_HEADER = ">BBIQIBI"
UP_HEADER_BYTES = struct.calcsize(_UP_HEADER)
DOWN_HEADER_BYTES = struct.calcsize(_DOWN_HEADER)

# Report: event, flags, battery mV, event ticks ms since boot, visit, about, value, lat and lon 1e-7 degrees,
# accuracy m, fix age s, procedure version.
_REPORT = ">BBHQIIQiiHHI"
REPORT_BYTES = struct.calcsize(_REPORT)
UP_BYTES = UP_HEADER_BYTES + TAG_BYTES + REPORT_BYTES

# Status and Fragment share one body length: kind, then the fields, then zeros.
_STATUS = ">BQQIIIH"
_FRAGMENT = ">BIBBH"
_FIND = ">BQI"
_STATUS_FIXED_BYTES = struct.calcsize(_STATUS)
_FRAGMENT_FIXED_BYTES = struct.calcsize(_FRAGMENT)
DOWN_BODY_BYTES = 204  # the whole frame fits one notification at an MTU of 247
DOWN_BYTES = DOWN_HEADER_BYTES + TAG_BYTES + DOWN_BODY_BYTES
MAX_SNAPSHOT_BYTES = DOWN_BODY_BYTES - _STATUS_FIXED_BYTES
MAX_FRAGMENT_BYTES = DOWN_BODY_BYTES - _FRAGMENT_FIXED_BYTES

_KIND_STATUS = 1
_KIND_FRAGMENT = 2
_KIND_FIND = 3

# Report.flags
CLOCK_SET = 1  # the pendant's clock was set from the hub when this happened
WATCHED = 2  # the pendant had heard the hub within its silence limit
PRACTICE = 4
OLD_PLACE = 8  # the position is the last known of before this boot; without it, a GNSS fix of this boot
CLOCK_GNSS = 16  # it was set from GNSS, the hub's time not being known; with neither flag it was not set
NOT_WORN = 32  # it lies stiller than anybody who wears it; without it, it is worn or nobody knows
NO_FALLS = 64  # its accelerometer fails; without it, it works, or was not tried yet

NO_POSITION = -0x80000000  # lat and lon when there never was a fix
NO_AGE = 0xFFFF


class FrameError(Exception):
    """A frame that can't be used. `culprit` is "peer" (bytes from outside) or "ours" (built wrongly here)."""

    def __init__(self, culprit, reason):
        super().__init__("%s (fault: %s)" % (reason, culprit))
        self.culprit = culprit
        self.reason = reason


Header = namedtuple("Header", ("lane", "pendant", "boot", "count", "ack_lane", "ack_count"))

Report = namedtuple(
    "Report",
    (
        "event",  # a number of words.py below 64
        "flags",  # CLOCK_SET | WATCHED | PRACTICE | OLD_PLACE | CLOCK_GNSS | NOT_WORN | NO_FALLS
        "battery_mv",  # 0: not known
        "ticks_ms",  # since this boot, when it happened
        "visit",  # visit id, 0: none
        "about",  # deadline answered, or alarm (its raising count in this boot); 0: nothing in particular
        "value",  # the event's own: the end asked for, the challenge answered; of duress what it looks like
        "lat_e7",  # 1e-7 degrees, NO_POSITION: none
        "lon_e7",
        "accuracy_m",
        "fix_age_s",  # since the position was fixed, NO_AGE: no fix, or nobody knows; one less: that or more
        "procedure",  # first 4 bytes of the version that the pendant runs, 0: none
    ),
)

Status = namedtuple(
    "Status",
    (
        "hub_ms",  # the hub's time when this was sealed, Unix ms
        "challenge",  # not 0: the hub does not know this boot; answer with HELLO
        "epoch",  # the hub's store; another number than last time: repeat what the journal has
        "procedure",  # first 4 bytes of the version of the table that `snapshot` is for, 0: no snapshot
        "lifetime_ms",  # what `snapshot` says may be felt until hub_ms + lifetime_ms
        "snapshot",  # bytes of Case.snapshot(), b"": no visit and no alarm
    ),
)

Fragment = namedtuple(
    "Fragment",
    (
        "procedure",  # first 4 bytes of the table's version
        "index",  # from 0
        "of",  # how many
        "table",  # bytes of the compiled table from index * MAX_FRAGMENT_BYTES
    ),
)

Find = namedtuple(
    "Find",
    (
        "hub_ms",  # the hub's time when this was sealed, Unix ms
        "lifetime_ms",  # felt until hub_ms + lifetime_ms, or not at all
    ),
)

_StructError = getattr(struct, "error", ValueError)  # MicroPython has no struct.error


def _pack(layout, *fields):
    try:
        packed = struct.pack(layout, *fields)
        fits = struct.unpack(layout, packed) == fields  # MicroPython's pack cuts a number too big, and says nothing
    except (_StructError, OverflowError, TypeError) as e:
        raise FrameError("ours", "a field does not fit its layout %s: %s" % (layout, e))
    if not fits:
        raise FrameError("ours", "a field of %r does not fit its layout %s" % (fields, layout))
    return packed


def _check(layout_ok, what):
    if not layout_ok:
        raise FrameError("ours", what)


def read_header(frame):
    """The clear part of `frame`, for carriers and for choosing the key; says nothing about whether it is genuine."""
    n = len(frame)
    if n == UP_BYTES:
        version, lane, pendant, boot, count = struct.unpack_from(_UP_HEADER, frame, 0)
        ack_lane = ack_count = 0
        lane_fits = lane in (PRESS, ROUTINE)
    elif n == DOWN_BYTES:
        version, lane, pendant, boot, count, ack_lane, ack_count = struct.unpack_from(_DOWN_HEADER, frame, 0)
        lane_fits = lane == DOWN
    else:
        raise FrameError("peer", "frame has %d bytes; frames have %d or %d" % (n, UP_BYTES, DOWN_BYTES))
    if version != VERSION:
        raise FrameError("peer", "frame version %d; this side speaks %d" % (version, VERSION))
    if not lane_fits:
        raise FrameError("peer", "lane %d does not go with %d bytes" % (lane, n))
    return Header(lane, pendant, boot, count, ack_lane, ack_count)


def split(carried, size):
    """The frames of one broker message: `carried` is one or more frames of `size` bytes end to end."""
    if not carried or len(carried) % size:
        raise FrameError("peer", "message of %d bytes is not whole frames of %d" % (len(carried), size))
    return [carried[i : i + size] for i in range(0, len(carried), size)]


def seal_report(siv, lane, pendant, boot, count, report):
    """UP_BYTES of sealed frame."""
    _check(lane in (PRESS, ROUTINE), "lane %r is not for reports" % (lane,))
    header = _pack(_UP_HEADER, VERSION, lane, pendant, boot, count)
    return header + siv.seal(header, _pack(_REPORT, *report))


def open_report(siv, frame):
    """(Header, Report) of a genuine frame; an event code from a newer pendant is kept as its number."""
    header = read_header(frame)
    if header.lane == DOWN:
        raise FrameError("peer", "a frame for the pendant came up")
    return header, Report(*struct.unpack(_REPORT, _open(siv, frame, UP_HEADER_BYTES)))


def seal_status(siv, pendant, boot, count, ack_lane, ack_count, status):
    """DOWN_BYTES of sealed frame; (ack_lane, ack_count) names the frame that is durable now, (0, 0) none."""
    n = len(status.snapshot)
    _check(n <= MAX_SNAPSHOT_BYTES, "snapshot has %d bytes; a status holds %d" % (n, MAX_SNAPSHOT_BYTES))
    fixed = _pack(
        _STATUS, _KIND_STATUS, status.hub_ms, status.challenge, status.epoch, status.procedure, status.lifetime_ms, n
    )
    return _seal_down(siv, pendant, boot, count, ack_lane, ack_count, fixed + bytes(status.snapshot))


def seal_fragment(siv, pendant, boot, count, fragment):
    """DOWN_BYTES of sealed frame carrying one piece of a compiled table."""
    n = len(fragment.table)
    _check(n <= MAX_FRAGMENT_BYTES, "fragment has %d bytes; a frame holds %d" % (n, MAX_FRAGMENT_BYTES))
    fixed = _pack(_FRAGMENT, _KIND_FRAGMENT, fragment.procedure, fragment.index, fragment.of, n)
    return _seal_down(siv, pendant, boot, count, 0, 0, fixed + bytes(fragment.table))


def seal_find(siv, pendant, boot, count, find):
    """DOWN_BYTES of sealed frame that makes the pendant buzz, so that it is found."""
    fixed = _pack(_FIND, _KIND_FIND, find.hub_ms, find.lifetime_ms)
    return _seal_down(siv, pendant, boot, count, 0, 0, fixed)


def open_down(siv, frame):
    """(Header, Status, Fragment or Find) of a genuine frame, or (Header, None) for a kind from a newer hub."""
    header = read_header(frame)
    if header.lane != DOWN:
        raise FrameError("peer", "a frame for the hub came down")
    body = _open(siv, frame, DOWN_HEADER_BYTES)
    if body[0] == _KIND_STATUS:
        _, hub_ms, challenge, epoch, procedure, lifetime_ms, n = struct.unpack_from(_STATUS, body, 0)
        tail = _tail(body, _STATUS_FIXED_BYTES, n)
        return header, Status(hub_ms, challenge, epoch, procedure, lifetime_ms, tail)
    if body[0] == _KIND_FRAGMENT:
        _, procedure, index, of, n = struct.unpack_from(_FRAGMENT, body, 0)
        return header, Fragment(procedure, index, of, _tail(body, _FRAGMENT_FIXED_BYTES, n))
    if body[0] == _KIND_FIND:
        _, hub_ms, lifetime_ms = struct.unpack_from(_FIND, body, 0)
        return header, Find(hub_ms, lifetime_ms)
    return header, None


def _seal_down(siv, pendant, boot, count, ack_lane, ack_count, body):
    header = _pack(_DOWN_HEADER, VERSION, DOWN, pendant, boot, count, ack_lane, ack_count)
    return header + siv.seal(header, body + bytes(DOWN_BODY_BYTES - len(body)))


def _open(siv, frame, header_bytes):
    try:
        return siv.open(bytes(frame[:header_bytes]), bytes(frame[header_bytes:]))
    except SealError as e:
        raise FrameError("peer", str(e))


def _tail(body, start, n):
    if start + n > len(body):
        raise FrameError("peer", "length %d runs past the frame" % n)
    return body[start : start + n]
