"""The journal, for people to read: the committed store's rows as lines with names and clauses.

Asked anew with every commit, before a console hears of an alarm: so it is one statement on a connection of sqlite3
that is kept, and what never changes is kept too.
"""

import json
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from watchword_core import words as w

from .console.views import JournalLine
from .engine.events import NAME_OF_EVENT, NAME_OF_VERB
from .engine.procedure_book import StoredProcedure
from .engine.roles import NAME_OF_ROLE
from .store.store import MAX_ROW

_EVENT_OF_NAME = {name: code for code, name in NAME_OF_EVENT.items()}
_VERBS = frozenset(NAME_OF_VERB.values())
_ASKED = {
    "call": "{by} to call the {role}",
    "tell": "{role}{person} to be told",
    "tell by": "{by} to tell the {role}",
    "prompt": "pendant to prompt the {role}",
    "clear": "pendant to say: you may go in",
    "refuse": "pendant to say: do not go in",
    "decide": "{by} to decide about the police",
    "dial_999": "{by} to dial 999",
    "mark": "noted in the record",
    "close": "visit to be closed",
}
_CALLS = (w.CALL_SAFE, w.CALL_AT_RISK, w.CALL_DURESS, w.CALL_NO_ANSWER, w.CALL_VOICEMAIL)
_LINES = """SELECT j.seq, j.visit_case, j.at_ms, j.event_ms, j.kind, j.body, c.version, p.body FROM journal j
    LEFT JOIN personal p ON p.seq = j.seq LEFT JOIN visit_case c ON c.id = j.visit_case"""
_AFTER = f"{_LINES} WHERE j.seq > ? ORDER BY j.seq LIMIT ?"
_NEWEST_OF = f"{_LINES} WHERE j.visit_case = ? ORDER BY j.seq DESC LIMIT ?"


class _Row(NamedTuple):
    seq: int
    visit_case: int
    at_ms: int
    event_ms: int
    kind: str
    body: str
    version: bytes
    personal: str | None


class JournalReader:
    """Lines of the store at `path`; any thread may call."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._versions: dict[bytes, StoredProcedure] = {}
        self._names: dict[int, str] = {}
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def last_seq(self) -> int:
        """The newest row's number, 0 for none."""
        return int(self._rows("SELECT COALESCE(MAX(seq), 0) FROM journal")[0][0])

    def of(self, case_id: int, limit: int) -> Sequence[JournalLine]:
        """The newest `limit` lines of one case, oldest first."""
        return [self._line(_Row._make(row)) for row in reversed(self._rows(_NEWEST_OF, case_id, limit))]

    def after(self, seq: int, limit: int) -> Sequence[JournalLine]:
        """Lines of all cases with a higher number, in order."""
        return [self._line(_Row._make(row)) for row in self._rows(_AFTER, min(seq, MAX_ROW), limit)]

    def procedure(self, version: bytes) -> StoredProcedure:
        """A version never changes, so it is kept."""
        with self._lock:
            found = self._versions.get(version)
            if found is None:
                query = "SELECT name, compiled, lines FROM procedure_version WHERE version = ?"
                (row,) = self._rows(query, version)
                found = self._versions[version] = StoredProcedure(*row)
            return found

    def name(self, person: int | None) -> str:
        """A name never changes, so it is kept; "" for nobody."""
        if person is None:
            return ""
        with self._lock:
            if person not in self._names:
                self._names = dict(self._rows("SELECT id, name FROM person"))
            return self._names.get(person, "")

    def _rows(self, query: str, *values: int | bytes) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _line(self, row: _Row) -> JournalLine:
        body = json.loads(row.body)
        kind: int | str = _EVENT_OF_NAME.get(row.kind, row.kind)
        text, by, until_ms = "", "", None
        if row.kind in _VERBS:
            text = self._action_text(row, body)
        elif row.kind == "handed_over":
            role = NAME_OF_ROLE.get(body["role"], "")
            change = f"{role}: {self.name(body['before'])} to {self.name(body['person'])}"
            text = ". ".join(part for part in (change, row.personal) if part)
            by = self.name(body["by_person"])
        elif "by_person" in body:
            text = ". ".join(part for part in (_recorded(kind, body), row.personal) if part)
            by = self.name(body["by_person"])
            until_ms = body["value"] or None if kind == w.EXTENDED else None
        elif isinstance(kind, int) and not body.get("applied", True):
            text = "kept as evidence, changed nothing"
        elif row.kind == "faulted":
            text = f"could not be handled ({body['error']})"
        return JournalLine(row.seq, row.visit_case, row.at_ms, row.event_ms, kind, text, by, until_ms)

    def _action_text(self, row: _Row, body: dict[str, Any]) -> str:
        """One line of what the procedure asked of whom, with its clause."""
        role = NAME_OF_ROLE.get(body["who"], "").replace("_", " ")
        person = self.name(body["person"])
        procedure = self.procedure(row.version)
        clause = procedure.clause(body["rung"])
        how = "tell by" if row.kind == "tell" and body["by"] != w.HUB else row.kind
        if body["who"] == w.EMERGENCY_CONTACT:
            role += f" {body.get('what', 0) + 1}"
        if row.kind in ("refuse", "mark") and (what := procedure.what(body["rung"])):
            return f"{_ASKED[row.kind]}: {what} [{clause}]"
        said = _ASKED.get(how, how).format(role=role, person=f" ({person})" if person else "", by=person or "somebody")
        return f"{said} [{clause}]" if clause else said


def _recorded(kind: int | str, body: dict[str, Any]) -> str:
    """What of a person's record its kind doesn't say."""
    who = NAME_OF_ROLE.get(body["who"], "").replace("_", " ")
    if kind in _CALLS and who:
        nth = f" {body['value'] + 1}" if body["who"] == w.EMERGENCY_CONTACT else ""
        means = body["via"].replace(" ", ", ").replace("_", " ")
        return f"{who}{nth}{f' by {means}' if means else ''}"
    if kind == w.DONE:
        return {w.DIAL_999: "999 dialled", w.TELL: f"told the {who}" if who else "told"}.get(body["what"], "")
    if kind == w.RESOLVED:
        return "999 not needed" if body["what"] == w.DIAL_999 else ""
    if kind == w.DECIDED:
        return {w.CALL_POLICE: "call the police", w.NOT_POLICE: "not the police"}.get(body["what"], "")
    if kind == w.EXTENDED:
        return "next check-in" if body["what"] == w.AT_FINISH else "new finish" if body["value"] else "by one step"
    return ""
