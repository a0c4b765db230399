"""What somebody who only counts frames sees: after a duress as many go down, at the same moments, as after an OK."""

from collections.abc import Callable

import pytest
from stage import MINUTE, SECOND, FakePendant, Stage
from watchword_core import words as w
from watchword_core.frames import PRESS, ROUTINE
from watchword_hub.commands import AssignWearer

BEAT_S = 10


def went_down(stage: Stage) -> int:
    """Since last asked."""
    return len(stage.carriers.sent.pop("phone", []))


def worn_with_no_visit(stage: Stage) -> FakePendant:
    stage.cast()
    ana = stage.provision()
    stage.do(AssignWearer(ana.id, stage.ana))
    stage.greet(ana)
    return ana


def dealt_with(stage: Stage, case: int) -> None:
    """Cora has it, 999 is dialled, and it is over."""
    stage.record(case, w.ACKNOWLEDGED, w.MANAGER)
    stage.record(case, w.DONE, w.MANAGER, what=w.DIAL_999)
    stage.later(31 * MINUTE)
    stage.record(case, w.RESOLVED, w.MANAGER)


@pytest.mark.parametrize("sos_at_last", [False, True])
def test_with_no_visit__only_the_answer_to_the_press_until_an_sos_follows(stage: Stage, sos_at_last: bool) -> None:
    ana = worn_with_no_visit(stage)
    stage.carry(ana.frame(w.DURESS, value=w.CHECKED_IN))
    assert went_down(stage) == 1
    stage.later(3 * MINUTE)
    ((case,),) = stage.rows("SELECT id FROM visit_case")
    assert {"duress", "tell", "dial_999"} <= set(stage.kinds(case))
    assert went_down(stage) == 0
    if sos_at_last:
        stage.carry(ana.frame(w.SOS))
        assert went_down(stage) > 1, "its answer and the table"
        stage.record(case, w.ACKNOWLEDGED, w.MANAGER)
        assert went_down(stage) == 1, "that a person has it is said at once"
        return
    dealt_with(stage, case)
    assert stage.kinds(case)[-1] == "closed"
    assert went_down(stage) == 0
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    assert ana.statuses[-1].snapshot == b"", "the next heartbeat's answer brings both to agreement"


def moments(stage: Stage, press: Callable[[FakePendant], bytes], deal: Callable[[Stage, int], None]) -> list[int]:
    """When frames went down in a visit after `press`, in seconds, once for each."""
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    stage.later(MINUTE)
    went_down(stage)
    began_ms = stage.clock.at_ms
    stage.carry(press(ana))
    seen: list[int] = []
    for second in range(1, 22 * 60):
        if second == 90:
            deal(stage, ana.visit)
        if second % BEAT_S == 0:
            stage.carry(ana.heartbeat())
        stage.later(SECOND)
        seen += [(stage.clock.at_ms - began_ms) // SECOND] * went_down(stage)
    assert "call" in stage.kinds(ana.visit)
    return seen


def test_in_a_visit__at_the_same_moments_as_after_an_ok(make_stage: Callable[..., Stage]) -> None:
    def acknowledged_and_resolved(stage: Stage, case: int) -> None:
        stage.record(case, w.ACKNOWLEDGED, w.MANAGER)
        stage.record(case, w.DONE, w.MANAGER, what=w.DIAL_999)
        stage.record(case, w.RESOLVED, w.MANAGER)

    plain = moments(make_stage("plain"), lambda ana: ana.frame(w.CHECKED_IN), lambda stage, case: None)
    hidden = moments(
        make_stage("duress"), lambda ana: ana.frame(w.DURESS, value=w.CHECKED_IN), acknowledged_and_resolved
    )
    assert hidden == plain
    assert any(second % BEAT_S for second in plain), "what the procedure itself opens is pushed at once"


def answers_after_a_restart(stage: Stage, event: int, value: int) -> list[tuple[int, bool]]:
    """How many frames go down, and whether the press is acknowledged by then: pressed twice, HELLO, pressed again."""
    ana = stage.visit()
    ana.restart(boot=0xB009)
    press, seen = ana.frame(event, value=value), []
    for greets in (False, False, True, False):
        greeting = ana.frame(w.HELLO, ROUTINE, value=ana.statuses[-1].challenge) if greets else b""
        before = len(ana.statuses)
        stage.carry(greeting or press)
        ana.hear(stage.carriers)
        seen.append((len(ana.statuses) - before, (PRESS, 1) in ana.acked))
        assert (("Ben", "Ana: DURESS") in stage.messages()) == (event == w.DURESS), "told at once"
    return seen


def test_after_a_restart_it_is_acknowledged_when_an_ok_would_be(make_stage: Callable[..., Stage]) -> None:
    plain = answers_after_a_restart(make_stage("ok"), w.CHECKED_IN, 0)
    assert plain == answers_after_a_restart(make_stage("duress"), w.DURESS, w.CHECKED_IN)
    assert plain == [(1, False), (1, False), (1, False), (1, True)]
