"""Ben's shift ends in mid visit: somebody else is the tracker, with all that was open, and knows it."""

import pytest
from stage import MINUTE, FakePendant, Stage
from test_duties import OPEN, later, planned, replays
from watchword_core import words as w
from watchword_hub.commands import AddPerson, Contact, HandOver, Refusal
from watchword_hub.reader import StoreReader
from watchword_hub.store.chain import verify_chain


def overdue(stage: Stage) -> tuple[FakePendant, int]:
    """A Derbyshire visit that Ben is to call about, and Fay, who is to take over."""
    ana = planned(stage, "derbyshire", plan_bits=w.PLAN_RISK)
    fay = stage.do(AddPerson("Fay", [Contact("mail", "fay@example.org")]))
    later(stage, ana, 61)
    return ana, fay


def hand(stage: Stage, ana: FakePendant, role: int, person: int, by: int | None = None, **fields: str) -> None:
    stage.do(HandOver(ana.visit, role, person, stage.ben if by is None else by, **fields))


def test_the_new_tracker_is_told_and_has_the_open_tasks_with_their_limits(stage: Stage) -> None:
    ana, fay = overdue(stage)
    before = stage.rows(OPEN)
    commits = stage.carriers.order.count("publish")
    hand(stage, ana, w.TRACKER, fay, text="end of my shift")
    assert [(row[0], row[1], row[2], row[6]) for row in stage.rows(OPEN)] == [(w.CALL, "Fay", w.TRACKER, before[0][6])]
    who, subject = stage.messages()[-1]
    assert (who, subject) == ("Fay", "Ana: you are the tracker now")
    (body,) = stage.rows("SELECT body FROM outbox ORDER BY id DESC LIMIT 1")[0]
    assert body.startswith("Ben has handed over to you. For you to do: Call the worker by work mobile (by ")
    assert stage.rows("SELECT outcome FROM task WHERE person = ? ORDER BY id DESC LIMIT 1", (stage.ben,)) == [
        ("handed_over",)
    ]
    assert stage.carriers.order.count("publish") == commits  # the pendant is not concerned
    reader = StoreReader(stage.store.path)
    (line,) = [line for line in reader.journal_of(ana.visit, 99) if line.kind == "handed_over"]
    reader.close()
    assert (line.text, line.by) == ("tracker: Ben to Fay. end of my shift", "Ben")
    verify_chain(stage.store.connection)


def test_who_is_relieved_by_another_is_told_so(stage: Stage) -> None:
    ana, fay = overdue(stage)
    hand(stage, ana, w.TRACKER, fay, by=stage.cora)
    assert ("Ben", "Ana: Fay is the tracker now") in stage.messages()[-2:]


def test_what_is_asked_later_is_asked_of_the_new_one_after_a_restart_too(stage: Stage) -> None:
    ana, fay = overdue(stage)
    hand(stage, ana, w.TRACKER, fay)
    stage.restart()
    later(stage, ana, 5)  # the second call
    assert [row[1] for row in stage.rows(OPEN)] == ["Fay"]
    stage.do(AddPerson("Gus"))
    later(stage, ana, 12)  # nobody reports: the manager has it as before
    assert "Cora" in [row[1] for row in stage.rows(OPEN)]
    assert "Ben" not in [who for who, _ in stage.messages()[-3:]]
    stage.carry(ana.frame(w.SOS))
    assert {"Fay", "Cora"} <= {who for who, _ in stage.messages()[-3:]}
    replays(stage, ana.visit)


def test_a_manager_hands_over_and_who_covers_whom_stays_right(stage: Stage) -> None:
    ana, fay = overdue(stage)
    hand(stage, ana, w.MANAGER, fay, by=stage.cora)
    stage.record(ana.visit, w.CALL_NO_ANSWER, who=w.TRACKER)  # nobody reaches Ben
    assert [row[1] for row in stage.rows(OPEN)][-1] == "Fay"
    replays(stage, ana.visit)


def test_a_person_who_takes_over_what_they_were_asked_too_has_it_once(stage: Stage) -> None:
    ana, _ = overdue(stage)
    stage.record(ana.visit, w.CALL_NO_ANSWER, who=w.TRACKER)  # so that Cora has the call as well
    assert [row[1] for row in stage.rows(OPEN)] == ["Ben", "Cora"]
    hand(stage, ana, w.TRACKER, stage.cora)
    assert [row[1] for row in stage.rows(OPEN)] == ["Cora"]


def test_an_alarm_after_the_visit_finds_who_watched_last(stage: Stage) -> None:
    ana, fay = overdue(stage)
    hand(stage, ana, w.TRACKER, fay)
    stage.record(ana.visit, w.CALL_SAFE, who=w.WORKER)
    stage.record(ana.visit, w.SPOKE_DEPARTURE)
    stage.carry(ana.frame(w.SOS))
    assert {who for who, _ in stage.messages()[-2:]} == {"Fay", "Cora"}


def test_what_can_not_be_handed_over_is_refused_with_the_reason(stage: Stage) -> None:
    ana, fay = overdue(stage)
    gus = stage.do(AddPerson("Gus", [Contact("home", "01604 1")]))
    for role, person, why in (
        (w.TRACKER, stage.ben, "Ben is the tracker already"),
        (w.TRACKER, stage.ana, "nobody watches their own visit"),
        (w.TRACKER, gus, "no contact"),
        (w.TRACKER, 999, "no person 999"),
        (w.EMERGENCY_CONTACT, fay, "plan the visit anew"),
        (77, fay, "plan the visit anew"),
    ):
        with pytest.raises(Refusal, match=why):
            hand(stage, ana, role, person)
    assert [row[1] for row in stage.rows(OPEN)] == ["Ben"]
    with pytest.raises(Refusal, match="4001 characters"):
        hand(stage, ana, w.TRACKER, fay, text="x" * 4001)
    stage.record(ana.visit, w.CALL_SAFE, who=w.WORKER)
    stage.record(ana.visit, w.SPOKE_DEPARTURE)
    with pytest.raises(Refusal, match="not open"):
        hand(stage, ana, w.TRACKER, fay)


def test_pressed_twice_it_happens_once(stage: Stage) -> None:
    ana, fay = overdue(stage)
    for _ in range(2):
        hand(stage, ana, w.TRACKER, fay, idempotency_key="k")
    assert stage.kinds(ana.visit).count("handed_over") == 1
    assert stage.clock.at_ms % MINUTE == 0
