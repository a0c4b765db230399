"""One SOS after the other, each with something going wrong around it, by seed: kept means kept, and counted once."""

import random
from collections.abc import Callable

import pytest
from watchword_core import words as w
from watchword_sim.outputs import RESET_CAUSES, BoardReset, FirmwareEnded, PowerLost
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
Make = Callable[..., VirtualStage]


def fade(stage: VirtualStage, rng: random.Random) -> None:
    """The air goes, for shorter or longer than the supervision timeout."""
    stage.radio.down = True
    stage.after(rng.randrange(100, 20 * SECOND), lambda: setattr(stage.radio, "down", False))


def hub_restarts(stage: VirtualStage, rng: random.Random) -> None:
    stage.after(rng.randrange(6 * SECOND), stage.hub.restart)


def power_goes(stage: VirtualStage, rng: random.Random) -> None:
    """Off and on again before the press; it goes once more in the middle of some flash write."""
    stage.lose_power()
    stage.power_on(cut_after_writes=rng.randrange(1, 30))
    stage.run(rng.randrange(3) * SECOND)


def nothing(stage: VirtualStage, rng: random.Random) -> None:
    """A good moment."""


def heal(stage: VirtualStage, resets: int) -> None:
    """Power again, if it went since there were so many resets."""
    if any(isinstance(reset, PowerLost) for reset in stage.resets[resets:]):
        stage.power_on()


def episode(stage: VirtualStage, rng: random.Random) -> None:
    """One SOS, disturbed; healed, told, resolved."""
    before, resets = stage.hub.kinds().count("sos"), len(stage.resets)
    disturbances = rng.sample([fade, hub_restarts, power_goes, nothing], 2)
    for disturb in disturbances:
        disturb(stage, rng)
    held_ms = stage.hold_sos()
    stage.run(25 * SECOND)
    kept = "kept" in stage.felt_since(held_ms)
    heal(stage, resets)
    stage.run(20 * SECOND)
    came = stage.hub.kinds().count("sos") - before
    assert came in ((1,) if kept else (0, 1)), f"{came} alarms of one SOS; kept: {kept}; {stage.felt_since(held_ms)}"
    assert ("at the hub" in stage.felt_since(held_ms)) == bool(came), "she was told what is not so"
    assert came or power_goes in disturbances
    if came:
        for kind, pattern in ((w.ACKNOWLEDGED, "a person has it"), (w.RESOLVED, "resolved")):
            recorded_ms, resets = stage.now_ms, len(stage.resets)
            stage.hub.record(kind, w.MANAGER)
            stage.run(5 * SECOND)
            heal(stage, resets)  # a cut that waited for a flash write may come as late as this
            stage.until_felt(pattern, 30 * SECOND, recorded_ms)


def play(make: Make, seed: int, episodes: int) -> None:
    rng = random.Random(seed)
    with make(seed=seed) as stage:
        stage.run(5 * SECOND)
        stage.hub.plan_visit(minutes=12 * 60)
        stage.run(15 * SECOND)
        for _ in range(episodes):
            episode(stage, rng)
        causes = [RESET_CAUSES[reset.cause] for reset in stage.resets if isinstance(reset, BoardReset)]
        ended = [reset for reset in stage.resets if isinstance(reset, FirmwareEnded)]
        assert not ended and "hard reset" not in causes, stage.board.stdout[-2000:]


@pytest.mark.parametrize("seed", [1, 2])
def test_sos_in_a_bad_hour__kept_means_kept_and_counted_once(make: Make, seed: int) -> None:
    play(make, seed, 4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 112))
def test_many_bad_hours(make: Make, seed: int) -> None:
    play(make, seed, 20)
