"""What the ladder asks becomes tasks: of several people, of one after another, again with what is left."""

import pytest
from stage import MINUTE, FakePendant, Stage
from watchword_core import words as w
from watchword_hub.commands import AddPerson, Refusal
from watchword_hub.engine.replay import replay

OPEN = """SELECT t.verb, p.name, t.by_role, t.who_role, t.via, t.what, t.due_ms FROM task t
    JOIN person p ON p.id = t.person WHERE t.ended_ms IS NULL ORDER BY t.id"""
MOBILES = w.WORK_MOBILE | w.PERSONAL_MOBILE


def planned(stage: Stage, procedure: str, **fields: object) -> FakePendant:
    """The cast's visit by another procedure, with Ana inside."""
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.plan(ana, procedure=procedure, **fields)
    stage.carry(ana.frame(w.ARRIVED))
    return ana


def later(stage: Stage, ana: FakePendant, minutes: int) -> None:
    """The pendant is heard all the while."""
    for _ in range(minutes):
        stage.later(MINUTE, MINUTE)
        stage.carry(ana.heartbeat())


def open_tasks(stage: Stage) -> list[tuple[int, str, int, int, int, int]]:
    return [tuple(row[:6]) for row in stage.rows(OPEN)]


def replays(stage: Stage, case: int) -> None:
    found = replay(stage.store.connection, case)
    assert found.again == found.recorded and found.recorded


def test_a_number_that_is_not_answered_leaves_the_others_in_a_new_task(stage: Stage) -> None:
    ana = planned(stage, "northamptonshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 121)
    assert open_tasks(stage) == [(w.CALL, "Cora", w.MANAGER, w.WORKER, MOBILES, 0)]
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.WORKER, what=w.WORK_MOBILE)
    assert open_tasks(stage) == [(w.CALL, "Cora", w.MANAGER, w.WORKER, w.PERSONAL_MOBILE, 0)]
    assert stage.rows(OPEN)[0][6] == stage.clock.at_ms + 10 * MINUTE  # its own limit
    outcomes = stage.rows("SELECT outcome FROM task WHERE ended_ms IS NOT NULL AND verb = ?", (w.CALL,))
    assert outcomes == [("call_no_answer",)]
    stage.restart()
    stage.record(ana.visit, w.CALL_VOICEMAIL, w.MANAGER, who=w.WORKER, what=w.PERSONAL_MOBILE)
    assert open_tasks(stage) == [(w.CALL, "Cora", w.MANAGER, w.EMERGENCY_CONTACT, 0, 0)]
    replays(stage, ana.visit)


def test_emergency_contacts_are_called_in_their_order_and_before_999(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    fay = stage.do(AddPerson("Fay"))
    stage.plan(ana, procedure="northamptonshire", plan_bits=w.PLAN_RISK, contacts=[stage.eli, fay])
    later(stage, ana, 121)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.WORKER)
    assert open_tasks(stage)[0][3:] == (w.EMERGENCY_CONTACT, 0, 0)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.EMERGENCY_CONTACT)
    assert open_tasks(stage)[0][3:] == (w.EMERGENCY_CONTACT, 0, 1)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.EMERGENCY_CONTACT)
    assert [task[0] for task in open_tasks(stage)] == [w.DIAL_999]
    assert not {"Eli", "Fay"} & {name for name, _ in stage.messages()}  # the manager calls them: nobody messages them
    replays(stage, ana.visit)


def test_a_plan_holds_no_more_contacts_than_the_ladder_can_count(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    many = [stage.do(AddPerson(f"Contact {i}")) for i in range(7)]
    with pytest.raises(Refusal, match="8 emergency contacts; 7"):
        stage.plan(ana, contacts=many)
    with pytest.raises(Refusal, match="their own emergency contact"):
        stage.plan(ana, contacts=[stage.ana])


def test_who_lets_a_task_lapse_keeps_it_and_the_next_layer_gets_it_too(stage: Stage) -> None:
    ana = planned(stage, "northamptonshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 132)
    assert [task[1:4] for task in open_tasks(stage)] == [
        ("Cora", w.MANAGER, w.WORKER),  # late, and still to be reported on
        ("Cora", w.MANAGER, w.EMERGENCY_CONTACT),
        ("Dev", w.SENIOR, w.EMERGENCY_CONTACT),
    ]
    assert ("Dev", "Ana: nobody reported on what was asked") in stage.messages()
    assert len({row[6] for row in stage.rows(OPEN)[1:]}) == 1  # one limit for both
    stage.record(ana.visit, w.CALL_SAFE, w.SENIOR, who=w.EMERGENCY_CONTACT)
    assert open_tasks(stage) == []
    replays(stage, ana.visit)


def test_the_same_call_again_takes_the_place_of_the_one_before(stage: Stage) -> None:
    ana = planned(stage, "derbyshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 61)
    first = stage.rows("SELECT id FROM task WHERE ended_ms IS NULL")
    later(stage, ana, 5)
    second = stage.rows("SELECT id FROM task WHERE ended_ms IS NULL")
    assert len(first) == len(second) == 1 and first != second
    replays(stage, ana.visit)


def test_partner_agencies_are_told_by_a_person_who_says_so(stage: Stage) -> None:
    ana = planned(stage, "clarendon")
    later(stage, ana, 81)
    tell = (w.TELL, "Cora", w.MANAGER, w.PARTNER_AGENCIES, 0, 0)
    assert [task[0] for task in open_tasks(stage)] == [w.DIAL_999, w.TELL] and open_tasks(stage)[1] == tell
    stage.record(ana.visit, w.DONE, w.TRACKER, what=w.TELL)  # not theirs
    assert tell in open_tasks(stage)
    stage.record(ana.visit, w.DONE, w.MANAGER, what=w.TELL)
    assert [task[0] for task in open_tasks(stage)] == [w.DIAL_999]
    replays(stage, ana.visit)


def test_the_senior_who_got_it_as_well_may_say_that_the_agencies_know(stage: Stage) -> None:
    ana = planned(stage, "clarendon")
    later(stage, ana, 95)
    assert (w.TELL, "Dev", w.SENIOR, w.PARTNER_AGENCIES, 0, 0) in open_tasks(stage)
    stage.record(ana.visit, w.DONE, w.MANAGER, what=w.DIAL_999)  # the manager is heard again
    stage.record(ana.visit, w.DONE, w.SENIOR, what=w.TELL)
    assert open_tasks(stage) == []


def test_no_signal_at_the_door_says_do_not_go_in_and_the_manager_decides(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.plan(ana, procedure="hertfordshire")
    followed = stage.record(ana.visit, w.NO_SIGNAL)
    assert [one.verb for one in followed] == [w.REFUSE, w.TELL, w.DECIDE]
    assert open_tasks(stage) == [(w.DECIDE, "Cora", w.MANAGER, 0, 0, 0)]
    replays(stage, ana.visit)


def test_a_visit_with_a_check_in_and_a_return_replays(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    now = stage.clock.at_ms
    stage.plan(
        ana,
        procedure="derbyshire",
        plan_bits=w.PLAN_RISK | w.PLAN_RETURNING,
        check_in_ms=now + 30 * MINUTE,
        return_by_ms=now + 90 * MINUTE,
    )
    later(stage, ana, 31)
    assert [task[0] for task in open_tasks(stage)] == [w.CALL]
    stage.record(ana.visit, w.CALL_SAFE, who=w.WORKER)
    stage.record(ana.visit, w.EXTENDED, what=w.AT_FINISH, value=now + 50 * MINUTE)  # the next check-in
    later(stage, ana, 20)
    assert [task[0] for task in open_tasks(stage)] == [w.CALL]
    later(stage, ana, 90)
    replays(stage, ana.visit)


@pytest.mark.parametrize("how", [w.SPOKE, w.RESOLVED])
def test_a_visit_whose_worker_turns_up_needs_no_999_and_the_senior_hears_of_none(stage: Stage, how: int) -> None:
    ana = planned(stage, "northamptonshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 121)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.WORKER)
    stage.record(ana.visit, w.CALL_NO_ANSWER, w.MANAGER, who=w.EMERGENCY_CONTACT)
    assert [task[0] for task in open_tasks(stage)] == [w.DIAL_999]  # until an outcome is recorded
    if how == w.SPOKE:
        stage.record(ana.visit, w.SPOKE)
    else:
        stage.record(ana.visit, w.RESOLVED, w.MANAGER, what=w.DIAL_999, text="she came back")
    assert open_tasks(stage) == []
    assert not [subject for _, subject in stage.messages() if "999 was dialled" in subject]
    replays(stage, ana.visit)


def test_a_new_finish_agreed_by_voice_ends_the_calls_and_counts_from_there(stage: Stage) -> None:
    ana = planned(stage, "derbyshire", plan_bits=w.PLAN_RISK)
    later(stage, ana, 61)
    assert [task[0] for task in open_tasks(stage)] == [w.CALL]
    finish_ms = stage.clock.at_ms + 30 * MINUTE
    stage.record(ana.visit, w.EXTENDED, value=finish_ms)
    assert open_tasks(stage) == []
    later(stage, ana, 29)
    assert open_tasks(stage) == []
    later(stage, ana, 2)
    assert [task[0] for task in open_tasks(stage)] == [w.CALL]
    replays(stage, ana.visit)
