"""The engine's one door: arrivals from carriers, commands from people, in the order that matters.

What a person did (PRESS frames, commands) is taken before heartbeats, however many of those wait. Anybody near can
flood the PRESS lane, so each batch has some room for what stands behind it.
"""

import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from watchword_core.frames import PRESS, UP_BYTES

from ..commands import Command
from ..intake import Arrival

BEHIND_PRESSES = 64  # commands, then heartbeats, of a batch that presses alone would fill


@dataclass(frozen=True)
class Posted:
    """A command and who waits for its answer."""

    command: Command
    answer: "Future[Any]" = field(default_factory=Future)


class Inbox:
    """Thread-safe. Its length is bounded by those who fill it: intake's windows, and one command a waiting person."""

    def __init__(self) -> None:
        self._filled = threading.Condition()
        self._pressing: deque[Arrival] = deque()
        self._posted: deque[Posted] = deque()
        self._routine: deque[Arrival] = deque()
        self._woken = False

    def put(self, arrival: Arrival) -> None:
        """Does not block."""
        with self._filled:
            (self._pressing if arrival.lane == PRESS else self._routine).append(arrival)
            self._filled.notify()

    def post(self, posted: Posted) -> None:
        with self._filled:
            self._posted.append(posted)
            self._filled.notify()

    def wake(self) -> None:
        """Ends a wait that has nothing to take, once."""
        with self._filled:
            self._woken = True
            self._filled.notify()

    def take(self, most: int, wait_s: float) -> list[Arrival | Posted]:
        """What waits, at most about `most` frames and commands of it; waits for the first at most `wait_s`."""
        with self._filled:
            if wait_s > 0:
                self._filled.wait_for(self._anything, wait_s)
            self._woken = False
            return list(self._drain(most))

    def _anything(self) -> bool:
        return bool(self._woken or self._pressing or self._posted or self._routine)

    def _drain(self, most: int) -> Iterator[Arrival | Posted]:
        room = yield from _taken(self._pressing, most)
        room = yield from _taken(self._posted, max(room, BEHIND_PRESSES))
        yield from _taken(self._routine, room)

    def __len__(self) -> int:
        return len(self._pressing) + len(self._posted) + len(self._routine)


def _taken(waiting: deque[Any], room: int) -> Generator[Any, None, int]:
    """What `room` has place for, the last one perhaps beyond it; how much room is left."""
    while waiting and room > 0:
        item = waiting.popleft()
        room -= max(1, len(item.payload) // UP_BYTES) if isinstance(item, Arrival) else 1
        yield item
    return room
