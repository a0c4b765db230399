"""A pendant that nobody seems to wear while its visit is under way: its tracker is told, once each time."""

from typing import Any

from watchword_core import words as w
from watchword_core.frames import NOT_WORN

from .batch import Batch
from .cases import OpenCase
from .messages import Draft, in_charge, worker_name
from .pendants import Pendant
from .state import State
from .wording import advice

_TEXT = (
    "For a minute it has lain stiller than anybody who wears it: put down, left behind, or its wearer does not even "
    "breathe. The pendant says so to whoever is near it, and while it is not worn no fall is found. {advice}"
)


def note_worn(case: OpenCase, pendant: Pendant, report: Any, at_ms: int, state: State, batch: Batch) -> None:
    """Told again when it was put on and taken off again, and once more after a restart of the hub."""
    if not report.flags & NOT_WORN:
        case.told_not_worn = False
        return
    if case.told_not_worn or not case.under_way:
        return
    case.told_not_worn = True
    seq = batch.changes.journal(case.id, batch.now_ms, at_ms, "not_worn", {"pendant": pendant.id})
    subject = f"{worker_name(state, pendant)}: the pendant is not worn"
    for role, person in in_charge(state, pendant, (w.TRACKER,)):
        text = _TEXT.format(advice=advice(case, "Call the worker."))
        batch.drafts.append(Draft(seq, case.id, person, role, subject, text, f"not-worn-j{seq}"))
