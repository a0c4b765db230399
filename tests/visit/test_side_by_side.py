"""One visit on both sides in virtual time: the pendant's logic and the hub's engine, with a link that fails."""

from collections.abc import Callable

from side_by_side import SECOND, SideBySide
from watchword_core import alarm, gestures, visit
from watchword_core import words as w
from watchword_core.moments import T_ARRIVE, T_END
from watchword_core.snapshots import ALARM, DURESS

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def arrive(pair: SideBySide) -> None:
    pair.plan()
    pair.later(3 * SECOND)
    pair.pendant.gesture(gestures.OK, pair.now_ms)
    pair.later(3 * SECOND)


def enter(pair: SideBySide) -> None:
    arrive(pair)
    pair.stage.record(pair.case, w.SPOKE_ARRIVAL)
    pair.later(3 * SECOND)


def test_a_calm_visit_is_felt_step_by_step(pair: SideBySide) -> None:
    pair.plan()
    pair.later(3 * SECOND)
    began = pair.now_ms
    pair.pendant.gesture(gestures.OK, pair.now_ms)
    pair.later(SECOND)
    assert pair.felt_since(began) == ["kept", "at the hub"]
    pair.pendant.gesture(gestures.OK, pair.now_ms)
    pair.later(SECOND)
    assert "refused" in pair.felt_since(began)
    pair.stage.record(pair.case, w.SPOKE_ARRIVAL)
    pair.later(SECOND)
    assert pair.felt_since(began)[-1] == "cleared"
    pair.later(20 * MINUTE)
    assert pair.felt_since(began)[-1] == "prompt"
    pair.stage.record(pair.case, w.CALL_SAFE, who=w.WORKER)
    pair.later(MINUTE)
    pair.pendant.gesture(gestures.OK_HELD, pair.now_ms)
    pair.later(SECOND)
    pair.agree()
    pair.stage.record(pair.case, w.SPOKE_DEPARTURE)
    pair.later(SECOND)
    assert pair.felt_since(began)[-1] == "closed"
    assert "nobody watching" not in pair.felt_since(0)
    assert "not getting through" not in pair.felt_since(0)


def test_sos_goes_from_kept_to_a_person(pair: SideBySide) -> None:
    enter(pair)
    began = pair.now_ms
    pair.pendant.gesture(gestures.SOS, pair.now_ms)
    pair.later(2 * SECOND)
    assert pair.felt_since(began) == ["kept", "at the hub"]
    pair.stage.record(pair.case, w.ACKNOWLEDGED)
    pair.later(2 * SECOND)
    assert pair.felt_since(began)[-1] == "a person has it"
    pair.stage.record(pair.case, w.RESOLVED)
    pair.later(2 * SECOND)
    assert pair.felt_since(began)[-1] == "resolved"
    pair.agree()


def test_sos_without_a_link_is_never_silent_and_arrives_once(pair: SideBySide) -> None:
    enter(pair)
    pair.cut()
    began = pair.now_ms
    pair.pendant.gesture(gestures.SOS, pair.now_ms)
    pair.later(MINUTE)
    felt = pair.felt_since(began)
    assert felt[0] == "kept" and felt.count("not getting through") >= 2 and "at the hub" not in felt
    pair.mend()
    pair.later(10 * SECOND)
    assert "at the hub" in pair.felt_since(began)
    pair.agree()
    kinds = pair.stage.kinds(pair.case)
    assert kinds.count("sos") == 1


def test_duress_carries_the_visit_on_like_the_ok_that_it_looks_like(
    make_pair: Callable[[int], SideBySide],
) -> None:
    felt = []
    for gesture in (gestures.OK, gestures.DURESS, gestures.EXTEND, gestures.DURESS_EXTEND):
        pair = make_pair(5)
        pair.plan()
        pair.later(3 * SECOND)
        began = pair.now_ms
        pair.pendant.gesture(gesture, pair.now_ms)
        pair.later(3 * SECOND)
        pair.stage.record(pair.case, w.SPOKE_ARRIVAL)
        pair.later(25 * MINUTE)
        pair.agree()
        # To a tenth of a second: the hub's clock, learnt over a link with its own delays, is no sharper in either.
        felt.append([(round((when - began) / 100), name) for when, name in pair.pendant.felt if when >= began])
        slots = pair.stage.engine._state.cases[pair.case].case.slots
        assert (slots[DURESS].stage == alarm.AT_HUB) == (gesture in (gestures.DURESS, gestures.DURESS_EXTEND))
    assert felt[0] == felt[1]
    assert felt[2] == felt[3]


def test_each_side_goes_on_alone_and_they_agree_when_the_link_is_back(pair: SideBySide) -> None:
    enter(pair)
    pair.cut()
    began = pair.now_ms
    pair.later(22 * MINUTE)
    assert "prompt" in pair.felt_since(began), "the pendant prompts by itself"
    hub = pair.stage.engine._state.cases[pair.case].case
    assert hub.ladder.open_rungs(), "the hub asks for the call by itself"
    pair.pendant.gesture(gestures.EXTEND, pair.now_ms)
    pair.stage.record(pair.case, w.CALL_NO_ANSWER, who=w.WORKER)
    pair.mend()
    pair.later(10 * SECOND)
    pair.agree()
    assert hub is not None and pair.stage.engine._state.cases[pair.case].case.times[T_END]


def test_the_pendant_reboots_in_mid_visit_and_in_mid_sos(pair: SideBySide) -> None:
    enter(pair)
    t_arrive = pair.pendant.wearable.standing.case.times[T_ARRIVE]
    pair.pendant.reboot(pair.now_ms)
    pair.pendant.linked(True, pair.now_ms)
    pair.later(10 * SECOND)
    pair.agree()
    assert pair.pendant.wearable.standing.case.times[T_ARRIVE] == t_arrive
    pair.cut()
    pair.pendant.gesture(gestures.SOS, pair.now_ms)
    pair.later(SECOND)
    pair.pendant.reboot(pair.now_ms)
    pair.mend()
    pair.later(10 * SECOND)
    pair.agree()
    assert pair.stage.kinds(pair.case).count("sos") == 1
    assert pair.stage.engine._state.cases[pair.case].case.slots[ALARM].stage == alarm.AT_HUB


def test_the_hub_restarts_in_mid_visit_and_in_mid_sos(pair: SideBySide) -> None:
    enter(pair)
    pair.pendant.gesture(gestures.SOS, pair.now_ms)
    pair.later(200)
    pair.stage.restart(down_ms=4 * SECOND)
    pair.later(10 * SECOND)
    pair.agree()
    assert pair.stage.kinds(pair.case).count("sos") == 1


def test_only_a_person_lets_ana_in(pair: SideBySide) -> None:
    arrive(pair)
    pair.later(4 * MINUTE)
    assert pair.pendant.wearable.standing.case.state == visit.AT_DOOR
