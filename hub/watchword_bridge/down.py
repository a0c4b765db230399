"""DOWN frames on their way to pendants, held while one is out of range.

A pendant is where its frames come from. Frames are not opened here, so anyone near may claim to be a pendant: a frame
for it goes to every address that claimed it lately, and being sealed says nothing to the wrong one.

The newest frames are kept: a status says everything again that an older one said, and an answer that came too late
expires on the pendant.
"""

from collections import Counter, deque
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

HELD_FRAMES = 16  # an address; the oldest go
MAX_ADDRESSES = 64
MAX_PENDANTS = 64
ADDRESSES_PER_PENDANT = 4


class DownQueue:
    """Bounded everywhere; what is dropped is counted."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self._at: dict[str, deque[bytes]] = {}  # by address, those heard lately last
        self._claims: dict[int, dict[str, None]] = {}  # pendant: its addresses, the latest last
        self._homeless: dict[int, deque[bytes]] = {}  # for pendants not heard since this bridge started

    def heard(self, pendant: int, address: str) -> bool:
        """`address` speaks for `pendant`; whether frames wait there that did not before."""
        self._at[address] = self._at.pop(address, deque(maxlen=HELD_FRAMES))
        self._trim(self._at, MAX_ADDRESSES)
        claims = self._claims[pendant] = self._claims.pop(pendant, {})
        self._trim(self._claims, MAX_PENDANTS)
        claims.pop(address, None)
        claims[address] = None
        if len(claims) > ADDRESSES_PER_PENDANT:
            del claims[next(iter(claims))]
        waiting = self._homeless.pop(pendant, None)
        if waiting:
            self._at[address].extend(waiting)
        return bool(waiting)

    def put(self, pendant: int, frame: bytes) -> list[str]:
        """Hold `frame` for `pendant`; the addresses that have something to write now."""
        addresses = [address for address in self._claims.get(pendant, ()) if address in self._at]
        if not addresses:
            self._hold(self._homeless.setdefault(pendant, deque(maxlen=HELD_FRAMES)), frame)
            self._trim(self._homeless, MAX_PENDANTS)
        for address in addresses:
            self._hold(self._at[address], frame)
        return addresses

    def take(self, address: str) -> bytes | None:
        """The next frame to write to `address`, oldest first."""
        held = self._at.get(address)
        return held.popleft() if held else None

    def put_back(self, address: str, frame: bytes) -> None:
        """It was taken and could not be written; newer ones go before it if there is no room."""
        held = self._at.get(address)
        if held is not None and len(held) < HELD_FRAMES:
            held.appendleft(frame)
        else:
            self.counters["down_dropped"] += 1

    def _hold(self, held: deque[bytes], frame: bytes) -> None:
        self.counters["down_dropped"] += len(held) == HELD_FRAMES
        held.append(frame)

    def _trim(self, table: dict[K, V], most: int) -> None:
        if len(table) > most:
            self.counters["forgotten"] += 1
            del table[next(iter(table))]
