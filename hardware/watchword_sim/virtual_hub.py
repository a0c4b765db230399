"""The hub's real engine, store and keys in virtual time, with its cast: Ana wears, Ben tracks, Cora manages.

Between it and the phone stands nothing that stores: what a broker and a bridge would carry goes by two functions.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from watchword_core import words as w
from watchword_core.frames import DOWN_BYTES, open_report, split
from watchword_hub.commands import AddPerson, AssignWearer, Contact, PlanVisit, Record, RegisterPendant, SetDefaultRoles
from watchword_hub.engine.engine import Engine
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.intake import Arrival
from watchword_hub.keyring import KeyRing
from watchword_hub.store.store import Store

START_MS = 1_767_268_800_000  # 2026-01-01 12:00 UTC, when the board's clock says 0
PENDANT = 0x0A11CE
PROCEDURE = "homemaker-enhanced"
BRIDGE = "phone"
MINUTE_MS = 60_000


class VirtualClock:
    """The hub's clock, `board_ms` after START_MS."""

    def __init__(self, board_ms: Callable[[], int]) -> None:
        self._board_ms = board_ms

    def now_ms(self) -> int:
        """Unix time."""
        return START_MS + self._board_ms()


class SeededChance:
    """The same bytes in every run with this seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._asked = 0

    def __call__(self, size: int) -> bytes:
        self._asked += 1
        drawn = b""
        while len(drawn) < size:
            drawn += sha256(b"%d/%d/%d" % (self._seed, self._asked, len(drawn))).digest()
        return drawn[:size]


class VirtualHub:
    """Steps when it is asked to. `answer(carrier, frame)` is called for every frame that it sends to the pendant.

    `up`: it runs, since `started_ms`; while it does not, what is brought is lost. `wearer` names who has the pendant.
    """

    def __init__(self, folder: Path, clock: VirtualClock, answer: Callable[[str, bytes], None], seed: int = 0) -> None:
        self.case = 0
        self.up = True
        self.wearer = "Ana"
        self._folder = folder
        self._clock = clock
        self._answer = answer
        self._chance = SeededChance(seed)
        self._keyring = KeyRing(folder / "keys", chance=self._chance)
        self._open()

    def close(self) -> None:
        """The store's file is free then."""
        self.store.close()

    def restart(self) -> None:
        """As after a kill: what was not committed is gone."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """As by a kill."""
        self.up = False
        self.close()

    def start(self) -> None:
        """From what its disk has."""
        self._open()
        self.up = True

    def _open(self) -> None:
        self.store = Store(self._folder, chance=self._chance)
        # A crash here is this object's end, not the machine's: no commit waits for a disk, and hours have thousands.
        self.store.connection.execute("PRAGMA synchronous = OFF")
        self.started_ms = self._clock.now_ms()
        self.engine = Engine(self.store, self._keyring, BuiltIn(), self._clock, self._publish_down, chance=self._chance)

    def _publish_down(self, bridge: str, payload: bytes, lane: int) -> bool:
        for frame in split(payload, DOWN_BYTES):
            self._answer(bridge, frame)
        return True

    # -- what comes in

    def bring(self, frame: bytes, carrier: str = BRIDGE) -> None:
        """One frame from that carrier, in a message of its own."""
        if self.up:
            self.engine.put(Arrival(carrier, frame[1], frame, lambda: None))
            self.engine.step()

    def step(self) -> None:
        """What is due by now."""
        if self.up:
            self.engine.step()

    def do(self, command: Any) -> Any:
        """Its answer; raises Refusal."""
        answer = self.engine.submit(command)
        self.engine.step()
        return answer.result(timeout=0)

    # -- the cast

    def provision(self) -> bytes:
        """Everyone has a mail address, Ana the pendant; the pendant's key file."""
        self.people = {}
        for name in ("Ana", "Ben", "Cora", "Dev", "Eli"):
            self.people[name] = self.do(AddPerson(name, [Contact("mail", f"{name.lower()}@example.org")]))
        self.do(SetDefaultRoles({"manager": self.people["Cora"]}))
        keys = self._keyring.make(PENDANT)
        self.do(RegisterPendant(PENDANT, "P1"))
        self.do(AssignWearer(PENDANT, self.people["Ana"]))
        return keys + PENDANT.to_bytes(4, "big")

    def hand_to(self, name: str) -> None:
        """The pendant is from a pool, and another one of the cast wears it from now on. Raises Refusal."""
        if name not in self.people:
            self.people[name] = self.do(AddPerson(name))
        self.do(AssignWearer(PENDANT, self.people[name]))
        self.wearer = name

    def plan_visit(self, minutes: int = 60, procedure: str = PROCEDURE) -> int:
        """The wearer's visit from now on; the case."""
        people, now_ms = self.people, self._clock.now_ms()
        roles = {
            "worker": people[self.wearer],
            "tracker": people["Ben"],
            "manager": people["Cora"],
            "senior": people["Dev"],
        }
        roles["emergency_contact"] = people["Eli"]
        self.case = self.do(PlanVisit(PENDANT, procedure, roles, now_ms, now_ms + minutes * MINUTE_MS))
        return self.case

    def record(self, kind: int, by_role: int = w.TRACKER, **fields: Any) -> Any:
        """What Ben or Cora did or heard (a code of words.py)."""
        who = {w.TRACKER: self.people["Ben"], w.MANAGER: self.people["Cora"]}[by_role]
        return self.do(Record(self.case, kind, by_role, who, **fields))

    def opened(self, frame: bytes) -> tuple[Any, Any]:
        """(header, report) of a frame of this pendant's."""
        header, report = open_report(self._keyring.up(PENDANT), frame)
        return header, report

    def journal(self) -> list[Any]:
        """Every row of the journal, in order, with its hashes."""
        return list(self.store.rows("SELECT * FROM journal ORDER BY seq"))

    def kinds(self) -> list[str]:
        """The journal of the present case, by kind."""
        return [str(row[0]) for row in self.store.rows(_KINDS, (self.case,))]


_KINDS = "SELECT kind FROM journal WHERE visit_case = ? ORDER BY seq"
