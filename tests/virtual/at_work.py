"""Ana at work with her pendant, and those who watch over her: time passes, people do what they are asked."""

import random
from collections import Counter

from watchword_core import words as w
from watchword_core.case import Case
from watchword_sim.outputs import PowerLost
from watchword_sim.virtual_hub import START_MS
from witness import SECOND, Look, WitnessedStage

MINUTE = 60 * SECOND

FULL_MV, DEAD_MV = 4_200, 3_250  # below it the regulator drops out
DRAIN_MV_PER_H, COLD_DRAIN_MV_PER_H, CHARGE_MV_PER_H = 60, 1_800, 1_800  # awake; nothing to speak of asleep
FROST_DRAIN_MV_PER_H = 600
LINK_BACK_MS = 10 * SECOND  # rule 8
MAX_WAY_MS = 2 * SECOND
ANSWERED_WITHIN_MS = 15 * SECOND
TURN_MS = 30 * SECOND  # people look at their consoles


class Cell:
    """The pendant's, which runs down while it is awake and takes its power away when it is flat."""

    def __init__(self, stage: WitnessedStage) -> None:
        self.mv = float(FULL_MV)
        self.drain_mv_per_h = DRAIN_MV_PER_H
        self.charging = False
        self.flat = False
        self._stage = stage
        self._minute()

    def _minute(self) -> None:
        if self.charging:
            self.mv = min(FULL_MV, self.mv + CHARGE_MV_PER_H / 60)
        elif not (self.flat or self._stage.board.asleep):
            self.mv -= self.drain_mv_per_h / 60
        self._stage.board.model.battery_mv = round(self.mv)
        if self.mv < DEAD_MV and not self.flat and not self.charging:
            self.flat = True
            self._stage.lose_power()
        self._stage.after(MINUTE, self._minute)


class AtWork:
    """`counts` has what happened, `looks` the pendant's memory after each visit, with the number of its boot."""

    def __init__(self, stage: WitnessedStage, seed: int) -> None:
        self.stage = stage
        self.rng = random.Random(f"fortnight-{seed}")
        self.cell = Cell(stage)
        self.counts: Counter[str] = Counter()
        self.looks: list[tuple[int, Look]] = []
        self._ignored = False  # for a while nobody does what the procedure asks
        self._alarm_open = False
        self._duress_open = False
        self._handed_ms: int | None = None  # to another wearer, in this shift

    # -- time, and what people do in it

    def live(self, ms: int) -> None:
        """Time passes, people do what is asked of them, and nobody is forgotten."""
        ends_ms = self.stage.now_ms + ms
        while self.stage.now_ms < ends_ms:
            self.stage.run(min(TURN_MS, ends_ms - self.stage.now_ms))
            if not self.stage.hub.up:
                continue
            self.stage.nobody_is_forgotten()
            case = self.stage.open_case()
            assert not self._alarm_open or (case and case.case.alarm_open()), "an alarm is over, and no person ended it"
            assert not self._duress_open or self.stage.under_duress(), "a duress is over, and no person ended it"
            if case is not None and not self._ignored:
                self._answer_calls(case.case)

    def _answer_calls(self, case: Case) -> None:
        asked = [case.table.rungs[i] for i in case.ladder.open_rungs()]
        if any(rung.verb == w.CALL and rung.who == w.WORKER for rung in asked):
            self._record(w.CALL_SAFE, who=w.WORKER)

    def _record(self, kind: int, by_role: int = w.TRACKER, **fields: int) -> None:
        case = self.stage.open_case()
        assert case is not None
        self.stage.hub.case = case.id
        self._alarm_open = self._alarm_open and kind != w.RESOLVED
        self._duress_open = self._duress_open and kind != w.RESOLVED
        self.stage.hub.record(kind, by_role, **fields)

    def _asked(self) -> tuple[int, int, int]:
        """How many alarms there were, and messages to Ben and to Cora."""
        stage = self.stage
        return stage.alarms_at_hub(), len(stage.subjects("Ben")), len(stage.subjects("Cora"))

    # -- air, power and charge

    def _air(self, good: bool) -> None:
        self.stage.radio.down = not good

    def _charge(self, on: bool) -> None:
        self.cell.charging = on
        (self.stage.board.press if on else self.stage.board.release)("charger")
        if on and self.cell.flat:
            self.cell.flat = False
            self.stage.power_on()

    def _power_on(self) -> None:
        """It may go once more, in the middle of a flash write."""
        writes = self.rng.choice((0, self.rng.randint(1, 12)))
        self.stage.power_on(cut_after_writes=writes)
        self.stage.run(3 * SECOND)
        if writes:
            self.counts["cuts in a flash write"] += any(isinstance(at, PowerLost) for at in self.stage.resets[-1:])
            self.stage.lose_power()  # where no write met the cut, it must not come later
            self.stage.power_on()

    def _restored(self) -> None:
        """Whatever was wrong is over: ten seconds later both sides agree."""
        self._air(True)
        self.stage.run(LINK_BACK_MS)
        hubs, pendants = self.stage.open_case(), self.stage.pendants_case()
        due = [case.next_deadline_ms() for case in (pendants, hubs and hubs.case) if case is not None]
        if any(at_ms is not None and at_ms - START_MS - self.stage.now_ms < MAX_WAY_MS for at_ms in due):
            self.stage.run(MAX_WAY_MS)  # the pendant's clock may be so much behind, and the hub late (rule 3)
        self.stage.agree()
        self.counts["agreed"] += 1
