"""The fall detector on MicroPython, sample by sample: what is a fall, in which arithmetic, with how much memory."""

from on_board import on_board as on_micropython

# Ana stands, falls with a blow of 4 g, and lies; `pieces` is how many samples the driver brings at once.
_STORY = """
from array import array
from pendant.fall import Detector
def samples(rate, seconds, x, y, z):
    return [x, y, z] * int(rate * seconds)
def story(rate, fallen):
    walk = [0, 900, 0, 0, 1250, 100] * (rate * 3)
    blow = samples(rate, 0.3, 0, 300, 0) + samples(rate, 0.1, 1500, 3500, 2500) + samples(rate, 0.2, 0, 600, 1200)
    return array("h", walk + blow + samples(rate, 4, *fallen))
def replay(trace, rate, pieces):
    detector, found, at = Detector(rate), [], 0
    while at < len(trace) // 3:
        count = min(pieces, len(trace) // 3 - at)
        if detector.feed(trace[3 * at : 3 * (at + count)], count):
            found.append((detector.impact, detector.samples - 1, detector.points))
        at += count
    return found
"""


def on_board(script: str) -> list[str]:
    return on_micropython(_STORY + script)


def test_lying_after_a_blow_is_a_fall__standing_is_none() -> None:
    script = "for rate in (25, 50): print(len(replay(story(rate, (0, 50, 1000)), rate, 10)))\n"
    script += "for rate in (25, 50): print(len(replay(story(rate, (0, 1000, 50)), rate, 10)))"
    assert on_board(script) == ["1", "1", "0", "0"]


def test_it_does_not_matter_in_which_pieces_the_samples_come() -> None:
    script = "trace = story(50, (0, 50, 1000))\n"
    script += "print(len({(found[0], found[2]) for pieces in (1, 7, 10, 32) for found in replay(trace, 50, pieces)}))"
    assert on_board(script) == ["1"]


def test_the_fall_names_the_sample_of_its_impact() -> None:
    script = "impact, sample, _ = replay(story(50, (0, 50, 1000)), 50, 1)[0]\nprint(impact, sample)"
    assert on_board(script) == ["315", "459"]


def test_a_fall_is_decided_within_3_2_s_of_its_impact() -> None:
    script = "impact, sample, _ = replay(story(50, (0, 50, 1000)), 50, 1)[0]\nprint((sample - impact) * 20)"
    assert 2_800 < int(on_board(script)[0]) <= 3_200


def test_memory_is_constant() -> None:
    script = """
import gc
detector, trace, live = Detector(50), story(50, (0, 50, 1000)), []
for lap in range(30):
    detector.feed(trace, len(trace) // 3)
    gc.collect()
    live.append(gc.mem_alloc())
print(max(live[1:]) - min(live[1:]))
"""
    assert int(on_board(script)[0]) < 256


def test_between_impacts_nothing_is_allocated() -> None:
    script = """
import gc
from pendant.stillness import Stillness
detector, trace = Detector(50, Stillness()), array("h", [0, 900, 0, 0, 1250, 100] * 10)
detector.feed(trace, 20)
def made(laps):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(laps):
        detector.feed(trace, 20)
    return gc.mem_alloc() - before
made(1)
print(made(500))
"""
    assert on_board(script) == ["0"]


def test_the_widest_swing_of_a_16_g_part_raises_nothing() -> None:
    script = """
detector = Detector(50)
trace = array("h", [-32768, 32767, 32767, 32767, -32768, -32768] * 500)
detector.feed(trace, 1000)
print(detector.samples)
"""
    assert on_board(script) == ["1000"]


def test_a_rate_that_was_not_fitted_is_refused() -> None:
    assert "knows" in on_board("try:\n    Detector(40)\nexcept ValueError as e:\n    print(e)")
