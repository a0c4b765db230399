"""Ana falls, on the whole firmware: the accelerometer's samples in, and what she feels and Ben is told out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_duress_trace import TOLERANCE_MS, Recorded
from test_visit_in_virtual_time import enter, leave
from watchword_core import gestures as g
from watchword_sim.accelerometer import AWAKE, LAID_DOWN, SENSELESS
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
MINUTE = 60_000
FALL, NOT_WORN = "have you fallen", "not worn"
FOUND_WITHIN_MS = 9 * SECOND  # the trace's blow comes after 6.3 s
STANDING, LYING = (0, 1000, 50), (0, 50, 1000)
Sample = tuple[int, int, int]
Make = Callable[..., VirtualStage]


def a_fall() -> list[Sample]:
    """She walks, falls with a blow of 4 g, and lies."""
    walk: list[Sample] = [(0, 900, 0), (0, 1250, 100)] * 150
    return [*walk, *[(0, 300, 0)] * 15, *[(1500, 3500, 2500)] * 5, *[(0, 600, 1200)] * 10, LYING]


def falls(stage: VirtualStage) -> int:
    """When she felt that it was seen."""
    stage.board.play_motion(a_fall())
    return stage.until_felt(FALL, FOUND_WITHIN_MS + 2 * SECOND)


def inside(stage: VirtualStage) -> None:
    stage.board.set_accel(*STANDING)
    enter(stage)
    stage.run(10 * SECOND)


def told(stage: VirtualStage, name: str) -> list[str]:
    """The subjects of what was written to that person of this visit."""
    rows = stage.hub.store.rows(
        "SELECT subject FROM outbox WHERE visit_case = ? AND person = ?", (stage.hub.case, stage.hub.people[name])
    )
    return [str(row[0]) for row in rows]


def test_she_does_not_move__ben_is_told_man_down_within_a_minute_of_her_fall(make: Make) -> None:
    with make() as stage:
        inside(stage)
        asked = falls(stage)
        stage.until_felt("at the hub", 40 * SECOND, asked)
        assert stage.felt_since(asked).count(FALL) == 8
        assert 30 * SECOND <= stage.now_ms - asked < 33 * SECOND
        assert "man_down" in stage.hub.kinds()
        assert any("man down" in subject for subject in told(stage, "Ben")), told(stage, "Ben")
        assert any("man down" in subject for subject in told(stage, "Cora"))


def test_she_stumbles_and_presses_ok__nobody_is_told_and_the_visit_goes_on(make: Make) -> None:
    with make() as stage:
        inside(stage)
        before = told(stage, "Ben"), told(stage, "Cora")
        asked = falls(stage)
        stage.run(5 * SECOND)
        pressed = stage.tap_ok()
        stage.until_felt("at the hub", 10 * SECOND, pressed)
        stage.run(MINUTE)
        assert FALL not in stage.felt_since(pressed) and stage.felt_since(asked)[0] == FALL
        assert "man_down" not in stage.hub.kinds() and stage.hub.kinds()[-1] == "checked_in"
        assert (told(stage, "Ben"), told(stage, "Cora")) == before
        leave(stage)


def test_without_a_visit_it_is_off_and_nobody_is_asked(make: Make) -> None:
    with make() as stage:
        stage.run(10 * SECOND)
        with pytest.raises(TimeoutError):
            falls(stage)


@pytest.mark.parametrize("how", ["broken", "stuck"])
def test_the_part_is_dead__the_visit_goes_on_and_an_sos_goes_out(make: Make, how: str) -> None:
    with make() as stage:
        setattr(stage.board.model.accelerometer, how, True)
        inside(stage)
        stage.run(MINUTE)
        assert stage.resets == [] and "no falls are found" in stage.board.stdout
        sos = stage.hold_sos()
        stage.until_felt("at the hub", 15 * SECOND, sos)
        assert "man_down" not in stage.hub.kinds()


def test_it_comes_back_to_life_and_sees_falls_again(make: Make) -> None:
    with make() as stage:
        inside(stage)
        stage.board.model.accelerometer.broken = True
        broken = stage.now_ms
        stage.run(30 * SECOND)
        assert stage.felt_since(broken) == ["not ready"], "she may rely on it"
        stage.board.model.accelerometer.broken = False
        stage.run(15 * SECOND)
        falls(stage)
        assert [subject for subject in told(stage, "Ben") if "sees no falls" in subject] == [
            "Ana: the pendant sees no falls"
        ]


Perceived = list[tuple[int, tuple[Any, ...]]]


def asked_and_answered(stage: Recorded, gesture: int) -> tuple[Perceived, list[tuple[str, int]], list[str]]:
    """What could be perceived from a fall to a minute after the answer, way and length of each frame, the journal."""
    with stage:
        inside(stage)
        stage.board.play_motion(a_fall())
        began_ms = stage.now_ms
        stage.run(FOUND_WITHIN_MS + 3 * SECOND)
        stage.do(gesture)
        stage.run(MINUTE)
        seen = [(at_ms - began_ms, what) for at_ms, what in stage.perceived if at_ms >= began_ms]
        return seen, sorted((way, size) for at_ms, way, size in stage.air if at_ms >= began_ms), stage.hub.kinds()


def test_under_duress_she_answers_and_nobody_beside_her_or_on_the_air_can_tell(tmp_path: Path) -> None:
    plain, air, _ = asked_and_answered(Recorded(tmp_path / "plain"), g.OK)
    forced, forced_air, kinds = asked_and_answered(Recorded(tmp_path / "forced"), g.DURESS)
    assert [what for _, what in forced] == [what for _, what in plain] and len(plain) > 20
    apart = [abs(one - other) for (one, _), (other, _) in zip(forced, plain, strict=True)]
    assert max(apart) <= TOLERANCE_MS
    assert forced_air == air and len(set(air)) == 2, "as many frames each way, and all of one length"
    assert "duress" in kinds and "man_down" not in kinds


def test_she_slides_down_without_a_blow_and_moves_no_more__man_down(make: Make) -> None:
    with make() as stage:
        inside(stage)
        stage.board.model.accelerometer.sway = SENSELESS
        stage.board.set_accel(*LYING)
        lay = stage.now_ms
        asked = stage.until_felt(FALL, 2 * MINUTE)
        assert asked - lay > 50 * SECOND
        stage.until_felt("at the hub", 40 * SECOND, asked)
        assert "man_down" in stage.hub.kinds()
        assert any("man down" in subject for subject in told(stage, "Ben")), told(stage, "Ben")


def test_laid_on_a_table__it_says_so_and_ben_is_told_once_and_it_is_no_man_down(make: Make) -> None:
    with make() as stage:
        inside(stage)
        stage.board.model.accelerometer.sway = LAID_DOWN
        stage.board.set_accel(0, 0, 1000)
        laid = stage.now_ms
        stage.until_felt(NOT_WORN, 90 * SECOND)
        stage.run(MINUTE)
        assert stage.felt_since(laid) == [NOT_WORN]
        stage.board.model.accelerometer.sway = AWAKE
        stage.board.set_accel(*STANDING)
        taken_up = stage.now_ms
        stage.run(MINUTE)
        assert stage.felt_since(taken_up) == []
        assert [subject for subject in told(stage, "Ben") if "not worn" in subject] == ["Ana: the pendant is not worn"]
        assert "man_down" not in stage.hub.kinds() and "not_worn" in stage.hub.kinds()
