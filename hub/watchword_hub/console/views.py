"""What a page shows, as plain values, and where it comes from. All times are Unix ms by the hub's clock."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w

from watchword_hub.commands import PHONES, Contact

Submit = Callable[[Any], "Future[Any]"]
"""Hands a command (watchword_hub.commands) to the engine; the future fails with Refusal or gives its result."""


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    contacts: tuple[Contact, ...] = ()

    @property
    def can_be_told(self) -> bool:
        """Whether messages reach them: numbers to dial are not for those."""
        return any(contact.kind not in PHONES for contact in self.contacts)


@dataclass(frozen=True)
class Task:
    """What the procedure asks of whom by when, with its clause."""

    id: int
    case: int
    rung: int
    verb: int
    by_role: int
    by_name: str
    who_role: int
    who_name: str
    via: int
    clause: str
    opened_ms: int
    due_ms: int | None
    by_person: int | None = None
    what: int = 0  # which of several emergency contacts, from 0

    @property
    def told_by_hub(self) -> bool:
        """Of a "tell": the hub has told them, and waits for an answer; else they are to tell somebody."""
        return self.by_role == self.who_role


@dataclass(frozen=True)
class Alarm:
    """One alarm slot of a case. `suspect`: why it may not be the wearer's, "" if it is."""

    slot: int
    kind: int
    stage: int
    owner_role: int
    owner_name: str
    raised_ms: int
    suspect: str = ""
    ref: int = 0  # the pendant's raising count

    @property
    def open(self) -> bool:
        return a.RAISED <= self.stage < a.RESOLVED

    @property
    def taken(self) -> bool:
        return self.stage == a.WITH_PERSON

    @property
    def is_duress(self) -> bool:
        return self.kind in (w.DURESS, w.CALL_DURESS)


@dataclass(frozen=True)
class Place:
    """Where a pendant was. `fixed_ms` None: nobody knows when."""

    lat_e7: int  # 1e-7 degrees
    lon_e7: int
    accuracy_m: int
    fixed_ms: int | None
    before_restart: bool  # the last known one of before the pendant started; it has found none since
    or_earlier: bool = False  # `fixed_ms` is the latest that it can be

    @property
    def degrees(self) -> str:
        """As map and 999 take it: latitude, longitude, to about a metre."""
        return f"{self.lat_e7 / 1e7:.5f}, {self.lon_e7 / 1e7:.5f}"


@dataclass(frozen=True)
class Case:
    """A visit with its alarms, or an alarm with no visit (`procedure` "")."""

    id: int
    pendant: int
    pendant_label: str
    procedure: str
    state: int
    plan: int
    people: dict[int, Person]  # by role
    personal: dict[str, str]  # address, client, car, client_phones, second_worker, notes
    start_ms: int | None
    end_ms: int | None
    opened_ms: int
    closed_ms: int | None = None
    arrived_ms: int | None = None
    cleared_ms: int | None = None
    last_heard_ms: int | None = None
    alarms: tuple[Alarm, ...] = ()
    tasks: tuple[Task, ...] = ()
    next_due_ms: int | None = None
    contacts: tuple[Person, ...] = ()  # emergency contacts, in the order in which they are called
    check_in_ms: int | None = None  # the next agreed one
    return_by_ms: int | None = None
    unreadable: bool = False  # begun by another version of the engine: times and alarms are not known
    forbidden: str = ""  # why the procedure refuses this visit at the door, with its clause
    place: Place | None = None  # the pendant's last, while the case is open

    @property
    def worker(self) -> str:
        person = self.people.get(w.WORKER)
        return person.name if person else self.pendant_label or f"pendant {self.pendant:08x}"

    @property
    def open_alarms(self) -> tuple[Alarm, ...]:
        return tuple(alarm for alarm in self.alarms if alarm.open)

    @property
    def nobody_has_it(self) -> bool:
        """Whether an open alarm waits for a person to take it."""
        return any(not alarm.taken for alarm in self.open_alarms)

    @property
    def has_duress(self) -> bool:
        return any(alarm.is_duress for alarm in self.open_alarms)

    @property
    def visit_open(self) -> bool:
        return self.state != v.CLOSED

    @property
    def awaits_speech(self) -> bool:
        """Whether the worker waits at the door, or on leaving, until somebody has spoken with them."""
        return bool(self.procedure) and self.state in (v.AT_DOOR, v.LEAVING) and not self.open_alarms

    @property
    def urgency_ms(self) -> int:
        """When something next falls due here, for sorting; far away if nothing does."""
        times = [task.due_ms for task in self.tasks if task.due_ms is not None]
        times += [self.next_due_ms] if self.next_due_ms is not None else []
        return min(times, default=1 << 62)


@dataclass(frozen=True)
class JournalLine:
    """One journal row for people. `kind` is a word of case events, or the name of another row ("task", "faulted")."""

    seq: int
    case: int
    at_ms: int
    event_ms: int
    kind: int | str
    text: str
    by: str = ""
    until_ms: int | None = None  # a new time that it says


@dataclass(frozen=True)
class Pendant:
    id: int
    label: str
    wearer: Person | None
    revoked_ms: int | None = None
    last_seen_ms: int | None = None
    battery_mv: int | None = None
    case: int | None = None
    clock: str = ""  # by which its time goes; "": it was never heard


@dataclass(frozen=True)
class Stranger:
    """A pendant that sends and that nobody provisioned here."""

    pendant: int
    seen_ms: int
    frames: int


@dataclass(frozen=True)
class Overview:
    cases: tuple[Case, ...]
    strangers: tuple[Stranger, ...]
    last_seq: int
    warnings: tuple[str, ...] = field(default=())

    @property
    def with_alarm(self) -> list[Case]:
        """Cases with an open alarm: nobody has it first, then the oldest."""
        found = [case for case in self.cases if case.open_alarms]
        return sorted(
            found,
            key=lambda c: (not c.nobody_has_it, min(x.raised_ms for x in c.open_alarms)),
        )

    @property
    def without_alarm(self) -> list[Case]:
        """The others, by what falls due next."""
        return sorted((case for case in self.cases if not case.open_alarms), key=lambda c: (c.urgency_ms, c.id))


class Reader(Protocol):
    """The committed store, read only."""

    def overview(self) -> Overview: ...

    def case(self, case_id: int) -> Case | None: ...

    def journal_of(self, case_id: int, limit: int) -> Sequence[JournalLine]:
        """The newest `limit` lines of one case, oldest first."""
        ...

    def journal_after(self, seq: int, limit: int) -> Sequence[JournalLine]:
        """Lines of all cases with a higher number, in order."""
        ...

    def last_seq(self) -> int: ...

    def pendants(self) -> Sequence[Pendant]: ...

    def strangers(self) -> Sequence[Stranger]: ...

    def people(self) -> Sequence[Person]: ...
