"""A pendant's charge runs out in an open case: Ben is told in time, and once."""

from stage import MINUTE, FakePendant, Stage

LOW_MV = 3450
SUBJECT = "Ana: the pendant's charge runs out"


def beat(stage: Stage, ana: FakePendant, battery_mv: int) -> None:
    stage.later(MINUTE)
    stage.carry(ana.heartbeat(battery_mv=battery_mv))


def told(stage: Stage) -> list[str]:
    return [who for who, subject in stage.messages() if subject == SUBJECT]


def test_low_in_a_visit__ben_is_told_once_and_again_after_charging(stage: Stage) -> None:
    ana = stage.visit()
    for battery_mv in (3900, 0, LOW_MV, LOW_MV - 10, 3520, LOW_MV):
        beat(stage, ana, battery_mv)
    assert told(stage) == ["Ben"], "unknown is not low, and a voltage that wavers is told once"
    for battery_mv in (4100, LOW_MV):
        beat(stage, ana, battery_mv)
    assert told(stage) == ["Ben", "Ben"]


def test_low_without_a_visit__nobody_is_told(stage: Stage) -> None:
    stage.cast()
    ana = stage.provision()
    stage.greet(ana)
    beat(stage, ana, LOW_MV)
    assert told(stage) == []


def test_a_frame_that_comes_late_says_nothing_of_the_charge_now(stage: Stage) -> None:
    ana = stage.visit()
    stage.later(MINUTE)
    old = ana.heartbeat(battery_mv=LOW_MV)
    stage.later(10 * MINUTE)
    stage.carry(old)
    assert told(stage) == []


def test_the_hub_restarts__ben_is_told_once_more_rather_than_not_at_all(stage: Stage) -> None:
    ana = stage.visit()
    beat(stage, ana, LOW_MV)
    stage.restart()
    beat(stage, ana, LOW_MV)
    assert told(stage) == ["Ben", "Ben"]
