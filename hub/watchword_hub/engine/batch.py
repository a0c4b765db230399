"""One batch while it is handled: what it will write, whom it will answer. Forgotten whole if it can't be committed."""

from collections import Counter
from typing import Any, NamedTuple

from ..store import hot
from ..store.changes import Changes
from .cases import OpenCase
from .kept import Kept
from .messages import Draft
from .pendants import Boot, Pendant


class Answer(NamedTuple):
    """A status to be sealed after the commit; `number` counts it; (ack_lane, ack_count) is durable."""

    pendant: Pendant
    boot: Boot
    number: int
    ack_lane: int
    ack_count: int
    fragment: Any = None  # a core Fragment instead of a status
    find: bool = False  # a core Find instead


class Batch:
    """`now_ms` is the moment of the whole batch; frames have their own `received_ms`, never later."""

    def __init__(self, now_ms: int, last_seq: int) -> None:
        self.now_ms = now_ms
        self.changes = Changes(last_seq)
        self.counted: Counter[str] = Counter()
        self.drafts: list[Draft] = []
        self.overdue_drafts = 0  # so many of the first drafts are of what fell due
        self.cases: dict[int, OpenCase] = {}  # touched
        self.boots: dict[tuple[int, int], Boot] = {}  # touched
        self.acks: list[tuple[Pendant, Boot, int, int]] = []  # PRESS frames, each with an answer of its own
        self.heartbeats: dict[tuple[int, int], tuple[Pendant, Boot, int, int]] = {}  # the newest of each boot
        self.stale: dict[int, OpenCase] = {}  # pendants that run another table than their case
        self.strangers: dict[int, tuple[str, int]] = {}  # unknown pendant: bridge, frames
        self.answers: list[Answer] = []
        self.done: dict[str, Any] = {}  # answers to commands by idempotency key

    def count(self, name: str) -> None:
        """Counters are kept in the store, so that they outlive a restart."""
        self.counted[name] += 1

    def touch_boot(self, boot: Boot) -> None:
        self.boots[boot.pendant, boot.boot] = boot

    def plan_answers(self, pendants: Kept[Pendant]) -> None:
        """Gives each answer its count before the commit that stores the count: a status is never sent twice over."""
        answered = set()
        for pendant, boot, lane, count in [*self.acks, *self.heartbeats.values()]:
            self._answer(pendant, boot, lane, count)
            answered.add((pendant.id, boot.boot))
        for case in self.cases.values():
            before, case.said = case.said, case.on_air()
            if case.said == before:
                continue
            pendant = pendants[case.pendant]
            if pendant.revoked_ms is not None:
                continue  # whoever has it now learns nothing of the visit
            if pendant.current is not None and (pendant.id, pendant.current.boot) not in answered:
                self._answer(pendant, pendant.current, 0, 0)

    def answer_fragment(self, pendant: Pendant, boot: Boot, fragment: Any) -> None:
        self._answer(pendant, boot, 0, 0, fragment)

    def answer_find(self, pendant: Pendant, boot: Boot) -> None:
        self._answer(pendant, boot, 0, 0, find=True)

    def _answer(
        self, pendant: Pendant, boot: Boot, lane: int, count: int, fragment: Any = None, find: bool = False
    ) -> None:
        boot.down_count += 1
        self.touch_boot(boot)
        self.answers.append(Answer(pendant, boot, boot.down_count, lane, count, fragment, find))

    def write_boots(self) -> None:
        for _, boot in sorted(self.boots.items()):  # neighbours in the store one after another
            self.changes.add(*boot.row())

    def write_counters(self) -> None:
        for name, value in self.counted.items():
            self.changes.add(hot.ADD_COUNTER, (name, value))
