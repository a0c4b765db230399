"""What the console reads: the committed store, by connections that can't write. Any thread may call.

A reader is never ahead of the engine's commits, and never in its way: the store is in WAL mode.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, create_engine, func, select
from sqlalchemy.pool import QueuePool
from watchword_core import case as core
from watchword_core import moments
from watchword_core import words as w
from watchword_core.frames import CLOCK_GNSS, CLOCK_SET, NO_AGE, OLD_PLACE
from watchword_core.table import TableError

from .commands import Contact
from .console import views
from .engine.events import NAME_OF_EVENT
from .engine.procedure_book import StoredProcedure
from .engine.roles import ROLE_OF_NAME
from .journal_reader import JournalReader
from .store import schema as s
from .store.store import MAX_ROW

MAX_STRANGERS = 256
STUCK_MS = 60_000  # a message that waits longer than this is worth a warning
DROPPED_SHOWN_MS = 24 * 3_600_000
_EVENT_OF_NAME = {name: code for code, name in NAME_OF_EVENT.items()}
_ALARM_KINDS = ("sos", "man_down", "duress", "call_duress")
_RESOLVED = "resolved"
_SUSPECT = "this pendant was revoked"


class StoreReader:
    """Implements the console's `views.Reader` on the store file at `path`."""

    def __init__(self, path: Path) -> None:
        uri = f"file:{path}?mode=ro&uri=true"
        # Connections are kept: opening one cost more than reading what an alarm's event needs.
        self._engine = create_engine(f"sqlite:///{uri}", poolclass=QueuePool)
        self.journal = JournalReader(path)

    def close(self) -> None:
        self._engine.dispose()
        self.journal.close()

    def last_seq(self) -> int:
        return self.journal.last_seq()

    def overview(self) -> views.Overview:
        """All open cases, in one consistent look."""
        with self._engine.connect() as connection:
            look = _Look(self.journal, connection)
            rows = connection.execute(select(s.visit_case).where(s.visit_case.c.closed_ms.is_(None)))
            cases = tuple(look.case(row) for row in rows.all())
            last = connection.execute(select(func.coalesce(func.max(s.journal.c.seq), 0))).scalar_one()
            return views.Overview(cases, look.strangers(), int(last), look.warnings(cases))

    def case(self, case_id: int) -> views.Case | None:
        """One case, open or closed."""
        if case_id > MAX_ROW:
            return None
        with self._engine.connect() as connection:
            row = connection.execute(select(s.visit_case).where(s.visit_case.c.id == case_id)).first()
            return None if row is None else _Look(self.journal, connection).case(row)

    def journal_of(self, case_id: int, limit: int) -> Sequence[views.JournalLine]:
        """The newest `limit` lines of one case, oldest first."""
        return self.journal.of(case_id, limit)

    def journal_after(self, seq: int, limit: int) -> Sequence[views.JournalLine]:
        """Lines of all cases with a higher number, in order."""
        return self.journal.after(seq, limit)

    def pendants(self) -> Sequence[views.Pendant]:
        with self._engine.connect() as connection:
            return _Look(self.journal, connection).pendants()

    def strangers(self) -> Sequence[views.Stranger]:
        with self._engine.connect() as connection:
            return _Look(self.journal, connection).strangers()

    def people(self) -> Sequence[views.Person]:
        with self._engine.connect() as connection:
            return tuple(_Look(self.journal, connection).people.values())


def _who_name(row: Row[Any], people: dict[int, views.Person], contacts: tuple[views.Person, ...]) -> str:
    """Of a task: whom it is about; with several emergency contacts, which of them."""
    if row.who_role == w.EMERGENCY_CONTACT and row.what < len(contacts):
        which = f" {row.what + 1} of {len(contacts)}" if len(contacts) > 1 else ""
        return f"{contacts[row.what].name} (emergency contact{which})"
    return people[row.who_role].name if row.who_role in people else ""


def _forbidden(procedure: StoredProcedure, state: Any) -> str:
    """Why the procedure refuses the visit at the door, with the clause; "": it doesn't."""
    rule: int | None = state.refusal()
    return "" if rule is None else f"{procedure.what(rule)} [{procedure.clause(rule)}]"


def _clock(flags: int) -> str:
    """What a pendant's time goes by, as its newest frame says."""
    if flags & CLOCK_SET:
        return "from the hub"
    return "from GNSS, not from the hub yet" if flags & CLOCK_GNSS else "not set"


def _place(heard: Row[Any]) -> views.Place | None:
    """Where a pendant was, by its newest frame."""
    if heard.lat_e7 is None:
        return None
    age_s = heard.fix_age_s
    fixed_ms = None if age_s is None else heard.seen_ms - age_s * 1000
    old = bool(heard.flags & OLD_PLACE)
    return views.Place(heard.lat_e7, heard.lon_e7, heard.accuracy_m, fixed_ms, old, age_s == NO_AGE - 1)


class _Unread:
    """In place of a case whose table or snapshot this version can't read."""

    times = (None,) * moments.MOMENTS

    slots = ()

    def refusal(self) -> None:
        return None


class _Look:
    """One transaction's view of the store."""

    def __init__(self, journal: JournalReader, connection: Connection) -> None:
        self._journal = journal
        self._connection = connection

    @cached_property
    def people(self) -> dict[int, views.Person]:
        contacts: dict[int, list[Contact]] = {}
        c = s.contact_method.c
        for row in self._connection.execute(select(s.contact_method).order_by(c.person, c.position)):
            contacts.setdefault(row.person, []).append(Contact(row.kind, row.address))
        rows = self._connection.execute(select(s.person).order_by(s.person.c.id))
        return {row.id: views.Person(row.id, row.name, tuple(contacts.get(row.id, ()))) for row in rows}

    @cached_property
    def _labels(self) -> dict[int, str]:
        return {row.id: row.label for row in self._connection.execute(select(s.pendant))}

    @cached_property
    def _heard(self) -> dict[int, Row[Any]]:
        """The boot of each pendant that was heard last."""
        known = s.boot.c.known == 1
        rows = self._connection.execute(select(s.boot).where(known).order_by(s.boot.c.seen_ms)).all()
        return {row.pendant: row for row in rows}

    def case(self, row: Row[Any]) -> views.Case:
        procedure = self._journal.procedure(row.version)
        state: Any
        try:
            state = core.restore(procedure.table, row.snapshot)
        except (TableError, ValueError):  # an older engine's: the rest of the page must not go with it
            state = _Unread()
        people = {ROLE_OF_NAME[name]: self.people[person] for name, person in json.loads(row.roles).items()}
        contacts = tuple(self.people[person] for person in json.loads(row.contacts))
        is_visit = not row.plan & w.PLAN_NONE
        heard = self._heard.get(row.pendant)
        return views.Case(
            id=row.id,
            pendant=row.pendant,
            pendant_label=self._labels.get(row.pendant, ""),
            procedure=row.procedure if is_visit else "",
            state=row.state,
            plan=row.plan,
            people=people,
            personal=self._personal(row.id),
            start_ms=state.times[moments.START],
            end_ms=state.times[moments.T_END],
            opened_ms=row.opened_ms,
            closed_ms=row.closed_ms,
            arrived_ms=state.times[moments.ARRIVED],
            cleared_ms=None if state.times[moments.ARRIVED] is None else state.times[moments.T_ARRIVE],
            last_heard_ms=None if heard is None else heard.seen_ms,
            alarms=self._alarms(row, state, people),
            tasks=self._tasks(row.id, procedure, people, contacts),
            next_due_ms=row.due_ms,
            contacts=contacts,
            unreadable=isinstance(state, _Unread),
            check_in_ms=state.times[moments.CHECK_IN],
            return_by_ms=self._return_by(row),
            forbidden=_forbidden(procedure, state) if is_visit else "",
            place=None if heard is None or row.closed_ms is not None else _place(heard),
        )

    def _return_by(self, row: Row[Any]) -> int | None:
        """Agreed in the plan: in the ladder it is only where the procedure has a rule for it."""
        if not row.plan & w.PLAN_RETURNING:
            return None
        j = s.journal.c
        query = select(j.body).where(j.visit_case == row.id, j.kind == "opened")
        at_ms: int | None = json.loads(self._connection.execute(query).scalar_one()).get("return_by_ms")
        return at_ms

    def _personal(self, case_id: int) -> dict[str, str]:
        where = (s.journal.c.visit_case == case_id) & (s.journal.c.kind == "details")
        joined = s.personal.join(s.journal, s.journal.c.seq == s.personal.c.seq)
        found: dict[str, str] = {}
        query = select(s.personal.c.body).select_from(joined).where(where).order_by(s.journal.c.seq)
        for (body,) in self._connection.execute(query):
            found |= json.loads(body)
        return found

    def _alarms(self, row: Row[Any], state: Any, people: dict[int, views.Person]) -> tuple[views.Alarm, ...]:
        raised = self._raised(row.id)
        found = []
        for i, slot in enumerate(state.slots):
            if slot.kind:
                owner = people[slot.owner].name if slot.owner in people else ""
                raised_ms = raised.get(slot.kind, row.opened_ms)
                suspect = _SUSPECT if row.suspect else ""
                found.append(views.Alarm(i, slot.kind, slot.stage, slot.owner, owner, raised_ms, suspect, slot.ref))
        return tuple(found)

    def _raised(self, case_id: int) -> dict[int, int]:
        """When each kind of alarm was raised: the first time since people last resolved all."""
        j = s.journal.c
        wanted = (j.visit_case == case_id) & j.kind.in_((*_ALARM_KINDS, _RESOLVED))
        found: dict[int, int] = {}
        for kind, event_ms, body in self._connection.execute(
            select(j.kind, j.event_ms, j.body).where(wanted).order_by(j.seq)
        ):
            if kind != _RESOLVED:
                found.setdefault(_EVENT_OF_NAME[kind], event_ms)
            elif json.loads(body)["what"] != w.DIAL_999:  # which ends a 999 task, and no alarm
                found.clear()
        return found

    def _tasks(
        self,
        case_id: int,
        procedure: StoredProcedure,
        people: dict[int, views.Person],
        contacts: tuple[views.Person, ...],
    ) -> tuple[views.Task, ...]:
        t = s.task.c
        query = select(s.task).where(t.visit_case == case_id, t.ended_ms.is_(None)).order_by(t.due_ms, t.id)
        return tuple(
            views.Task(
                id=row.id,
                case=case_id,
                rung=row.rung,
                verb=row.verb,
                by_role=row.by_role,
                by_name=self.people[row.person].name if row.person in self.people else "",
                who_role=row.who_role,
                who_name=_who_name(row, people, contacts),
                via=row.via,
                clause=procedure.clause(row.rung),
                opened_ms=row.opened_ms,
                due_ms=row.due_ms,
                by_person=row.person,
                what=row.what,
            )
            for row in self._connection.execute(query)
        )

    def pendants(self) -> tuple[views.Pendant, ...]:
        c = s.visit_case.c
        query = select(c.pendant, c.id).where(c.closed_ms.is_(None))
        cases: dict[int, int] = {row.pendant: row.id for row in self._connection.execute(query)}
        found = []
        for row in self._connection.execute(select(s.pendant).order_by(s.pendant.c.label)):
            heard = self._heard.get(row.id)
            found.append(
                views.Pendant(
                    id=row.id,
                    label=row.label,
                    wearer=None if row.wearer is None else self.people[row.wearer],
                    revoked_ms=row.revoked_ms,
                    last_seen_ms=None if heard is None else heard.seen_ms,
                    battery_mv=None if heard is None else heard.battery_mv or None,
                    case=cases.get(row.id),
                    clock="" if heard is None else _clock(heard.flags),
                )
            )
        return tuple(found)

    def strangers(self) -> tuple[views.Stranger, ...]:
        query = select(s.stranger).order_by(s.stranger.c.last_ms.desc()).limit(MAX_STRANGERS)
        return tuple(views.Stranger(row.pendant, row.last_ms, row.frames) for row in self._connection.execute(query))

    def warnings(self, cases: Iterable[views.Case]) -> tuple[str, ...]:
        """What is wrong with the hub's own reach."""
        alive = self._connection.execute(select(s.meta.c.value).where(s.meta.c.name == "alive_ms")).scalar()
        o = s.outbox.c
        stuck = self._connection.execute(
            select(func.count()).where(o.state == "queued", o.made_ms < int(alive or 0) - STUCK_MS)
        ).scalar_one()
        found = [f"{stuck} messages wait to be delivered: tell people by telephone"] if stuck else []
        found += self._dropped(int(alive or 0))
        ids = [case.id for case in cases]
        j = s.journal.c
        unread = (case for case in cases if case.unreadable)
        found += [
            f"Case {case.id} can't be read by this version: phone {case.worker}, then plan anew" for case in unread
        ]
        query = select(j.visit_case).distinct().where(j.kind == "nobody_told", j.visit_case.in_(ids))
        found += [f"Case {row[0]}: somebody could not be told by any means" for row in self._connection.execute(query)]
        return tuple(found)

    def _dropped(self, now_ms: int) -> list[str]:
        """Of presses that the last outage of the store let go of, while that is news."""
        query = select(s.meta.c.value).where(s.meta.c.name == "press_dropped")
        at_ms, presses = (int(word) for word in (self._connection.execute(query).scalar() or "0 0").split())
        if not presses or now_ms - at_ms > DROPPED_SHOWN_MS:
            return []
        return [f"{presses} presses were not kept while the disk was full: call everyone who has a visit open"]
