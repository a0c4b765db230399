"""The whole firmware and the hub's engine, a visit at a time: hours in seconds, and the same every time."""

from collections.abc import Callable

from watchword_core import words as w
from watchword_core.frames import DOWN_BYTES
from watchword_core.moments import T_ARRIVE, T_END
from watchword_core.ticks import PERIOD_MS
from watchword_hub.commands import FindPendant
from watchword_sim.outputs import BoardReset, BuzzerChanged, PowerLost
from watchword_sim.virtual_hub import PENDANT, START_MS
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
MINUTE = 60_000
CALL_BACK_MS = 20 * MINUTE
Make = Callable[..., VirtualStage]


def arrive(stage: VirtualStage) -> None:
    """Planned, the table transferred, OK pressed at the door, and the hub has it."""
    stage.run(5 * SECOND)
    stage.hub.plan_visit()
    stage.run(15 * SECOND)
    pressed = stage.tap_ok()
    stage.until_felt("at the hub", 10 * SECOND, pressed)


def enter(stage: VirtualStage) -> int:
    """As `arrive`, and Ben has spoken with her; when she was cleared."""
    arrive(stage)
    spoken = stage.now_ms
    stage.hub.record(w.SPOKE_ARRIVAL)
    return stage.until_felt("cleared", 15 * SECOND, spoken)


def leave(stage: VirtualStage) -> None:
    held = stage.hold_ok()
    stage.until_felt("at the hub", 10 * SECOND, held)
    stage.hub.record(w.SPOKE_DEPARTURE)
    stage.until_felt("closed", 15 * SECOND, held)


def deadlines(stage: VirtualStage) -> tuple[int, int]:
    """T_arrive and T_end as the hub has them, in milliseconds of the board's clock."""
    times = stage.hub.engine._state.cases[stage.hub.case].case.times
    return times[T_ARRIVE] - START_MS, times[T_END] - START_MS


def test_a_calm_visit_is_felt_step_by_step_and_nothing_else(make: Make) -> None:
    with make() as stage:
        cleared = enter(stage)
        prompted = stage.until_felt("prompt", CALL_BACK_MS + MINUTE, cleared)
        assert abs(prompted - (deadlines(stage)[0] + CALL_BACK_MS)) < 2 * SECOND
        stage.hub.record(w.CALL_SAFE, who=w.WORKER)
        stage.run(10 * MINUTE)
        leave(stage)
        assert stage.felt_since(0) == ["kept", "at the hub", "cleared", "prompt", "kept", "at the hub", "closed"]
        assert stage.hub.kinds()[-1] == "closed"


def test_the_same_seed_gives_the_same_trace_and_the_same_journal(make: Make) -> None:
    runs = []
    for seed in (7, 7, 8):
        with make(seed=seed) as stage:
            enter(stage)
            sos = stage.hold_sos()
            stage.until_felt("at the hub", 10 * SECOND, sos)
            runs.append((stage.board.trace_hash, stage.hub.journal()))
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[2][0]


def test_an_sos_while_the_link_is_lost__never_silent__told_once_and_a_person_has_it(make: Make) -> None:
    with make() as stage:
        enter(stage)
        stage.radio.down = True
        stage.run(2 * SECOND)
        sos = stage.hold_sos()
        stage.run(2 * MINUTE)
        felt = stage.felt_since(sos)
        assert "kept" in felt and "at the hub" not in felt and felt.count("not getting through") >= 2
        stage.radio.down = False
        back = stage.now_ms
        stage.until_felt("at the hub", 15 * SECOND, back)
        stage.hub.record(w.ACKNOWLEDGED, w.MANAGER)
        stage.until_felt("a person has it", 15 * SECOND, back)
        stage.hub.record(w.RESOLVED, w.MANAGER)
        stage.until_felt("resolved", 15 * SECOND, back)
        assert stage.hub.kinds().count("sos") == 1


def test_the_link_is_lost_for_half_an_hour__both_sides_go_on_alone_and_agree_afterwards(make: Make) -> None:
    with make() as stage:
        enter(stage)
        arrived = deadlines(stage)[0]
        stage.radio.down = True
        lost = stage.now_ms
        stage.until_felt("nobody watching", 30 * SECOND, lost)
        prompted = stage.until_felt("prompt", CALL_BACK_MS, lost)
        assert abs(prompted - (arrived + CALL_BACK_MS)) < 2 * SECOND
        stage.run(9 * MINUTE)
        assert "call" in stage.hub.kinds(), "the hub asks for the call by itself"
        answered = stage.now_ms
        stage.hub.record(w.CALL_SAFE, who=w.WORKER)
        stage.radio.down = False
        stage.run(11 * MINUTE)
        assert "overdue" not in stage.felt_since(answered), "the pendant knows that she was spoken with"
        leave(stage)
        assert stage.felt_since(lost).count("prompt") == 1


def test_a_short_fade_delays_and_loses_nothing(make: Make) -> None:
    with make() as stage:
        enter(stage)
        stage.radio.down = True
        sos = stage.hold_sos() + 3_000
        assert stage.radio.link is None  # 3.5 s are longer than the supervision timeout
        stage.radio.down = False
        stage.until_felt("at the hub", 15 * SECOND, sos)
        stage.run(10 * SECOND)
        stage.radio.down = True
        pressed = stage.tap_ok()
        stage.run(300)
        stage.radio.down = False
        assert stage.radio.link is not None
        stage.until_felt("at the hub", 2 * SECOND, pressed)


def test_the_ticks_wrap_in_mid_visit__no_deadline_moves(make: Make) -> None:
    felt = []
    for ticks_start_ms in (0, PERIOD_MS - 10 * MINUTE):
        with make(ticks_start_ms=ticks_start_ms) as stage:
            cleared = enter(stage)
            before = deadlines(stage)
            prompted = stage.until_felt("prompt", CALL_BACK_MS + MINUTE, cleared)
            assert deadlines(stage) == before
            felt.append((prompted, stage.felt_since(0)))
    assert felt[0] == felt[1]


def test_the_pendant_reboots_in_mid_visit__the_prompt_comes_when_it_was_due(make: Make) -> None:
    with make() as stage:
        enter(stage)
        arrived, ends = deadlines(stage)
        stage.run(5 * MINUTE)
        stage.lose_power()
        stage.run(30 * SECOND)
        stage.power_on()
        prompted = stage.until_felt("prompt", CALL_BACK_MS)
        assert abs(prompted - (arrived + CALL_BACK_MS)) < 2 * SECOND
        assert deadlines(stage) == (arrived, ends)
        assert stage.hub.kinds().count("arrived") == 1


def test_the_hub_restarts_in_mid_sos__one_alarm_and_she_feels_that_it_is_there(make: Make) -> None:
    with make() as stage:
        enter(stage)
        sos = stage.hold_sos()
        stage.hub.restart()
        stage.until_felt("at the hub", 15 * SECOND, sos)
        assert stage.hub.kinds().count("sos") == 1


def test_the_power_goes_in_the_middle_of_any_flash_write_of_an_sos__what_was_felt_as_kept_is_kept(make: Make) -> None:
    cuts = 0
    for writes in range(1, 40, 3):
        with make() as stage:
            enter(stage)
            stage.lose_power()
            stage.run(SECOND)
            stage.radio.down = True
            stage.power_on(cut_after_writes=writes)
            stage.run(3 * SECOND)
            sos = stage.hold_sos()
            stage.run(5 * SECOND)
            kept = "kept" in stage.felt_since(sos)
            cut = any(isinstance(output, PowerLost) for output in stage.resets)
            cuts += cut
            if cut:
                stage.power_on()
            stage.radio.down = False
            stage.run(20 * SECOND)
            assert stage.hub.kinds().count("sos") == 1 or not kept, f"felt as kept, lost by a cut at write {writes}"
            assert not any(isinstance(output, BoardReset) for output in stage.resets)
            if not cut:
                break
    assert cuts >= 3


def test_a_phone_that_only_forges_holds_the_link_no_longer_than_one_that_is_dead(make: Make) -> None:
    with make() as stage:
        enter(stage)
        good, heard = stage.phone.carry_down, stage.radio.heard
        stage.phone.carry_down = lambda frame: good(bytes(len(frame)))  # none of it genuine
        stage.radio.heard = lambda handle, frame: stage.phone.carry_down(frame + bytes(DOWN_BYTES - len(frame)))
        held = stage.radio.link
        sos = stage.hold_sos()
        stage.run(20 * SECOND)
        assert held is not None and stage.radio.link is not held
        stage.phone.carry_down, stage.radio.heard = good, heard  # another phone is there when it advertises again
        stage.until_felt("at the hub", 20 * SECOND, sos)


def test_a_link_on_which_the_hub_answers_is_kept(make: Make) -> None:
    with make() as stage:
        stage.run(5 * SECOND)
        held = stage.radio.link
        stage.run(5 * MINUTE)
        enter(stage)
        stage.until_felt("at the hub", 20 * SECOND, stage.hold_sos())
        stage.run(2 * MINUTE)
        assert held is not None and stage.radio.link is held


def test_ben_looks_for_the_pendant__it_buzzes_and_sounds_within_two_seconds(
    make: Make,
) -> None:
    with make() as stage:
        cleared = enter(stage)
        stage.hub.do(FindPendant(PENDANT, stage.hub.people["Ben"]))
        assert stage.until_felt("find me", 2 * SECOND, cleared) > cleared
        sounds = [o for o in stage.board.log.kept if isinstance(o, BuzzerChanged) and o.duty_u16]
        assert sounds
