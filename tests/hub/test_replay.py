"""The journal replays to the same decisions, whatever came in between."""

import pytest
from stage import MINUTE, SECOND, Stage
from watchword_core import words as w
from watchword_hub.engine.replay import Decision, replay


def played(stage: Stage, case: int) -> list[Decision]:
    """The recorded decisions, which must also be those of a replay."""
    found = replay(stage.store.connection, case)
    assert found.again == found.recorded
    return found.recorded


def test_a_whole_visit_with_an_sos_replays_to_the_same_decisions(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED), ana.frame(w.ARRIVED, visit=99))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    stage.carry(ana.frame(w.EXTENDED))
    stage.later(25 * MINUTE, MINUTE)  # nobody hears her: silence, the call-back, its ladder
    stage.record(ana.visit, w.CALL_NO_ANSWER, who=w.WORKER)
    stage.carry(ana.heartbeat())
    stage.carry(ana.frame(w.SOS), ana.frame(w.DURESS), ana.frame(w.CHECKED_IN, about=7))
    stage.later(90 * SECOND)
    stage.record(ana.visit, w.ACKNOWLEDGED, w.MANAGER)
    stage.record(ana.visit, w.DONE, w.MANAGER, what=w.DIAL_999)
    stage.record(ana.visit, w.RESOLVED, w.MANAGER)
    stage.carry(ana.frame(w.DEPARTED))
    stage.record(ana.visit, w.SPOKE_DEPARTURE)
    assert stage.kinds(ana.visit)[-1] == "closed"
    assert len(played(stage, ana.visit)) > 10


def test_restarts_in_between_change_no_decision(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.restart(down_ms=7 * MINUTE)
    stage.engine.step()
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    late = ana.frame(w.SOS)
    stage.restart(down_ms=33 * MINUTE)
    stage.carry(late)
    stage.later(10 * MINUTE, MINUTE)
    assert w.DIAL_999 in [one.verb for one in played(stage, ana.visit)]


def test_an_alarm_with_no_visit_replays(stage: Stage) -> None:
    stage.cast()
    ana = stage.provision()
    stage.carry(ana.frame(w.MAN_DOWN))
    stage.later(2 * MINUTE)
    case = stage.rows("SELECT id FROM visit_case")[0][0]
    assert w.DIAL_999 in [one.verb for one in played(stage, case)]


def test_a_duress_that_looked_like_an_ok_replays(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.DURESS, value=w.ARRIVED))
    assert "arrived" not in stage.kinds(ana.visit)
    stage.later(10 * MINUTE, MINUTE)
    assert len(played(stage, ana.visit)) > 5


def test_a_changed_decision_is_noticed(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.store.connection.execute("UPDATE journal SET kind = 'mark' WHERE kind = 'tell'")
    found = replay(stage.store.connection, ana.visit)
    assert found.again != found.recorded
    with pytest.raises(LookupError):
        replay(stage.store.connection, 99)
