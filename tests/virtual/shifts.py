"""Ana's and Finn's working days with one pendant of a pool, by a seed: shifts with visits, nights, and all in between.

The stories are in emergencies.py and troubles.py; here is which of them come, and when.
"""

from collections import Counter
from collections.abc import Callable

from at_work import ANSWERED_WITHIN_MS, DRAIN_MV_PER_H, FROST_DRAIN_MV_PER_H, MINUTE
from sky import CLEAR
from troubles import SHORT_MIN, USUAL_MIN, Troubles
from watchword_core import visit as v
from watchword_core import words as w
from watchword_hub.procedures import built_in_names
from watchword_sim.outputs import RESET_CAUSES, BoardReset, FirmwareEnded
from watchword_sim.virtual_stage import HUB_STEP_MS
from witness import SECOND, WEARERS, WitnessedStage

Story = Callable[[], None]

HOUR = 60 * MINUTE
CHARGED_FOR_MS = 30 * MINUTE
CHARGED_IN_THE_MORNING_MS = 35 * MINUTE
ALONE_UNTIL_ASLEEP_MS = 31 * MINUTE
LOOK_MS = 150 * SECOND  # longer than the diary's pause between two looks
VISITS = 2  # a shift
NEXT_BEAT_MS = 35 * SECOND  # by its answer alone the pendant hears of the end of a duress: nothing goes down for that
SHIFT_SCAN_MS, NIGHT_SCAN_MS, NIGHT_STEP_MS = SECOND, 5 * SECOND, MINUTE
ASKS_AT_THE_END = (
    "hertfordshire"  # a person, as soon as a visit is past its end, for which a press in time is an answer
)
EVENTS = (  # each is at the hub as often as a story had it
    ("duress", w.DURESS),
    ("practices", w.PRACTICE_SOS),
    ("man-downs", w.MAN_DOWN),
)


class Deck:
    """Stories in a random order, each once before any comes again."""

    def __init__(self, life: "Life", *stories: Story) -> None:
        self._life = life
        self._stories = stories
        self._left: list[Story] = []

    def deal(self, count: int) -> list[Story]:
        hand = []
        for _ in range(count):
            if not self._left:
                self._left = list(self._stories)
                self._life.rng.shuffle(self._left)
            hand.append(self._left.pop())
        return hand


class Life(Troubles):
    """Days and nights."""

    def __init__(self, stage: WitnessedStage, seed: int) -> None:
        super().__init__(stage, seed)
        self._procedures = sorted(built_in_names(), key=lambda name: name != ASKS_AT_THE_END)
        self._hardest = Deck(
            self,
            self._under_duress,
            self._sos_by_its_own_network,
            self._takes_it_off,
            self._sos_while_the_hub_is_down,
            self._sos_over_a_practice,
            self._sos_as_her_phone_dies,
            self._leaves_it_behind,
            self._under_duress_out_of_range,
            self._under_duress_by_its_own_network,
        )
        self._usual = Deck(
            self,
            self._fade,
            self._sos,
            self._sos_while_the_hub_restarts,
            self._sos_out_of_range,
            self._lies_after_a_fall,
            self._lies_out_of_range,
            self._stumbles,
        )
        self._ends_a_boot = Deck(
            self,
            self._brown_out,
            self._hang,
            self._sos_and_power_goes,
            self._sos_held_through_a_reset,
        )

    # -- days and nights

    def shift(self, number: int, forgotten: bool = False) -> None:
        """Two visits. One shift is lived through in one boot; in the next the pendant is reset, and its cell runs flat,
        the charger having been forgotten the night before. `forgotten`: after the last visit she leaves it there.
        """
        self._take_up(number)
        for visit in range(VISITS):
            last = visit == VISITS - 1
            hand = self._ends_a_boot.deal(2) if number % 2 else self._hardest.deal(2) + self._usual.deal(2)
            self.rng.shuffle(hand)
            self._visit(hand, flat=bool(number % 2) and last, forgotten=forgotten and last)
            self.live(LOOK_MS)
            self.looks.append((self.stage.board.boots, self.stage.looks[-1]))

    def night(self, charger: bool, until_ms: int) -> None:
        """Off duty."""
        if self.stage.worn_ms is not None:
            self._put_away(charger)
        self.stage.hub_step_ms, self.stage.scan_ms = NIGHT_STEP_MS, NIGHT_SCAN_MS
        self.live(until_ms - self.stage.now_ms)

    def _take_up(self, number: int) -> None:
        self.stage.hub_step_ms, self.stage.scan_ms = HUB_STEP_MS, SHIFT_SCAN_MS
        self.live(MINUTE)  # the steps of the night are over
        if self.stage.worn_ms is None:
            self._is_fetched()
        elif self.stage.hub.wearer != WEARERS[number % 2]:
            self._is_handed(WEARERS[number % 2])
        self.stage.sky.weather = CLEAR
        if self.stage.board.asleep:
            self._sos_out_of_sleep()
        self.stage.tap_ok()
        self._air(True)
        self.live(20 * SECOND)
        assert self.stage.radio.link is not None, "she takes it up, and it does not find her phone"
        self._tests_it()
        self._practises()
        self._feels_nothing_of_another()

    def _put_away(self, charger: bool) -> None:
        self.counts["nights on the charger" if charger else "nights in the bag"] += 1
        self._air(False)
        if charger:
            self._charge(True)
            self.live(CHARGED_FOR_MS)
            self._charge(False)
        self.live(ALONE_UNTIL_ASLEEP_MS)
        assert self.stage.board.asleep, "alone, and it does not sleep"

    def _is_fetched(self) -> None:
        """It lay where she was yesterday, its visit open to it and long closed by people, and is flat."""
        self.counts["nights where she was"] += 1
        self.cell.drain_mv_per_h = DRAIN_MV_PER_H
        assert self.cell.flat, "a visit was open, and it slept"
        self._charge(True)
        self.stage.put_on()
        self.live(CHARGED_IN_THE_MORNING_MS)
        self._charge(False)
        self._restored()

    # -- one visit

    def _visit(self, hand: list[Story], flat: bool, forgotten: bool) -> None:
        procedure = self._procedures[self.counts["visits"] % len(self._procedures)]
        self.counts["visits"] += 1
        late = procedure == ASKS_AT_THE_END
        self.stage.put_on()
        self.stage.hub.plan_visit(SHORT_MIN if late else USUAL_MIN, procedure)
        self._stays_hers()
        self.live(20 * SECOND)
        self._tests_it()
        self._go_in()
        for story in ([self._well_too_late] if late else []) + hand:
            self._weather()
            self.live(self.rng.randint(10, 60) * SECOND)
            story()
        if flat:
            self._flat()
        if forgotten:
            self.stage.lay_down()
            self._air(False)
            self.cell.drain_mv_per_h = FROST_DRAIN_MV_PER_H
            self._is_seen_out()
        else:
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
        said_ms = NEXT_BEAT_MS if self._duress_open else ANSWERED_WITHIN_MS
        self._is_seen_out()
        self.live(said_ms)
        self.stage.agree()

    def _is_seen_out(self) -> None:
        """People close it."""
        for kind in (w.SPOKE_DEPARTURE, w.RESOLVED, w.ABANDONED, w.SPOKE_DEPARTURE, w.CALL_SAFE, w.RETURNED):
            if self.stage.open_case() is not None:
                self._record(kind, w.MANAGER, **({"who": w.WORKER} if kind == w.CALL_SAFE else {}))
                self.live(SECOND)
        assert self.stage.open_case() is None, "people can't close it"

    # -- the end

    def end(self) -> None:
        """All that was pressed is at the hub, each alarm once, and nothing was reset that no part of this did."""
        self.stage.hub_step_ms, self.stage.scan_ms = HUB_STEP_MS, SHIFT_SCAN_MS
        self._air(True)
        self.live(3 * MINUTE)
        assert not self.stage.lost(), f"{len(self.stage.lost())} presses never reached the hub"
        extra = self.stage.alarms_at_hub() - self.stage.alarms_kept()
        assert 0 <= extra <= self.counts["power cuts in an SOS"], f"{extra} alarms that nobody made"
        kept = Counter(self.stage.kept.values())
        for name, event in EVENTS:
            assert kept[event] == self.counts[name], f"{kept[event]} {name}, of {self.counts[name]}"
        resets = Counter(RESET_CAUSES[at.cause] for at in self.stage.resets if isinstance(at, BoardReset))
        hung = self.counts["watchdog resets"] + self.counts["watchdog resets in an SOS"]
        assert set(resets) <= {"watchdog", "deep sleep"} and resets["watchdog"] == hung, resets
        assert not any(isinstance(reset, FirmwareEnded) for reset in self.stage.resets)
