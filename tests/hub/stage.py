"""A hub in virtual time with its cast: Ana wears the pendant, Ben tracks, Cora manages, Dev is her senior."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.frames import (
    DOWN_BYTES,
    NO_AGE,
    NO_POSITION,
    PRESS,
    ROUTINE,
    Fragment,
    Report,
    Status,
    open_down,
    read_header,
    seal_report,
    split,
)
from watchword_hub.clock import Machine
from watchword_hub.commands import AddPerson, AssignWearer, Contact, PlanVisit, Record, RegisterPendant, SetDefaultRoles
from watchword_hub.engine.engine import Engine
from watchword_hub.engine.limits import Limits
from watchword_hub.engine.messages import Message
from watchword_hub.engine.procedure_book import BuiltIn, Procedures
from watchword_hub.intake import Arrival
from watchword_hub.keyring import KeyRing, LibrarySiv
from watchword_hub.store.store import Store

NOON = 1_767_268_800_000  # 2026-01-01 12:00 UTC
SECOND = 1_000
MINUTE = 60_000
PENDANT = 0x0A11CE
HOMEMAKER = "homemaker-enhanced"


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, at_ms: int = NOON) -> None:
        self.at_ms = at_ms
        self.step_ms = 0  # somebody set the machine's clock: by so much it is off from then on
        self.machine_boot = "first"

    def now_ms(self) -> int:
        return self.at_ms + self.step_ms

    def machine(self) -> Machine:
        return Machine(self.machine_boot, self.at_ms)


class Chance:
    """The same random bytes in every run."""

    def __init__(self) -> None:
        self._n = 0

    def __call__(self, size: int) -> bytes:
        self._n += 1
        return sha256(str(self._n).encode()).digest()[:size]


@dataclass
class Carriers:
    """What the hub published, by bridge; and what it acknowledged to the broker."""

    sent: dict[str, list[bytes]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)  # "commit", "ack", "publish", as they happened
    acked: int = 0

    def publish_down(self, bridge: str, payload: bytes, lane: int) -> bool:
        self.sent.setdefault(bridge, []).extend(split(payload, DOWN_BYTES))
        self.order.append("publish")
        return True

    def ack(self) -> None:
        self.acked += 1
        self.order.append("ack")


class FakePendant:
    """Makes the frames that a pendant makes, and opens what comes for it; decides nothing."""

    def __init__(self, keys: bytes, clock: FakeClock, pendant: int = PENDANT, boot: int = 0xB007) -> None:
        self.id = pendant
        self._up, self._down = LibrarySiv(keys[:32]), LibrarySiv(keys[32:])
        self._clock = clock
        self.boot = boot
        self._started_ms = clock.at_ms - 1000
        self._counts = {PRESS: 0, ROUTINE: 0}
        self.visit = 0
        self.statuses: list[Status] = []
        self.acked: set[tuple[int, int]] = set()
        self.fragments: list[Fragment] = []
        self._highest_down = 0
        self.procedure = 0

    def restart(self, boot: int) -> None:
        """The battery was changed: a new boot, counts and ticks from the start."""
        self.boot, self._started_ms = boot, self._clock.at_ms
        self._counts = {PRESS: 0, ROUTINE: 0}
        self._highest_down = 0

    def frame(self, event: int, lane: int = PRESS, **fields: Any) -> bytes:
        """The next frame of a lane; `fields` are a Report's."""
        self._counts[lane] += 1
        known = {
            "event": event,
            "flags": 0,
            "battery_mv": 3900,
            "ticks_ms": self._clock.at_ms - self._started_ms,
            "visit": self.visit,
            "about": 0,
            "value": 0,
            "lat_e7": NO_POSITION,
            "lon_e7": NO_POSITION,
            "accuracy_m": 0,
            "fix_age_s": NO_AGE,
            "procedure": self.procedure,
        }
        report = Report(**(known | fields))
        frame = seal_report(self._up, lane, self.id, self.boot, self._counts[lane], report)
        assert isinstance(frame, bytes)
        return frame

    def heartbeat(self, **fields: Any) -> bytes:
        return self.frame(w.HEARTBEAT, ROUTINE, **fields)

    def hear(self, carriers: Carriers, bridge: str = "phone") -> None:
        """Opens every frame that waits for this boot; raises where a count is used twice."""
        for frame in carriers.sent.pop(bridge, []):
            if (read_header(frame).pendant, read_header(frame).boot) != (self.id, self.boot):
                continue
            header, body = open_down(self._down, frame)
            assert header.count > self._highest_down, "the hub used a down count twice"
            self._highest_down = header.count
            if header.ack_lane:
                self.acked.add((header.ack_lane, header.ack_count))
            if isinstance(body, Fragment):
                self.fragments.append(body)
            else:
                self.statuses.append(body)

    @property
    def last_press(self) -> tuple[int, int]:
        return PRESS, self._counts[PRESS]

    def case(self, procedure: str = HOMEMAKER) -> Case:
        """The case as the newest status says."""
        status = self.statuses[-1]
        for known in (BuiltIn().get(procedure), BuiltIn().general()):
            if known.table.short_version == status.procedure:
                return restore(known.table, status.snapshot)
        raise AssertionError(f"status is for a table {status.procedure:08x} that this pendant has not")


class Stage:
    """A hub on disk; `restart` is a crash and a new start, `later` moves time and lets the hub act.

    Nothing waits for the disk unless `synced`: a crash here is the end of the engine, not of the machine, and hours of
    virtual time are thousands of commits. test_durable.py looks at the system calls.
    """

    def __init__(
        self,
        folder: Path,
        template: Path,
        procedures: Procedures | None = None,
        limits: Limits | None = None,
        store_class: type[Store] = Store,
        synced: bool = False,
    ) -> None:
        self.folder = folder
        if not folder.exists():
            shutil.copytree(template, folder)
        self.clock = FakeClock()
        self.carriers = Carriers()
        self.told_now: list[Message] = []
        self.alive: list[int] = []
        self.procedures = procedures or BuiltIn()
        self.limits = limits or Limits()
        self.store_class = store_class
        self.synced = synced
        self.chance = Chance()
        self.keyring = KeyRing(folder / "keys")
        self.open()

    def open(self, restored: bool = False) -> None:
        self.store = self.store_class(self.folder, chance=self.chance)
        if not self.synced:
            self.store.connection.execute("PRAGMA synchronous = OFF")
        self.engine = Engine(
            self.store,
            self.keyring,
            self.procedures,
            self.clock,
            self.carriers.publish_down,
            tell_now=self.told_now.extend,
            still_alive=self.alive.append,
            limits=self.limits,
            chance=self.chance,
            machine=self.clock.machine,
            restored=restored,
        )

    def close(self) -> None:
        self.store.close()

    def restart(self, down_ms: int = 0, restored: bool = False) -> None:
        """As after a kill: nothing is saved on the way out."""
        self.close()
        self.clock.at_ms += down_ms
        self.open(restored)

    def later(self, ms: int, step_ms: int = SECOND) -> None:
        end = self.clock.at_ms + ms
        while self.clock.at_ms < end:
            self.clock.at_ms = min(end, self.clock.at_ms + step_ms)
            self.engine.step()

    def carry(self, *frames: bytes, bridge: str = "phone", lane: int | None = None) -> None:
        """A bridge brings frames, each in a message of its own; the hub takes one step."""
        self.queue(*frames, bridge=bridge, lane=lane)
        self.engine.step()

    def queue(self, *frames: bytes, bridge: str = "phone", lane: int | None = None) -> None:
        for frame in frames:
            known = lane or (frame[1] if len(frame) > 1 and frame[1] in (PRESS, ROUTINE) else PRESS)
            self.engine.put(Arrival(bridge, known, frame, self.carriers.ack))

    def do(self, command: Any) -> Any:
        """Sends a command, steps, and gives its answer."""
        answer = self.engine.submit(command)
        self.engine.step()
        return answer.result(timeout=0)

    # -- the cast

    def cast(self, without: Sequence[str] = ()) -> None:
        """Everyone with a mail address; Ana has the pendant."""
        self.ana = self.do(AddPerson("Ana"))
        self.ben = self.do(AddPerson("Ben", [Contact("mail", "ben@example.org"), Contact("sms", "+441")]))
        self.cora = self.do(AddPerson("Cora", [Contact("mail", "cora@example.org")]))
        self.dev = self.do(AddPerson("Dev", [Contact("mail", "dev@example.org")]))
        self.eli = self.do(AddPerson("Eli"))
        self.roles = {
            "worker": self.ana,
            "tracker": self.ben,
            "manager": self.cora,
            "senior": self.dev,
            "emergency_contact": self.eli,
        }
        for role in without:
            del self.roles[role]
        self.do(SetDefaultRoles({"manager": self.cora}))

    def provision(self, pendant: int = PENDANT, label: str = "P1") -> FakePendant:
        keys = self.keyring.make(pendant)
        self.do(RegisterPendant(pendant, label))
        return FakePendant(keys, self.clock, pendant)

    def greet(self, pendant: FakePendant, bridge: str = "phone") -> None:
        """The pendant answers the hub's challenge."""
        self.carry(pendant.heartbeat(), bridge=bridge)
        pendant.hear(self.carriers, bridge)
        self.carry(pendant.frame(w.HELLO, ROUTINE, value=pendant.statuses[-1].challenge), bridge=bridge)
        pendant.hear(self.carriers, bridge)

    def plan(self, pendant: FakePendant, **fields: Any) -> int:
        known: dict[str, Any] = {
            "pendant": pendant.id,
            "procedure": HOMEMAKER,
            "roles": self.roles,
            "start_ms": self.clock.at_ms,
            "end_ms": self.clock.at_ms + 60 * MINUTE,
        }
        case = self.do(PlanVisit(**(known | fields)))
        assert isinstance(case, int)
        pendant.visit = case
        return case

    def visit(self) -> FakePendant:
        """The cast, a pendant that the hub knows, and a planned visit."""
        self.cast()
        pendant = self.provision()
        self.do(AssignWearer(pendant.id, self.ana))
        self.greet(pendant)
        self.plan(pendant)
        pendant.hear(self.carriers)
        return pendant

    def record(self, case: int, kind: int, by_role: int = w.TRACKER, **fields: Any) -> Any:
        persons = {w.TRACKER: self.ben, w.MANAGER: self.cora, w.SENIOR: self.dev}
        return self.do(Record(case, kind, by_role, persons[by_role], **fields))

    # -- what people can see

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self.store.rows(query, values)

    def kinds(self, case: int) -> list[str]:
        """The journal of a case, by kind."""
        return [row[0] for row in self.rows("SELECT kind FROM journal WHERE visit_case = ? ORDER BY seq", (case,))]

    def messages(self) -> list[tuple[str, str]]:
        """(who, subject) of each message in the outbox, in order."""
        query = "SELECT p.name, o.subject FROM outbox o JOIN person p ON p.id = o.person ORDER BY o.id"
        return [(row[0], row[1]) for row in self.rows(query)]

    def counter(self, name: str) -> int:
        return int(self.store.value("SELECT value FROM counter WHERE name = ?", (name,)) or 0)
