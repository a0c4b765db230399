"""main.py in virtual time: hours of a visit in seconds, the same every time."""

from pathlib import Path

import story
from pendant import felt
from pendant.feel import MOTOR_HZ, MOTOR_STEP_HZ, pattern_of
from virtual_pendant import Carried, provisioned
from watchword_core import words as w
from watchword_core.ticks import PERIOD_MS
from watchword_sim.outputs import MotorChanged

MINUTE = 60_000


def patterns(ana):
    """What was felt so far, in order: each by the motor's frequency, of which it is the first pulse."""
    pulses = [o for o in ana.outputs if isinstance(o, MotorChanged) and o.duty_u16]
    numbers = [(o.frequency_hz - MOTOR_HZ) // MOTOR_STEP_HZ for o in pulses]
    begun = []
    while numbers:
        begun.append(numbers[0])
        numbers = numbers[(len(pattern_of(numbers[0]).pulses) + 1) // 2 :]
    return begun


def test_a_visit_with_its_20_minute_prompt_while_the_link_is_down(tmp_path: Path) -> None:
    ana = Carried(provisioned(tmp_path), story.Hub().visit())
    with ana:
        ana.link(True)
        ana.run(5_000)
        ana.give_table()
        ana.run(10_000)
        ana.tap("ok")
        ana.run(5_000)
        assert ana.hub.events() == [w.ARRIVED]
        ana.hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
        ana.run(12_000)
        assert felt.CLEARED in patterns(ana)
        assert patterns(ana) == [felt.KEPT, felt.AT_HUB, felt.CLEARED]
        ana.link(False)
        ana.run(19 * MINUTE)
        assert felt.PROMPT not in patterns(ana)
        assert felt.NOBODY_WATCHING in patterns(ana)
        ana.run(2 * MINUTE)
        assert felt.PROMPT in patterns(ana)


def test_the_power_goes_in_mid_visit_across_the_wrap_of_the_ticks(tmp_path: Path) -> None:
    ana = Carried(provisioned(tmp_path), story.Hub().visit(), ticks_start_ms=PERIOD_MS - 30_000)
    with ana:
        ana.link(True)
        ana.run(5_000)
        ana.give_table()
        ana.run(10_000)
        ana.tap("ok")
        ana.run(5_000)
        ana.hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
        ana.run(12_000)
        assert felt.CLEARED in patterns(ana)
        ana.reboot()
        ana.link(True)
        ana.run(20 * MINUTE)
        assert patterns(ana).count(felt.PROMPT) == 1
        assert ana.hub.events() == [w.ARRIVED]
