"""A stage that sees what the pendant keeps in flash, and holds all that its wearer feels against what the hub has.

The firmware runs with programs/diary.py beside it, which tells by mail what it has written.
"""

import json
import struct
from typing import Any, NamedTuple

from pendant import memory
from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.snapshots import ALARM
from watchword_hub.engine.cases import OpenCase
from watchword_hub.engine.limits import Limits
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.procedures import built_in_names
from watchword_sim import outputs
from watchword_sim.agreement import disagreement
from watchword_sim.virtual_hub import PENDANT, START_MS
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
LATE_MS = 1_000  # rule 3
FELT_WITHIN_MS = 6 * SECOND  # of being kept: one pattern may have to end before
SAME_ANSWER_MS = 3 * SECOND  # answers that come so close together are felt as one
AFTER_BOOT_MS = 60 * SECOND  # what was felt in the boot before is felt once more
ALARMS = (w.SOS, w.MAN_DOWN)
ALARM_ROWS = ("sos", "man_down")

Key = tuple[int, int]  # boot, count


class Look(NamedTuple):
    """What the pendant's memory is like, swept."""

    at_ms: int
    live_bytes: int
    flash_blocks: int
    segments: int


class WitnessedStage(VirtualStage):
    """Raises AssertionError at the moment at which something untrue is felt, or a press is counted twice."""

    def __init__(self, *place: Any, **how: Any) -> None:
        self.kept: dict[Key, int] = {}  # in the pendant's journal: the event
        self.at_hub: dict[Key, str] = {}  # in the hub's: its kind there
        self.looks: list[Look] = []
        self.booted_ms = 0
        self._kept_ms = -FELT_WITHIN_MS
        self._arrived_ms: dict[Key, int] = {}
        self._told: set[Key] = set()
        self._remembered: Any = None
        self._read_to = 0
        tables = [BuiltIn().general().table, *(BuiltIn().get(name).table for name in built_in_names())]
        self._tables = {table.short_version: table for table in tables}
        super().__init__(*place, **how)

    # -- what the pendant and the hub have

    def alarms_kept(self) -> int:
        """How many SOS and man-downs the pendant has kept, ever."""
        return sum(event in ALARMS for event in self.kept.values())

    def alarms_at_hub(self) -> int:
        """How many became an alarm at the hub, ever."""
        self._read_journal()
        return sum(kind in ALARM_ROWS for kind in self.at_hub.values())

    def lost(self) -> list[Key]:
        """Presses that the pendant has kept and the hub never heard of."""
        self._read_journal()
        return [key for key in self.kept if key not in self.at_hub]

    def messages(self, name: str) -> int:
        """How many were written to that person."""
        return int(self.hub.store.value("SELECT COUNT(*) FROM outbox WHERE person = ?", (self.hub.people[name],)))

    def open_case(self) -> OpenCase | None:
        """The hub's."""
        return self.hub.engine._state.pendants[PENDANT].case

    def pendants_case(self) -> Case | None:
        """As the pendant's flash has it; None: no visit and no alarm."""
        if self._remembered is None or not self._remembered.snapshot:
            return None
        return restore(self._tables[self._remembered.procedure], self._remembered.snapshot)

    # -- what must hold

    def agree(self) -> None:
        """Rule 8."""
        hubs, pendants = self.open_case(), self.pendants_case()
        if hubs is None:
            assert pendants is None or pendants.finished(), "the hub has closed it, the pendant has not"
            return
        assert pendants is not None, f"the hub has case {hubs.id} open, the pendant none"
        assert not disagreement(pendants, hubs.case), disagreement(pendants, hubs.case)

    def nobody_is_forgotten(self) -> None:
        """Rules 2 and 3: something is due, and in time; a pendant that can't be heard is told of (general rule 9)."""
        self._read_journal()
        case, now_ms = self.open_case(), START_MS + self.now_ms
        if case is None:
            return
        due_ms = case.case.next_deadline_ms()
        assert due_ms is None or due_ms > now_ms - LATE_MS, f"the hub left undone what was due {now_ms - due_ms} ms ago"
        assert case.case.finished() or due_ms is not None or case.case.alarm_open(), "nobody has a deadline"
        silent_ms = now_ms - self.hub.engine._state.pendants[PENDANT].heard_ms
        if case.under_way and silent_ms > Limits().silence_ms + LATE_MS:
            assert case.told_silent, f"silent for {silent_ms // SECOND} s, and nobody was told"

    def is_true(self, name: str) -> None:
        """Whether the wearer may feel that now."""
        self._read_journal()
        truth = _TRUTHS.get(name)
        assert truth is None or truth(self), f"she feels {name!r} and it is not so: {self._whereabouts()}"

    # -- behind it

    def _took(self, output: outputs.Output) -> None:
        before = len(self.felt)
        super()._took(output)
        if isinstance(output, outputs.MailSent):
            self._read_diary(output.frame[:4], output.frame[4:])
        elif isinstance(output, outputs.Booted):
            self.booted_ms = self.now_ms
        for _, name in self.felt[before:]:
            self.is_true(name)

    def _read_diary(self, kind: bytes, content: bytes) -> None:
        if kind == b"kept":
            header, report = self.hub.opened(content)
            self.kept[header.boot, header.count] = report.event
            self._kept_ms = self.now_ms
        elif kind == b"memo":
            self._remembered = memory.from_bytes(content)
        elif kind == b"look":
            self.looks.append(Look(self.now_ms, *struct.unpack(">III", content)))

    def _read_journal(self) -> None:
        rows = self.hub.store.rows("SELECT seq, kind, body FROM journal WHERE seq > ? ORDER BY seq", (self._read_to,))
        for seq, kind, body in rows:
            self._read_to = seq
            if '"boot"' in body:
                press = json.loads(body)
                key = int(press["boot"], 16), press["count"]
                assert key not in self.at_hub, f"{kind} is counted twice"
                self.at_hub[key] = kind
                self._arrived_ms[key] = self.now_ms

    def _alarm_stage(self) -> int:
        case = self.open_case()
        return a.NONE if case is None else case.case.slots[ALARM].stage

    def _is_kept(self) -> bool:
        return self.now_ms - self._kept_ms <= FELT_WITHIN_MS

    def _is_at_hub(self) -> bool:
        """Every alarm that was made is; and there is news of some press, or it was said before a boot."""
        if any(event in ALARMS and key not in self.at_hub for key, event in self.kept.items()):
            return False
        news = [key for key in self.at_hub if key not in self._told]
        self._told.update(key for key, at_ms in self._arrived_ms.items() if at_ms < self.now_ms - SAME_ANSWER_MS)
        return bool(news) or self.now_ms - self.booted_ms < AFTER_BOOT_MS

    def _is_cleared(self) -> bool:
        case = self.open_case()
        return case is not None and case.case.state in (v.INSIDE, v.LEAVING)

    def _is_with_person(self) -> bool:
        return self.open_case() is None or self._alarm_stage() in (a.WITH_PERSON, a.RESOLVED)

    def _is_resolved(self) -> bool:
        return self.open_case() is None or self._alarm_stage() == a.RESOLVED

    def _is_closed(self) -> bool:
        case = self.open_case()
        return case is None or case.case.state == v.CLOSED

    def _whereabouts(self) -> str:
        case = self.open_case()
        at_hub = "no case" if case is None else f"{v.STATES[case.case.state]}, {a.STAGES[self._alarm_stage()]}"
        return f"at the hub {at_hub}; {len(self.lost())} presses are not there; felt {self.felt[-5:]}"


_TRUTHS = {
    "kept": WitnessedStage._is_kept,
    "at the hub": WitnessedStage._is_at_hub,
    "cleared": WitnessedStage._is_cleared,
    "a person has it": WitnessedStage._is_with_person,
    "resolved": WitnessedStage._is_resolved,
    "closed": WitnessedStage._is_closed,
}
