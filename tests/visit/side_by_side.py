"""Ana's pendant and the hub in one virtual time: the pendant's real logic, the hub's real engine and store, real seals.

Between them a link that loses, doubles, delays and reorders by a seed. Everything is deterministic.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from pendant import effects, felt
from pendant.wearable import Wearable
from stage import PENDANT, SECOND, Stage
from watchword_core.frames import DOWN_BYTES, split
from watchword_hub.intake import Arrival
from watchword_hub.keyring import LibrarySiv
from watchword_sim.agreement import disagreement

LOOK_MS = 10_000  # where nothing is known to happen sooner
MAX_WAY_MS = 2_000


@dataclass
class Link:
    """The way between them. `up` False: nothing gets through. Chances from 0 to 1."""

    rng: random.Random
    up: bool = True
    loss: float = 0.0
    double: float = 0.0
    way_ms: int = 100  # at most so long under way, each frame for itself
    under_way: list[tuple[int, int, str, bytes]] = field(default_factory=list)
    sent: int = 0

    def send(self, now_ms: int, to: str, frame: bytes) -> None:
        for _ in range(2 if self.rng.random() < self.double else 1):
            if not self.up or self.rng.random() < self.loss:
                continue
            self.sent += 1
            at_ms = now_ms + self.rng.randint(1, self.way_ms)
            self.under_way.append((at_ms, self.rng.getrandbits(30), to, frame))

    def arrived(self, now_ms: int) -> list[tuple[str, bytes]]:
        due = sorted(item for item in self.under_way if item[0] <= now_ms)
        self.under_way = [item for item in self.under_way if item[0] > now_ms]
        return [(to, frame) for _, _, to, frame in due] if self.up else []


class Pendant:
    """The wearable with a flash that survives `reboot`, and a memory of what was felt."""

    def __init__(self, keys: bytes, link: Link, now_ms: int) -> None:
        self._up, self._down = LibrarySiv(keys[:32]), LibrarySiv(keys[32:])
        self._link = link
        self.tables: dict[int, bytes] = {}
        self.stored: bytes | None = None
        self.journal: list[list[Any]] = []  # [frame, hub_ms, boot, count, settled]
        self.felt: list[tuple[int, str]] = []
        self.boots = 0
        self.reboot(now_ms)

    def reboot(self, now_ms: int) -> None:
        self.boots += 1
        self._booted_ms = now_ms
        kept = [(frame, hub_ms) for frame, hub_ms, _, _, settled in self.journal if not settled]
        self.wearable = Wearable(PENDANT, 0xB007 + self.boots, self._up, self._down, self.tables.get, self.stored, kept)
        self.did(self.wearable.started(0), now_ms)

    def since_boot(self, now_ms: int) -> int:
        return now_ms - self._booted_ms

    def linked(self, up: bool, now_ms: int) -> None:
        self.did(self.wearable.linked(up, self.since_boot(now_ms)), now_ms)

    def gesture(self, gesture: int, now_ms: int) -> None:
        self.did(self.wearable.gesture(gesture, self.since_boot(now_ms)), now_ms)

    def hear(self, frame: bytes, now_ms: int) -> None:
        self.did(self.wearable.received(frame, self.since_boot(now_ms)), now_ms)

    def tick(self, now_ms: int) -> None:
        at_ms = self.since_boot(now_ms)
        if self.wearable.next_deadline_ms(at_ms) <= at_ms:
            self.did(self.wearable.handle_deadline(at_ms), now_ms)

    def did(self, asked: list[Any], now_ms: int) -> None:
        for effect in asked:
            if isinstance(effect, effects.Keep):
                header = _header(effect.frame)
                self.journal.append([effect.frame, effect.hub_ms, header.boot, header.count, False])
            elif isinstance(effect, effects.Settled):
                for row in self.journal:
                    row[4] = row[4] or (row[2], row[3]) == (effect.boot, effect.count)
            elif isinstance(effect, effects.Send):
                self._link.send(now_ms, "hub", effect.frame)
            elif isinstance(effect, effects.Feel):
                self.felt.append((now_ms, felt.NAMES[effect.pattern]))
            elif isinstance(effect, effects.Remember):
                self.stored = effect.memory
            elif isinstance(effect, effects.Shelve):
                self.tables[effect.short_version] = effect.compiled
            elif isinstance(effect, effects.Recall):
                self.did(self.wearable.recalled([(r[0], r[1]) for r in self.journal], self.since_boot(now_ms)), now_ms)


class SideBySide:
    """A stage of tests/hub with a pendant that decides for itself."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.link = Link(random.Random(seed))
        stage.cast()
        self.pendant = Pendant(self._provision(), self.link, stage.clock.at_ms)
        self.pendant.linked(True, stage.clock.at_ms)
        self.case = 0

    def _provision(self) -> bytes:
        from watchword_hub.commands import AssignWearer, RegisterPendant

        keys = self.stage.keyring.make(PENDANT)
        self.stage.do(RegisterPendant(PENDANT, "P1"))
        self.stage.do(AssignWearer(PENDANT, self.stage.ana))
        return keys

    @property
    def now_ms(self) -> int:
        return self.stage.clock.at_ms

    def later(self, ms: int) -> None:
        """Lets both sides live for a while: from each moment at which something happens to the next."""
        end = self.now_ms + ms
        self._carry()
        while self.now_ms < end:
            self.stage.clock.at_ms = min(end, self._next_ms())
            self.once()

    def _next_ms(self) -> int:
        now = self.now_ms
        pendant = self.pendant
        moments = [now + LOOK_MS, *(item[0] for item in self.link.under_way)]
        moments.append(now - pendant.since_boot(now) + pendant.wearable.next_deadline_ms(pendant.since_boot(now)))
        due = self.stage.engine._deadlines.next_ms()
        return max(now + 1, min(moments if due is None else [*moments, due]))

    def once(self) -> None:
        for to, frame in self.link.arrived(self.now_ms):
            if to == "hub":
                self.stage.engine.put(Arrival("phone", frame[1], frame, lambda: None))
            else:
                self.pendant.hear(frame, self.now_ms)
        self.stage.engine.step()
        self.pendant.tick(self.now_ms)
        self._carry()

    def _carry(self) -> None:
        for frame in self.stage.carriers.sent.pop("phone", []):
            for each in split(frame, DOWN_BYTES):
                self.link.send(self.now_ms, "pendant", each)

    def plan(self, minutes: int = 60, **fields: Any) -> int:
        from stage import HOMEMAKER
        from watchword_hub.commands import PlanVisit

        now = self.now_ms
        wanted = {"procedure": HOMEMAKER, "roles": self.stage.roles, "start_ms": now, **fields}
        self.case = self.stage.do(PlanVisit(pendant=PENDANT, end_ms=now + minutes * 60_000, **wanted))
        return self.case

    def cut(self) -> None:
        self.link.up = False
        self.link.under_way.clear()
        self.pendant.linked(False, self.now_ms)

    def mend(self) -> None:
        self.link.up = True
        self.pendant.linked(True, self.now_ms)

    def agree(self) -> None:
        """Rule 8: state, open rungs, T_arrive, T_end, procedure; and the alarm."""
        known = self.pendant.wearable.standing.case
        due_ms = None if known is None else known.next_deadline_ms()
        if due_ms is not None and due_ms - self.now_ms < MAX_WAY_MS:
            self.later(MAX_WAY_MS)  # its clock may be so much behind: what has just fallen due is due there in a moment
        open_case = self.stage.engine._state.cases.get(self.case)
        ours = self.pendant.wearable.standing.case
        if open_case is None:
            assert ours is None or ours.finished() or ours.visit_id != self.case, "the hub has closed it"
            return
        theirs = open_case.case
        assert ours is not None, "the pendant has no case"
        assert not disagreement(ours, theirs), disagreement(ours, theirs)

    def felt_since(self, at_ms: int) -> list[str]:
        return [name for when, name in self.pendant.felt if when >= at_ms]


def _header(frame: bytes) -> Any:
    from watchword_core.frames import read_header

    return read_header(frame)


__all__ = ["MAX_WAY_MS", "SECOND", "SideBySide"]
