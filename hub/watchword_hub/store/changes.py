"""What one batch will write: rows by statement, and journal entries in order. Nothing is on disk before the commit."""

import json
from typing import Any, NamedTuple

Row = tuple[Any, ...]
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

SITE = 0  # the case of journal entries that belong to no visit and no alarm


class Entry(NamedTuple):
    """A journal row before it is chained. `personal`: text that may have to be erased one day, "" none."""

    seq: int
    visit_case: int
    at_ms: int
    event_ms: int
    kind: str
    body: str
    personal: str


def canonical(body: dict[str, Any]) -> str:
    """The one JSON text of `body`, so that equal facts have equal hashes."""
    return _encode(body)


class Changes:
    """Collected by the engine while it handles a batch; `last_seq` is the newest journal row before it."""

    def __init__(self, last_seq: int) -> None:
        self._last_seq = last_seq
        self.entries: list[Entry] = []
        self.rows: dict[str, list[Row]] = {}  # by statement of hot.py, which says the order

    def add(self, statement: str, row: Row) -> None:
        rows = self.rows.get(statement)
        if rows is None:
            self.rows[statement] = [row]
        else:
            rows.append(row)

    def journal(
        self, visit_case: int, at_ms: int, event_ms: int, kind: str, body: dict[str, Any], personal: str = ""
    ) -> int:
        """Appends an entry; its sequence number."""
        seq = self._last_seq + len(self.entries) + 1
        self.entries.append(Entry(seq, visit_case, at_ms, event_ms, kind, canonical(body), personal))
        return seq

    @property
    def last_seq(self) -> int:
        """The newest journal row after this batch."""
        return self._last_seq + len(self.entries)

    @property
    def empty(self) -> bool:
        return not self.entries and not self.rows
