"""What the engine settles before its first step: its epoch, and a clock that may have gone back."""

from collections.abc import Callable

from watchword_core import words as w

from .batch import Batch
from .messages import Draft, everyone, reachable
from .state import State
from .store import hot
from .store.changes import SITE
from .store.store import Store

_EPOCH_BYTES = 4
_CLOCK_TEXT = (
    "This machine's clock was {behind_s} s behind what Watchword had recorded before. Deadlines go on from the later "
    "time. Set the clock, then start Watchword again."
)


def last_recorded_ms(store: Store) -> int:
    """The latest time that the store knows, 0 for a new one."""
    newest = store.value("SELECT MAX(at_ms) FROM journal") or 0
    alive = store.value("SELECT value FROM meta WHERE name = 'alive_ms'") or 0
    return max(int(newest), int(alive))


def settle_epoch(state: State, batch: Batch, chance: Callable[[int], bytes], restored: bool) -> None:
    """A store that is new, or was put back from a copy, gets a number of its own: by it pendants notice."""
    if restored or not state.epoch:
        batch.changes.journal(SITE, batch.now_ms, batch.now_ms, "epoch", {"restored": restored})
        state.epoch = int.from_bytes(chance(_EPOCH_BYTES), "big") | 1
        batch.changes.add(hot.PUT_META, ("epoch", str(state.epoch)))


def report_clock_behind(behind_ms: int, state: State, batch: Batch) -> None:
    """The default manager is told, or whoever can be."""
    batch.count("clock_behind")
    seq = batch.changes.journal(SITE, batch.now_ms, batch.now_ms, "clock_behind", {"behind_ms": behind_ms})
    person = state.default_roles.get(w.MANAGER)
    if not reachable(state.people, person):
        person = next(iter(everyone(state, None)), None)
    if person is not None:
        text = _CLOCK_TEXT.format(behind_s=behind_ms // 1000)
        batch.drafts.append(
            Draft(seq, SITE, person, w.MANAGER, "Watchword: the clock went back", text, f"clock-j{seq}")
        )
