"""What the console reads: the committed store, by connections that can't write. Any thread may call.

A reader is never ahead of the engine's commits, and never in its way: the store is in WAL mode.
"""

import json
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, create_engine, func, select
from sqlalchemy.pool import QueuePool
from watchword_core import case as core
from watchword_core import moments
from watchword_core import words as w
from watchword_core.table import TableError

from .commands import Contact
from .console import views
from .engine.events import NAME_OF_EVENT, NAME_OF_VERB
from .engine.procedure_book import StoredProcedure
from .engine.roles import NAME_OF_ROLE, ROLE_OF_NAME
from .store import schema as s
from .store.store import MAX_ROW

MAX_STRANGERS = 256
STUCK_MS = 60_000  # a message that waits longer than this is worth a warning
DROPPED_SHOWN_MS = 24 * 3_600_000
_EVENT_OF_NAME = {name: code for code, name in NAME_OF_EVENT.items()}
_VERB_OF_NAME = {name: code for code, name in NAME_OF_VERB.items()}
_ASKED = {
    "call": "{by} to call the {role}",
    "tell": "{role}{person} to be told",
    "tell by": "{by} to tell the {role}",
    "prompt": "pendant to prompt the {role}",
    "clear": "pendant to say: you may go in",
    "refuse": "pendant to say: do not go in",
    "decide": "{by} to decide about the police",
    "dial_999": "{by} to dial 999",
    "mark": "noted in the record",
    "close": "visit to be closed",
}
_CALLS = (w.CALL_SAFE, w.CALL_AT_RISK, w.CALL_DURESS, w.CALL_NO_ANSWER, w.CALL_VOICEMAIL)
_ALARM_KINDS = ("sos", "man_down", "duress", "call_duress")
_SUSPECT = "this pendant was revoked"


class StoreReader:
    """Implements the console's `views.Reader` on the store file at `path`."""

    def __init__(self, path: Path) -> None:
        uri = f"file:{path}?mode=ro&uri=true"
        # Connections are kept: opening one cost more than reading what an alarm's event needs.
        self._engine = create_engine(f"sqlite:///{uri}", poolclass=QueuePool)
        self._versions: dict[bytes, StoredProcedure] = {}
        self._names: dict[int, str] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        self._engine.dispose()

    def last_seq(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(s.journal.c.seq), 0))).scalar_one())

    def overview(self) -> views.Overview:
        """All open cases, in one consistent look."""
        with self._engine.connect() as connection:
            look = _Look(self, connection)
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
            return None if row is None else _Look(self, connection).case(row)

    def journal_of(self, case_id: int, limit: int) -> Sequence[views.JournalLine]:
        """The newest `limit` lines of one case, oldest first."""
        query = _LINES.where(s.journal.c.visit_case == case_id).order_by(s.journal.c.seq.desc()).limit(limit)
        with self._engine.connect() as connection:
            return _Look(self, connection).lines(reversed(connection.execute(query).all()))

    def journal_after(self, seq: int, limit: int) -> Sequence[views.JournalLine]:
        """Lines of all cases with a higher number, in order."""
        query = _LINES.where(s.journal.c.seq > min(seq, MAX_ROW)).order_by(s.journal.c.seq).limit(limit)
        with self._engine.connect() as connection:
            return _Look(self, connection).lines(connection.execute(query).all())

    def pendants(self) -> Sequence[views.Pendant]:
        with self._engine.connect() as connection:
            return _Look(self, connection).pendants()

    def strangers(self) -> Sequence[views.Stranger]:
        with self._engine.connect() as connection:
            return _Look(self, connection).strangers()

    def people(self) -> Sequence[views.Person]:
        with self._engine.connect() as connection:
            return tuple(_Look(self, connection).people.values())

    def name(self, connection: Connection, person: int) -> str:
        """A name never changes, so it is kept: an alarm's lines would wait for two more queries."""
        with self._lock:
            if person not in self._names:
                self._names = {row.id: row.name for row in connection.execute(_NAMES)}
            return self._names.get(person, "")

    def procedure(self, connection: Connection, version: bytes) -> StoredProcedure:
        """A version never changes, so it is kept."""
        with self._lock:
            found = self._versions.get(version)
            if found is None:
                table = s.procedure_version
                row = connection.execute(select(table).where(table.c.version == version)).one()
                found = self._versions[version] = StoredProcedure(row.name, row.compiled, row.lines)
            return found


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


def _recorded(kind: int | str, body: dict[str, Any]) -> str:
    """What of a person's record its kind doesn't say."""
    who = NAME_OF_ROLE.get(body["who"], "").replace("_", " ")
    if kind in _CALLS and who:
        nth = f" {body['value'] + 1}" if body["who"] == w.EMERGENCY_CONTACT else ""
        means = body["via"].replace(" ", ", ").replace("_", " ")
        return f"{who}{nth}{f' by {means}' if means else ''}"
    if kind == w.DONE:
        return {w.DIAL_999: "999 dialled", w.TELL: f"told the {who}" if who else "told"}.get(body["what"], "")
    if kind == w.RESOLVED:
        return "999 not needed" if body["what"] == w.DIAL_999 else ""
    if kind == w.DECIDED:
        return {w.CALL_POLICE: "call the police", w.NOT_POLICE: "not the police"}.get(body["what"], "")
    if kind == w.EXTENDED:
        return "next check-in" if body["what"] == w.AT_FINISH else "new finish" if body["value"] else "by one step"
    return ""


def _lines() -> Any:
    joined = s.journal.outerjoin(s.personal, s.personal.c.seq == s.journal.c.seq)
    joined = joined.outerjoin(s.visit_case, s.visit_case.c.id == s.journal.c.visit_case)
    j = s.journal.c
    columns = (j.seq, j.visit_case, j.at_ms, j.event_ms, j.kind, j.body, s.visit_case.c.version)
    return select(*columns, s.personal.c.body.label("personal")).select_from(joined)


_NAMES = select(s.person.c.id, s.person.c.name)
_LINES = _lines()  # made once: it is read anew with every commit, before a console hears of an alarm


class _Unread:
    """In place of a case whose table or snapshot this version can't read."""

    times = (None,) * moments.MOMENTS

    slots = ()

    def refusal(self) -> None:
        return None


class _Look:
    """One transaction's view of the store."""

    def __init__(self, reader: StoreReader, connection: Connection) -> None:
        self._reader = reader
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
        procedure = self._reader.procedure(self._connection, row.version)
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
            cleared_ms=state.times[moments.T_ARRIVE],
            last_heard_ms=None if heard is None else heard.seen_ms,
            alarms=self._alarms(row, state, people),
            tasks=self._tasks(row.id, procedure, people, contacts),
            next_due_ms=row.due_ms,
            contacts=contacts,
            unreadable=isinstance(state, _Unread),
            check_in_ms=state.times[moments.CHECK_IN],
            return_by_ms=self._return_by(row),
            forbidden=_forbidden(procedure, state) if is_visit else "",
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
        raised: dict[int, int] = {}
        j = s.journal.c
        query = select(j.kind, j.event_ms).where(j.visit_case == row.id, j.kind.in_(_ALARM_KINDS)).order_by(j.seq)
        for kind, event_ms in self._connection.execute(query):
            raised.setdefault(_EVENT_OF_NAME[kind], event_ms)
        found = []
        for i, slot in enumerate(state.slots):
            if slot.kind:
                owner = people[slot.owner].name if slot.owner in people else ""
                raised_ms = raised.get(slot.kind, row.opened_ms)
                suspect = _SUSPECT if row.suspect else ""
                found.append(views.Alarm(i, slot.kind, slot.stage, slot.owner, owner, raised_ms, suspect))
        return tuple(found)

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

    def lines(self, rows: Iterable[Row[Any]]) -> list[views.JournalLine]:
        return [self._line(row) for row in rows]

    def _line(self, row: Row[Any]) -> views.JournalLine:
        body = json.loads(row.body)
        kind: int | str = _EVENT_OF_NAME.get(row.kind, row.kind)
        text, by, until_ms = "", "", None
        if row.kind in _VERB_OF_NAME:
            text = self._action_text(row, body)
        elif row.kind == "handed_over":
            role = NAME_OF_ROLE.get(body["role"], "")
            change = f"{role}: {self._name(body['before'])} to {self._name(body['person'])}"
            text = ". ".join(part for part in (change, row.personal) if part)
            by = self._name(body["by_person"])
        elif "by_person" in body:
            text = ". ".join(part for part in (_recorded(kind, body), row.personal) if part)
            by = self._name(body["by_person"])
            until_ms = body["value"] or None if kind == w.EXTENDED else None
        elif isinstance(kind, int) and not body.get("applied", True):
            text = "kept as evidence, changed nothing"
        elif row.kind == "faulted":
            text = f"could not be handled ({body['error']})"
        return views.JournalLine(row.seq, row.visit_case, row.at_ms, row.event_ms, kind, text, by, until_ms)

    def _action_text(self, row: Row[Any], body: dict[str, Any]) -> str:
        """One line of what the procedure asked of whom, with its clause."""
        role = NAME_OF_ROLE.get(body["who"], "").replace("_", " ")
        person = self._name(body["person"])
        procedure = self._reader.procedure(self._connection, row.version)
        clause = procedure.clause(body["rung"])
        how = "tell by" if row.kind == "tell" and body["by"] != w.HUB else row.kind
        if body["who"] == w.EMERGENCY_CONTACT:
            role += f" {body.get('what', 0) + 1}"
        if row.kind in ("refuse", "mark") and (what := procedure.what(body["rung"])):
            return f"{_ASKED[row.kind]}: {what} [{clause}]"
        said = _ASKED.get(how, how).format(role=role, person=f" ({person})" if person else "", by=person or "somebody")
        return f"{said} [{clause}]" if clause else said

    def _name(self, person: int | None) -> str:
        return "" if person is None else self._reader.name(self._connection, person)
