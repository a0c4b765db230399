"""A stage that sees what the pendant keeps in flash, and holds all that its wearer feels against what the hub has.

The firmware runs with programs/diary.py beside it, which tells by mail what it has written. What must be so for each
pattern to be felt stands in truths.py.
"""

import json
import random
import re
import struct
from typing import Any, NamedTuple

from pendant import memory
from sky import Walk
from test_duress_trace import HELD_MS, PAUSE_MS, SHAPE_OF, SHORT_MS
from truths import TRUTHS
from watchword_core import alarm as a
from watchword_core import frames
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.snapshots import ALARM, DURESS
from watchword_hub.engine.cases import OpenCase
from watchword_hub.engine.events import NAME_OF_EVENT
from watchword_hub.engine.limits import Limits
from watchword_hub.engine.low_charge import LOW_MV
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.procedures import built_in_names
from watchword_sim import outputs
from watchword_sim.accelerometer import AWAKE, LAID_DOWN
from watchword_sim.agreement import disagreement
from watchword_sim.virtual_hub import PENDANT, START_MS
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
LATE_MS = 1_000  # rule 3
DATED_WITHIN_MS = 3 * SECOND
FIX_EVERY_MS = 5 * SECOND
LOW_TOLD_WITHIN_MS = 60 * SECOND  # measured every 30 s, told with a heartbeat
NOT_WORN_TOLD_WITHIN_MS = 95 * SECOND
ALARMS = (w.SOS, w.MAN_DOWN)
ALARM_ROWS = ("sos", "man_down")
WEARERS = ("Ana", "Finn")
STANDING, ON_A_TABLE = (0, 1000, 50), (0, 0, 1000)
_PERCEIVED = outputs.MotorChanged | outputs.BuzzerChanged | outputs.LedChanged

Key = tuple[int, int]  # boot, count


class Look(NamedTuple):
    """What the pendant's memory is like, swept."""

    at_ms: int
    live_bytes: int
    flash_blocks: int
    segments: int


class WitnessedStage(VirtualStage):
    """Raises AssertionError at the moment at which something untrue is felt, or a press is counted twice.

    `kept` and `kept_ms`: what is in the pendant's journal, and since when; `at_hub`: what is in the hub's, and its kind
    there. `sky` is its receiver's. `laid_ms`: since when it lies about, `worn_ms`: since when it is worn, else None.
    `recorded`: a list for (at ms, what) of all that can be perceived and of frames, but heartbeats and their answers.
    """

    def __init__(self, *place: Any, **how: Any) -> None:
        self.kept: dict[Key, int] = {}
        self.kept_ms: dict[Key, int] = {}
        self.at_hub: dict[Key, str] = {}
        self.arrived_ms: dict[Key, int] = {}
        self.told: set[Key] = set()  # of those at the hub, what she has felt
        self.looks: list[Look] = []
        self.recorded: list[tuple[int, tuple[Any, ...]]] | None = None
        self.booted_ms = self.fell_ms = 0
        self.laid_ms: int | None = None
        self.worn_ms: int | None = 0
        self._linked_ms: int | None = None
        self._low_ms: int | None = None
        self._remembered: Any = None
        self._read_to = self._read_messages_to = 0
        tables = [BuiltIn().general().table, *(BuiltIn().get(name).table for name in built_in_names())]
        self._tables = {table.short_version: table for table in tables}
        super().__init__(*place, **how)
        self.sky = Walk(self, random.Random("sky"), FIX_EVERY_MS)
        self._phone_heard, self.radio.heard = self.radio.heard, self._heard
        self._phone_changed, self.radio.changed = self.radio.changed, self._changed

    # -- what Ana does

    def do(self, gesture: int) -> int:
        """OK's presses of that gesture; when the last was let go of."""
        for i, kind in enumerate(SHAPE_OF[gesture]):
            self.run(PAUSE_MS if i else 0)
            self._press("ok", HELD_MS if kind == "h" else SHORT_MS)
        return self.now_ms

    def lay_down(self) -> None:
        """She takes it off."""
        self.board.model.accelerometer.sway = LAID_DOWN
        self.board.set_accel(*ON_A_TABLE)
        self.laid_ms, self.worn_ms = self.now_ms, None

    def put_on(self) -> None:
        """She wears it, and stands."""
        self.board.model.accelerometer.sway = AWAKE
        self.board.set_accel(*STANDING)
        if self.worn_ms is None:
            self.laid_ms, self.worn_ms = None, self.now_ms

    # -- what the pendant and the hub have

    def alarms_kept(self) -> int:
        """How many SOS and man-downs the pendant has kept, ever."""
        return sum(event in ALARMS for event in self.kept.values())

    def alarms_at_hub(self) -> int:
        """How many became an alarm at the hub, ever."""
        self.read_journal()
        return sum(kind in ALARM_ROWS for kind in self.at_hub.values())

    def lost(self) -> list[Key]:
        """Presses that the pendant has kept and the hub never heard of, or took for something else."""
        self.read_journal()
        return [key for key, event in self.kept.items() if self.at_hub.get(key) != NAME_OF_EVENT[event]]

    def subjects(self, name: str) -> list[str]:
        """Of what was written to that person."""
        rows = self.hub.store.rows("SELECT subject FROM outbox WHERE person = ? ORDER BY id", (self.hub.people[name],))
        return [str(row[0]) for row in rows]

    def open_case(self) -> OpenCase | None:
        """The hub's."""
        return self.hub.engine._state.pendants[PENDANT].case

    def alarm_stage(self, slot: int = ALARM) -> int:
        """Of the hub's case."""
        case = self.open_case()
        return a.NONE if case is None else case.case.slots[slot].stage

    def under_duress(self) -> bool:
        """Whether the hub has a duress open."""
        return a.RAISED <= self.alarm_stage(DURESS) < a.RESOLVED

    def pendants_case(self) -> Case | None:
        """As the pendant's flash has it; None: no visit and no alarm."""
        if self._remembered is None or not self._remembered.snapshot:
            return None
        return restore(self._tables[self._remembered.procedure], self._remembered.snapshot)

    def watched_ms(self) -> int:
        """For how long hub and pendant hear each other by phone; 0: they don't."""
        if self._linked_ms is None or self.radio.down or not self.hub.up:
            return 0
        return self.now_ms - max(self._linked_ms, self.hub.started_ms - START_MS)

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
        if not self.hub.up:
            return
        self.read_journal()
        self._right_name()
        case, now_ms = self.open_case(), START_MS + self.now_ms
        if case is None:
            return
        due_ms = case.case.next_deadline_ms()
        assert due_ms is None or due_ms > now_ms - LATE_MS, f"the hub left undone what was due {now_ms - due_ms} ms ago"
        assert case.case.finished() or due_ms is not None or case.case.alarm_open(), "nobody has a deadline"
        silent_ms = now_ms - self.hub.engine._state.pendants[PENDANT].heard_ms
        if case.under_way and silent_ms > Limits().silence_ms + LATE_MS:
            assert case.told_silent, f"silent for {silent_ms // SECOND} s, and nobody was told"
        self._told_in_time(case)

    def _told_in_time(self, case: OpenCase) -> None:
        """Of a charge that runs out, and of a pendant that nobody wears; while it can be heard."""
        if self.board.model.battery_mv > LOW_MV:
            self._low_ms = None
        elif self._low_ms is None:
            self._low_ms = self.now_ms
        heard_ms = min(self.watched_ms(), self.now_ms - self.booted_ms)
        low_ms = 0 if self._low_ms is None else self.now_ms - self._low_ms
        assert case.told_low or min(low_ms, heard_ms) < LOW_TOLD_WITHIN_MS, "the charge runs out, and nobody was told"
        if self.laid_ms is None or not case.under_way or case.case.slots[ALARM].stage not in (a.NONE, a.RESOLVED):
            return
        lies_ms = self.now_ms - self.laid_ms
        told = case.told_flags & frames.NOT_WORN or min(lies_ms, heard_ms) < NOT_WORN_TOLD_WITHIN_MS
        assert told, f"it lies about for {lies_ms // SECOND} s, and nobody was told"

    def _right_name(self) -> None:
        """People are told of whoever wears it now."""
        rows = self.hub.store.rows("SELECT id, subject, body FROM outbox WHERE id > ?", (self._read_messages_to,))
        for number, subject, body in rows:
            self._read_messages_to = number
            named = {name for name in WEARERS if re.search(rf"\b{name}\b", f"{subject} {body}")}
            assert named <= {self.hub.wearer}, f"told of {named}, and {self.hub.wearer} wears it: {subject!r}"

    def is_true(self, name: str) -> None:
        """Whether the wearer may feel that now."""
        self.read_journal()
        truth = TRUTHS.get(name)
        assert truth is None or truth(self), f"she feels {name!r} and it is not so: {self._whereabouts()}"

    # -- behind it

    def _took(self, output: outputs.Output) -> None:
        before = len(self.felt)
        super()._took(output)
        if isinstance(output, outputs.MailSent):
            self._read_diary(output.frame[:4], output.frame[4:])
        elif isinstance(output, outputs.Booted):
            self.booted_ms = self.now_ms
        elif self.recorded is not None and isinstance(output, _PERCEIVED):
            pitch = getattr(output, "frequency_hz", 0)
            self.recorded.append((self.now_ms, (type(output).__name__, pitch, output.duty_u16)))
        for _, name in self.felt[before:]:
            self.is_true(name)

    def _heard(self, handle: int, frame: bytes) -> None:
        if self.recorded is not None and frames.read_header(frame).lane != frames.ROUTINE:
            self.recorded.append((self.now_ms, ("up", len(frame))))
        self._phone_heard(handle, frame)

    def _answer(self, carrier: str, frame: bytes) -> None:
        if self.recorded is not None and frames.read_header(frame).ack_lane != frames.ROUTINE:
            self.recorded.append((self.now_ms, ("down", len(frame))))
        super()._answer(carrier, frame)

    def _changed(self, linked: bool) -> None:
        self._linked_ms = self.now_ms if linked else None
        self._phone_changed(linked)

    def _read_diary(self, kind: bytes, content: bytes) -> None:
        if kind == b"kept":
            self._was_kept(int.from_bytes(content[:8], "big"), content[8:])
        elif kind == b"memo":
            self._remembered = memory.from_bytes(content)
        elif kind == b"look":
            self.looks.append(Look(self.now_ms, *struct.unpack(">III", content)))

    def _was_kept(self, at_ms: int, frame: bytes) -> None:
        header, report = self.hub.opened(frame)
        self.kept[header.boot, header.count] = report.event
        self.kept_ms[header.boot, header.count] = self.now_ms
        off_ms = abs(at_ms - START_MS - self.now_ms) if at_ms else 0
        assert off_ms <= DATED_WITHIN_MS, f"{NAME_OF_EVENT[report.event]} is dated wrong by {off_ms} ms"
        says_when = bool(report.flags & (frames.CLOCK_SET | frames.CLOCK_GNSS))
        assert says_when == bool(at_ms) and (at_ms or self.watched_ms() < DATED_WITHIN_MS), (
            "it does not know when it was"
        )
        where = report.lat_e7, report.lon_e7, report.fix_age_s, report.flags
        assert self.sky.explains(report, self.booted_ms), f"she was never where it says: {where}"

    def read_journal(self) -> None:
        """What has come since the last time."""
        if not self.hub.up:
            return
        rows = self.hub.store.rows("SELECT seq, kind, body FROM journal WHERE seq > ? ORDER BY seq", (self._read_to,))
        for seq, kind, body in rows:
            self._read_to = seq
            if kind == "practice_sos":
                self._has_come(self._practice(json.loads(body)["count"]), kind)
            elif '"boot"' in body:
                press = json.loads(body)
                self._has_come((int(press["boot"], 16), press["count"]), kind)

    def _practice(self, count: int) -> Key:
        """Its row does not name the boot."""
        for key, event in self.kept.items():
            if event == w.PRACTICE_SOS and key[1] == count and key not in self.at_hub:
                return key
        raise AssertionError("a practice is counted that nobody made, or twice")

    def _has_come(self, key: Key, kind: str) -> None:
        assert key not in self.at_hub, f"{kind} is counted twice"
        self.at_hub[key] = kind
        self.arrived_ms[key] = self.now_ms

    def _whereabouts(self) -> str:
        case = self.open_case()
        at_hub = "no case" if case is None else f"state {case.case.state}, {a.STAGES[self.alarm_stage()]}"
        return f"at the hub {at_hub}; {len(self.lost())} presses are not there; felt {self.felt[-5:]}"
