"""Off duty: the whole firmware asleep in virtual time, and what wakes it."""

from collections.abc import Callable

import pytest
from watchword_sim.outputs import RESET_CAUSES, BoardReset, Booted
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
MINUTE = 60 * SECOND
SLEEPS_AFTER_MS = 30 * MINUTE
LOOKS_EVERY_MS = 15 * MINUTE
RESERVED_LOOKS_EVERY_MS = 60 * MINUTE
Make = Callable[..., VirtualStage]


def in_the_cupboard(stage: VirtualStage) -> None:
    """No phone near, for so long that it sleeps."""
    stage.run(10 * SECOND)
    stage.radio.down = True
    stage.run(SLEEPS_AFTER_MS + MINUTE)
    assert asleep(stage), stage.board.stdout


def asleep(stage: VirtualStage) -> bool:
    """Whether the last that the board did was to fall asleep."""
    booted = max(
        (at.at_us for at in stage.board.log.last(10_000) if isinstance(at, Booted)),
        default=0,
    )
    slept = [at.at_us for at in stage.resets if isinstance(at, BoardReset) and RESET_CAUSES[at.cause] == "deep sleep"]
    return bool(slept) and slept[-1] > booted


def test_alone_for_half_an_hour__it_sleeps_and_looks_for_a_phone_until_one_is_there(make: Make) -> None:
    with make() as stage:
        in_the_cupboard(stage)
        slept = stage.now_ms
        stage.run(2 * LOOKS_EVERY_MS + MINUTE)
        assert len(stage.resets) == 3 and asleep(stage)
        assert stage.felt_since(slept) == [], "it looks for a phone without a word"
        stage.radio.down = False
        stage.run(LOOKS_EVERY_MS + 30 * SECOND)
        assert stage.radio.link is not None and not asleep(stage)


@pytest.mark.parametrize("by", ["sos", "lanyard"])
def test_sos_held_while_it_sleeps__it_wakes_and_keeps_it_and_sends_it_when_there_is_a_link(make: Make, by: str) -> None:
    with make() as stage:
        in_the_cupboard(stage)
        sos = stage.now_ms
        stage.board.press(by)
        stage.until_felt("kept", 5 * SECOND, sos)
        stage.board.release(by)
        back = stage.now_ms
        stage.radio.down = False
        stage.until_felt("at the hub", 15 * SECOND, back)
        assert "sos" in {row[0] for row in stage.hub.store.rows("SELECT kind FROM journal")}


def test_ok_tapped_while_it_sleeps__it_answers_that_nobody_is_watching(make: Make) -> None:
    with make() as stage:
        in_the_cupboard(stage)
        tapped = stage.tap_ok()
        stage.until_felt("nobody watching", 3 * SECOND, tapped)
        stage.run(MINUTE)
        assert not asleep(stage), "a person woke it, so it stays longer than a look"


def test_discreet__felt_at_each_boot_and_when_a_hand_wakes_it_and_never_at_a_look(make: Make) -> None:
    with make() as stage:
        stage.run(10 * SECOND)
        assert "discreet" not in stage.felt_since(0)
        stage.hold_ok()
        stage.run(200)
        made = stage.hold_ok()
        stage.until_felt("discreet", 3 * SECOND, made)
        stage.run(2 * SECOND)
        stage.lose_power()
        booted = stage.now_ms
        stage.power_on()
        stage.until_felt("discreet", 5 * SECOND, booted)
        in_the_cupboard(stage)
        slept = stage.now_ms
        stage.run(LOOKS_EVERY_MS + MINUTE)
        assert stage.felt_since(slept) == []
        tapped = stage.tap_ok()
        stage.until_felt("discreet", 5 * SECOND, tapped)


def test_only_the_reserve_is_left__it_sleeps_in_spite_of_a_link_and_an_sos_still_goes_out(make: Make) -> None:
    with make() as stage:
        stage.run(10 * SECOND)
        stage.board.set_battery_mv(3390)
        stage.run(3 * MINUTE)
        assert asleep(stage)
        sos = stage.now_ms
        stage.board.press("sos")
        stage.until_felt("at the hub", 10 * SECOND, sos)


def test_on_the_reserve_it_looks_once_an_hour__without_a_word(make: Make) -> None:
    with make() as stage:
        stage.radio.down = True
        stage.board.set_battery_mv(3390)
        stage.run(3 * MINUTE)
        assert asleep(stage)
        slept, before = stage.now_ms, len(stage.resets)
        stage.board.set_battery_mv(3420)  # the cell has rested; nobody has charged it
        stage.run(2 * RESERVED_LOOKS_EVERY_MS + 5 * MINUTE)
        assert len(stage.resets) - before == 2 and asleep(stage)
        assert stage.felt_since(slept) == []
