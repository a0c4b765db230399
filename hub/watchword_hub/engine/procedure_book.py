"""What the engine asks of procedures, and how a case keeps the version that it began with."""

import json
from functools import cached_property
from typing import Protocol

from watchword_core import words as w
from watchword_core.table import Table

from ..procedures import GENERAL, REAL_MINUTE_MS, built_in_names, load

RULES = range(w.RULE_CLEAR, w.RULE_FORBID + 16)  # words.py gives rules numbers from RULE_CLEAR on


class Procedure(Protocol):
    """A compiled procedure. An index of 200 and more names a rule (words.RULE_*)."""

    @property
    def name(self) -> str: ...

    @property
    def table(self) -> Table: ...

    def clause(self, rung: int) -> str:
        """The clause of the organisation's text that asks for it."""

    def rung_name(self, rung: int) -> str: ...

    def what(self, rung: int) -> str | None:
        """What is marked, or why entry is refused; None for other actions."""


class Procedures(Protocol):
    """Where the engine gets procedures. `get` raises KeyError for a name that nobody has."""

    def get(self, name: str) -> Procedure: ...

    def general(self) -> Procedure:
        """What holds for an alarm with no visit."""


class BuiltIn:
    """The procedures that come with the product. `minute_ms` scales their times, for a demonstration."""

    def __init__(self, minute_ms: int = REAL_MINUTE_MS) -> None:
        self._minute_ms = minute_ms

    def get(self, name: str) -> Procedure:
        if name not in built_in_names():
            raise KeyError(name)
        return load(name, self._minute_ms)

    def general(self) -> Procedure:
        return load(GENERAL, self._minute_ms)


class StoredProcedure:
    """A version out of the store: a visit once begun runs to its end on it, whatever became of the file."""

    def __init__(self, name: str, compiled: bytes, lines: str) -> None:
        self.name = name
        self._compiled = compiled
        self._lines: dict[str, list[str]] = json.loads(lines)

    @cached_property
    def table(self) -> Table:
        """Raises TableError where another engine's version compiled it; names and clauses can be read all the same."""
        return Table(self._compiled)

    def rung_name(self, rung: int) -> str:
        return self._lines[str(rung)][0]

    def clause(self, rung: int) -> str:
        return self._lines[str(rung)][1]

    def what(self, rung: int) -> str | None:
        said = self._lines[str(rung)][2:]  # absent in versions kept by an older hub
        return said[0] if said else None


def lines_of(procedure: Procedure) -> str:
    """The names, clauses and reasons of a procedure as JSON, for the store."""
    rungs = [*range(len(procedure.table.rungs)), *RULES]
    return json.dumps({str(i): [procedure.rung_name(i), procedure.clause(i), procedure.what(i)] for i in rungs})
