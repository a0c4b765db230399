"""What is to happen in virtual time, in order; equal times in the order in which they were planned."""

import heapq
import itertools
from collections.abc import Callable

MAX_PLANNED = 10_000


class Agenda:
    """Times are milliseconds on the board's clock."""

    def __init__(self) -> None:
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def plan(self, at_ms: int, action: Callable[[], None]) -> None:
        """`action` may plan more. Raises OverflowError when something plans without end."""
        if len(self._planned) >= MAX_PLANNED:
            raise OverflowError(f"{MAX_PLANNED} things planned at {at_ms} ms: something plans without end")
        heapq.heappush(self._planned, (at_ms, next(self._order), action))

    def due_ms(self, otherwise_ms: int) -> int:
        """When the next comes; `otherwise_ms` when nothing is planned."""
        return self._planned[0][0] if self._planned else otherwise_ms

    def run(self, now_ms: int) -> None:
        """All that is due by now."""
        while self._planned and self._planned[0][0] <= now_ms:
            heapq.heappop(self._planned)[2]()
