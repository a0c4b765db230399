"""A pendant that finds no fall while its visit is under way: nobody wears it, or its accelerometer fails.

Its tracker is told: once each time that it was laid down, once in a visit of a part that fails, which may come and go.
"""

from typing import Any, NamedTuple

from watchword_core import words as w
from watchword_core.frames import NO_FALLS, NOT_WORN

from .batch import Batch
from .cases import OpenCase
from .messages import Draft, in_charge, worker_name
from .pendants import Pendant
from .state import State
from .wording import advice


class _Reason(NamedTuple):
    flag: int  # of a report
    kind: str  # of the journal's row
    subject: str
    text: str
    again: bool  # told again once it was otherwise


_REASONS = (
    _Reason(
        NOT_WORN,
        "not_worn",
        "the pendant is not worn",
        "For a minute it has lain stiller than anybody who wears it: put down, left behind, or its wearer does not "
        "even breathe. The pendant says so to whoever is near it, and while it is not worn no fall is found. {advice}",
        True,
    ),
    _Reason(
        NO_FALLS,
        "no_falls",
        "the pendant sees no falls",
        "Its accelerometer fails: a fall would be told to nobody. SOS works as ever. {advice}",
        False,
    ),
)


def note_falls(case: OpenCase, pendant: Pendant, report: Any, at_ms: int, state: State, batch: Batch) -> None:
    """After a restart of the hub people are told once more."""
    for reason in _REASONS:
        if not report.flags & reason.flag:
            if reason.again:
                case.told_flags &= ~reason.flag
        elif case.under_way and not case.told_flags & reason.flag:
            case.told_flags |= reason.flag
            _tell(reason, case, pendant, at_ms, state, batch)


def _tell(reason: _Reason, case: OpenCase, pendant: Pendant, at_ms: int, state: State, batch: Batch) -> None:
    seq = batch.changes.journal(case.id, batch.now_ms, at_ms, reason.kind, {"pendant": pendant.id})
    subject = f"{worker_name(state, pendant)}: {reason.subject}"
    text = reason.text.format(advice=advice(case, "Call the worker."))
    for role, person in in_charge(state, pendant, (w.TRACKER,)):
        key = f"{reason.kind.replace('_', '-')}-j{seq}"
        batch.drafts.append(Draft(seq, case.id, person, role, subject, text, key))
