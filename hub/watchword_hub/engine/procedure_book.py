"""What the engine asks of procedures, and how a case keeps the version that it began with."""

import json
import logging
from functools import cached_property
from pathlib import Path
from typing import Protocol

from watchword_core import words as w
from watchword_core.table import Table

from ..procedures import GENERAL, REAL_MINUTE_MS, ProcedureError, built_in_names, load, read

log = logging.getLogger(__name__)

MAX_OWN = 64  # files of the site's own; one more is refused, by name

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


class SiteBook(BuiltIn):
    """The site's own files beside the built-in ones, as they were at the start.

    A file that can't be used keeps no hub from watching: it is not offered, and `refused` has its line and reason.
    """

    def __init__(self, folder: Path | None, minute_ms: int = REAL_MINUTE_MS) -> None:
        super().__init__(minute_ms)
        self._own: dict[str, Procedure] = {}
        self.refused: list[str] = []
        for n, path in enumerate(self._files(folder)):
            try:
                self._add(path, n)
            except ProcedureError as e:
                self._refuse(str(e))

    @property
    def names(self) -> list[str]:
        """Of all that visits can be planned by."""
        return sorted([*built_in_names(), *self._own])

    def get(self, name: str) -> Procedure:
        return self._own[name] if name in self._own else super().get(name)

    def _files(self, folder: Path | None) -> list[Path]:
        if folder is None:
            return []
        try:
            return sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        except OSError as e:
            self._refuse(f"{folder}: {e.strerror}; the setting procedures_dir names the folder of your own files")
            return []

    def _add(self, path: Path, n: int) -> None:
        if n >= MAX_OWN:
            raise ProcedureError(str(path), 0, f"there are more than {MAX_OWN} files; take those away that nobody uses")
        found = read(str(path), self._minute_ms)
        if found.name in self.names:
            raise ProcedureError(str(path), 0, f"the name {found.name!r} is another procedure's; choose another")
        self._own[found.name] = found

    def _refuse(self, reason: str) -> None:
        log.error("procedure not offered: %s", reason)
        self.refused.append(reason)


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
