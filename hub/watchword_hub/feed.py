"""What wakes event streams and the notify worker: the engine says how far the journal is, and that it lives.

Only the engine publishes, after a commit, so that a frozen engine is seen as silence by everyone who waits here.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

Publish = Callable[[int, int, tuple[str, ...]], None]  # last_seq, now_ms, banners


@dataclass(frozen=True)
class Beat:
    """`number` grows with every publish; `last_seq`: the newest committed journal row; `now_ms`: the hub's time."""

    number: int
    last_seq: int
    now_ms: int
    banners: tuple[str, ...] = ()  # what everyone must see now, as "store_full"


class Feed:
    """Thread-safe; any number may wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._beat = Beat(0, 0, 0)
        self._listeners: list[Publish] = []

    def also(self, publish: Publish) -> None:
        """Calls `publish` with every beat too, on the engine's thread: it must not block."""
        self._listeners.append(publish)

    @property
    def latest(self) -> Beat:
        return self._beat

    def publish(self, last_seq: int, now_ms: int, banners: tuple[str, ...] = ()) -> None:
        for publish in self._listeners:  # first: who looks at a screen waits for milliseconds, a message takes seconds
            publish(last_seq, now_ms, banners)
        with self._changed:
            self._beat = Beat(self._beat.number + 1, last_seq, now_ms, banners)
            self._changed.notify_all()

    def wait(self, after: int, timeout_s: float) -> Beat | None:
        """The newest beat with a number above `after`, or None when the engine said nothing for `timeout_s`."""
        with self._changed:
            if self._changed.wait_for(lambda: self._beat.number > after, timeout_s):
                return self._beat
            return None
