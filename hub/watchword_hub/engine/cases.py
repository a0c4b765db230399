"""The open cases: a visit with its alarms, or an alarm with no visit, each with the people who hold its roles."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.snapshots import ALARM, DURESS

from ..store import hot
from ..store.changes import Changes, Row
from ..store.store import MAX_ROW, Store
from .procedure_book import Procedure, Procedures, StoredProcedure, lines_of
from .roles import NAME_OF_ROLE, ROLE_OF_NAME

if TYPE_CHECKING:
    from .kept import Kept
    from .pendants import Pendant

UNDER_WAY = (v.AT_DOOR, v.INSIDE, v.LEAVING)
# Started by a duress, or by what people record of one; they speak to people alone.
_UNSEEN = (w.AT_DURESS, w.AT_AT_RISK, w.AT_ACKNOWLEDGED, w.AT_RECORDED, w.AT_POLICE, w.AT_999_DIALLED)
_OPEN = """SELECT id, version, roles, contacts, suspect, snapshot, due_ms, opened_ms FROM visit_case
    WHERE closed_ms IS NULL AND pendant = ? ORDER BY id DESC LIMIT 1"""
_OPEN_TASKS = """SELECT rung, person, id, due_ms, by_role, via, what FROM task
    WHERE ended_ms IS NULL AND visit_case = ?"""


class Task(NamedTuple):
    """An open row of the task table. `what`: which of several emergency contacts, from 0."""

    id: int
    due_ms: int | None
    role: int
    via: int
    what: int


class OpenCase:
    """A core Case with what only the hub knows of it."""

    def __init__(
        self,
        id: int,
        pendant: int,
        procedure: Procedure,
        case: Case,
        roles: Mapping[int, int],
        contacts: Sequence[int] = (),
    ) -> None:
        self.id = id
        self.pendant = pendant
        self.procedure = procedure
        self.case = case
        self.roles = dict(roles)  # role code: person
        self.contacts = tuple(contacts)  # emergency contacts, in the order in which they are called
        self.suspect = False
        self.snapshot = b""  # of `case` as last written: what statuses carry
        self.said: tuple[Any, ...] = ()  # `on_air` as the pendant was last told of it
        self.opened_ms = 0
        self.due_ms: int | None = None
        self.closed_ms: int | None = None
        self.told_silent = False
        self.told_low = False  # of the pendant's charge; after a restart it is told once more
        self.told_flags = 0  # of what its frames say of falls (no_falls.py), likewise
        self.tasks: dict[tuple[int, int | None], Task] = {}  # by (rung, person)

    @property
    def under_way(self) -> bool:
        """Whether silence of the pendant means something."""
        return self.case.state in UNDER_WAY

    @property
    def is_visit(self) -> bool:
        return not self.case.plan & w.PLAN_NONE

    def row(self) -> Row:
        """For hot.SET_CASE, with a new snapshot."""
        stages = json.dumps([slot.stage for slot in self.case.slots])
        self.snapshot = self.case.snapshot()
        return (self.case.state, stages, self.snapshot, self.due_ms, self.closed_ms, int(self.suspect), self.id)

    def on_air(self) -> tuple[Any, ...]:
        """What the pendant is told of as soon as it changes: all but a duress, which nobody must see by its frames.

        The rest it hears with the answer to its next heartbeat. (): nothing, as with no visit after an OK.
        """
        case, alarm = self.case, self.case.slots[ALARM]
        alarm_open = a.RAISED <= alarm.stage < a.RESOLVED
        if case.state == v.CLOSED and not alarm_open and case.slots[DURESS].stage != a.NONE:
            return ()
        ladder, table = case.ladder, case.table
        watches = (
            (ladder.watch_state[i], ladder.base_ms[i], *(ladder.rung_state[rung] for rung in table.rungs_of[i]))
            for i, watch in enumerate(table.watches)
            if watch.anchor not in _UNSEEN
        )
        return (case.state, case.plan, alarm, *case.times, *watches)

    def first_row(self) -> Row:
        """For hot.NEW_CASE."""
        table = self.procedure.table
        return (
            self.id,
            self.pendant,
            self.procedure.name,
            table.version,
            self.case.plan,
            self.roles_json(),
            json.dumps(self.contacts),
            int(self.suspect),
            self.opened_ms,
        )

    def roles_json(self) -> str:
        """As the store keeps them."""
        return json.dumps({NAME_OF_ROLE[role]: person for role, person in sorted(self.roles.items())})


def plan_of(roles: Mapping[int, int], contacts: int = 0) -> int:
    """The plan bits that say which roles nobody holds, and how many emergency contacts there are."""
    nobody = (0 if w.TRACKER in roles else w.PLAN_NO_TRACKER) | (0 if w.SENIOR in roles else w.PLAN_NO_SENIOR)
    return nobody | contacts * w.PLAN_CONTACT


def named_roles(roles: Mapping[str, Any]) -> dict[int, int]:
    """Roles by code; raises KeyError with the name that is no role."""
    return {ROLE_OF_NAME[name]: person for name, person in roles.items() if person is not None}


class Shelf:
    """The procedure versions that cases run, by version: the files' own while they are unchanged, else the store's."""

    def __init__(self, procedures: Procedures, store: Store) -> None:
        self._procedures = procedures
        self._store = store
        self._by_version: dict[bytes, Procedure] = {}
        self._lines: dict[bytes, str] = {}  # as the store keeps them: an alarm waits for no encoding

    def get(self, name: str) -> Procedure:
        """For a new visit; raises KeyError."""
        return self._take(self._procedures.get(name))

    def general(self) -> Procedure:
        return self._take(self._procedures.general())

    def version(self, version: bytes) -> Procedure:
        """For a case out of the store."""
        found = self._by_version.get(version)
        if found is None:
            name, compiled, lines = self._store.rows(
                "SELECT name, compiled, lines FROM procedure_version WHERE version = ?", (version,)
            )[0]
            found = self._by_version[version] = StoredProcedure(name, compiled, lines)
        return found

    def keep(self, procedure: Procedure, changes: Changes) -> None:
        """Writes the version beside the first case that runs it."""
        table = procedure.table
        lines = self._lines.get(table.version)
        if lines is None:
            lines = self._lines[table.version] = lines_of(procedure)
        changes.add(hot.NEW_VERSION, (table.version, procedure.name, table.compiled, lines))

    def _take(self, procedure: Procedure) -> Procedure:
        return self._by_version.setdefault(procedure.table.version, procedure)


def read_case(store: Store, shelf: Shelf, pendant: int) -> OpenCase | None:
    """The open case of a pendant, with its open tasks."""
    rows = store.rows(_OPEN, (pendant,))
    if not rows:
        return None
    id_, version, roles, contacts, suspect, snapshot, due_ms, opened_ms = rows[0]
    procedure = shelf.version(version)
    restored = restore(procedure.table, snapshot)
    case = OpenCase(id_, pendant, procedure, restored, named_roles(json.loads(roles)), json.loads(contacts))
    case.suspect, case.due_ms, case.opened_ms, case.snapshot = bool(suspect), due_ms, opened_ms, snapshot
    case.told_silent = case.case.ladder.running(w.AT_SILENT)
    case.said = case.on_air()
    for rung, person, *task in store.rows(_OPEN_TASKS, (id_,)):
        case.tasks[(rung, person)] = Task(*task)
    return case


class Cases(Mapping[int, OpenCase]):
    """The open cases by number. A pendant has one at most, so they are kept with the pendants."""

    def __init__(self, store: Store, pendants: "Kept[Pendant]") -> None:
        self._store = store
        self._pendants = pendants

    def __getitem__(self, number: int) -> OpenCase:
        if not 0 <= number <= MAX_ROW:
            raise KeyError(number)
        pendant = self._store.value("SELECT pendant FROM visit_case WHERE id = ? AND closed_ms IS NULL", (number,))
        case = None if pendant is None else self._pendants[pendant].case
        if case is None or case.id != number:
            raise KeyError(number)
        return case

    def __iter__(self) -> Iterator[int]:
        """As committed. Reads them all: nothing that the engine does may walk them."""
        return (row[0] for row in self._store.rows("SELECT id FROM visit_case WHERE closed_ms IS NULL ORDER BY id"))

    def __len__(self) -> int:
        return int(self._store.value("SELECT COUNT(*) FROM visit_case WHERE closed_ms IS NULL"))
