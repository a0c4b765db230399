"""Many pendants, each worn in an open visit: made in a data directory before the hub starts on it.

They are registered, planned, arrived and cleared as in service, by the engine itself and with frames that open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from watchword_core import words as w
from watchword_core.frames import (
    DOWN_BYTES,
    NO_AGE,
    NO_POSITION,
    PRESS,
    ROUTINE,
    Report,
    Status,
    open_down,
    seal_report,
    split,
)
from watchword_hub.clock import Clock, SystemClock
from watchword_hub.commands import AddPerson, Contact, PlanVisit, Record, RegisterPendant
from watchword_hub.engine.engine import Engine
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.intake import Arrival
from watchword_hub.keyring import KeyRing
from watchword_hub.store.store import Store

PROCEDURE = "homemaker-enhanced"
FIRST_PENDANT = 0x1000
BOOT = 0xB007
HOUR_MS = 3_600_000
FLEET_FILE = "fleet.json"
STAFF = ("Ben", "Cora", "Dev")  # tracker, manager, senior


class Member(NamedTuple):
    """One pendant in its visit. `procedure`: what its frames say that it runs."""

    pendant: int
    visit: int
    procedure: int
    press_count: int
    routine_count: int


def enrol(data_dir: Path, pendants: int) -> list[Member]:
    """Makes the data directory; the fleet is also written into it, for the process that sends its frames."""
    store = Store(data_dir)
    try:
        fleet = Enrolment(store, KeyRing(data_dir / "keys"), SystemClock()).enrol(pendants)
    finally:
        store.close()
    (data_dir / FLEET_FILE).write_text(json.dumps(fleet))
    return fleet


def read_fleet(data_dir: Path) -> list[Member]:
    """What `enrol` wrote."""
    return [Member(*row) for row in json.loads((data_dir / FLEET_FILE).read_text())]


class Enrolment:
    """By the engine itself, in time of `clock`."""

    def __init__(self, store: Store, keyring: KeyRing, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._challenges: dict[int, int] = {}
        self._engine = Engine(store, keyring, BuiltIn(), self._clock, self._hear)
        self._procedure = BuiltIn().get(PROCEDURE).table.short_version

    def enrol(self, number: int, contacts: Sequence[Contact] = ()) -> list[Member]:
        """`contacts`: how each of the staff is reached."""
        staff = self.do([AddPerson(name, contacts) for name in STAFF])
        workers = self.do([AddPerson(f"Worker {i}") for i in range(number)])
        pendants = range(FIRST_PENDANT, FIRST_PENDANT + number)
        for pendant in pendants:
            self._keyring.make(pendant)
        self.do([RegisterPendant(pendant, f"Pendant {pendant:x}") for pendant in pendants])
        roles = dict(zip(("tracker", "manager", "senior"), staff, strict=True))
        now_ms = self._clock.now_ms()
        visits = self.do(
            [
                PlanVisit(pendant, PROCEDURE, {**roles, "worker": worker}, now_ms, now_ms + HOUR_MS)
                for pendant, worker in zip(pendants, workers, strict=True)
            ]
        )
        fleet = [Member(p, visit, self._procedure, 1, 2) for p, visit in zip(pendants, visits, strict=True)]
        self._carry(self._frame(m, ROUTINE, 1, w.HEARTBEAT, 0) for m in fleet)
        self._carry(self._frame(m, ROUTINE, 2, w.HELLO, self._challenges[m.pendant]) for m in fleet)
        self._carry(self._frame(m, PRESS, 1, w.ARRIVED, 0) for m in fleet)
        self.do([Record(m.visit, w.SPOKE_ARRIVAL, w.TRACKER, staff[0]) for m in fleet])
        return fleet

    def _frame(self, member: Member, lane: int, count: int, event: int, value: int) -> bytes:
        siv = self._keyring.up(member.pendant)
        return bytes(seal_report(siv, lane, member.pendant, BOOT, count, report(member, event, 0, value)))

    def do(self, commands: Iterable[Any]) -> list[Any]:
        """The answers of the engine."""
        asked = [self._engine.submit(command) for command in commands]
        self._settle()
        return [answer.result(timeout=0) for answer in asked]

    def _carry(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            self._engine.put(Arrival("enrolment", frame[1], frame, lambda: None))
        self._settle()

    def _settle(self) -> None:
        while self._engine.step():
            continue

    def _hear(self, _bridge: str, carried: bytes, _lane: int) -> bool:
        for frame in split(carried, DOWN_BYTES):
            pendant = int.from_bytes(frame[2:6], "big")
            _, body = open_down(self._keyring.down(pendant), frame)
            if isinstance(body, Status) and body.challenge:
                self._challenges[pendant] = body.challenge
        return True


def report(member: Member, event: int, ticks_ms: int, value: int = 0) -> Report:
    """What a pendant says in its visit."""
    nowhere = (NO_POSITION, NO_POSITION, 0, NO_AGE)
    return Report(event, 0, 3900, ticks_ms, member.visit, 0, value, *nowhere, member.procedure)


def sealed(
    keyring: KeyRing, fleet: list[Member], number: int, press_every: int, counts: dict[tuple[int, int], int]
) -> Iterator[bytes]:
    """`number` frames, from one pendant after another; each `press_every`th is an "I'm safe", 0: none.

    `counts` is what each (pendant, lane) has used so far, and is brought up to date.
    """
    for i in range(number):
        member = fleet[i % len(fleet)]
        press = bool(press_every) and i % press_every == press_every - 1
        lane = PRESS if press else ROUTINE
        event = w.CHECKED_IN if press else w.HEARTBEAT
        used = (member.press_count, member.routine_count)[not press]
        count = counts[member.pendant, lane] = counts.get((member.pendant, lane), used) + 1
        siv = keyring.up(member.pendant)
        yield bytes(seal_report(siv, lane, member.pendant, BOOT, count, report(member, event, i // 10)))
