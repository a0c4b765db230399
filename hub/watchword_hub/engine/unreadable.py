"""A press that can't be opened with the key that stands here: it may be an SOS, so people are told, though not often.

Once a pendant and day: whoever forges frames can make no more of it than that. The frame is kept, for an earlier key.
"""

import logging

from watchword_core import words as w

from ..store import hot
from ..store.changes import SITE
from .batch import Batch
from .messages import Draft, in_charge, worker_name
from .pendants import Pendant
from .state import UNREADABLE, State
from .wording import advice

BAD_SEALS = 3  # of a day before people are told: a pendant repeats what it presses, and one damaged frame is nothing
AGAIN_MS = 24 * 3_600_000

log = logging.getLogger(__name__)

_TEXT = (
    "Something was pressed on pendant {label} that Watchword can't read. It may be an SOS; it may be forged. "
    "{advice} Then have the pendant provisioned anew. ({why})"
)


def take_unreadable(raw: bytes, why: str, enough: int, pendant: Pendant, state: State, batch: Batch) -> None:
    """Counts one; journals it and tells who is in charge when `enough` came, and people weren't told within a day."""
    told_ms = state.unreadable_ms.get(pendant.id)
    if told_ms is not None and 0 <= batch.now_ms - told_ms < AGAIN_MS:
        return
    pendant.air.unreadable += 1
    if pendant.air.unreadable < enough:
        return
    pendant.air.unreadable = 0
    state.unreadable_ms[pendant.id] = batch.now_ms
    batch.changes.add(hot.PUT_META, (UNREADABLE.format(pendant=pendant.id), str(batch.now_ms)))
    where, roles = SITE, [w.MANAGER]
    if pendant.case is not None:
        where, roles = pendant.case.id, [w.TRACKER, w.MANAGER]
    log.error("a press of pendant %08x can't be read: %s", pendant.id, why)
    body = {"pendant": pendant.id, "why": why, "frame": raw.hex()}
    seq = batch.changes.journal(where, batch.now_ms, batch.now_ms, "unreadable_press", body)
    subject = f"{worker_name(state, pendant)}: a press that can't be read"
    text = _TEXT.format(label=pendant.label, why=why, advice=advice(pendant.case, "Call the worker now."))
    key = f"unreadable-{pendant.id:08x}-{batch.now_ms // AGAIN_MS}"
    for role, person in in_charge(state, pendant, roles):
        batch.drafts.append(Draft(seq, where, person, role, subject, text, key))
