"""A pendant whose charge runs out in an open case: its tracker is told once, in time to act."""

from typing import Any

from watchword_core import words as w

from .batch import Batch
from .cases import OpenCase
from .messages import Draft, in_charge, worker_name
from .pendants import Pendant
from .state import State
from .wording import advice

LOW_MV = 3500  # as firmware/pendant/power.py, where the wearer feels it
CHARGED_MV = 3600  # so far above that a voltage that wavers is told once
_TEXT = "At {volts:.2f} V it may go silent in less than two hours, sooner in the cold. {advice}"
_ADVICE = "Call the worker: have it charged, or agree how you stay in touch without it."


def note_charge(case: OpenCase, pendant: Pendant, report: Any, at_ms: int, state: State, batch: Batch) -> None:
    """Told again after charging, and once more after a restart of the hub."""
    if report.battery_mv >= CHARGED_MV:
        case.told_low = False
    if not 0 < report.battery_mv <= LOW_MV or case.told_low:
        return
    case.told_low = True
    body = {"pendant": pendant.id, "battery_mv": report.battery_mv}
    seq = batch.changes.journal(case.id, batch.now_ms, at_ms, "low_charge", body)
    subject = f"{worker_name(state, pendant)}: the pendant's charge runs out"
    text = _TEXT.format(volts=report.battery_mv / 1000, advice=advice(case, _ADVICE))
    for role, person in in_charge(state, pendant, (w.TRACKER,)):
        batch.drafts.append(Draft(seq, case.id, person, role, subject, text, f"low-charge-j{seq}"))
