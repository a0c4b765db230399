"""Every press in flash, before the wearer feels that it is kept; and which of them the hub has.

Fixed records with a checksum are appended to the newest of a few segment files, each no larger than a block of the
flash, so that appending never rewrites what is already kept. When there are MAX_SEGMENTS, the oldest goes: presses in
it that the hub does not have are appended again first, as they are, so the oldest acknowledged ones are what is lost.
A record that a power cut tore is skipped and counted.
"""

import binascii
import os
import struct

from watchword_core import frames

# kind, seq (of the press: its place among all presses), hub ms of the press, the sealed frame or what is settled
_RECORD = ">BIQ%ds" % frames.UP_BYTES
_CRC = ">I"
RECORD_BYTES = struct.calcsize(_RECORD) + 4
SEGMENT_RECORDS = 40  # less than a block of 4,096 bytes
MAX_SEGMENTS = 12
MAX_RECALLED = 32
MAX_UNACKNOWLEDGED = 128  # beyond it the second oldest is given up: the first and the latest say most

_PRESS = 1
_SETTLED = 2
_SETTLES = ">QI"  # boot, count
_PREFIX = "journal-"


class Journal:
    """In `folder`. `keep` raises OSError when flash can't take it: then the press is not kept."""

    def __init__(self, folder):
        self._folder = folder[:-1] if folder.endswith("/") else folder
        self.torn = 0
        self.foreign = 0  # presses of a version of frames that this firmware doesn't speak
        self.unread = 0  # times that flash did not give what is in it
        self.given_up = 0
        self._seq = 0
        self._waiting = {}  # (boot, count): (seq, hub_ms, frame)
        self._boot = 0  # of the latest press
        self._segments = self._found()
        for n in self._segments:
            for kind, seq, hub_ms, content in self._records(n):
                self._replay(kind, seq, hub_ms, content)
        self._room = 0 if self.unread else self._room_in_last()  # nothing goes behind what can't be read

    # -- writing

    def keep(self, frame, hub_ms):
        """A press, in flash when this returns."""
        self._seq += 1
        self._append(_PRESS, self._seq, hub_ms, frame)
        self._replay(_PRESS, self._seq, hub_ms, frame)

    def settle(self, boot, count):
        """The hub has that press."""
        self._append(_SETTLED, 0, 0, struct.pack(_SETTLES, boot, count))
        self._waiting.pop((boot, count), None)

    # -- reading

    def unacknowledged(self):
        """[(frame, hub_ms)] in order of pressing."""
        return [(frame, hub_ms) for _, hub_ms, frame in sorted(self._waiting.values())]

    def latest(self):
        """[(frame, hub_ms)] of the latest MAX_RECALLED presses, acknowledged or not, in order of pressing."""
        found = {}
        for n in self._segments:
            for kind, seq, hub_ms, frame in self._records(n):
                if kind == _PRESS:
                    found[seq] = (frame, hub_ms)
                    if len(found) > MAX_RECALLED:
                        found.pop(min(found))
        return [found[seq] for seq in sorted(found)]

    # -- segments

    def _path(self, n):
        return "%s/%s%08d" % (self._folder, _PREFIX, n)

    def _found(self):
        names = [name for name in os.listdir(self._folder or "/") if name.startswith(_PREFIX)]
        return sorted([int(name[len(_PREFIX) :]) for name in names])

    def _records(self, n):
        try:
            with open(self._path(n), "rb") as f:
                while True:
                    stored = f.read(RECORD_BYTES)
                    if not stored:
                        return
                    record = _read(stored)
                    if record is None:
                        self.torn += 1
                    else:
                        yield record
        except OSError:  # what stands behind it is lost; a boot that ended here would lose every SOS to come
            self.unread += 1

    def _room_in_last(self):
        if not self._segments:
            return 0
        size = os.stat(self._path(self._segments[-1]))[6]
        return 0 if size % RECORD_BYTES else SEGMENT_RECORDS - size // RECORD_BYTES  # nothing goes behind a torn one

    def _replay(self, kind, seq, hub_ms, content):
        if kind == _PRESS:
            header = _header(content)
            if header is None:
                self.foreign += 1
                return
            if header.boot != self._boot:
                self._boot = header.boot  # one number for all of its presses: so wide, each takes room of its own
            self._waiting[(self._boot, header.count)] = (seq, hub_ms, content)
            if len(self._waiting) > MAX_UNACKNOWLEDGED:
                self._give_up(sorted([waiting[0] for waiting in self._waiting.values()])[1])
            self._seq = max(self._seq, seq)
        elif kind == _SETTLED:
            self._waiting.pop(struct.unpack_from(_SETTLES, content, 0), None)

    def _give_up(self, seq):
        self._waiting = {key: waiting for key, waiting in self._waiting.items() if waiting[0] != seq}
        self.given_up += 1

    def _append(self, kind, seq, hub_ms, content):
        if self._room == 0:
            self._next_segment()
        self._write(kind, seq, hub_ms, content)

    def _write(self, kind, seq, hub_ms, content):
        body = struct.pack(_RECORD, kind, seq, hub_ms, content)
        try:
            with open(self._path(self._segments[-1]), "ab") as f:  # closing it is what makes it last
                f.write(body + struct.pack(_CRC, binascii.crc32(body) & 0xFFFFFFFF))
        except OSError:
            self._room = self._room_in_last()  # a part of it may be there, and nothing goes behind that
            raise
        self._room -= 1

    def _next_segment(self):
        self._begin_segment()
        while len(self._segments) > MAX_SEGMENTS:
            oldest = self._segments[0]
            for kind, seq, hub_ms, frame in self._records(oldest):
                if kind == _PRESS and self._waits(frame):
                    if self._room == 0:
                        self._begin_segment()
                    self._write(_PRESS, seq, hub_ms, frame)
            os.remove(self._path(oldest))
            self._segments.pop(0)

    def _begin_segment(self):
        n = self._segments[-1] + 1 if self._segments else 1
        open(self._path(n), "ab").close()  # one that flash has no room for is none
        self._segments.append(n)
        self._room = SEGMENT_RECORDS

    def _waits(self, frame):
        header = _header(frame)
        return header is not None and (header.boot, header.count) in self._waiting


def _header(frame):
    """None: of another version, as a firmware before this one or after it kept it."""
    try:
        return frames.read_header(frame)
    except frames.FrameError:
        return None


def _read(stored):
    """(kind, seq, hub_ms, content), or None when it is not whole."""
    if len(stored) < RECORD_BYTES:
        return None
    body = stored[:-4]
    if struct.unpack(_CRC, stored[-4:])[0] != binascii.crc32(body) & 0xFFFFFFFF:
        return None
    return struct.unpack(_RECORD, body)
