"""A visit from the button to the people and back, through the engine and its store."""

import pytest
from stage import MINUTE, NOON, SECOND, Stage
from watchword_core import alarm, visit
from watchword_core import words as w
from watchword_core.frames import MAX_SNAPSHOT_BYTES, ROUTINE
from watchword_core.snapshots import ALARM
from watchword_hub.commands import AssignWearer, PlanVisit, Refusal
from watchword_hub.engine.procedure_book import BuiltIn

DAY = 24 * 60 * MINUTE


def test_ana_arrives_speaks_with_ben_and_feels_that_she_is_cleared(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked
    assert ana.case().state == visit.AT_DOOR
    assert stage.messages() == [("Ben", "Ana: has arrived and waits to speak with someone")]
    followed = stage.record(ana.visit, w.SPOKE_ARRIVAL)
    assert [one.verb for one in followed] == [w.CLEAR]
    ana.hear(stage.carriers)
    assert ana.case().state == visit.INSIDE


def test_ana_leaves_and_speech_closes_the_visit(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    stage.later(MINUTE)
    stage.carry(ana.frame(w.DEPARTED))
    stage.record(ana.visit, w.SPOKE_DEPARTURE)
    ana.hear(stage.carriers)
    assert ana.statuses[-1].snapshot == b""
    assert stage.kinds(ana.visit)[-1] == "closed"
    assert stage.rows("SELECT closed_ms, due_ms FROM visit_case") == [(stage.clock.at_ms, None)]
    with pytest.raises(Refusal, match="not open"):
        stage.record(ana.visit, w.SPOKE)


def test_the_unanswered_call_back_climbs_to_the_manager(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    for _ in range(20):
        stage.later(MINUTE, MINUTE)
        stage.carry(ana.heartbeat())
    assert (w.CALL, stage.ben) in stage.rows("SELECT verb, person FROM task WHERE ended_ms IS NULL")
    followed = stage.record(ana.visit, w.CALL_NO_ANSWER, who=w.WORKER)
    assert (w.CALL, w.CLIENT, stage.ben) in [(one.verb, one.who, one.person) for one in followed]
    outcomes = stage.rows("SELECT outcome FROM task WHERE verb = ? AND who_role = ?", (w.CALL, w.WORKER))
    assert outcomes == [("call_no_answer",)]
    for _ in range(10):
        stage.later(MINUTE, MINUTE)
        stage.carry(ana.heartbeat())
    assert "Cora" in [who for who, _ in stage.messages()]


def test_sos_is_told_to_tracker_and_manager_in_the_commit_that_holds_it(stage: Stage) -> None:
    ana = stage.visit()
    said: list[str] = []
    stage.store.connection.set_trace_callback(said.append)
    stage.carry(ana.frame(w.SOS))
    stage.store.connection.set_trace_callback(None)
    assert said.count("COMMIT") == 1
    assert sum("INTO outbox" in sql for sql in said[: said.index("COMMIT")]) == 2
    assert any("INTO journal" in sql for sql in said[: said.index("COMMIT")])
    assert stage.messages() == [("Ben", "Ana: SOS"), ("Cora", "Ana: SOS")]
    ana.hear(stage.carriers)
    assert ana.case().slots[ALARM].stage == alarm.AT_HUB


def test_ana_feels_that_cora_has_her_sos(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.record(ana.visit, w.ACKNOWLEDGED, w.MANAGER)
    ana.hear(stage.carriers)
    slot = ana.case().slots[ALARM]
    assert (slot.stage, slot.owner) == (alarm.WITH_PERSON, w.MANAGER)


def test_sos_without_a_visit_opens_a_case_of_its_own_until_it_is_resolved(stage: Stage) -> None:
    stage.cast()
    ana = stage.provision()
    stage.do(AssignWearer(ana.id, stage.ana))
    stage.greet(ana)
    stage.carry(ana.frame(w.SOS, about=1))
    ana.hear(stage.carriers)
    assert ana.case().visit_id == 0
    assert stage.messages() == [("Cora", "Ana: SOS")]  # she stands in for the tracker whom nobody named
    case = stage.rows("SELECT id FROM visit_case")[0][0]
    stage.record(case, w.ACKNOWLEDGED, w.MANAGER)
    stage.record(case, w.RESOLVED, w.MANAGER)
    ana.hear(stage.carriers)
    assert ana.statuses[-1].snapshot == b""
    stage.carry(ana.frame(w.SOS, about=2))
    assert len(stage.rows("SELECT id FROM visit_case")) == 2


def test_an_alarm_that_has_nobody_goes_to_everyone_who_can_be_reached(stage: Stage) -> None:
    stage.cast()
    stage.engine._state.default_roles.clear()  # as on a hub where nobody set any
    ana = stage.provision()
    stage.carry(ana.frame(w.SOS))
    assert {who for who, _ in stage.messages()} == {"Ben", "Cora", "Dev"}
    assert stage.counter("role_without_person") > 0


def test_a_pendant_has_one_wearer_and_one_open_visit(stage: Stage) -> None:
    ana = stage.visit()
    with pytest.raises(Refusal, match="open: one at a time"):
        stage.plan(ana)
    with pytest.raises(Refusal, match="handed over"):
        stage.do(AssignWearer(ana.id, stage.eli))
    other = stage.provision(0xB0B, "P2")
    with pytest.raises(Refusal, match="with another pendant"):
        stage.plan(other)
    stage.do(AssignWearer(other.id, stage.eli))
    with pytest.raises(Refusal, match="worn by another person"):
        stage.plan(other)


def test_a_plan_that_makes_no_sense_is_refused_and_changes_nothing(stage: Stage) -> None:
    stage.cast()
    pendant = stage.provision()
    good: dict[str, object] = {"pendant": pendant.id, "procedure": "homemaker-enhanced", "roles": stage.roles}
    good |= {"start_ms": NOON, "end_ms": NOON + MINUTE}
    wrongs: list[dict[str, object]] = [
        {"procedure": "nobody-s"},
        {"pendant": 99},
        {"end_ms": NOON},
        {"start_ms": NOON - 30 * DAY},
        {"start_ms": NOON + 30 * DAY, "end_ms": NOON + 30 * DAY + MINUTE},
        {"roles": {"worker": stage.ana}},
        {"roles": stage.roles | {"king": stage.ben}},
        {"roles": stage.roles | {"manager": 99}},
    ]
    for wrong in wrongs:
        with pytest.raises(Refusal):
            stage.do(PlanVisit(**(good | wrong)))  # type: ignore[arg-type]
    assert stage.rows("SELECT id FROM visit_case") == []


def test_a_visit_without_a_tracker_is_refused_at_the_door(stage: Stage) -> None:
    stage.cast(without=["tracker"])
    ana = stage.provision()
    stage.greet(ana)
    stage.plan(ana)
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL, w.MANAGER)
    ana.hear(stage.carriers)
    assert ana.case().state == visit.AT_DOOR
    assert "refuse" in stage.kinds(ana.visit)


def test_ben_clicking_twice_records_once(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    first = stage.record(ana.visit, w.SPOKE_ARRIVAL, idempotency_key="click-1")
    stage.restart()
    assert stage.record(ana.visit, w.SPOKE_ARRIVAL, idempotency_key="click-1") == first
    assert stage.kinds(ana.visit).count("spoke_arrival") == 1


def test_ana_out_of_sight_for_two_minutes_is_told_to_ben_once(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    before = len(stage.messages())
    stage.later(119 * SECOND)
    assert len(stage.messages()) == before
    stage.later(2 * MINUTE)
    assert stage.messages()[before:] == [("Ben", "Ana: can't be seen: pendant or phone silent")]
    stage.carry(ana.heartbeat())
    assert stage.kinds(ana.visit)[-1] == "seen"
    stage.later(119 * SECOND)
    assert stage.kinds(ana.visit)[-1] == "seen"


def test_a_heartbeat_that_changes_nothing_leaves_no_journal_row(stage: Stage) -> None:
    ana = stage.visit()
    before = stage.store.last_id("journal")
    frames = [ana.heartbeat(lat_e7=515_000_000, lon_e7=-1_000_000, accuracy_m=5, fix_age_s=2) for _ in range(5)]
    stage.carry(*frames)
    assert stage.store.last_id("journal") == before
    ana.hear(stage.carriers)
    assert (ROUTINE, 7) in ana.acked
    assert stage.rows("SELECT lat_e7, accuracy_m FROM boot") == [(515_000_000, 5)]


def test_the_pendant_gets_the_table_of_its_case_when_it_runs_another(stage: Stage) -> None:
    ana = stage.visit()
    table = BuiltIn().get("homemaker-enhanced").table
    stage.carry(ana.heartbeat())
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    assert b"".join(f.table for f in sorted(ana.fragments, key=lambda f: f.index)) == table.compiled
    ana.fragments.clear()
    stage.later(MINUTE)
    stage.carry(ana.heartbeat(procedure=table.short_version))
    ana.hear(stage.carriers)
    assert ana.fragments == []


def test_a_press_for_another_visit_is_kept_and_changes_nothing(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED, visit=ana.visit + 1))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked
    assert ana.case().state == visit.PLANNED
    assert stage.kinds(ana.visit)[-1] == "arrived"
    assert stage.counter("evidence_only") == 1


def test_with_no_visit_a_duress_brings_no_table__an_sos_does(stage: Stage) -> None:
    ana = stage.provision()
    stage.greet(ana)
    stage.carry(ana.frame(w.DURESS, value=w.CHECKED_IN))
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    assert ana.statuses[-1].snapshot and ana.fragments == []
    stage.carry(ana.frame(w.SOS))
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    assert ana.fragments


def test_every_status_fits_its_frame_at_the_worst_of_a_visit(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    stage.carry(ana.frame(w.SOS), ana.frame(w.DURESS))
    stage.record(ana.visit, w.CALL_AT_RISK, who=w.WORKER)
    stage.record(ana.visit, w.WORRIED_FAMILY)
    for _ in range(90):
        stage.later(MINUTE, MINUTE)
        stage.carry(ana.heartbeat())
        ana.hear(stage.carriers)
        assert 0 < len(ana.statuses[-1].snapshot) <= MAX_SNAPSHOT_BYTES
    assert stage.engine.counters["answer_not_sealed"] == 0


def test_an_alarm_that_came_between_the_page_and_the_button_is_not_resolved_unseen(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    seen = f"0-{w.SOS}-{ana.last_press[1]}"
    stage.record(ana.visit, w.RESOLVED, w.MANAGER)
    stage.carry(ana.frame(w.SOS))
    with pytest.raises(Refusal, match="another alarm has come"):
        stage.record(ana.visit, w.RESOLVED, alarms=seen)
    with pytest.raises(Refusal, match="another alarm has come"):
        stage.record(ana.visit, w.RESOLVED, what=w.DIAL_999, alarms="")
    ana.hear(stage.carriers)
    assert ana.case().slots[0].stage == alarm.AT_HUB
    stage.record(ana.visit, w.RESOLVED, alarms=f"0-{w.SOS}-{ana.last_press[1]}")
    ana.hear(stage.carriers)
    assert ana.case().slots[0].stage == alarm.RESOLVED
