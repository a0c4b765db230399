"""While the store can't be written: what is kept for later, who is told from memory, what is let go of.

Acknowledgements are withheld, so pendants and bridges keep their copies and wearers are told the truth. Each message is
told from memory once, however often the batch is tried; with the store back, the outbox tells it again by the same key.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from watchword_core.frames import PRESS

from ..intake import Arrival
from .limits import Limits
from .messages import Draft, Message, from_memory
from .state import State
from .uplink import Frame

_LANE = 1  # a frame's byte that says its lane


class Outage:
    """`on` from a commit that failed until one that did not. `is_alarm` opens a frame, to keep it before others."""

    def __init__(
        self, tell_now: Callable[[Sequence[Message]], None], limits: Limits, is_alarm: Callable[[bytes], bool]
    ) -> None:
        self.on = False
        self.dropped = 0  # presses beyond the limit, in this outage: their bridges still have them
        self._is_alarm = is_alarm
        self._tell_now = tell_now
        self._limits = limits
        self._held: list[Arrival] = []
        self._frames: list[Frame] = []
        self._told: set[str] = set()

    @property
    def banners(self) -> tuple[str, ...]:
        return ("store_full",) if self.on else ()

    def hold(self, arrivals: Iterable[Arrival]) -> None:
        """These are acknowledged to the broker by `release`, not before."""
        self._held += arrivals

    def release(self) -> list[Arrival]:
        """What the broker may forget: all, after a commit; heartbeats only, while nothing can be kept."""
        free = [a for a in self._held if not self.on or a.lane != PRESS]
        self._held = [a for a in self._held if self.on and a.lane == PRESS]
        return free

    def begin(self, items: Iterable[Any], drafts: list[Draft], state: State) -> None:
        """A commit failed: keeps the presses of it, tells people what it would have told them."""
        self.on = True
        self._keep([item for item in items if isinstance(item, Frame) and item.raw[_LANE] == PRESS])
        messages = [m for m in from_memory(drafts, state) if m.key not in self._told]
        if len(self._told) + len(messages) > self._limits.max_told:
            self._told.clear()  # told twice is better than not
        self._told.update(m.key for m in messages)
        if messages:
            self._tell_now(messages)

    def _keep(self, presses: list[Frame]) -> None:
        """Beyond the limit the newest go, and of alarms none while anything else is there to go."""
        frames = self._frames + presses
        over = len(frames) - self._limits.max_kept
        if over > 0:
            alarms = [self._is_alarm(frame.raw) for frame in frames]
            newest_first = sorted(range(len(frames)), key=lambda i: (alarms[i], -i))
            gone = set(newest_first[:over])
            frames = [frame for i, frame in enumerate(frames) if i not in gone]
            self.dropped += over
        self._frames = frames

    def kept(self) -> list[Frame]:
        """The presses to try again, with the times at which they came."""
        frames, self._frames = self._frames, []
        return frames

    def over(self) -> bool:
        """A commit worked; True if the one before it had not."""
        was, self.on = self.on, False
        if was:
            self._told.clear()
            self.dropped = 0
        return was
