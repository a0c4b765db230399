"""Procedure files: read, checked, and compiled to the table that pendant and hub run.

A file is refused whole, with its line and the reason: nothing half-loaded ever runs. `general.toml` is compiled into
every table, first, so that an alarm with no visit and an alarm in one go the same way.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from watchword_core import table as t
from watchword_core import words as w

GENERAL = "general"
REAL_MINUTE_MS = 60_000
MAX_FILE_BYTES = 256 * 1024

ROLES = {
    "worker": w.WORKER,
    "tracker": w.TRACKER,
    "manager": w.MANAGER,
    "senior": w.SENIOR,
    "emergency_contact": w.EMERGENCY_CONTACT,
    "team": w.TEAM,
    "client": w.CLIENT,
    "partner_agencies": w.PARTNER_AGENCIES,
    "emergency_services": w.EMERGENCY_SERVICES,
    "hub": w.HUB,
    "pendant": w.PENDANT,
    "next": w.NEXT,
}
VERBS = {
    "call": w.CALL,
    "tell": w.TELL,
    "prompt": w.PROMPT,
    "clear": w.CLEAR,
    "refuse": w.REFUSE,
    "decide": w.DECIDE,
    "dial_999": w.DIAL_999,
    "mark": w.MARK,
    "close": w.CLOSE,
}
VIA = {
    "work_mobile": w.WORK_MOBILE,
    "personal_mobile": w.PERSONAL_MOBILE,
    "home": w.HOME,
    "client_mobile": w.CLIENT_MOBILE,
    "client_landline": w.CLIENT_LANDLINE,
}
STARTS = {
    "left for visit": w.AT_LEFT,
    "planned start": w.AT_START,
    "arrived": w.AT_ARRIVED,
    "cleared": w.AT_T_ARRIVE,
    "T_end": w.AT_T_END,
    "check-in": w.AT_CHECK_IN,
    "check-in or T_end": w.AT_FINISH,
    "departed": w.AT_DEPARTED,
    "closed": w.AT_CLOSED,
    "cancelled": w.AT_CANCELLED,
    "expected back": w.AT_RETURN,
    "end of day": w.AT_END_OF_DAY,
    "alarm": w.AT_ALARM,
    "duress": w.AT_DURESS,
    "at risk": w.AT_AT_RISK,
    "acknowledged": w.AT_ACKNOWLEDGED,
    "recorded": w.AT_RECORDED,
    "police": w.AT_POLICE,
    "999 dialled": w.AT_999_DIALLED,
    "silent": w.AT_SILENT,
    "worried family": w.AT_WORRIED,
    "no signal": w.AT_NO_SIGNAL,
}
ANSWERS = {
    "arrival spoken": w.BY_ARRIVAL_SPOKEN,
    "speech": w.BY_SPEECH,
    "departure spoken": w.BY_DEPARTURE_SPOKEN,
    "report": w.BY_REPORT,
    "arrived": w.BY_ARRIVED,
    "departed": w.BY_DEPARTED,
    "returned": w.BY_RETURNED,
    "stand down": w.BY_STAND_DOWN,
    "acknowledged": w.BY_ACKNOWLEDGED,
    "taken": w.BY_TAKEN,
    "recorded": w.BY_RECORDED,
    "resolved": w.BY_RESOLVED,
    "decided": w.BY_DECIDED,
    "seen": w.BY_SEEN,
}
PLAN = {
    "no tracker": w.PLAN_NO_TRACKER,
    "risk": w.PLAN_RISK,
    "first visit": w.PLAN_FIRST_VISIT,
    "poor coverage": w.PLAN_POOR_COVERAGE,
    "out of hours": w.PLAN_OUT_OF_HOURS,
    "last visit of the day": w.PLAN_LAST_OF_DAY,
    "returning": w.PLAN_RETURNING,
    "unscheduled": w.PLAN_UNSCHEDULED,
    "professionals": w.PLAN_PROFESSIONALS,
    "no client phones": w.PLAN_NO_CLIENT_PHONES,
    "alone where pairs are required": w.PLAN_ALONE,
}
RECORDS = {
    "call_back_done": (w.RULE_MARK_CALL_BACK, "call-back done"),
    "stood_down": (w.RULE_STAND_DOWN, "stood down"),
    "abandoned": (w.RULE_ABANDON, "abandoned"),
    "cancelled": (w.RULE_CANCEL, "cancelled"),
}
_RULE_NAMES = {
    w.RULE_CLEAR: "clear",
    w.RULE_MARK_D: "mark-departed",
    w.RULE_CLOSE: "close",
    w.RULE_MARK_CALL_BACK: "mark-call-back",
    w.RULE_STAND_DOWN: "mark-stand-down",
    w.RULE_ABANDON: "mark-abandoned",
    w.RULE_CANCEL: "mark-cancelled",
    w.RULE_RETELL: "pressed-again",
    w.RULE_UNREPORTED: "unreported",
}
_CHAINS = {
    "if_failed": t.FAILED,
    "if_unreported": t.LAPSED,
    "if_failed_or_unreported": t.EITHER,
}
_TASKS_LIMIT_S = {
    w.CALL: 600,
    w.DECIDE: 600,
    w.DIAL_999: 300,
}  # For every procedure, 1 and 5, unless the file says otherwise
_UNIT_S = {"s": 1, "min": 60, "h": 3600}


class ProcedureError(Exception):
    """A procedure file that can't be used. `line` is 0 where no line can be named."""

    def __init__(self, source: str, line: int, reason: str) -> None:
        where = f"{source}:{line}" if line else source
        super().__init__(f"{where}: {reason}")
        self.source = source
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Procedure:
    """A compiled procedure with what only people need: names, clauses, reasons."""

    name: str
    title: str
    table: t.Table
    rung_names: tuple[str, ...]
    clauses: Mapping[int, str]  # by rung index, and by words.RULE_*
    marks: Mapping[int, str]  # what a rule puts on the record
    source: str

    def clause(self, rung: int) -> str:
        """The clause that an action rests on."""
        return self.clauses.get(rung, "")

    def rung_name(self, rung: int) -> str:
        """The rung's id in the file, or the rule's name."""
        if rung < len(self.rung_names):
            return self.rung_names[rung]
        return _RULE_NAMES.get(rung, f"refuse-{rung - w.RULE_FORBID}")

    def what(self, rung: int) -> str | None:
        """What is marked, or why entry is refused; None for other actions."""
        return self.marks.get(rung)

    @property
    def version(self) -> bytes:
        """8 bytes: the hash of the compiled table."""
        return bytes(self.table.version)


class _File:
    """One parsed file, and where things stand in it."""

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self.lines = text.splitlines()
        self.at = ""  # the id being read, to name a line by
        try:
            self.tree: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as e:
            found = re.search(r"line (\d+)", str(e))
            raise ProcedureError(source, int(found[1]) if found else 0, f"not readable as TOML: {e}") from e

    def error(self, reason: str, near: str = "") -> ProcedureError:
        """An error at the line that mentions `near` after the id being read."""
        start = self._line(f'"{self.at}"', 0) if self.at else 0
        line = self._line(near, start) if near else start
        return ProcedureError(self.source, (line or start) + 1, f"{self.at}: {reason}" if self.at else reason)

    def _line(self, near: str, start: int) -> int:
        for n in range(start, len(self.lines)):
            if near in self.lines[n]:
                return n
        return start

    def known(self, row: Mapping[str, Any], allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """Refuses keys that nobody reads: a misspelt limit must not be a missing one."""
        allowed = set(allowed)
        for key in row:
            if key not in allowed:
                raise self.error(f"unknown key {key!r}; known here: {', '.join(sorted(allowed))}", key)
        for key in required:
            if key not in row:
                raise self.error(f"{key!r} is missing")
        for key in ("clause", "why"):
            if key in row and not (isinstance(row[key], str) and row[key].strip()):
                raise self.error(f'{key} is {row[key]!r}; write text, such as "4.2.2"', key)

    def word(self, row: Mapping[str, Any], key: str, words: Mapping[str, int], default: str = "") -> int:
        """The number of one word."""
        value = row.get(key, default)
        if value == "" and not default:
            return 0
        if value not in words:
            raise self.error(f"{key} is {value!r}; it can be: {', '.join(words)}", str(value))
        return words[value]

    def bits(self, row: Mapping[str, Any], key: str, words: Mapping[str, int]) -> int:
        """The sum of a list of words."""
        value = row.get(key, [])
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list, such as [{next(iter(words))!r}]", key)
        return sum(self.word({key: item}, key, words) for item in value)

    def seconds(self, row: Mapping[str, Any], key: str) -> int:
        """A time such as "20 min", "60 s" or "1 h"; 0 where the key is absent."""
        value = row.get(key)
        if value is None:
            return 0
        found = re.fullmatch(r"(\d{1,5}) (s|min|h)", value) if isinstance(value, str) else None
        if not found:
            raise self.error(f'{key} is {value!r}; write a time such as "20 min", "60 s" or "1 h"', key)
        seconds = int(found[1]) * _UNIT_S[found[2]]
        if seconds > 0xFFFF:
            raise self.error(f"{key} is {value}; the longest is 18 h", key)
        return seconds


class _Compiler:
    """Collects the rows of general.toml and then of the procedure's own file."""

    def __init__(self) -> None:
        self.watches: list[t.Watch] = []
        self.rungs: list[t.Rung] = []
        self.names: list[str] = []
        self.clauses: dict[int, str] = {}
        self.reasons: dict[int, str] = {}  # by rung that refuses

    def add(self, f: _File) -> None:
        """Takes every [[watch]] of a file."""
        for row in f.tree.get("watch", []):
            f.at = row.get("id", "")
            f.known(
                row,
                ("id", "starts", "answered_by", "answered_early_by", "again", "record", "when", "unless", "rung"),
                ("id", "starts", "answered_by", "rung"),
            )
            answered_by = f.bits(row, "answered_by", ANSWERS)
            early_by = f.bits(row, "answered_early_by", ANSWERS)
            if early_by & ~answered_by:
                raise f.error("answered_early_by names what is not in answered_by", "answered_early_by")
            record = row.get("record", "")
            if record and record not in RECORDS:
                raise f.error(f"record is {record!r}; it can be: {', '.join(RECORDS)}", record)
            watch = t.Watch(
                f.word(row, "starts", STARTS),
                t.AGAIN if "again" in row else 0,
                f.bits(row, "when", PLAN),
                f.bits(row, "unless", PLAN),
                answered_by,
                early_by,
                f.seconds(row, "again"),
                RECORDS[record][0] if record else 0,
            )
            self.watches.append(watch)
            for rung in row["rung"]:
                self._add_rung(f, rung)

    def _add_rung(self, f: _File, row: dict[str, Any]) -> None:
        f.at = row.get("id", "")
        f.known(
            row,
            ("id", "after", "do", "by", "who", "via", "limit", "repeat", "when", "unless", "why", "clause", *_CHAINS),
            ("id", "do", "clause"),
        )
        if f.at in self.names:
            raise f.error("this id is used twice; give each rung its own")
        start, source = self._start(f, row)
        verb = f.word(row, "do", VERBS)
        by, who = self._parties(f, row, verb)
        limit_s = f.seconds(row, "limit")
        if not limit_s and "repeat" not in row:
            limit_s = _TASKS_LIMIT_S[w.CALL] if verb == w.TELL and by != w.HUB else _TASKS_LIMIT_S.get(verb, 0)
        rung = t.Rung(
            len(self.watches) - 1,
            start,
            source,
            f.seconds(row, "after"),
            verb,
            by,
            who,
            f.bits(row, "via", VIA),
            limit_s,
            f.seconds(row, "repeat"),
            f.bits(row, "when", PLAN),
            f.bits(row, "unless", PLAN),
        )
        if rung.limit_s and rung.repeat_s:
            raise f.error("has a limit and repeats: let another rung repeat once this one's limit has passed", "repeat")
        if verb == w.REFUSE:
            self.reasons[len(self.rungs)] = row.get("why", "")
        self.clauses[len(self.rungs)] = row["clause"]
        self.rungs.append(rung)
        self.names.append(f.at)

    def _start(self, f: _File, row: dict[str, Any]) -> tuple[int, int]:
        chains = [key for key in _CHAINS if key in row]
        if len(chains) + ("after" in row) != 1:
            raise f.error(f"needs exactly one of: after, {', '.join(_CHAINS)}")
        if not chains:
            return t.AT, 0
        source = row[chains[0]]
        if source not in self.names:
            raise f.error(f"follows {source!r}, which is no rung above it", str(source))
        index = self.names.index(source)
        if not self.rungs[index].limit_s:
            raise f.error(f"follows {source!r}, which has no limit and so never fails", str(source))
        return _CHAINS[chains[0]], index

    def _parties(self, f: _File, row: dict[str, Any], verb: int) -> tuple[int, int]:
        if verb == w.PROMPT:
            return w.PENDANT, w.WORKER
        if verb == w.REFUSE:
            f.known(row, row, ("why",))
            return w.HUB, w.WORKER
        if verb == w.TELL:
            f.known(row, row, ("who",))
            return f.word(row, "by", ROLES, "hub"), f.word(row, "who", ROLES)
        f.known(row, row, ("by", "who") if verb == w.CALL else ("by",))
        who = w.EMERGENCY_SERVICES if verb == w.DIAL_999 else f.word(row, "who", ROLES)
        return f.word(row, "by", ROLES), who


def compile_text(source: str, text: str, minute_ms: int = REAL_MINUTE_MS) -> Procedure:
    """The procedure in `text`; raises ProcedureError with `source`, line and reason. `minute_ms` scales its times."""
    f = _File(source, text)
    f.known(
        f.tree, ("procedure", "clauses", "door", "end", "end_of_day", "extension", "record", "watch"), ("procedure",)
    )
    head = f.tree["procedure"]
    f.known(head, ("name", "title", "text", "out_of_hours"), ("name", "title"))
    compiler = _Compiler()
    general = head["name"] == GENERAL
    if not general:
        compiler.add(_File("general.toml", _built_in(GENERAL)))
    _restate(f, compiler)
    compiler.add(f)
    f.at = ""
    marks: dict[int, str] = {w.RULE_MARK_D: "D"}
    forbids = _door(f, compiler.clauses, marks)
    ends = _end(f, compiler.clauses, general)
    extension = f.tree.get("extension", {})
    f.known(extension, ("cap", "step", "clause"))
    for key, clause in f.tree.get("record", {}).items():
        if key not in RECORDS:
            raise f.error(f"record has {key!r}; it can have: {', '.join(RECORDS)}", key)
        compiler.clauses[RECORDS[key][0]] = clause
    marks.update(RECORDS.values())
    marks.update(compiler.reasons)
    compiler.clauses[w.RULE_RETELL] = "For every procedure, 2"
    compiler.clauses[w.RULE_UNREPORTED] = "For every procedure, 5"
    day_ends_min, late_s = _end_of_day(f)
    gate = f.word(f.tree.get("door", {}), "needs", {"speech": 1, "nothing": 0}, "nothing")
    try:
        compiled = t.pack(
            gate,
            minute_ms,
            ends,
            f.seconds(extension, "cap"),
            f.seconds(extension, "step"),
            compiler.watches,
            compiler.rungs,
            forbids,
            f.word(head, "out_of_hours", {"the manager tracks": t.MANAGER_TRACKS}),
            day_ends_min,
            late_s,
        )
        parsed = t.Table(compiled)
    except t.TableError as e:
        raise ProcedureError(source, 0, str(e)) from e
    return Procedure(head["name"], head["title"], parsed, tuple(compiler.names), compiler.clauses, marks, text)


def _restate(f: _File, compiler: _Compiler) -> None:
    """This text's own clauses for what holds in every procedure."""
    for name, clause in f.tree.get("clauses", {}).items():
        if name not in compiler.names:
            raise f.error(f"clauses names {name!r}, which is no rung of {GENERAL}.toml", name)
        compiler.clauses[compiler.names.index(name)] = clause


def _end_of_day(f: _File) -> tuple[int, int]:
    """Minutes after local midnight, and how long after a later T_end it is instead, s."""
    row = f.tree.get("end_of_day")
    if row is None:
        return t.NO_END_OF_DAY, 0
    f.known(row, ("at", "or_after_T_end"), ("at", "or_after_T_end"))
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(row["at"]))
    if not found:
        raise f.error(f'at is {row["at"]!r}; write a local time such as "18:30"', "at =")
    return int(found[1]) * 60 + int(found[2]), f.seconds(row, "or_after_T_end")


def _door(f: _File, clauses: dict[int, str], marks: dict[int, str]) -> list[t.Forbid]:
    door = f.tree.get("door", {})
    f.known(door, ("needs", "clause", "refuse"))
    clauses[w.RULE_CLEAR] = door.get("clause", "")
    forbids = []
    for n, row in enumerate(door.get("refuse", [])):
        f.known(row, ("when", "unless", "clause", "why"), ("when", "clause", "why"))
        rule = w.RULE_FORBID + n
        forbids.append(t.Forbid(f.bits(row, "when", PLAN), f.bits(row, "unless", PLAN), rule))
        clauses[rule] = row["clause"]
        marks[rule] = row["why"]
    return forbids


def _end(f: _File, clauses: dict[int, str], general: bool) -> int:
    end = f.tree.get("end", {})
    f.known(end, ("by", "clause"))
    ends = f.bits(end, "by", ANSWERS)
    if not ends and not general:
        raise f.error('nothing would ever end a visit: add [end] with by = ["departed"] or what the text asks for')
    clauses[w.RULE_MARK_D] = clauses[w.RULE_CLOSE] = end.get("clause", "")
    return ends


def built_in_names() -> list[str]:
    """The procedures that come with the product."""
    files = resources.files("watchword_procedures").iterdir()
    return sorted(x.name[:-5] for x in files if x.name.endswith(".toml") and x.name != f"{GENERAL}.toml")


def _built_in(name: str) -> str:
    return resources.files("watchword_procedures").joinpath(f"{name}.toml").read_text(encoding="utf-8")


@cache
def load(name_or_path: str, minute_ms: int = REAL_MINUTE_MS) -> Procedure:
    """A built-in procedure by name, or a file; raises ProcedureError."""
    if name_or_path in (*built_in_names(), GENERAL):
        return compile_text(f"{name_or_path}.toml", _built_in(name_or_path), minute_ms)
    path = Path(name_or_path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ProcedureError(name_or_path, 0, f"file is larger than {MAX_FILE_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        names = ", ".join(built_in_names())
        reason = f"no built-in procedure and not readable as a file ({e}); built in: {names}"
        raise ProcedureError(name_or_path, 0, reason) from e
    return compile_text(name_or_path, text, minute_ms)
