"""Days and weeks of Ana's working life under each procedure: her pendant's logic and the hub's engine in virtual time.

The link is cut and restored at random, either side restarts, people answer, don't, or are late. Ten seconds after each
restoration both sides agree; while they are apart neither leaves anything undone that is due.
"""

import os
import random
from collections import Counter
from collections.abc import Callable

import pytest
from side_by_side import SECOND, SideBySide
from watchword_core import gestures
from watchword_core import words as w
from watchword_hub.procedures import built_in_names

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SEED = int(os.environ.get("WATCHWORD_SEED", "1"))
LATE_MS = 1_000  # rule 3

PLANS = (
    w.PLAN_RISK,
    w.PLAN_FIRST_VISIT,
    w.PLAN_POOR_COVERAGE,
    w.PLAN_OUT_OF_HOURS,
    w.PLAN_LAST_OF_DAY,
    w.PLAN_RETURNING,
    w.PLAN_UNSCHEDULED,
    w.PLAN_NO_CLIENT_PHONES,
)
PRESSES = [gestures.OK] * 5 + [gestures.OK_HELD] * 2 + [gestures.EXTEND, gestures.DURESS, gestures.SOS]
SAID = (
    w.SPOKE,
    w.SPOKE_ARRIVAL,
    w.SPOKE_DEPARTURE,
    w.STAND_DOWN,
    w.ACKNOWLEDGED,
    w.RESOLVED,
    w.DECIDED,
    w.DONE,
    w.WORRIED_FAMILY,
    w.NO_SIGNAL,
    w.ABANDONED,
)
RESULTS = (w.CALL_SAFE, w.CALL_SAFE, w.CALL_NO_ANSWER, w.CALL_VOICEMAIL, w.CALL_AT_RISK)
CALLED = (w.WORKER, w.WORKER, w.CLIENT, w.EMERGENCY_CONTACT, w.TEAM, w.MANAGER)
BY = (w.TRACKER, w.MANAGER, w.SENIOR)


class Life:
    """One worker's days under one procedure, by a seed."""

    def __init__(self, pair: SideBySide, procedure: str, seed: int) -> None:
        self.pair = pair
        self.procedure = procedure
        self.rng = random.Random(f"{procedure}-{seed}")
        self.counts: Counter[str] = Counter()
        pair.link.loss, pair.link.double, pair.link.way_ms = 0.1, 0.1, 1_500

    def day(self) -> None:
        """Ten hours of visits; then the night, with whatever is still open."""
        began = self.pair.now_ms
        while self.pair.now_ms < began + 10 * HOUR:
            if self.pair.link.up and not self.pair.stage.engine._state.cases:
                self._plan()
            self._something()
            self._live(self.rng.randint(1, 400) * SECOND)
        self._restore()
        self._close()
        self._live(max(0, began + DAY - self.pair.now_ms))

    def _plan(self) -> None:
        now, rng = self.pair.now_ms, self.rng
        minutes = rng.randint(20, 90)
        bits = sum(bit for bit in PLANS if rng.random() < 0.3) + rng.randint(0, 3) * w.PLAN_CONTACT
        agreed = {}
        if rng.random() < 0.3:
            agreed["check_in_ms"] = now + rng.randint(5, minutes) * MINUTE
        if rng.random() < 0.3:
            agreed["return_by_ms"] = now + (minutes + 20) * MINUTE
        self.pair.plan(minutes, procedure=self.procedure, plan_bits=bits, **agreed)
        self.counts["visits"] += 1
        self._live(5 * SECOND)

    def _something(self) -> None:
        act = self.rng.random()
        if act < 0.35:
            self._press()
        elif act < 0.75:
            self._say()
        elif act < 0.88:
            self._fade()
        elif act < 0.92:
            self.counts["pendant reboots"] += 1
            self.pair.pendant.reboot(self.pair.now_ms)
            self.pair.pendant.linked(self.pair.link.up, self.pair.now_ms)
        elif act < 0.96:
            self.counts["hub restarts"] += 1
            self.pair.stage.restart(down_ms=self.rng.randint(0, 20) * SECOND)

    def _press(self) -> None:
        gesture = self.rng.choice(PRESSES)
        self.counts["presses"] += 1
        self.pair.pendant.gesture(gesture, self.pair.now_ms)

    def _say(self) -> None:
        cases = list(self.pair.stage.engine._state.cases)
        if not cases:
            return
        self.counts["said"] += 1
        kind = self.rng.choice(SAID + RESULTS)
        fields = {"who": self.rng.choice(CALLED)} if kind in RESULTS else {}
        if kind in (w.DONE, w.DECIDED):
            fields["what"] = {w.DONE: w.DIAL_999, w.DECIDED: self.rng.choice([w.CALL_POLICE, w.NOT_POLICE])}[kind]
        self.pair.stage.record(cases[0], kind, self.rng.choice(BY), **fields)

    def _fade(self) -> None:
        self.counts["fades"] += 1
        self.pair.cut()
        self._live(self.rng.randint(1, 900) * SECOND)
        for _ in range(self.rng.randint(0, 2)):
            self.rng.choice([self._press, self._say])()
            self._live(self.rng.randint(1, 60) * SECOND)
        self._restore()

    def _restore(self) -> None:
        link = self.pair.link
        loss, link.loss = link.loss, 0.0
        self.pair.mend()
        self.pair.later(10 * SECOND)
        self.pair.agree()
        self.counts["agreed"] += 1
        link.loss = loss

    def _live(self, ms: int) -> None:
        self.pair.later(ms)
        self._nothing_left_undone()

    def _nothing_left_undone(self) -> None:
        now = self.pair.now_ms
        sides = [("hub", case.case) for case in self.pair.stage.engine._state.cases.values()]
        if self.pair.pendant.wearable.standing.case is not None and self.pair.pendant.wearable.watch.hub_ms(
            self.pair.pendant.since_boot(now)
        ):
            sides.append(("pendant", self.pair.pendant.wearable.standing.case))
        for side, case in sides:
            due = case.next_deadline_ms()
            assert due is None or due > now - LATE_MS, f"the {side} left undone what was due {now - due} ms ago"
            waited_for = case.finished() or due is not None or case.alarm_open()
            assert waited_for, f"at the {side} nobody has a deadline: {self._last_lines()}"

    def _last_lines(self) -> list[str]:
        """The last journal rows of the open cases."""
        return [f"{case} {self.pair.stage.kinds(case)[-20:]}" for case in self.pair.stage.engine._state.cases]

    def _close(self) -> None:
        """People end the day's last cases, as they must."""
        for kind in (w.RESOLVED, w.ABANDONED, w.SPOKE_DEPARTURE, w.CALL_SAFE, w.RETURNED, w.RESOLVED):
            for case in list(self.pair.stage.engine._state.cases):
                what = {"who": w.WORKER} if kind == w.CALL_SAFE else {}
                self.pair.stage.record(case, kind, w.MANAGER, **what)
                self.pair.later(SECOND)

    def end(self) -> None:
        """Everything that was pressed is at the hub."""
        self.pair.link.loss = self.pair.link.double = 0.0
        self.pair.mend()
        self.pair.later(5 * MINUTE)
        lost = [row for row in self.pair.pendant.journal if not row[4]]
        assert not lost, f"{len(lost)} presses never reached the hub"


def live(pair: SideBySide, procedure: str, seed: int, days: int) -> None:
    life = Life(pair, procedure, seed)
    try:
        for _ in range(days):
            life.day()
        life.end()
    except AssertionError as e:
        test = "a_week" if days > 1 else "a_day"
        at = f"{procedure} day {(pair.now_ms // DAY) % 7}"
        replay = f"WATCHWORD_SEED={seed} python -m pytest -m '' tests/visit/test_weeks.py -k '{test} and {procedure}'"
        raise AssertionError(f"{at}: {e}\n{dict(life.counts)}\nreplay: {replay}") from e
    print(procedure, "seed", seed, dict(life.counts))
    assert life.counts["agreed"] and life.counts["presses"], "nothing happened"


@pytest.mark.parametrize("procedure", built_in_names())
def test_a_day(make_pair: Callable[[int], SideBySide], procedure: str) -> None:
    live(make_pair(SEED), procedure, SEED, 1)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", built_in_names())
def test_a_week(make_pair: Callable[[int], SideBySide], procedure: str) -> None:
    live(make_pair(SEED), procedure, SEED, 7)
