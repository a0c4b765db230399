"""What falls due without anybody's doing: the store's due column, and pendants' silence limits.

The indexed column is the truth and is asked each time, so that it costs the same however many visits are open. Silence
has no column, since each heartbeat would move it: a heap says when to look at a pendant, what is known of it then
decides.
"""

import heapq
import logging
from collections.abc import Iterator
from typing import NamedTuple

from ..store.store import CannotRead, Store
from .cases import UNDER_WAY
from .pendants import Pendant
from .state import State

_NEXT = "SELECT MIN(due_ms) FROM visit_case"
_DUE = "SELECT due_ms, id FROM visit_case WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?"
_UNDER_WAY = "SELECT pendant FROM visit_case WHERE closed_ms IS NULL AND state IN (?, ?, ?)"

log = logging.getLogger(__name__)


class Due(NamedTuple):
    case: int


class Silent(NamedTuple):
    pendant: int


class Deadlines:
    """`look_ms`: when every pendant with a visit under way is first looked at."""

    def __init__(self, store: Store, silence_ms: int, look_ms: int) -> None:
        self._store = store
        self._silence_ms = silence_ms
        # By pendant; an entry of the heap that says another moment is old.
        self._look_ms: dict[int, int] = {row[0]: look_ms for row in store.rows(_UNDER_WAY, UNDER_WAY)}
        self._heap = sorted((at_ms, pendant) for pendant, at_ms in self._look_ms.items())

    def next_ms(self) -> int | None:
        """When to look again; may be early, never late."""
        moments = [self._first_due_ms(), self._heap[0][0] if self._heap else None]
        return min((at_ms for at_ms in moments if at_ms is not None), default=None)

    def take(self, state: State, now_ms: int, most: int) -> list[Due | Silent]:
        """What is due, earliest first; of cases at most `most`, and as many looks at pendants. The rest is due still.

        A case stays due until its new due is committed. A pendant is looked at no more until `watch` or `look_again`.
        """
        found: list[tuple[int, Due | Silent]] = [(due_ms, Due(case)) for due_ms, case in self._due(now_ms, most)]
        found += self._silent(state, now_ms, most)
        return [item for _, item in sorted(found, key=lambda entry: entry[0])]

    def watch(self, pendant: Pendant) -> None:
        """Silence counts from now on, if a visit is under way."""
        case = pendant.case
        if case is not None and case.under_way and not case.told_silent and pendant.id not in self._look_ms:
            self.look_again(pendant.id, pendant.heard_ms + self._silence_ms)

    def look_again(self, pendant: int, at_ms: int) -> None:
        """Looks at a pendant then, and not before."""
        self._look_ms[pendant] = at_ms
        heapq.heappush(self._heap, (at_ms, pendant))

    def _first_due_ms(self) -> int | None:
        try:
            found = self._store.value(_NEXT)
        except CannotRead as e:
            log.error("what falls due next can't be read: %s", e)
            return None  # the next tick looks again
        return None if found is None else int(found)

    def _due(self, now_ms: int, most: int) -> list[tuple[int, int]]:
        try:
            return self._store.rows(_DUE, (now_ms, most))
        except CannotRead as e:
            log.error("what is due can't be read: %s", e)
            return []  # it is due still

    def _silent(self, state: State, now_ms: int, most: int) -> Iterator[tuple[int, Silent]]:
        looks = 0
        while self._heap and self._heap[0][0] <= now_ms and looks < most:
            at_ms, id_ = heapq.heappop(self._heap)
            if self._look_ms.get(id_) != at_ms:
                continue
            del self._look_ms[id_]
            looks += 1
            pendant = state.pendants[id_]
            silent_ms = pendant.heard_ms + self._silence_ms
            if silent_ms > now_ms:
                self.watch(pendant)
            elif pendant.case is not None and pendant.case.under_way and not pendant.case.told_silent:
                yield silent_ms, Silent(id_)
