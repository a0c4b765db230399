"""What the hub has on disk, read beside it by connections that can't write: also while it is dead."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchword_core import case as core
from watchword_core import moments
from watchword_core.frames import PRESS
from watchword_core.table import Table
from watchword_hub.store.store import FILE_NAME

_TIMES = {"arrived": moments.ARRIVED, "T_arrive": moments.T_ARRIVE, "T_end": moments.T_END}


@dataclass(frozen=True)
class Press:
    """A journal row that a press became. `key`: pendant, boot, lane, count."""

    seq: int
    case: int
    kind: str
    key: tuple[int, str, int, int]


class Record:
    """The store of the hub in `data_dir`, which must exist by the first question."""

    def __init__(self, data_dir: Path) -> None:
        self._uri = f"file:{data_dir / FILE_NAME}?mode=ro"

    def presses(self) -> list[Press]:
        """Every journal row that stands for a press of a pendant, in order."""
        found = []
        for seq, case, kind, body in self._rows("SELECT seq, visit_case, kind, body FROM journal ORDER BY seq"):
            content = json.loads(body)
            if content.get("lane") == PRESS:
                key = (content["pendant"], content["boot"], content["lane"], content["count"])
                found.append(Press(seq, case, kind, key))
        return found

    def rows_of(self, case: int, kind: str) -> int:
        """How many journal rows of that kind the case has."""
        return int(self._rows("SELECT count(*) FROM journal WHERE visit_case = ? AND kind = ?", case, kind)[0][0])

    def open_cases(self) -> list[int]:
        """Ids of the cases that are not closed."""
        return [case for (case,) in self._rows("SELECT id FROM visit_case WHERE closed_ms IS NULL")]

    def state(self, case: int) -> Any:
        """The machine as the hub would restore it (watchword_core.case.Case)."""
        query = "SELECT compiled, snapshot FROM visit_case JOIN procedure_version USING (version) WHERE id = ?"
        compiled, snapshot = self._rows(query, case)[0]
        return core.restore(Table(compiled), snapshot)

    def deadlines(self, case: int) -> dict[str, int]:
        """Everything that may not move, Unix ms: T_arrive, T_end, when each rung is due, and each open task."""
        state = self.state(case)
        found = {name: state.times[i] for name, i in _TIMES.items() if state.times[i] is not None}
        for rung in range(len(state.table.rungs)):
            due_ms = state.ladder.due_ms(rung)
            if due_ms is not None:
                found[f"rung {rung}"] = due_ms
        query = "SELECT id, due_ms FROM task WHERE visit_case = ? AND ended_ms IS NULL AND due_ms IS NOT NULL"
        return found | {f"task {task}": due_ms for task, due_ms in self._rows(query, case)}

    def counted(self, name: str) -> int:
        """How often the hub has counted that, `repeated_frame` say, since its first start."""
        rows = self._rows("SELECT value FROM counter WHERE name = ?", name)
        return int(rows[0][0]) if rows else 0

    def messages(self, case: int) -> list[tuple[int, str]]:
        """(person, subject) of everything that people were to be told about this case."""
        return [(p, s) for p, s in self._rows("SELECT person, subject FROM outbox WHERE visit_case = ?", case)]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self._uri, uri=True)) as connection:
            return connection.execute(query, values).fetchall()
