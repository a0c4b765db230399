"""What the engine settles before its first step: its epoch, and a clock that may have gone back."""

import json
import logging
from collections.abc import Callable

from watchword_core import words as w

from ..clock import Machine
from ..store import hot
from ..store.changes import SITE, Changes
from ..store.store import Store
from .batch import Batch
from .messages import Draft, everyone, reachable
from .state import State

_EPOCH_BYTES = 4
CLOCK = "clock"  # meta: [the machine's boot, for how long it was up, the hub's time], as of the last sign of life
SMALLEST_STEP_MS = 1_000
TRUSTED_GAP_MS = 600_000
_CLOCK_TEXT = (
    "This machine's clock was {behind_s} s behind what Watchword had recorded before. Deadlines go on from the later "
    "time. Set the clock, then start Watchword again."
)

log = logging.getLogger(__name__)


def last_recorded_ms(store: Store) -> int:
    """The latest time that the store knows, 0 for a new one."""
    newest = store.value("SELECT at_ms FROM journal ORDER BY seq DESC LIMIT 1") or 0
    alive = store.value("SELECT value FROM meta WHERE name = 'alive_ms'") or 0
    return max(int(newest), int(alive))


def clock_row(machine: Machine, now_ms: int) -> tuple[str, str]:
    """What `settle_offsets` compares with at the next start; goes with every sign of life."""
    return CLOCK, json.dumps([machine.boot, machine.up_ms, now_ms])


def settle_offsets(store: Store, machine: Machine, now_ms: int) -> int:
    """Keeps the pendants' ticks at their true times though this machine's clock was set while the hub was down.

    1. The machine ran on: how long the hub was away is known, so what the clock says beyond it is a step, and all
       offsets move by it.
    2. It was restarted, and the hub away for longer than TRUSTED_GAP_MS: nobody can tell a step from a long absence,
       so offsets are learnt again from the frames that come.

    The step in ms, 0 for none.
    """
    known = store.value("SELECT value FROM meta WHERE name = ?", (CLOCK,))
    if known is None or not machine.boot:
        return 0
    boot, up_ms, hub_ms = json.loads(known)
    changes = Changes(store.last_id("journal"))
    if boot != machine.boot:
        if now_ms - hub_ms <= TRUSTED_GAP_MS:
            return 0
        changes.add(hot.FORGET_OFFSETS, ())
        store.write(changes)
        return 0
    step_ms = now_ms - int(hub_ms) - (machine.up_ms - int(up_ms))
    if abs(step_ms) < SMALLEST_STEP_MS:
        return 0
    changes.add(hot.MOVE_OFFSETS, (step_ms,))
    store.write(changes)
    return step_ms


def settle_epoch(state: State, batch: Batch, chance: Callable[[int], bytes], restored: bool) -> None:
    """A store that is new, or was put back from a copy, gets a number of its own: by it pendants notice."""
    if restored:
        log.warning("this store is an older copy that was put back: pendants are asked for what it lacks")
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
