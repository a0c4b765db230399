"""A pendant that hangs free on its lanyard: what its swinging must neither make nor hide. Reckoned, not recorded.

A pendulum of CORD_M measures along the cord gravity's share and the centripetal force, and nearly nothing across it.
The gait drives it, adds its own acceleration, and the chest stops it with a knock.
"""

import pytest
from on_board import on_board

_CORD = """
from array import array
from math import cos, exp, pi, radians, sin, sqrt
from pendant.fall import Detector
from pendant import stillness
RATE, CORD_M, G = 50, 0.35, 9.81
ONE_ALARM = 10 * RATE  # a knock just before the fall may count as its impact: she is asked once
HZ = sqrt(G / CORD_M) / 2 / pi
def swing(seconds, degrees, gait_mg=0, knock_mg=0, fades_s=None):
    trace, half = [], None
    for i in range(seconds * RATE):
        t = i / RATE
        left = exp(-t / fades_s) if fades_s else 1
        most = radians(degrees) * left
        angle, speed = most * sin(2 * pi * HZ * t), most * 2 * pi * HZ * cos(2 * pi * HZ * t)
        along = cos(angle) + CORD_M * speed * speed / G + gait_mg / 1000 * sin(2 * pi * 1.9 * t)
        knocked = half is not None and angle < 0 <= half
        half = angle
        trace += [int(40 * left * sin(t)), int(1000 * along), knock_mg if knocked else 30 + int(20 * left * sin(3 * t))]
    return trace
def falls():
    blow = [0, 300, 0] * 15 + [1500, 2500, 3000] * 3 + [600, 900, -800] * 5
    return blow + lies(4)
def lies(seconds):
    return [x for i in range(seconds * RATE) for x in (20, 60, 1000 + abs(i % 200 - 100) // 5)]
def played(trace):
    still = stillness.Stillness()
    detector, falls, news, impact = Detector(RATE, still), 0, [], -ONE_ALARM
    for at in range(0, len(trace), 60):
        part = array("h", trace[at : at + 60])
        if detector.feed(part, len(part) // 3):
            falls += detector.impact - impact > ONE_ALARM
            impact = detector.impact
        told = still.taken()
        if told:
            news.append(told)
    print(falls, *news)
"""
WORN, STILL, NOT_WORN = "3", "1", "2"


def played(trace: str) -> list[str]:
    return on_board(f"{_CORD}\nplayed({trace})")


@pytest.mark.parametrize("knock_mg", [0, 1200, 2000, 3000])
@pytest.mark.parametrize("degrees", [10, 25, 45])
def test_walking_with_it_swinging_and_knocking__no_fall(degrees: int, knock_mg: int) -> None:
    assert played(f"swing(60, {degrees}, 300, {knock_mg})")[0] == "0"


def test_bending_down_and_up_again__it_hangs_all_the_while() -> None:
    bends = "(swing(5, 5) + swing(2, 60, 400, 2500) + swing(6, 10)) * 6"
    assert played(bends) == ["0", WORN]


@pytest.mark.parametrize("degrees", [10, 25, 45])
def test_a_fall_out_of_a_swinging_walk_is_found(degrees: int) -> None:
    assert played(f"swing(30, {degrees}, 300, 1500) + falls()") == ["1", WORN]


def test_who_falls_softly_out_of_a_swinging_walk_is_asked_a_little_later() -> None:
    assert played("swing(30, 25, 300) + lies(110)") == ["0", WORN, STILL]


def test_hung_on_a_hook_it_swings_to_rest__not_worn_and_nobody_is_asked() -> None:
    assert played("swing(10, 25, 300) + swing(200, 40, fades_s=10)") == ["0", WORN, NOT_WORN]
