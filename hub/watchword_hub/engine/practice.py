"""A practice SOS: journalled, answered as durable and told to the tracker, all of it labelled; never an alarm.

It has an event of its own, so that no reader of alarms can take it for one, and no alarm can be taken for it.
"""

from typing import Any

from watchword_core import words as w

from ..store.changes import SITE
from .batch import Batch
from .messages import Draft, in_charge, worker_name
from .pendants import Pendant
from .state import State

AGAIN_MS = 600_000  # told at most so often of one pendant; the journal has each
_TEXT = "Only a practice: pendant {label} works as far as the hub and to you. Nothing is asked of you."


def note_practice(header: Any, report: Any, at_ms: int, pendant: Pendant, state: State, batch: Batch) -> None:
    """Journals it in the pendant's open case, or the site's, and tells who tracks."""
    where = SITE if pendant.case is None else pendant.case.id
    body = {"pendant": pendant.id, "count": header.count, "flags": report.flags, "practice": True, "applied": False}
    seq = batch.changes.journal(where, batch.now_ms, at_ms, "practice_sos", body)
    told_ms = pendant.practised_ms
    if told_ms is not None and 0 <= batch.now_ms - told_ms < AGAIN_MS:
        batch.count("practice_not_told_again")
        return
    pendant.practised_ms = batch.now_ms
    subject = f"PRACTICE, no alarm: {worker_name(state, pendant)} practised an SOS"
    text = _TEXT.format(label=pendant.label)
    for role, person in in_charge(state, pendant, (w.TRACKER,)):
        batch.drafts.append(Draft(seq, where, person, role, subject, text, f"practice-j{seq}"))
