"""Procedure files: read, checked, and compiled to the table that pendant and hub run.

A file is refused whole, with its line and the reason: nothing half-loaded ever runs. `general.toml` is compiled into
every table, first, so that an alarm with no visit and an alarm in one go the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from watchword_core import table as t
from watchword_core import words as w

from .procedure_file import ProcedureError, ProcedureFile, text_of
from .procedure_paper import Paper, read_paper
from .procedure_parties import parties
from .procedure_words import ANSWERS, ENDS, PLAN, RECORDS, ROLES, RUNG_VERBS, STARTS, VERBS, VIA, named_bits

__all__ = ["ROLES", "VERBS", "VIA", "Place", "Procedure", "ProcedureError", "built_in_names", "compile_text", "load"]

GENERAL = "general"
REAL_MINUTE_MS = 60_000
MAX_FILE_BYTES = 256 * 1024

_RULE_NAMES = {
    w.RULE_CLEAR: "clear",
    w.RULE_MARK_D: "mark-departed",
    w.RULE_CLOSE: "close",
    w.RULE_CLOSE_NO_RISK: "close-no-risk",
    w.RULE_MARK_CALL_BACK: "mark-call-back",
    w.RULE_STAND_DOWN: "mark-stand-down",
    w.RULE_ABANDON: "mark-abandoned",
    w.RULE_CANCEL: "mark-cancelled",
    w.RULE_RETELL: "pressed-again",
    w.RULE_UNREPORTED: "unreported",
}
_CLOSES = (w.RULE_CLOSE_NO_RISK, w.RULE_CANCEL)
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


class Place(NamedTuple):
    """Where a watch or a rung stands."""

    name: str
    source: str
    line: int


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
    rung_places: tuple[Place, ...] = ()
    watch_places: tuple[Place, ...] = ()
    bounds_s: Mapping[int, int] = field(default_factory=dict)  # by rung: open by then, s after its watch's start
    reminders: frozenset[int] = frozenset()  # watches that only remind the worker, on purpose
    paper: tuple[Paper, ...] = ()  # the text's own clauses

    def clause(self, rung: int) -> str:
        """The clause that an action rests on; of a close that the file says nothing more of, that of any other."""
        if rung in _CLOSES and rung not in self.clauses:
            rung = w.RULE_CLOSE
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


KEYS = {  # all that a file can say, by section
    "procedure": ("name", "title", "text", "out_of_hours"),
    "clauses": (),
    "door": ("needs", "clause", "refuse"),
    "door.refuse": ("when", "unless", "clause", "why"),
    "end": ("by", "clause", "clause_without_risk"),
    "end_of_day": ("at", "or_after_T_end"),
    "extension": ("cap", "step", "clause"),
    "record": tuple(RECORDS),
    "watch": (
        *("id", "starts", "answered_by", "answered_early_by", "again", "record", "reminds_only"),
        *("when", "unless", "rung"),
    ),
    "watch.rung": (
        *("id", "after", *_CHAINS, "do", "by", "who", "via", "limit", "repeat", "no_later_than"),
        *("when", "unless", "why", "clause"),
    ),
    "paper": ("clause", "says", "note"),
}


class _Compiler:
    """Collects the rows of general.toml and then of the procedure's own file."""

    def __init__(self) -> None:
        self.watches: list[t.Watch] = []
        self.watch_places: list[Place] = []
        self.rungs: list[t.Rung] = []
        self.rung_places: list[Place] = []
        self.clauses: dict[int, str] = {}
        self.reasons: dict[int, str] = {}  # by rung that refuses
        self.bounds_s: dict[int, int] = {}
        self.reminders: set[int] = set()

    def rung_named(self, name: str) -> int | None:
        """The index of a rung."""
        return next((i for i, place in enumerate(self.rung_places) if place.name == name), None)

    def add(self, f: ProcedureFile) -> None:
        """Takes every [[watch]] of a file."""
        for row in f.rows(f.tree, "watch", "watch"):
            id_, line = f.enter_id("watch", row)
            if any(place.name == id_ for place in self.watch_places):
                raise f.error("this id is used twice; give each watch its own")
            f.known(row, KEYS["watch"], ("id", "starts", "answered_by", "rung"))
            rungs = f.rows(row, "rung", "watch.rung")
            if not rungs:
                raise f.error("has no rungs, so that nothing in it would ever happen", "rung")
            self.watches.append(self._watch(f, row))
            if f.yes(row, "reminds_only"):
                self.reminders.add(len(self.watch_places))
            self.watch_places.append(Place(id_, f.source, line))
            for rung in rungs:
                self._add_rung(f, rung)

    def _watch(self, f: ProcedureFile, row: Mapping[str, Any]) -> t.Watch:
        answered_by = f.bits(row, "answered_by", ANSWERS)
        early_by = f.bits(row, "answered_early_by", ANSWERS)
        if not answered_by:
            raise f.error("answered_by is empty: nothing would ever end it", "answered_by")
        if early_by & ~answered_by:
            raise f.error("answered_early_by names what is not in answered_by", "answered_early_by")
        return t.Watch(
            f.word(row, "starts", STARTS),
            t.AGAIN if "again" in row else 0,
            *_conditions(f, row),
            answered_by,
            early_by,
            f.seconds(row, "again", least=1),
            f.word(row, "record", {name: rule for name, (rule, _) in RECORDS.items()}),
        )

    def _add_rung(self, f: ProcedureFile, row: Mapping[str, Any]) -> None:
        id_, line = f.enter_id("watch.rung", row)
        f.known(row, KEYS["watch.rung"], ("id", "do", "clause"))
        if self.rung_named(id_) is not None:
            raise f.error("this id is used twice; give each rung its own")
        index = len(self.rungs)
        start, source = self._start(f, row)
        verb = f.word(row, "do", RUNG_VERBS)
        by, who = parties(f, row, verb)
        limit_s = f.seconds(row, "limit", least=1)
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
            f.seconds(row, "repeat", least=1),
            *_conditions(f, row),
        )
        if rung.limit_s and rung.repeat_s:
            raise f.error("has a limit and repeats: let another rung repeat once this one's limit has passed", "repeat")
        if verb == w.REFUSE:
            self.reasons[index] = f.text(row, "why")
        if "no_later_than" in row:
            self.bounds_s[index] = f.seconds(row, "no_later_than")
        self.clauses[index] = row["clause"]
        self.rungs.append(rung)
        self.rung_places.append(Place(id_, f.source, line))

    def _start(self, f: ProcedureFile, row: Mapping[str, Any]) -> tuple[int, int]:
        chains = [key for key in _CHAINS if key in row]
        if len(chains) + ("after" in row) != 1:
            raise f.error(f"needs exactly one of: after, {', '.join(_CHAINS)}")
        if not chains:
            return t.AT, 0
        key = chains[0]
        source = self.rung_named(f.text(row, key))
        if source is None:
            below = " (a circle of rungs would never come to anybody new)" if row[key] in f.ids() else ""
            raise f.error(f"follows {row[key]!r}, which is no rung above it{below}", key)
        if self.rungs[source].watch != len(self.watches) - 1:
            raise f.error(f"follows {row[key]!r}, which stands in another watch", key)
        if not self.rungs[source].limit_s:
            raise f.error(f"follows {row[key]!r}, which has no limit and so never fails: give that one a limit", key)
        return _CHAINS[key], source


def _conditions(f: ProcedureFile, row: Mapping[str, Any]) -> tuple[int, int]:
    """Plan bits that must be set, and that must be clear."""
    when, unless = f.bits(row, "when", PLAN), f.bits(row, "unless", PLAN)
    if when & unless:
        both = ", ".join(named_bits(PLAN, when & unless))
        raise f.error(f"asks for {both} both in when and in unless: no plan is so", "unless")
    return when, unless


def compile_text(source: str, text: str, minute_ms: int = REAL_MINUTE_MS) -> Procedure:
    """The procedure in `text`; raises ProcedureError with `source`, line and reason. `minute_ms` scales its times."""
    f = ProcedureFile(source, text)
    blanks = f.blanks()
    if blanks:
        where = ", ".join(str(line) for line in blanks)
        raise ProcedureError(source, blanks[0], f'still to be filled in from your paper: the "____" in line {where}')
    f.known(f.tree, [section for section in KEYS if "." not in section], ("procedure",))
    head = f.table("procedure")
    f.known(head, KEYS["procedure"])
    name, title = f.text(head, "name"), f.text(head, "title")
    flags = f.word(head, "out_of_hours", {"the manager tracks": t.MANAGER_TRACKS})
    compiler = _Compiler()
    general = name == GENERAL
    if not general:
        compiler.add(ProcedureFile(f"{GENERAL}.toml", _built_in(GENERAL)))
    elif text != _built_in(GENERAL):
        raise f.error("this name is kept for what holds in every procedure; choose another", "name")
    _restate(f, compiler)
    f.restart()
    compiler.add(f)
    marks: dict[int, str] = {w.RULE_MARK_D: "D"}
    gate, forbids = _door(f, compiler.clauses, marks)
    ends = _end(f, compiler.clauses, general)
    cap_s, step_s = _extension(f)
    _record(f, compiler.clauses)
    marks.update(RECORDS.values())
    marks.update(compiler.reasons)
    compiler.clauses[w.RULE_RETELL] = "For every procedure, 2"
    compiler.clauses[w.RULE_UNREPORTED] = "For every procedure, 5"
    day_ends_min, late_s = _end_of_day(f)
    try:
        compiled = t.pack(
            gate,
            minute_ms,
            ends,
            cap_s,
            step_s,
            compiler.watches,
            compiler.rungs,
            forbids,
            flags,
            day_ends_min,
            late_s,
        )
        parsed = t.Table(compiled)
    except t.TableError as e:
        raise ProcedureError(source, 0, str(e)) from e
    procedure = Procedure(
        name,
        title,
        parsed,
        tuple(place.name for place in compiler.rung_places),
        compiler.clauses,
        marks,
        text,
        tuple(compiler.rung_places),
        tuple(compiler.watch_places),
        compiler.bounds_s,
        frozenset(compiler.reminders),
    )
    return replace(procedure, paper=read_paper(f, _rules(f, procedure), general))


def _rules(f: ProcedureFile, procedure: Procedure) -> dict[str, str]:
    """The clause of everything in the file that names one."""
    rules = {procedure.rung_name(i): clause for i, clause in procedure.clauses.items()}
    return rules | {"extension": f.table("extension").get("clause", "")}


def _restate(f: ProcedureFile, compiler: _Compiler) -> None:
    """This text's own clauses for what holds in every procedure."""
    clauses = f.table("clauses")
    for name in clauses:
        index = compiler.rung_named(name)
        if index is None:
            raise f.error(f"clauses names {name!r}, which is no rung of {GENERAL}.toml", name)
        compiler.clauses[index] = f.text(clauses, name)


def _record(f: ProcedureFile, clauses: dict[int, str]) -> None:
    record = f.table("record")
    f.known(record, KEYS["record"])
    for key in record:
        clauses[RECORDS[key][0]] = f.text(record, key)


def _extension(f: ProcedureFile) -> tuple[int, int]:
    """The cap, and what one press adds, s."""
    extension = f.table("extension")
    f.known(extension, KEYS["extension"], ("cap", "step") if extension else ())
    cap_s, step_s = f.seconds(extension, "cap"), f.seconds(extension, "step")
    if cap_s < step_s:
        raise f.error("cap is less than step: a press would bring less than it says", "cap")
    return cap_s, step_s


def _end_of_day(f: ProcedureFile) -> tuple[int, int]:
    """Minutes after local midnight, and how long after a later T_end it is instead, s."""
    row = f.table("end_of_day")
    if not row:
        return t.NO_END_OF_DAY, 0
    f.known(row, KEYS["end_of_day"], KEYS["end_of_day"])
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(row["at"]))
    if not found:
        raise f.error(f'at is {row["at"]!r}; write a local time such as "18:30"', "at")
    return int(found[1]) * 60 + int(found[2]), f.seconds(row, "or_after_T_end")


def _door(f: ProcedureFile, clauses: dict[int, str], marks: dict[int, str]) -> tuple[int, list[t.Forbid]]:
    door = f.table("door")
    f.known(door, KEYS["door"])
    gate = f.word(door, "needs", {"speech": 1, "nothing": 0}, "nothing")
    clauses[w.RULE_CLEAR] = door.get("clause", "")
    forbids = []
    for n, row in enumerate(f.rows(door, "refuse", "door.refuse")):
        f.enter("door.refuse")
        f.known(row, KEYS["door.refuse"], ("when", "clause", "why"))
        rule = w.RULE_FORBID + n
        when, unless = _conditions(f, row)
        if not when:
            raise f.error("when is empty: every visit would be refused", "when")
        forbids.append(t.Forbid(when, unless, rule))
        clauses[rule] = row["clause"]
        marks[rule] = row["why"]
    return gate, forbids


def _end(f: ProcedureFile, clauses: dict[int, str], general: bool) -> int:
    end = f.table("end")
    f.known(end, KEYS["end"])
    ends = f.bits(end, "by", ENDS)
    if not ends and not general:
        raise f.error(
            'nothing would ever end a visit: add [end] with by = ["departed"] or what the text asks for', "by"
        )
    clauses[w.RULE_MARK_D] = clauses[w.RULE_CLOSE] = end.get("clause", "")
    if "clause_without_risk" in end:
        clauses[w.RULE_CLOSE_NO_RISK] = f.text(end, "clause_without_risk")
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
    return read(name_or_path, minute_ms)


def read(path: str, minute_ms: int = REAL_MINUTE_MS) -> Procedure:
    """The procedure that is in a file now; raises ProcedureError."""
    try:
        if Path(path).stat().st_size > MAX_FILE_BYTES:
            raise ProcedureError(path, 0, f"file is larger than {MAX_FILE_BYTES} bytes", readable=False)
        text = text_of(Path(path))
    except OSError as e:
        names = ", ".join(built_in_names())
        reason = f"no built-in procedure and not readable as a file ({e}); built in: {names}"
        raise ProcedureError(path, 0, reason, readable=False) from e
    return compile_text(path, text, minute_ms)
