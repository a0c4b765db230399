"""What falls due without anybody's doing: a heap over the store's due column and over pendants' silence limits.

The store is the truth and the heap its cache: an entry that no longer agrees with its case or pendant is let go of.
"""

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from .cases import OpenCase
from .pendants import Pendant
from .state import State

_CASE = 0
_SILENCE = 1


class Due(NamedTuple):
    case: int


class Silent(NamedTuple):
    pendant: int


class Deadlines:
    """Made anew from the state whenever that is."""

    def __init__(self, state: State, silence_ms: int) -> None:
        self._silence_ms = silence_ms
        self._heap: list[tuple[int, int, int]] = []  # due, what, id
        for case in state.cases.values():
            self.watch_case(case)
            self.watch_pendant(state.pendants[case.pendant])

    def next_ms(self) -> int | None:
        """When to look again; may be early, never late."""
        return self._heap[0][0] if self._heap else None

    def watch_case(self, case: OpenCase) -> None:
        """The case's due has changed."""
        if case.due_ms is not None:
            heapq.heappush(self._heap, (case.due_ms, _CASE, case.id))

    def watch_pendant(self, pendant: Pendant) -> None:
        """Silence counts from now on, if a visit is under way."""
        case = pendant.case
        if case is not None and case.under_way and not case.told_silent and not pendant.watched:
            pendant.watched = True
            heapq.heappush(self._heap, (self._silent_ms(pendant), _SILENCE, pendant.id))

    def _silent_ms(self, pendant: Pendant) -> int:
        return max(pendant.heard_ms + self._silence_ms, pendant.silence_again_ms)

    def due_cases(self, state: State, now_ms: int) -> Iterator[Due | Silent]:
        """What is due, earliest first: cases, and pendants that fell silent. Each is taken off the heap."""
        while self._heap and self._heap[0][0] <= now_ms:
            due_ms, what, id_ = heapq.heappop(self._heap)
            if what == _CASE:
                case = state.cases.get(id_)
                if case is not None and case.due_ms == due_ms:
                    yield Due(id_)
            else:
                pendant = state.pendants[id_]
                pendant.watched = False
                if self._silent_ms(pendant) > now_ms:
                    self.watch_pendant(pendant)
                elif pendant.case is not None and pendant.case.under_way and not pendant.case.told_silent:
                    yield Silent(id_)
