"""`watchword check`: proves what it can of a procedure file, says what it found, and how long help can take."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..procedures import Place, Procedure, ProcedureError, load
from . import wording
from .findings import Finding, Way, in_order
from .people import missing, read_people
from .proofs import explore, prove
from .ways import ways

_SPOKEN_OF = {"alarm": "SOS or man-down"}


@dataclass
class Checked:
    """What is known of one file. `procedure` is None where it does not compile; `people`: where they were not given."""

    name: str
    procedure: Procedure | None
    findings: list[Finding]
    ways: list[Way]
    states: int
    people: Path | None

    @property
    def well(self) -> bool:
        """Whether somebody may rely on the file, as far as can be proved."""
        return not self.findings


def check(name_or_path: str, people: Path | None = None) -> Checked:
    """Everything; raises ProcedureError for a file that can't be read as what it should be."""
    roster = None if people is None else read_people(people)
    try:
        procedure = load(name_or_path)
    except ProcedureError as e:
        if not e.readable:
            raise
        return Checked(name_or_path, None, [Finding("form", Place("", e.source, e.line), e.reason)], [], 0, people)
    explored = explore(procedure)
    findings = prove(procedure, explored)
    if roster is not None:
        findings += missing(procedure, roster)
    in_turn = in_order(procedure, findings)
    return Checked(name_or_path, procedure, in_turn, list(ways(procedure, explored)), explored.states, people)


def _lines(checked: Checked) -> Iterator[str]:
    for found in checked.findings:
        yield str(found)
    procedure = checked.procedure
    if procedure is None:
        return
    if checked.findings:
        yield ""
    yield f"{procedure.title}  (version {procedure.version.hex()})"
    yield from _proved(checked, procedure)
    yield ""
    yield from _table(checked.ways)


def _proved(checked: Checked, procedure: Procedure) -> Iterator[str]:
    yield f"Tried: every run of every watch in every kind of visit, {checked.states} states."
    if checked.well:
        bounds = len(procedure.bounds_s)
        yield "Every rung opens in some run. Every failure leads to somebody. No circle is without a person."
        yield f"{bounds} rung{'s' if bounds != 1 else ''} with no_later_than: open by then in every run."
    if checked.people is None:
        yield "People: not checked. Who holds each role, at which hours, is checked with --people PEOPLE.toml."
    elif not any(found.rule == "people" for found in checked.findings):
        yield f"People: every role that a rung names is held, at all hours in question ({checked.people})."


def _table(all_ways: list[Way]) -> Iterator[str]:
    yield "The longest from silence until somebody is asked to dial 999, from the start of each watch:"
    for way in all_ways:
        if not way.instead:
            nobody, no, most = (_time(s) for s in (way.nobody_reports_s, way.answered_no_s, way.longest_s))
            yield f"  {_name(way)}: {nobody} if nobody reports; {no} if everybody says no; {most} at the most"
    yield ""
    yield "Never by itself:"
    for way in all_ways:
        if way.instead:
            yield f"  {_name(way)}: {way.instead}"


def _time(s: int | None) -> str:
    return "not in every run" if s is None else wording.time(s)


def _name(way: Way) -> str:
    return f"{way.watch}, from {_SPOKEN_OF.get(way.starts, way.starts)}" + (f" ({way.plan})" if way.plan else "")


def _rows(checked: Checked) -> Iterator[dict[str, Any]]:
    for found in checked.findings:
        name, source, line = found.place
        yield {"finding": found.rule, "file": source, "line": line, "id": name, "reason": found.reason}
    for way in checked.ways:
        row = way._asdict()
        yield {"way": row.pop("watch"), **row}
    procedure = checked.procedure
    yield {
        "ok": checked.well,
        "file": checked.name,
        "version": None if procedure is None else procedure.version.hex(),
        "states": checked.states,
        "people": "not checked" if checked.people is None else "checked",
    }


def run(name_or_path: str, people: Path | None = None, as_json: bool = False) -> int:
    """The command: 0 well, 1 something is wrong, 2 a file is unreadable, with one line on stderr."""
    try:
        checked = check(name_or_path, people)
    except ProcedureError as e:
        print(f"watchword check: {' '.join(str(e).split())}", file=sys.stderr)
        return 2
    for line in map(json.dumps, _rows(checked)) if as_json else _lines(checked):
        print(line)
    return 0 if checked.well else 1
