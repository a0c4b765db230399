"""A hub in memory for the console: it answers as the store's reader does, and does just enough of what is asked."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import SecretStr
from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_hub.commands import AddPerson, ChangePerson, Contact, HandOver, PlanVisit, Record, Refusal
from watchword_hub.console import views

START_MS = 1_772_445_600_000  # 2026-03-02 10:00:00 UTC, London the same
ANA = views.Person(1, "Ana Ferreira", (Contact("sms", "07700 900001"), Contact("personal_mobile", "07700 900011")))
BEN = views.Person(2, "Ben Okafor", (Contact("sms", "07700 900002"),))
CORA = views.Person(3, "Cora Lindqvist", (Contact("sms", "07700 900003"),))
DEV = views.Person(4, "Dev Sharma")
ELI = views.Person(5, "Eli Ferreira", (Contact("home", "07700 900005"),))
PENDANT = 0x00C0FFEE
PHRASE = "the heron file"  # the site's secret, where it has one
ORIGIN = "http://testserver"


class FakeClock:
    def __init__(self) -> None:
        self.ms = START_MS

    def now_ms(self) -> int:
        return self.ms


@dataclass(frozen=True)
class Settings:
    timezone: str = "Europe/London"
    console_names: tuple[str, ...] = ("127.0.0.1", "localhost", "testserver")
    duress_phrase: SecretStr | None = None
    office_hours: str = "Mon-Fri 09:00-17:00"
    office_closed: tuple[date, ...] = ()


def a_visit(**changes: Any) -> views.Case:
    """Ana is at the door of a Homemaker visit that Ben tracks."""
    visit = views.Case(
        id=7,
        pendant=PENDANT,
        pendant_label="Pendant 3",
        procedure="homemaker-enhanced",
        state=v.AT_DOOR,
        plan=w.PLAN_FIRST_VISIT,
        people={w.WORKER: ANA, w.TRACKER: BEN, w.MANAGER: CORA, w.SENIOR: DEV},
        personal={
            "client": "Mr Hargreaves",
            "address": "12 Mill Lane, Northampton NN1 4AB",
            "car": "blue Fiesta AB12 CDE",
            "client_mobile": "07700 900100",
        },
        start_ms=START_MS - 5 * 60_000,
        end_ms=START_MS + 55 * 60_000,
        opened_ms=START_MS - 3_600_000,
        arrived_ms=START_MS - 60_000,
        last_heard_ms=START_MS - 4_000,
        next_due_ms=START_MS + 240_000,
    )
    return replace(visit, **changes)


def a_task(verb: int, **changes: Any) -> views.Task:
    task = views.Task(
        id=31,
        case=7,
        rung=4,
        verb=verb,
        by_role=w.TRACKER,
        by_name=BEN.name,
        who_role=w.WORKER,
        who_name=ANA.name,
        via=w.WORK_MOBILE | w.PERSONAL_MOBILE,
        clause="4.2.2",
        opened_ms=START_MS,
        due_ms=START_MS + 600_000,
    )
    return replace(task, **changes)


def an_alarm(**changes: Any) -> views.Alarm:
    alarm = views.Alarm(slot=0, kind=w.SOS, stage=a.AT_HUB, owner_role=0, owner_name="", raised_ms=START_MS - 20_000)
    return replace(alarm, **changes)


class FakeHub:
    """Reader and engine in one. `asked` holds every command; `refuse` makes the next ones fail with that text."""

    def __init__(self, *cases: views.Case) -> None:
        self.cases = {case.id: case for case in cases}
        self.lines: list[views.JournalLine] = []
        self.asked: list[Any] = []
        self.refuse = ""
        self.silent = False
        self.unknown: list[views.Stranger] = []
        self.persons = [ANA, BEN, CORA, DEV]
        self.worn = [views.Pendant(PENDANT, "Pendant 3", ANA, last_seen_ms=START_MS, battery_mv=3900, case=7)]

    # -- the engine

    def submit(self, command: Any) -> "Future[Any]":
        answer: Future[Any] = Future()
        self.asked.append(command)
        if self.silent:
            return answer
        if self.refuse:
            answer.set_exception(Refusal(self.refuse))
        else:
            answer.set_result(self._do(command))
        return answer

    def _do(self, command: Any) -> Any:
        if isinstance(command, PlanVisit):
            return 7
        if isinstance(command, AddPerson):
            self.persons.append(views.Person(len(self.persons) + 1, command.name, tuple(command.contacts)))
        if isinstance(command, ChangePerson):
            changed = views.Person(command.person, command.name, tuple(command.contacts))
            self.persons = [changed if person.id == command.person else person for person in self.persons]
        if isinstance(command, Record):
            self._record(command)
        if isinstance(command, HandOver):
            self._hand_over(command)
        return None

    def _record(self, command: Record) -> None:
        case = self.cases[command.case]
        if command.kind == w.ACKNOWLEDGED:
            owner = case.people[command.by_role].name
            taken = [replace(x, stage=a.WITH_PERSON, owner_role=command.by_role, owner_name=owner) for x in case.alarms]
            case = replace(case, alarms=tuple(taken))
        elif command.kind == w.RESOLVED:
            case = replace(case, alarms=tuple(replace(x, stage=a.RESOLVED) for x in case.alarms), tasks=())
        elif command.kind in (w.CALL_SAFE, w.CALL_NO_ANSWER, w.DONE, w.DECIDED):
            case = replace(case, tasks=())
        elif command.kind == w.SPOKE_ARRIVAL:
            case = replace(case, state=v.INSIDE)
        elif command.kind == w.SPOKE_DEPARTURE:
            case = replace(case, state=v.CLOSED)
        self.cases[case.id] = case
        self.add_line(command.kind, case=case.id, text=command.text, by=BEN.name)

    def _hand_over(self, command: HandOver) -> None:
        case = self.cases[command.case]
        person = next(person for person in self.persons if person.id == command.person)
        tasks = tuple(
            replace(task, by_person=person.id, by_name=person.name) if task.by_role == command.role else task
            for task in case.tasks
        )
        self.cases[case.id] = replace(case, people={**case.people, command.role: person}, tasks=tasks)
        self.add_line("handed_over", case=case.id, text=command.text, by=BEN.name)

    # -- the store

    def add_line(self, kind: int | str, case: int = 7, text: str = "", by: str = "") -> views.JournalLine:
        line = views.JournalLine(len(self.lines) + 1, case, START_MS, START_MS, kind, text, by)
        self.lines.append(line)
        return line

    def last_seq(self) -> int:
        return len(self.lines)

    def overview(self) -> views.Overview:
        listed = [case for case in self.cases.values() if case.visit_open or case.open_alarms or case.tasks]
        return views.Overview(tuple(listed), tuple(self.unknown), self.last_seq())

    def case(self, case_id: int) -> views.Case | None:
        return self.cases.get(case_id)

    def journal_of(self, case_id: int, limit: int) -> Sequence[views.JournalLine]:
        return [line for line in self.lines if line.case == case_id][-limit:]

    def journal_after(self, seq: int, limit: int) -> Sequence[views.JournalLine]:
        return self.lines[seq : seq + limit]

    def pendants(self) -> Sequence[views.Pendant]:
        return self.worn

    def strangers(self) -> Sequence[views.Stranger]:
        return self.unknown

    def people(self) -> Sequence[views.Person]:
        return self.persons
