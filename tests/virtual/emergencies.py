"""When Ana calls for help, falls, or is forced: by every way out that is left, and with whatever else goes wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from at_work import ANSWERED_WITHIN_MS, AtWork
from test_duress_trace import PAUSE_MS, SHORT_MS, TOLERANCE_MS
from test_fallen import FALL, FOUND_WITHIN_MS, a_fall
from watchword_core import gestures as g
from watchword_core import words as w
from watchword_hub.commands import FindPendant, Refusal
from watchword_sim.virtual_hub import PENDANT, START_MS
from witness import SECOND

Perceived = list[tuple[int, tuple[Any, ...]]]
Before = tuple[int, int, int]

PRACTICE_MS = g.PRACTICE_HOLD_MS + 300
SECOND_PATH_MS = 75 * SECOND  # it has been tried in vain before, perhaps, and then rests for up to a minute
COMPARED_MS = 8 * SECOND  # of what could be perceived after a press
APART_MS = TOLERANCE_MS + 300  # an answer so quick that it cuts "kept" short comes its pause sooner
CALM_MS = 20 * SECOND  # nothing falls due for so long


class Emergencies(AtWork):
    """Each is one story, begun inside and with a link."""

    # -- SOS

    def _sos(self) -> None:
        self.counts["SOS"] += 1
        before, since_ms = self._call_for_help()
        self._helped(before, since_ms)

    def _call_for_help(self) -> tuple[Before, int]:
        """By button or lanyard; (alarms at the hub and messages to Ben and Cora before it, when it began)."""
        before, kept, since_ms = self._asked(), self.stage.alarms_kept(), self.stage.now_ms
        if self.rng.random() < 0.7:
            self.stage.hold_sos()
        else:
            self.stage.board.pull_lanyard()
            self.stage.run(2 * SECOND)
            self.stage.board.release("lanyard")
        self.stage.run(2 * SECOND)
        assert self.stage.alarms_kept() == kept + 1, "she called for help, and the pendant has not kept it, once"
        assert "kept" in self.stage.felt_since(since_ms)
        return before, since_ms

    def _helped(self, before: Before, since_ms: int, within_ms: int = ANSWERED_WITHIN_MS) -> None:
        """It is one alarm, people are asked, she feels each step, and only a person ends it."""
        self.stage.until_felt("at the hub", within_ms, since_ms)
        alarms, ben, cora = self._asked()
        assert alarms == before[0] + 1, f"{alarms - before[0]} alarms of one"
        assert ben > before[1] and cora > before[2], "nobody was asked to help"
        assert any(self.stage.hub.wearer in subject for subject in self.stage.subjects("Cora")[before[2] :])
        self._alarm_open = True
        self.live(self.rng.randint(1, 40) * SECOND)
        for kind, pattern in ((w.ACKNOWLEDGED, "a person has it"), (w.RESOLVED, "resolved")):
            recorded_ms = self.stage.now_ms
            self._record(kind, w.MANAGER)
            self.stage.until_felt(pattern, ANSWERED_WITHIN_MS, recorded_ms)
        self.counts["alarms resolved"] += 1

    def _in_vain(self, since_ms: int) -> None:
        """For now; and she knows it."""
        felt = self.stage.felt_since(since_ms)
        assert "not getting through" in felt and "at the hub" not in felt, felt

    def _sos_while_the_hub_restarts(self) -> None:
        self.counts["hub restarts"] += 1
        self.stage.after(self.rng.randrange(6 * SECOND), self.stage.hub.restart)
        self._sos()

    def _sos_while_the_hub_is_down(self) -> None:
        self.counts["hub down"] += 1
        before = self._asked()
        self.stage.hub.stop()
        self.stage.run(self.rng.randrange(5) * SECOND)
        kept, since_ms = self.stage.alarms_kept(), self.stage.now_ms
        self.stage.hold_sos()
        self.live(self.rng.randint(30, 100) * SECOND)
        assert self.stage.alarms_kept() == kept + 1
        self._in_vain(since_ms)
        self.stage.hub.start()
        self._restored()
        self._helped(before, since_ms)

    def _sos_out_of_range(self) -> None:
        self.counts["SOS out of range"] += 1
        self._air(False)
        self.live(2 * SECOND)
        before, since_ms = self._call_for_help()
        self.live(self.rng.randint(20, 200) * SECOND)
        self._in_vain(since_ms)
        self._restored()
        self._helped(before, since_ms)

    def _sos_by_its_own_network(self) -> None:
        """Her phone is dead; the second path brings it, and every answer."""
        self.counts["SOS by the second path"] += 1
        sessions = self.stage.network.sessions
        self._air(False)
        self.stage.network.down = False
        self.live(self.rng.randint(1, 20) * SECOND)
        before, since_ms = self._call_for_help()
        self._helped(before, since_ms, SECOND_PATH_MS)
        assert self.stage.network.sessions > sessions
        self.stage.network.down = True
        self._restored()

    def _sos_as_her_phone_dies(self) -> None:
        """Another one takes over, and brings again what the first one had."""
        self.counts["phones changed"] += 1
        heard: list[bytes] = []
        carried = self.stage.radio.heard

        def note(handle: int, frame: bytes) -> None:
            heard.append(frame)
            carried(handle, frame)

        self.stage.radio.heard = note
        self.stage.after(self.rng.randrange(5 * SECOND), self._another_phone)  # while she holds it, or soon after
        self._sos()
        self.stage.radio.heard = carried
        for frame in heard:
            self.stage.after(self.rng.randrange(SECOND), lambda frame=frame: self.stage.hub.bring(frame, "hung phone"))
        self.live(2 * SECOND)

    def _another_phone(self) -> None:
        self.stage.phone.name = f"phone {self.rng.randrange(3)}"
        self._air(False)
        self.stage.after(self.rng.choice((SECOND, 3 * SECOND)), lambda: self._air(True))

    def _sos_and_power_goes(self) -> None:
        """Before it is complete, before it is at the hub, or after."""
        self.counts["power cuts in an SOS"] += 1
        before, kept, since_ms = self._asked(), self.stage.alarms_kept(), self.stage.now_ms
        self._air(self.rng.random() < 0.5)
        self.stage.board.press("sos")
        self.stage.run(self.rng.choice((1_500, 3_000, 3_010, 3_030, 3_100, 3_500, 5_000)))
        self.stage.lose_power()
        self.stage.board.release("sos")
        self.live(self.rng.choice((1, 150)) * SECOND)
        self._power_on()
        came = self.stage.alarms_kept() > kept or self.stage.alarms_at_hub() > before[0]
        if not came:
            assert "kept" not in self.stage.felt_since(since_ms), "it was felt as kept, and it is gone"
            self._restored()
            before, since_ms = self._call_for_help()
        else:
            self._restored()
        self._helped(before, since_ms)

    def _sos_held_through_a_reset(self) -> None:
        """She holds it until she feels that it is kept; three seconds after the boot it is."""
        self.counts["watchdog resets in an SOS"] += 1
        before, kept, since_ms = self._asked(), self.stage.alarms_kept(), self.stage.now_ms
        self.stage.board.press("sos")
        self.stage.run(self.rng.randrange(2_900))
        self.stage.board.hang()
        self.stage.until_felt("kept", 20 * SECOND, since_ms)
        self.stage.board.release("sos")
        assert self.stage.alarms_kept() == kept + 1
        self._helped(before, since_ms)

    def _sos_out_of_sleep(self) -> None:
        self.counts["SOS out of deep sleep"] += 1
        before, since_ms = self._asked(), self.stage.now_ms
        self.stage.board.press("sos")
        self.stage.until_felt("kept", 6 * SECOND, since_ms)
        self.stage.board.release("sos")
        self._restored()
        self._helped(before, since_ms)
        self.live(ANSWERED_WITHIN_MS)
        assert self.stage.open_case() is None

    # -- falls

    def _falls(self) -> int:
        self.stage.fell_ms = self.stage.now_ms
        self.stage.board.play_motion(a_fall())
        return self.stage.until_felt(FALL, FOUND_WITHIN_MS + 2 * SECOND)

    def _lies_after_a_fall(self, out_of_range: bool = False) -> None:
        self.counts["man-downs"] += 1
        before, kept = self._asked(), self.stage.alarms_kept()
        asked_ms = self._falls()
        self.stage.run(34 * SECOND)
        assert self.stage.alarms_kept() == kept + 1, "she lies there, and the pendant does not call for help"
        if out_of_range:
            assert "at the hub" not in self.stage.felt_since(asked_ms)
            self._restored()
        self._helped(before, asked_ms)
        self.stage.put_on()

    def _lies_out_of_range(self) -> None:
        self._air(False)
        self._lies_after_a_fall(out_of_range=True)

    def _stumbles(self) -> None:
        self.counts["falls denied"] += 1
        before, kept = self._asked()[0], self.stage.alarms_kept()
        asked_ms = self._falls()
        self.stage.run(self.rng.randint(1, 25) * SECOND)
        self.stage.tap_ok()
        self.stage.put_on()
        self.live(40 * SECOND)
        assert FALL in self.stage.felt_since(asked_ms)
        assert (self.stage.alarms_at_hub(), self.stage.alarms_kept()) == (before, kept), "she said that she is well"

    # -- duress

    def _under_duress(self) -> None:
        """Nobody near her can tell it from an OK; people out of sight are told, and one of them ends it."""
        self.counts["duress"] += 1
        plain = self._perceived(lambda: self.stage.do(g.OK))
        before = self._asked()
        forced = self._perceived(lambda: self.stage.do(g.DURESS))
        _assert_alike(plain, forced)
        self._known_to_be_forced(before)

    def _under_duress_by_its_own_network(self) -> None:
        """The phone was taken from her."""
        self.counts["duress"] += 1
        before = self._asked()
        self._air(False)
        self.stage.network.down = False
        pressed_ms = self.stage.do(g.DURESS)
        self.stage.until_felt("at the hub", SECOND_PATH_MS, pressed_ms)
        self._known_to_be_forced(before)
        self.stage.network.down = True
        self._restored()

    def _under_duress_out_of_range(self) -> None:
        self.counts["duress"] += 1
        before = self._asked()
        self._air(False)
        self.live(2 * SECOND)
        pressed_ms = self.stage.do(g.DURESS)
        self.live(self.rng.randint(15, 60) * SECOND)
        self._in_vain(pressed_ms)
        self._restored()
        self._known_to_be_forced(before)

    def _known_to_be_forced(self, before: Before) -> None:
        _, ben, cora = self._asked()
        assert self.stage.under_duress() and ben > before[1] and cora > before[2], "she is forced, and nobody was told"
        self._duress_open = True
        with pytest.raises(Refusal):
            self.stage.hub.do(FindPendant(PENDANT, self.stage.hub.people["Ben"]))
        taken_ms = self.stage.now_ms
        self.live(self.rng.randint(5, 20) * SECOND)
        self._taken_out_of_her_sight()
        self.live(self.rng.randint(5, 20) * SECOND)
        assert not {"a person has it", "at the hub", "resolved"} & set(self.stage.felt_since(taken_ms)), (
            "she is betrayed"
        )
        if self.rng.random() < 0.5:  # else it is open beside whatever comes next in this visit
            self._record(w.RESOLVED, w.MANAGER)

    def _taken_out_of_her_sight(self) -> None:
        """Cora takes it, and nothing goes down for that; for what the procedure asks at that moment it may."""
        case = self.stage.open_case()
        assert case is not None
        due_ms = case.case.next_deadline_ms()
        calm = due_ms is None or due_ms - START_MS - self.stage.now_ms > 3 * SECOND
        self.stage.recorded = seen = []
        self._record(w.ACKNOWLEDGED, w.MANAGER)
        self.stage.run(SECOND)
        self.stage.recorded = None
        assert not calm or not any(what[0] in ON_AIR for _, what in seen), "the air shows that somebody knows"

    def _perceived(self, press: Callable[[], int]) -> Perceived:
        """All that could be perceived of an OK, and the frames that it made go both ways: (ms after it, what)."""
        self._until_calm()
        self.stage.recorded = seen = []
        pressed_ms = press()
        self.live(COMPARED_MS)
        self.stage.recorded = None
        return [(at_ms - pressed_ms, what) for at_ms, what in seen]

    def _until_calm(self) -> None:
        """Nothing of the procedure's is about to be felt, and nothing is under way."""
        self.live(COMPARED_MS)
        case = self.stage.open_case()
        assert case is not None
        due_ms = case.case.next_deadline_ms()
        while due_ms is not None and due_ms - START_MS - self.stage.now_ms < CALM_MS:
            self.live(CALM_MS)
            due_ms = case.case.next_deadline_ms()

    # -- practice

    def _practise(self) -> int:
        """An SOS with OK; when she let go."""
        self.counts["practices"] += 1
        self.stage._press("ok", SHORT_MS)
        self.stage.run(PAUSE_MS)
        self.stage._press("ok", PRACTICE_MS)
        return self.stage.now_ms

    def _practises(self) -> None:
        """It is felt end to end, labelled wherever it comes, and raises nothing."""
        before, since_ms = self._asked(), self.stage.now_ms
        self._practise()
        self.stage.until_felt("practice", ANSWERED_WITHIN_MS, self.stage.until_felt("at the hub", 5 * SECOND, since_ms))
        felt = [name for name in self.stage.felt_since(since_ms) if name in PRACTISED]
        assert felt in (PRACTISED, PRACTISED[:2] + PRACTISED[3:]), felt  # the hub is faster than the hand, mostly
        told = [*self.stage.subjects("Ben")[before[1] :], *self.stage.subjects("Cora")[before[2] :]]
        named = f"PRACTICE, no alarm: {self.stage.hub.wearer}"
        assert len(told) <= 2 and all(subject.startswith(named) for subject in told), told
        assert self._asked()[0] == before[0] and self.stage.open_case() is None, "a practice is no alarm"

    def _sos_over_a_practice(self) -> None:
        """Out of range: the practice waits when danger comes, and hides nothing."""
        self.counts["SOS over a practice"] += 1
        self._air(False)
        self.live(2 * SECOND)
        self._practise()
        self.live(self.rng.randint(1, 15) * SECOND)
        before, since_ms = self._call_for_help()
        self.live(self.rng.randint(1, 60) * SECOND)
        self._restored()
        self._helped(before, since_ms)
        assert "practice" not in self.stage.felt_since(since_ms), "she takes an SOS for a practice"


ON_AIR = ("up", "down")
PRACTISED = ["sos growing", "kept", "practice", "at the hub", "practice"]


def _assert_alike(plain: Perceived, forced: Perceived) -> None:
    """To hand, eye and ear, and on the air: the same, each at the same time but for the network's delays."""
    differ = f"she shows that she is forced: {forced}, after an OK {plain}"
    assert len(plain) > 6
    for on_air in (False, True):
        one, other = ([seen for seen in all_seen if (seen[1][0] in ON_AIR) == on_air] for all_seen in (plain, forced))
        assert [what for _, what in one] == [what for _, what in other], differ
        assert all(abs(at - at_too) <= APART_MS for (at, _), (at_too, _) in zip(one, other, strict=True)), differ
