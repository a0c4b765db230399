"""Plays a case's journal through the machines again: every recorded decision must come out, and no other.

What happened is in the rows of events, with their times; the moments at which deadlines were handled are those of the
rows that they left. Who was told is no decision of the machine: who held which role stands in the first row.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import disguise, new_event
from watchword_core.table import Table

from ..planned import PlanTimes
from .events import ALARMS, NAME_OF_EVENT, NAME_OF_VERB

_EVENT = {name: code for code, name in NAME_OF_EVENT.items()}
_VERB = {name: code for code, name in NAME_OF_VERB.items()}
_ROWS = "SELECT seq, at_ms, event_ms, kind, body FROM journal WHERE visit_case = ? ORDER BY seq"
_VERSION = "SELECT compiled FROM procedure_version WHERE version = ?"


class Decision(NamedTuple):
    """One action, as journalled or as played again."""

    at_ms: int
    verb: int
    by: int
    who: int
    via: int
    rung: int
    what: int


class Replayed(NamedTuple):
    """`recorded` and `again` are equal if the machines decide as they did."""

    recorded: list[Decision]
    again: list[Decision]
    faulted: int  # rows that could not be handled then, and are left out now


class _Row(NamedTuple):
    seq: int
    at_ms: int
    event_ms: int
    kind: str
    body: dict[str, Any]


def replay(connection: sqlite3.Connection, visit_case: int) -> Replayed:
    """Raises LookupError for a case that the store doesn't have."""
    found = connection.execute(_ROWS, (visit_case,))
    rows = [_Row(seq, at_ms, event_ms, kind, json.loads(body)) for seq, at_ms, event_ms, kind, body in found]
    if not rows or rows[0].kind != "opened":
        raise LookupError(f"case {visit_case} is not in this journal")
    case = _first(connection, rows[0], visit_case)
    recorded = [_decision(row) for row in rows if row.kind in _VERB]
    again: list[Decision] = []
    for row in rows[1:]:
        due_ms = case.next_deadline_ms()
        if due_ms is not None and due_ms <= row.at_ms:
            again += _decisions(case.handle_deadline(row.at_ms))
        for event in _events(row):
            again += _decisions(case.handle(event, row.at_ms))
    return Replayed(recorded, again, sum(row.kind == "faulted" for row in rows))


def _first(connection: sqlite3.Connection, row: _Row, visit_case: int) -> Case:
    body = row.body
    compiled = connection.execute(_VERSION, (bytes.fromhex(body["version"]),)).fetchone()[0]
    visit_id = 0 if body["plan"] & w.PLAN_NONE else visit_case
    return Case(Table(compiled), body["plan"], visit_id, *(body.get(name) for name in PlanTimes._fields))


def _events(row: _Row) -> Iterator[Any]:
    """The core events that a row stands for."""
    kind, body = _EVENT.get(row.kind), row.body
    if kind is None or not body.get("applied", True):
        return
    if "by_role" in body:  # a person's
        yield new_event(kind, row.at_ms, body["by_role"], body["who"], body["what"], body["value"])
    elif kind == w.SILENT:
        yield new_event(kind, row.at_ms)
    elif kind == w.SEEN:
        yield new_event(kind, row.event_ms)
    else:
        yield from _from_pendant(kind, row, body)


def _from_pendant(kind: int, row: _Row, body: dict[str, Any]) -> Iterator[Any]:
    """As the hub applied it; `ok`: the visit went on as after what a duress looked like."""
    if kind not in ALARMS:
        yield new_event(kind, row.event_ms, w.WORKER, 0, body["about"], body["value"])
        return
    if body.get("ok"):
        looks_like, value = disguise(body["value"])
        yield new_event(looks_like, row.event_ms, w.WORKER, 0, body["about"], value)
    yield new_event(kind, row.event_ms, w.WORKER, 0, body["count"])
    yield new_event(w.DURABLE, row.at_ms)


def _decision(row: _Row) -> Decision:
    body = row.body
    said = (body["by"], body["who"], body["via"], body["rung"], body.get("what", 0))
    return Decision(row.event_ms, _VERB[row.kind], *said)


def _decisions(actions: list[Any]) -> list[Decision]:
    return [Decision(one.at_ms, one.verb, one.by, one.who, one.via, one.rung, one.what) for one in actions]
