"""An event whose handling raised: kept raw, and people told in the same commit, while all others go on.

The hub can't know what the event would have asked for, so the visit's tracker and manager are told to look themselves.

An alarm is not acknowledged: nothing rings, no ladder runs, and a wearer who felt "at the hub" would feel "the alarm is
over" with the next status. So she feels that it isn't getting through, and each repeat of it is tried again.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from watchword_core import words as w
from watchword_core.frames import FrameError, read_header

from ..store import hot
from ..store.changes import SITE
from ..store.store import CannotRead
from .batch import Batch
from .cases import OpenCase
from .deadlines import Due, Silent
from .messages import Draft, in_charge, worker_name
from .pendants import Pendant
from .state import State
from .uplink import Frame
from .wording import ALARM_WHY, DURESS_RULE, advice

if TYPE_CHECKING:
    from .engine import Item

Found = TypeVar("Found")

log = logging.getLogger(__name__)

_TEXT = "Watchword could not handle something that happened here: look at the console. {advice}"
_ALARM_TEXT = "Nothing else tells anybody of it, and the console does not show it: act on it yourself. {advice}"
ALARM_AGAIN_MS = 600_000  # told at most so often of one pendant's; it is tried again with each of its repeats


def journal_fault(item: "Item", error: Exception, state: State, batch: Batch, retry_ms: int, alarm: int = 0) -> None:
    """`item` did not go through even alone; nothing of it but this is written. `alarm`: which one it is, 0: none."""
    batch.count("faulted_event")
    # The error's text may quote what it choked on; its kind does not.
    body: dict[str, object] = {"error": type(error).__name__}
    case, pendant = None, None
    if isinstance(item, Frame):
        body |= {"frame": item.raw.hex(), "bridge": item.bridge, "received_ms": item.received_ms}
        pendant = _known(lambda: _of(item, state) if alarm else _accept_raw(item, state, batch))
        if alarm and pendant is not None and _told_lately(pendant, batch.now_ms):
            return
        case = None if pendant is None else pendant.case
    elif isinstance(item, Due):
        case = _known(lambda: state.cases.get(item.case))
        body |= {} if case else {"case": item.case}
        batch.changes.add(hot.SET_DUE, (batch.now_ms + retry_ms, item.case))
    elif isinstance(item, Silent):
        case = _known(lambda: state.pendants[item.pendant].case)
    else:
        body["command"] = type(item.command).__name__
        case = _known(lambda: state.cases.get(getattr(item.command, "case", 0)))
    where = SITE if case is None else case.id
    seq = batch.changes.journal(where, batch.now_ms, batch.now_ms, "faulted", body)
    _tell(case, pendant, alarm, seq, state, batch)


def _of(frame: Frame, state: State) -> Pendant | None:
    return state.pendants.get(read_header(frame.raw).pendant)


def _told_lately(pendant: Pendant, now_ms: int) -> bool:
    """Whether people were told of its alarm not long ago; if not, they are now."""
    told_ms = pendant.air.fault_told_ms
    if told_ms is not None and 0 <= now_ms - told_ms < ALARM_AGAIN_MS:
        return True
    pendant.air.fault_told_ms = now_ms
    return False


def _known(read: Callable[[], Found | None]) -> Found | None:
    """What can be read; None where just that is the fault: a row that fits no table must not stop the other visits."""
    try:
        return read()
    except CannotRead:
        raise
    except Exception as e:  # noqa: BLE001 -- whatever was wrong with it is in the journal already
        log.error("not even what it was about can be read: %s", type(e).__name__)
        return None


def _accept_raw(frame: Frame, state: State, batch: Batch) -> Pendant | None:
    """The frame is durable, as it came, so it is acknowledged: a pendant can't do more than repeat it."""
    try:
        header = read_header(frame.raw)
    except FrameError:
        return None
    pendant = state.pendants.get(header.pendant)
    boot = None if pendant is None else pendant.boot(header.boot)
    if pendant is None or boot is None:
        return pendant
    boot.window(header.lane).accept(header.count)
    batch.touch_boot(boot)
    batch.acks.append((pendant, boot, header.lane, header.count))
    pendant.carried_by(frame.bridge, frame.received_ms, len(pendant.air.routes) + 1)
    return pendant


def _tell(case: OpenCase | None, pendant: Pendant | None, alarm: int, seq: int, state: State, batch: Batch) -> None:
    where, name = SITE, "Watchword"
    to_do = _known(lambda: advice(case, "Call the worker.")) or DURESS_RULE
    text = (_ALARM_TEXT if alarm else _TEXT).format(advice=DURESS_RULE if alarm == w.DURESS else to_do)
    about = f"{ALARM_WHY[alarm]}, and Watchword can't handle it" if alarm else "needs a look now"
    if case is not None:
        where, pendant = case.id, state.pendants[case.pendant]
    if pendant is not None:
        name = worker_name(state, pendant)
    for role, person in in_charge(state, pendant, (w.TRACKER, w.MANAGER)):
        batch.drafts.append(Draft(seq, where, person, role, f"{name}: {about}", text, f"fault-j{seq}"))
