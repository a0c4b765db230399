"""The pendant finds no fall while its visit is under way: nobody wears it, or its accelerometer fails. Ben is told."""

from stage import MINUTE, FakePendant, Stage
from watchword_core import words as w
from watchword_core.frames import CLOCK_SET, NO_FALLS, NOT_WORN, WATCHED

WORN = CLOCK_SET | WATCHED
SUBJECT = "Ana: the pendant is not worn"


def beat(stage: Stage, ana: FakePendant, flags: int) -> None:
    stage.later(MINUTE)
    stage.carry(ana.heartbeat(flags=flags))


def told(stage: Stage) -> list[str]:
    return [who for who, subject in stage.messages() if subject == SUBJECT]


def test_laid_down_in_a_visit__ben_is_told_once_and_again_when_it_was_worn_meanwhile(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    for flags in (WORN, WORN | NOT_WORN, WORN | NOT_WORN, WORN | NOT_WORN):
        beat(stage, ana, flags)
    assert told(stage) == ["Ben"]
    for flags in (WORN, WORN | NOT_WORN):
        beat(stage, ana, flags)
    assert told(stage) == ["Ben", "Ben"]


def test_before_she_has_arrived_and_without_a_visit_nobody_is_told(stage: Stage) -> None:
    ana = stage.visit()
    beat(stage, ana, WORN | NOT_WORN)
    assert told(stage) == []


def test_laid_down_before_she_arrived__told_once_she_has(stage: Stage) -> None:
    ana = stage.visit()
    beat(stage, ana, WORN | NOT_WORN)
    stage.carry(ana.frame(w.ARRIVED, flags=WORN | NOT_WORN))
    beat(stage, ana, WORN | NOT_WORN)
    assert told(stage) == ["Ben"]


def test_a_frame_that_comes_late_says_nothing_of_now(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.later(MINUTE)
    old = ana.heartbeat(flags=WORN | NOT_WORN)
    stage.later(10 * MINUTE)
    stage.carry(old)
    assert told(stage) == []


def test_the_hub_restarts__ben_is_told_once_more_rather_than_not_at_all(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    beat(stage, ana, WORN | NOT_WORN)
    stage.restart()
    beat(stage, ana, WORN | NOT_WORN)
    assert told(stage) == ["Ben", "Ben"]


def test_its_accelerometer_fails__ben_is_told_once_in_the_visit(stage: Stage) -> None:
    ana = stage.visit()
    beat(stage, ana, WORN | NO_FALLS)
    assert stage.messages() == []
    stage.carry(ana.frame(w.ARRIVED, flags=WORN | NO_FALLS))
    for flags in (WORN | NO_FALLS, WORN, WORN | NO_FALLS, WORN | NO_FALLS):
        beat(stage, ana, flags)
    assert [one for one in stage.messages() if "falls" in one[1]] == [("Ben", "Ana: the pendant sees no falls")]
    assert told(stage) == [] and stage.kinds(ana.visit).count("no_falls") == 1
