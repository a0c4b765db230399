"""What goes wrong at work without an alarm: no link, no power, no charge, a press that comes too late, a pendant that
is not worn. And what a shift begins with: whose it is, the test, a practice."""

import pytest
from at_work import (
    COLD_DRAIN_MV_PER_H,
    DRAIN_MV_PER_H,
    MINUTE,
)
from emergencies import Emergencies
from sky import CLEAR, DEAD, HANGS, LIES, ROOF
from watchword_core import gestures as g
from watchword_core import words as w
from watchword_core.frames import NOT_WORN
from watchword_hub.commands import Refusal
from watchword_hub.engine.low_charge import LOW_MV
from watchword_sim.outputs import RESET_CAUSES, BoardReset
from witness import SECOND, WEARERS

RESERVE_MV = 3_390
SILENCE_FELT_MS = 45 * SECOND
WATCHDOG_MS = 12 * SECOND
SHORT_MIN, USUAL_MIN = 5, 60  # how long a visit is planned for
AT_REST_FELT_MS = 95 * SECOND
AFTER_BOOT_MS = 45 * SECOND  # its receiver is on by then, and believed
KNOWN_WORN_MS = 40 * SECOND
OF_A_VISIT = {"cleared", "closed", "prompt", "overdue"}


class Troubles(Emergencies):
    """Each is one story, begun inside and with a link, but for those of a shift's start."""

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
        out_of_range = self.rng.random() < 0.5
        self._air(not out_of_range)
        self._power_on()
        if out_of_range:  # the time is that of her receiver, or none
            self.live(AFTER_BOOT_MS)
            self.stage.tap_ok()
            self.live(2 * SECOND)
        self._restored()

    def _hang(self) -> None:
        self.counts["watchdog resets"] += 1
        resets = len(self.stage.resets)
        self.stage.board.hang()
        self.stage.run(WATCHDOG_MS)
        causes = [RESET_CAUSES[at.cause] for at in self.stage.resets[resets:] if isinstance(at, BoardReset)]
        assert causes == ["watchdog"], causes
        self._restored()

    def _weather(self) -> None:
        """Her receiver is as well as it is, from now on; each press says where she was, or that nobody knows."""
        self.stage.sky.weather = self.rng.choice((CLEAR, CLEAR, CLEAR, ROOF, DEAD, HANGS, LIES))
        self.counts[f"receiver {self.stage.sky.weather}"] += 1

    # -- not worn

    def _takes_it_off(self) -> None:
        """It says so, and Ben is told; it is no fall, not ready, and hears an SOS all the same."""
        self.counts["taken off"] += 1
        kept = self.stage.alarms_kept()
        self.stage.lay_down()
        self.stage.until_felt("not worn", AT_REST_FELT_MS)
        self.live(self.rng.randint(30, 60) * SECOND)
        assert self._told_not_worn() and self.stage.alarms_kept() == kept
        self._tests_it()
        if self.rng.random() < 0.5:
            self._sos()
        self._takes_it_up()

    def _leaves_it_behind(self) -> None:
        """She goes on without it, and her phone with her: it says so to nobody, and Ben is told that it is silent."""
        self.counts["left behind"] += 1
        kept, since_ms = self.stage.alarms_kept(), self.stage.now_ms
        self.stage.lay_down()
        self.live(self.rng.randint(1, 30) * SECOND)
        self._air(False)
        self.live(self.rng.randint(150, 240) * SECOND)
        assert {"not worn", "nobody watching"} <= set(self.stage.felt_since(since_ms))
        assert self.stage.alarms_kept() == kept and "silent" in self.stage.hub.kinds()
        self._restored()
        self._takes_it_up()

    def _takes_it_up(self) -> None:
        self.stage.put_on()
        self.live(KNOWN_WORN_MS)
        case = self.stage.open_case()
        assert case is not None and not case.told_flags & NOT_WORN, "she wears it, and it is not known"

    def _told_not_worn(self) -> bool:
        return any("not worn" in subject for subject in self.stage.subjects("Ben")[-3:])

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

    # -- the start of a shift, and the door

    def _tests_it(self) -> None:
        """Ready or not ready: which of them is true, the witness knows."""
        self.counts["tests"] += 1
        asked_ms = self.stage.do(g.CHECK)
        self.stage.run(7 * SECOND)
        answers = [name for name in self.stage.felt_since(asked_ms) if name in ("ready", "not ready")]
        assert len(answers) == 1, answers
        self.counts[answers[0]] += 1

    def _is_handed(self, wearer: str) -> None:
        """A pooled pendant: from now on another one wears it, who feels nothing of the last one's visits."""
        self.counts["handed to another wearer"] += 1
        self.stage.hub.hand_to(wearer)
        self._handed_ms = self.stage.now_ms

    def _feels_nothing_of_another(self) -> None:
        if self._handed_ms is not None:
            felt = OF_A_VISIT & set(self.stage.felt_since(self._handed_ms))
            assert not felt, f"{self.stage.hub.wearer} feels {felt} of another's visit"
        self._handed_ms = None

    def _stays_hers(self) -> None:
        """While her visit is open."""
        others = [name for name in WEARERS if name != self.stage.hub.wearer]
        with pytest.raises(Refusal):
            self.stage.hub.hand_to(others[0])
