"""Ana's working days with one pendant, by a seed: shifts with visits, nights, and all that happens in between."""

import random
from collections import Counter
from collections.abc import Callable

from test_fallen import FALL, FOUND_WITHIN_MS, STANDING, a_fall
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import Case
from watchword_hub.engine.low_charge import LOW_MV
from watchword_hub.procedures import built_in_names
from watchword_sim.outputs import RESET_CAUSES, BoardReset, FirmwareEnded, PowerLost
from watchword_sim.virtual_hub import START_MS
from watchword_sim.virtual_stage import HUB_STEP_MS
from witness import SECOND, Look, WitnessedStage

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

FULL_MV, DEAD_MV = 4_200, 3_250  # below it the regulator drops out
DRAIN_MV_PER_H, COLD_DRAIN_MV_PER_H, CHARGE_MV_PER_H = 60, 1_800, 1_800  # awake; nothing to speak of asleep
CHARGED_FOR_MS = 30 * MINUTE
RESERVE_MV = 3_390
LINK_BACK_MS = 10 * SECOND  # rule 8
MAX_WAY_MS = 2 * SECOND
SILENCE_FELT_MS = 45 * SECOND
ANSWERED_WITHIN_MS = 15 * SECOND
WATCHDOG_MS = 12 * SECOND
ALONE_UNTIL_ASLEEP_MS = 31 * MINUTE
LOOK_MS = 150 * SECOND  # longer than the diary's pause between two looks
VISITS = 2  # a shift
SHIFT_SCAN_MS, NIGHT_SCAN_MS, NIGHT_STEP_MS = SECOND, 5 * SECOND, MINUTE
SHORT_MIN, USUAL_MIN = 5, 60  # how long a visit is planned for
ASKS_AT_THE_END = (
    "hertfordshire"  # a person, as soon as a visit is past its end, for which a press in time is an answer
)


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


class Life:
    """`counts` has what happened, `looks` the pendant's memory after each visit, with the number of its boot."""

    def __init__(self, stage: WitnessedStage, seed: int) -> None:
        self.stage = stage
        self.rng = random.Random(f"fortnight-{seed}")
        self.cell = Cell(stage)
        self.counts: Counter[str] = Counter()
        self.looks: list[tuple[int, Look]] = []
        self._procedures = sorted(built_in_names(), key=lambda name: name != ASKS_AT_THE_END)
        self._lived_through: list[Callable[[], None]] = []
        self._ends_a_boot: list[Callable[[], None]] = []
        self._ignored = False  # for a while nobody does what the procedure asks
        self._alarm_open = False

    # -- days and nights

    def shift(self, number: int) -> None:
        """Two visits. One shift is lived through in one boot; in the next the pendant is reset, and its cell runs flat,
        the charger having been forgotten the night before.
        """
        self._take_up()
        for visit in range(VISITS):
            hand = [self._deal_end_of_boot() for _ in range(2)] if number % 2 else [self._deal() for _ in range(4)]
            self._visit(hand, flat=bool(number % 2) and visit == VISITS - 1)
            self.live(LOOK_MS)
            self.looks.append((self.stage.board.boots, self.stage.looks[-1]))

    def night(self, charger: bool, until_ms: int) -> None:
        """Off duty."""
        self._put_away(charger)
        self.live(until_ms - self.stage.now_ms)

    def _take_up(self) -> None:
        self.stage.hub_step_ms, self.stage.scan_ms = HUB_STEP_MS, SHIFT_SCAN_MS
        self.live(MINUTE)  # the steps of the night are over
        if self.stage.board.asleep:
            self._sos_out_of_sleep()
        self.stage.tap_ok()
        self._air(True)
        self.live(20 * SECOND)
        assert self.stage.radio.link is not None, "she takes it up, and it does not find her phone"

    def _put_away(self, charger: bool) -> None:
        self.counts["nights on the charger" if charger else "nights in the bag"] += 1
        self._air(False)
        if charger:
            self._charge(True)
            self.live(CHARGED_FOR_MS)
            self._charge(False)
        self.live(ALONE_UNTIL_ASLEEP_MS)
        assert self.stage.board.asleep, "alone, and it does not sleep"
        self.stage.hub_step_ms, self.stage.scan_ms = NIGHT_STEP_MS, NIGHT_SCAN_MS

    def _charge(self, on: bool) -> None:
        self.cell.charging = on
        (self.stage.board.press if on else self.stage.board.release)("charger")
        if on and self.cell.flat:
            self.cell.flat = False
            self.stage.power_on()

    def _air(self, good: bool) -> None:
        self.stage.radio.down = not good

    # -- one visit

    def _visit(self, hand: list[Callable[[], None]], flat: bool) -> None:
        procedure = self._procedures[self.counts["visits"] % len(self._procedures)]
        self.counts["visits"] += 1
        late = procedure == ASKS_AT_THE_END
        self.stage.board.set_accel(*STANDING)
        self.stage.hub.plan_visit(SHORT_MIN if late else USUAL_MIN, procedure)
        self.live(20 * SECOND)
        self._go_in()
        for incident in ([self._well_too_late] if late else []) + hand:
            self.live(self.rng.randint(10, 60) * SECOND)
            incident()
        if flat:
            self._flat()
        self._go_out()

    def _go_in(self) -> None:
        at_door = self.stage.tap_ok()
        self.stage.until_felt("at the hub", ANSWERED_WITHIN_MS, at_door)
        self.live(5 * SECOND)
        case = self.stage.open_case()
        assert case is not None
        if case.case.table.gate:
            assert case.case.state == v.AT_DOOR and "cleared" not in self.stage.felt_since(at_door)
            self._record(w.SPOKE_ARRIVAL)
        self.stage.until_felt("cleared", ANSWERED_WITHIN_MS, at_door)
        assert case.case.state == v.INSIDE

    def _go_out(self) -> None:
        self.stage.until_felt("at the hub", ANSWERED_WITHIN_MS, self.stage.hold_ok())
        for kind in (w.SPOKE_DEPARTURE, w.RESOLVED, w.ABANDONED, w.SPOKE_DEPARTURE, w.CALL_SAFE, w.RETURNED):
            if self.stage.open_case() is not None:
                self._record(kind, w.MANAGER, **({"who": w.WORKER} if kind == w.CALL_SAFE else {}))
                self.live(SECOND)
        assert self.stage.open_case() is None, "people can't close it"
        self.live(ANSWERED_WITHIN_MS)
        self.stage.agree()

    def _deal(self) -> Callable[[], None]:
        if not self._lived_through:
            self._lived_through = [
                self._fade,
                self._sos,
                self._sos_while_the_hub_restarts,
                self._sos_out_of_range,
                self._lies_after_a_fall,
                self._lies_out_of_range,
                self._stumbles,
            ]
            self.rng.shuffle(self._lived_through)
        return self._lived_through.pop()

    def _deal_end_of_boot(self) -> Callable[[], None]:
        if not self._ends_a_boot:
            self._ends_a_boot = [
                self._brown_out,
                self._hang,
                self._sos_and_power_goes,
                self._sos_held_through_a_reset,
            ]
            self.rng.shuffle(self._ends_a_boot)
        return self._ends_a_boot.pop()

    # -- time, and what people do in it

    def live(self, ms: int) -> None:
        """Time passes, people do what is asked of them, and nobody is forgotten."""
        ends_ms = self.stage.now_ms + ms
        while self.stage.now_ms < ends_ms:
            self.stage.run(min(30 * SECOND, ends_ms - self.stage.now_ms))
            self.stage.nobody_is_forgotten()
            case = self.stage.open_case()
            assert not self._alarm_open or (case and case.case.alarm_open()), "an alarm is over, and no person ended it"
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
        self.stage.hub.record(kind, by_role, **fields)

    def _restored(self) -> None:
        """Whatever was wrong is over: ten seconds later both sides agree."""
        self._air(True)
        self.stage.run(LINK_BACK_MS)
        pendants = self.stage.pendants_case()
        due_ms = None if pendants is None else pendants.next_deadline_ms()
        if due_ms is not None and due_ms - START_MS - self.stage.now_ms < MAX_WAY_MS:
            self.stage.run(MAX_WAY_MS)  # its clock may be so much behind
        self.stage.agree()
        self.counts["agreed"] += 1

    # -- what goes wrong

    def _fade(self) -> None:
        self.counts["fades"] += 1
        since_ms, for_ms = self.stage.now_ms, self.rng.choice((1, 5, 60, 240)) * SECOND
        self._air(False)
        self.live(for_ms)
        if for_ms > SILENCE_FELT_MS:
            assert "nobody watching" in self.stage.felt_since(since_ms)
        pressed_ms = self.stage.tap_ok()
        self.live(self.rng.randint(1, 20) * SECOND)
        self._restored()
        assert "at the hub" in self.stage.felt_since(pressed_ms), "her press got through, and she was not told"

    def _brown_out(self) -> None:
        self.counts["brown-outs"] += 1
        self.stage.lose_power()
        self.live(self.rng.choice((1, 20, 150)) * SECOND)
        self._power_on()
        self._restored()

    def _power_on(self) -> None:
        """It may go once more, in the middle of a flash write."""
        writes = self.rng.choice((0, self.rng.randint(1, 12)))
        self.stage.power_on(cut_after_writes=writes)
        self.stage.run(3 * SECOND)
        if writes:
            self.counts["cuts in a flash write"] += any(isinstance(at, PowerLost) for at in self.stage.resets[-1:])
            self.stage.lose_power()  # where no write met the cut, it must not come later
            self.stage.power_on()

    def _hang(self) -> None:
        self.counts["watchdog resets"] += 1
        resets = len(self.stage.resets)
        self.stage.board.hang()
        self.stage.run(WATCHDOG_MS)
        causes = [RESET_CAUSES[at.cause] for at in self.stage.resets[resets:] if isinstance(at, BoardReset)]
        assert causes == ["watchdog"], causes
        self._restored()

    # -- when she calls for help

    def _sos(self) -> None:
        self.counts["SOS"] += 1
        before, since_ms = self._call_for_help()
        self._helped(before, since_ms)

    def _call_for_help(self) -> tuple[tuple[int, int, int], int]:
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

    def _asked(self) -> tuple[int, int, int]:
        return self.stage.alarms_at_hub(), self.stage.messages("Ben"), self.stage.messages("Cora")

    def _helped(self, before: tuple[int, int, int], since_ms: int) -> None:
        """It is one alarm, people are asked, she feels each step, and only a person ends it."""
        self.stage.until_felt("at the hub", ANSWERED_WITHIN_MS, since_ms)
        alarms, ben, cora = self._asked()
        assert alarms == before[0] + 1, f"{alarms - before[0]} alarms of one"
        assert ben > before[1] and cora > before[2], "nobody was asked to help"
        self._alarm_open = True
        self.live(self.rng.randint(1, 40) * SECOND)
        for kind, pattern in ((w.ACKNOWLEDGED, "a person has it"), (w.RESOLVED, "resolved")):
            recorded_ms = self.stage.now_ms
            self._alarm_open = kind != w.RESOLVED
            self._record(kind, w.MANAGER)
            self.stage.until_felt(pattern, ANSWERED_WITHIN_MS, recorded_ms)
        self.counts["alarms resolved"] += 1

    def _sos_while_the_hub_restarts(self) -> None:
        self.counts["hub restarts"] += 1
        self.stage.after(self.rng.randrange(6 * SECOND), self.stage.hub.restart)
        self._sos()

    def _sos_out_of_range(self) -> None:
        self.counts["SOS out of range"] += 1
        self._air(False)
        self.live(2 * SECOND)
        before, since_ms = self._call_for_help()
        self.live(self.rng.randint(20, 200) * SECOND)
        felt = self.stage.felt_since(since_ms)
        assert "not getting through" in felt and "at the hub" not in felt, felt
        self._restored()
        self._helped(before, since_ms)

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

    # -- when she falls

    def _falls(self) -> int:
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
        self.stage.board.set_accel(*STANDING)

    def _lies_out_of_range(self) -> None:
        self._air(False)
        self._lies_after_a_fall(out_of_range=True)

    def _stumbles(self) -> None:
        self.counts["falls denied"] += 1
        before, kept = self._asked()[0], self.stage.alarms_kept()
        asked_ms = self._falls()
        self.stage.run(self.rng.randint(1, 25) * SECOND)
        self.stage.tap_ok()
        self.stage.board.set_accel(*STANDING)
        self.live(40 * SECOND)
        assert FALL in self.stage.felt_since(asked_ms)
        assert (self.stage.alarms_at_hub(), self.stage.alarms_kept()) == (before, kept), "she said that she is well"

    # -- what must not be taken for safe

    def _well_too_late(self) -> None:
        """Out of range she presses OK; by when it is brought, people were asked, and none of that is called off."""
        self._air(False)
        self._ignored = True
        self.stage.tap_ok()
        ends_ms = self.stage.now_ms + (SHORT_MIN + 1) * MINUTE
        while not self._tasks() and self.stage.now_ms < ends_ms:
            self.live(30 * SECOND)
        asked = self._tasks()
        assert asked, "her end is past, and nobody is asked"
        self.counts["OK brought too late"] += 1
        self._restored()
        assert asked <= self._tasks(), "a press that came late has called people off"
        self._ignored = False

    def _tasks(self) -> set[int]:
        """What people are asked to do, silence left out, which being seen ends."""
        case = self.stage.open_case()
        assert case is not None
        rungs, watches = case.case.table.rungs, case.case.table.watches
        kept = [task for (rung, _), task in case.tasks.items() if watches[rungs[rung].watch].anchor != w.AT_SILENT]
        return {task.id for task in kept}

    # -- when the charger was forgotten

    def _flat(self) -> None:
        """Low, told in time; on the reserve, an SOS; flat in the next one, which is there when it is charged again."""
        self.counts["flat batteries"] += 1
        self.cell.mv, self.cell.drain_mv_per_h = min(self.cell.mv, LOW_MV + 10.0), COLD_DRAIN_MV_PER_H
        since_ms = self.stage.now_ms
        while self.cell.mv > LOW_MV:
            self.live(MINUTE)
        self.live(MINUTE)
        assert "low battery" in self.stage.felt_since(since_ms) and "low_charge" in self.stage.hub.kinds()
        while self.cell.mv > RESERVE_MV:
            self.live(MINUTE)
        self._sos()
        self._air(False)
        before, since_ms = self._call_for_help()
        while not self.cell.flat:
            self.live(MINUTE)
        self.live(150 * SECOND)
        assert "at the hub" not in self.stage.felt_since(since_ms) and "silent" in self.stage.hub.kinds()
        self.cell.drain_mv_per_h = DRAIN_MV_PER_H
        self._charge(True)
        self._restored()
        self._helped(before, since_ms)
        self.live(2 * MINUTE)
        self._charge(False)

    # -- the end

    def end(self) -> None:
        """All that was pressed is at the hub, each alarm once, and nothing was reset that no part of this did."""
        self._take_up()
        self.live(2 * MINUTE)
        assert not self.stage.lost(), f"{len(self.stage.lost())} presses never reached the hub"
        extra = self.stage.alarms_at_hub() - self.stage.alarms_kept()
        assert 0 <= extra <= self.counts["power cuts in an SOS"], f"{extra} alarms that nobody made"
        resets = Counter(RESET_CAUSES[at.cause] for at in self.stage.resets if isinstance(at, BoardReset))
        hung = self.counts["watchdog resets"] + self.counts["watchdog resets in an SOS"]
        assert set(resets) <= {"watchdog", "deep sleep"} and resets["watchdog"] == hung, resets
        assert not any(isinstance(reset, FirmwareEnded) for reset in self.stage.resets)
