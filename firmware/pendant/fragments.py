"""A procedure table arriving in pieces. What counts is the hash of the whole, so pieces may come in any order."""

from watchword_core.frames import MAX_FRAGMENT_BYTES
from watchword_core.table import MAX_TABLE_BYTES, Table, TableError

MAX_FRAGMENTS = (MAX_TABLE_BYTES + MAX_FRAGMENT_BYTES - 1) // MAX_FRAGMENT_BYTES


class Fragments:
    """Assembles one table at a time: the newest asked for wins."""

    def __init__(self, counters):
        self._counters = counters
        self._version = 0
        self._pieces = {}

    def add(self, fragment):
        """The Table when this was the last piece of one whose hash is its version; else None."""
        if not 0 < fragment.of <= MAX_FRAGMENTS or fragment.index >= fragment.of:
            self._counters.count("bad fragment")
            return None
        if fragment.procedure != self._version:
            self._version = fragment.procedure
            self._pieces = {}
        self._pieces[fragment.index] = fragment.table
        if len(self._pieces) < fragment.of:
            return None
        whole = b"".join([self._pieces.get(i, b"") for i in range(fragment.of)])
        self._version, self._pieces = 0, {}
        return self._checked(whole, fragment.procedure)

    def _checked(self, whole, short_version):
        try:
            table = Table(whole)
        except TableError:
            self._counters.count("bad table")
            return None
        if table.short_version != short_version:
            self._counters.count("bad table")
            return None
        return table
