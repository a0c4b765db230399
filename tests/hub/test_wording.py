"""What each message says: short, true, and with what to do; checked for every rung of every file."""

import re
from datetime import UTC

import pytest
from stage import MINUTE, FakePendant, Stage
from test_duties import later, planned
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import Action
from watchword_core.frames import NO_FALLS, NOT_WORN
from watchword_hub.commands import AddPerson, Contact, PlanVisit
from watchword_hub.engine.cases import OpenCase
from watchword_hub.engine.messages import everyone
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.engine.unreadable import BAD_SEALS
from watchword_hub.engine.wording import worded
from watchword_hub.procedures import built_in_names

TEXT_MESSAGE = 300  # characters, subject and body: two text messages


@pytest.mark.parametrize("name", built_in_names())
def test_every_rung_that_people_get_has_words_of_its_own(name: str) -> None:
    procedure = BuiltIn().get(name)
    case = OpenCase(7, 1, procedure, Case(procedure.table, 0, 7, 0, 1), {}, [1, 2])
    for i, rung in enumerate(procedure.table.rungs):
        if rung.verb in (w.PROMPT, w.REFUSE):
            continue
        subject, body = worded(case, Action(0, rung.verb, rung.by, rung.who, rung.via, i, 1), "Ana", UTC)
        assert "needs you" not in subject and "somebody now" not in body, procedure.rung_name(i)
        assert procedure.clause(i) in body and len(subject) + len(body) < TEXT_MESSAGE, body
        assert not re.search(r"  |\.\.| \.", body), body


def texts(stage: Stage) -> list[tuple[str, str, str]]:
    return [
        tuple(row)
        for row in stage.rows("SELECT p.name, o.subject, o.body FROM outbox o JOIN person p ON p.id = o.person")
    ]


def test_who_is_told_that_nobody_reported_reads_what_and_whose_it_was(stage: Stage) -> None:
    ana = planned(stage, "northamptonshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 132)
    (body,) = [b for who, s, b in texts(stage) if (who, s) == ("Dev", "Ana: nobody reported on what was asked")]
    assert body.startswith("No report on: Call the worker (manager). See that it is done.")


def test_the_senior_is_told_that_999_was_dialled_and_nothing_is_asked_of_them(stage: Stage) -> None:
    ana = planned(stage, "northamptonshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 121)
    stage.record(ana.visit, w.CALL_AT_RISK, w.MANAGER, who=w.WORKER)
    stage.record(ana.visit, w.DONE, w.MANAGER, what=w.DIAL_999)
    who, subject, body = texts(stage)[-1]
    assert (who, subject) == ("Dev", "Ana: 999 was dialled")
    assert "for you to know" in body and "Record" not in body


def test_which_of_several_contacts_is_to_be_called_is_said_by_number(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.plan(ana, procedure="northamptonshire", plan_bits=w.PLAN_RISK, contacts=[stage.dev])
    later(stage, ana, 121)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.WORKER)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.EMERGENCY_CONTACT)
    bodies = [body for _, _, body in texts(stage)[-2:]]
    assert [body.split(".")[0] for body in bodies] == [
        "Call emergency contact 1 of 2 now",
        "Call emergency contact 2 of 2 now",
    ]


def test_a_door_without_signal_asks_what_the_worker_does_next(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.plan(ana, procedure="hertfordshire")
    stage.record(ana.visit, w.NO_SIGNAL)
    assert texts(stage)[-1][2].startswith("Decide now what the worker does next.")


def test_a_number_to_dial_is_never_sent_a_message(stage: Stage) -> None:
    stage.cast()
    fay = stage.do(AddPerson("Fay", [Contact("home", "01604 1"), Contact("mail", "fay@example.org")]))
    gus = stage.do(AddPerson("Gus", [Contact("work_mobile", "07700 1")]))
    ana = stage.provision()
    roles = {"worker": stage.ana, "manager": fay, "tracker": gus}
    stage.do(PlanVisit(ana.id, "clarendon", roles, stage.clock.at_ms, stage.clock.at_ms + 60 * MINUTE))
    stage.carry(ana.frame(w.SOS))
    stage.restart()
    stage.later(2 * MINUTE)
    assert everyone(stage.engine._state, None)[-1] == fay
    assert {who for who, *_ in texts(stage)} == {"Fay"}
    kinds = stage.rows("SELECT DISTINCT kind, position FROM outbox")
    assert kinds == [("mail", 0)]


def test_with_a_duress_open_nobody_is_told_to_call_the_worker_whatever_else_happens(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED), ana.frame(w.DURESS, value=w.CHECKED_IN))
    known = len(texts(stage))
    stage.carry(ana.heartbeat(battery_mv=3450, flags=NOT_WORN | NO_FALLS))
    stage.later(3 * MINUTE)  # silent
    for _ in range(BAD_SEALS):
        stage.carry(FakePendant(bytes(range(64)), stage.clock).frame(w.SOS))
    told = texts(stage)[known:]
    wanted = ("charge runs out", "not worn", "sees no falls", "can't be seen", "can't be read")
    for about in wanted:
        assert [who for who, subject, _ in told if about in subject], about
    for _, subject, body in told:
        assert "don't call the worker first" in body, subject
        assert "Call the worker" not in body and "phone the worker" not in body.lower(), subject
