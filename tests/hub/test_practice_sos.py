"""A practice SOS at the hub: acknowledged, labelled wherever it stands, and no alarm, nor in the way of one."""

from stage import MINUTE, Stage
from watchword_core import alarm, frames
from watchword_core import words as w
from watchword_core.snapshots import ALARM


def test_it_is_acknowledged_written_down_and_told_as_practice(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.PRACTICE_SOS, flags=frames.PRACTICE))
    ana.hear(stage.carriers)
    assert stage.kinds(ana.visit).count("practice_sos") == 1
    told = [one for one in stage.messages() if "practised" in one[1]]
    assert told == [("Ben", "PRACTICE, no alarm: Ana practised an SOS")]
    assert stage.engine._state.cases[ana.visit].case.slots[ALARM].stage == alarm.NONE
    assert "sos" not in stage.kinds(ana.visit)


def test_pressed_again_and_again_people_are_told_once_in_ten_minutes(stage: Stage) -> None:
    ana = stage.visit()
    for _ in range(3):
        stage.carry(ana.frame(w.PRACTICE_SOS, flags=frames.PRACTICE))
    assert len([one for one in stage.messages() if "practised" in one[1]]) == 1
    assert stage.kinds(ana.visit).count("practice_sos") == 3
    stage.later(11 * MINUTE)
    stage.carry(ana.frame(w.PRACTICE_SOS, flags=frames.PRACTICE))
    assert len([one for one in stage.messages() if "practised" in one[1]]) == 2


def test_a_real_one_beside_it_is_an_alarm(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.PRACTICE_SOS, flags=frames.PRACTICE), ana.frame(w.SOS))
    assert stage.engine._state.cases[ana.visit].case.slots[ALARM].stage != alarm.NONE
    assert ("Ben", "Ana: SOS") in stage.messages()
