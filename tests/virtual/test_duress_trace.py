"""Duress by everything that can be perceived: the motor's, buzzer's and LED's every change, and what the air carries.

The whole firmware runs twice, with one gesture and with its twin, their last press let go of at the same millisecond.
From there to the visit's end both recordings are the same, the frames on the air both ways among them; the network's
delays differ, so times to a quarter second.
"""

from pathlib import Path
from typing import Any

import pytest
from test_visit_in_virtual_time import MINUTE, SECOND, enter
from watchword_core import gestures as g
from watchword_core import words as w
from watchword_core.frames import DOWN_BYTES, UP_BYTES
from watchword_sim import outputs
from watchword_sim.virtual_stage import VirtualStage

LEAD_MS = 10_000  # every gesture's last press ends so long after it was decided
SHORT_MS, HELD_MS, PAUSE_MS = 150, 1_400, 250
TOLERANCE_MS = 250
SHAPE_OF = {gesture: shape for shape, gesture in g.SHAPES}


class Recorded(VirtualStage):
    """`perceived`: (at ms, what). `air`: (at ms, which way, length) of each frame."""

    def __init__(self, folder: Path, **how: Any) -> None:
        self.perceived: list[tuple[int, tuple[Any, ...]]] = []
        self.air: list[tuple[int, str, int]] = []
        super().__init__(folder, **how)
        heard = self.radio.heard

        def note(handle: int, frame: bytes) -> None:
            self._on_air("up", frame)
            heard(handle, frame)

        self.radio.heard = note

    def _on_air(self, way: str, frame: bytes) -> None:
        self.air.append((self.now_ms, way, len(frame)))

    def _answer(self, carrier: str, frame: bytes) -> None:
        self._on_air("down", frame)
        super()._answer(carrier, frame)

    def _took(self, output: outputs.Output) -> None:
        if isinstance(output, outputs.MotorChanged | outputs.BuzzerChanged):
            self.perceived.append((output.at_us // 1000, (type(output).__name__, output.frequency_hz, output.duty_u16)))
        elif isinstance(output, outputs.LedChanged):
            self.perceived.append((output.at_us // 1000, ("LedChanged", output.duty_u16)))
        super()._took(output)

    def do(self, gesture: int) -> int:
        """OK's presses of that gesture; when the last was let go of."""
        held = [HELD_MS if kind == "h" else SHORT_MS for kind in SHAPE_OF[gesture]]
        self.run(LEAD_MS - sum(held) - PAUSE_MS * (len(held) - 1))
        for i, ms in enumerate(held):
            self.run(PAUSE_MS if i else 0)
            self._press("ok", ms)
        return self.now_ms


def on_air(stage: Recorded, since_ms: int, until_ms: int) -> list[tuple[int, str, int]]:
    """Every frame between: (ms since `since_ms`, which way, length)."""
    return [(at_ms - since_ms, way, size) for at_ms, way, size in stage.air if since_ms <= at_ms <= until_ms]


def assert_alike(one: list[Any], other: list[Any]) -> None:
    """The same things in the same order, each at the same time but for the network's delays."""
    assert [what for _, *what in one] == [what for _, *what in other] and len(other) > 20
    assert max(abs(a[0] - b[0]) for a, b in zip(one, other, strict=True)) <= TOLERANCE_MS


def recorded(stage: Recorded, gesture: int) -> tuple[list[tuple[int, tuple[Any, ...]]], list[tuple[int, str, int]]]:
    """Inside, the gesture, and all that follows until the visit is closed."""
    with stage:
        enter(stage)
        stage.run(5 * SECOND)
        since_ms = stage.do(gesture)
        stage.run(21 * MINUTE)  # the call-back is prompted for
        stage.hub.record(w.CALL_SAFE, who=w.WORKER)
        stage.run(2 * MINUTE)
        if "closed" not in stage.felt_since(since_ms):  # that she left before the call was the end of it
            stage.do(g.OK_HELD)
            stage.run(10 * SECOND)
            stage.hub.record(w.SPOKE_DEPARTURE)
        closed_ms = stage.until_felt("closed", 15 * SECOND, since_ms)
        assert ("duress" in stage.hub.kinds()) == (g.looks_like(gesture) is not None)
        seen = [(at_ms - since_ms, what) for at_ms, what in stage.perceived if since_ms <= at_ms <= closed_ms + SECOND]
        return seen, on_air(stage, since_ms, closed_ms + SECOND)


@pytest.mark.parametrize(
    "twin, ordinary",
    [g.TWINS[0], *(pytest.param(*twins, marks=pytest.mark.soak) for twins in g.TWINS[1:])],
)
def test_the_recording_under_duress_is_that_of_the_ordinary_gesture(twin: int, ordinary: int, tmp_path: Path) -> None:
    under_duress, duress_air = recorded(Recorded(tmp_path / "duress"), twin)
    plain, air = recorded(Recorded(tmp_path / "plain"), ordinary)
    assert_alike(under_duress, plain)
    assert_alike(duress_air, air)
    assert {(way, size) for _, way, size in air} == {("up", UP_BYTES), ("down", DOWN_BYTES)}


def test_the_first_answer_comes_at_the_same_millisecond(tmp_path: Path) -> None:
    firsts = []
    for gesture in (g.OK, g.DURESS, g.OK_HELD, g.DURESS_HELD, g.EXTEND, g.DURESS_EXTEND):
        with Recorded(tmp_path / str(gesture)) as stage:
            stage.run(5 * SECOND)
            since_ms = stage.do(gesture)
            stage.run(SECOND)
            firsts.append(next(at_ms - since_ms for at_ms, what in stage.perceived if at_ms >= since_ms and what[-1]))
    assert len(set(firsts)) == 1, firsts


def air_without_a_visit(stage: Recorded, gesture: int) -> list[tuple[int, str, int]]:
    """Ten minutes of it, in which the procedure asks people again and again, and one of them takes a duress."""
    with stage:
        stage.run(5 * SECOND)
        since_ms = stage.do(gesture)
        stage.run(5 * MINUTE)
        rows = list(stage.hub.store.rows("SELECT id FROM visit_case"))
        for (case,) in rows:
            stage.hub.case = case
            assert "dial_999" in stage.hub.kinds()
            stage.hub.record(w.ACKNOWLEDGED, w.MANAGER)
        assert len(rows) == (g.looks_like(gesture) is not None)
        stage.run(5 * MINUTE)
        return on_air(stage, since_ms, stage.now_ms)


def test_with_no_visit_as_many_frames_go_both_ways_at_the_same_times(tmp_path: Path) -> None:
    under_duress = air_without_a_visit(Recorded(tmp_path / "duress"), g.DURESS)
    assert_alike(under_duress, air_without_a_visit(Recorded(tmp_path / "plain"), g.OK))
