"""Timelines told as stories, through rehearse's own reader, on both interpreters.

Ana wears the pendant, Ben tracks, Cora manages, Dev is her senior; Eli, then Eve, are Ana's emergency contacts.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from watchword_hub import rehearse as r
from watchword_hub.procedures import load
from watchword_hub.second_interpreter import MicroPython

CAST = {
    "worker": "Ana",
    "tracker": "Ben",
    "manager": "Cora",
    "senior": "Dev",
    "emergency_contacts": ["Eli", "Eve"],
}
GENERAL = "For every procedure,"


@cache
def second_interpreter() -> MicroPython:
    """One for the whole run: starting it takes longer than a timeline."""
    return MicroPython()


class Story:
    """Plays timelines of one procedure and plan. Times of the clock are of `day`, with `offset` ("" is local time)."""

    def __init__(
        self, folder: Path, procedure: str, plan: dict[str, object], day: str = "2026-11-23", offset: str = "Z"
    ) -> None:
        self.path = folder / "timeline.jsonl"
        self.procedure = load(procedure)
        self.plan = CAST | plan
        self.day = day
        self.offset = offset

    def stamp(self, at: str) -> str:
        """ "10:02", "10:02:30" of the story's day, or a whole date and time as it stands."""
        if "T" in at:
            return at
        return f"{self.day}T{at if at.count(':') == 2 else at + ':00'}{self.offset}"

    def rows(self, *events: str, until: str, **plan: object) -> list[dict[str, object]]:
        """What comes of events such as "10:23 call_result who=worker result=no_answer", as `--json` prints it."""
        told = [{"plan": self._times(self.plan | plan)}, *map(self._event, events), {"until": self.stamp(until)}]
        self.path.write_text("".join(json.dumps(row) + "\n" for row in told), encoding="utf-8")
        timeline = r.read_timeline(self.path, self.procedure)
        actions = r.play(self.procedure, timeline)
        assert r.play_on_micropython(self.procedure, timeline, second_interpreter()) == actions
        return [r.as_row(self.procedure, timeline, action) for action in actions]

    def lines(self, *events: str, until: str, **plan: object) -> list[str]:
        """The same as lines such as "10:23 call tracker>client 5.1.1"."""
        return [as_line(row) for row in self.rows(*events, until=until, **plan)]

    def in_full(self, *events: str, until: str, **plan: object) -> list[str]:
        """With name and means: "10:23 call tracker>worker Ana work_mobile,personal_mobile 4.6"."""
        return [as_full_line(row) for row in self.rows(*events, until=until, **plan)]

    def _times(self, plan: dict[str, object]) -> dict[str, object]:
        moments = ("start", "end", "check_in", "return_by")
        return {key: self.stamp(str(value)) if key in moments else value for key, value in plan.items()}

    def _event(self, told: str) -> dict[str, object]:
        at, name, *more = told.split()
        row: dict[str, object] = {"at": self.stamp(at), "event": name}
        for key, value in _pairs(more):
            row[key] = self.stamp(value) if key in ("end", "check_in") else value
        return row


def _pairs(more: list[str]) -> Iterator[tuple[str, str]]:
    for pair in more:
        key, _, value = pair.partition("=")
        yield key, value


def _start_of(row: dict[str, object]) -> str:
    at = str(row["at"])[11:-1].removesuffix(":00")
    return f"{at} {row['do']} {row['by']}>{row['who']}"


def _end_of(row: dict[str, object]) -> str:
    note = row.get("what") or row.get("why")
    return str(row["clause"]) + (f" ({note})" if note else "")


def as_line(row: dict[str, object]) -> str:
    """One row of `--json`, short."""
    return f"{_start_of(row)} {_end_of(row)}"


def as_full_line(row: dict[str, object]) -> str:
    """One row of `--json`, whole but for the rung's id."""
    via = row["via"]
    assert isinstance(via, list)
    return " ".join(filter(None, (_start_of(row), str(row["name"] or ""), ",".join(via), _end_of(row))))
