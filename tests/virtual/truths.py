"""What must be so for a pattern to be felt, by the pattern's name. Each is asked at the moment at which it begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pendant.doorstep import CHARGE_MIN, FIX_MAX_AGE_S, MARGIN_MIN, SHIFT_MIN
from pendant.power import percent
from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.moments import T_END
from watchword_hub.engine.low_charge import LOW_MV
from watchword_sim.virtual_hub import START_MS

if TYPE_CHECKING:
    from witness import WitnessedStage

SECOND = 1_000
MINUTE = 60 * SECOND
FELT_WITHIN_MS = 6 * SECOND  # of being kept: one pattern may have to end before
SAME_ANSWER_MS = 3 * SECOND  # answers that come so close together are felt as one
AFTER_BOOT_MS = 60 * SECOND  # what was felt in the boot before is felt once more
HEARD_MS = 45 * SECOND  # after that a heartbeat was answered lately, whatever there was before
CHECKED_MS = 6 * SECOND  # the check waits no longer for its answer
FALL_ASKED_MS = 50 * SECOND  # from where the trace begins to the last time that she is asked
AT_REST_MS = 50 * SECOND  # before it may say so; it wants a minute
TAKEN_UP_MS = 20 * SECOND  # by then it knows that it is worn
CERTAINLY_AT_REST_MS, CERTAINLY_WORN_MS = 80 * SECOND, 45 * SECOND
MEASURED_WITHIN_MV = 40  # of what it was half a minute ago
ALARMS = (w.SOS, w.MAN_DOWN)


def _is_kept(stage: WitnessedStage) -> bool:
    newest_ms = max(stage.kept_ms.values(), default=-FELT_WITHIN_MS)
    return stage.now_ms - newest_ms <= FELT_WITHIN_MS


def _is_at_hub(stage: WitnessedStage) -> bool:
    """Every alarm that was made is; and there is news of some press, or it was said before a boot."""
    if any(event in ALARMS and key not in stage.at_hub for key, event in stage.kept.items()):
        return False
    news = [key for key in stage.at_hub if key not in stage.told]
    before_ms = stage.now_ms - SAME_ANSWER_MS
    stage.told.update(key for key, at_ms in stage.arrived_ms.items() if at_ms < before_ms)
    return bool(news) or stage.now_ms - stage.booted_ms < AFTER_BOOT_MS


def _is_cleared(stage: WitnessedStage) -> bool:
    case = stage.open_case()
    return case is not None and case.case.state in (v.INSIDE, v.LEAVING)


def _is_with_person(stage: WitnessedStage) -> bool:
    return stage.open_case() is None or stage.alarm_stage() in (a.WITH_PERSON, a.RESOLVED)


def _is_resolved(stage: WitnessedStage) -> bool:
    return stage.open_case() is None or stage.alarm_stage() == a.RESOLVED


def _is_closed(stage: WitnessedStage) -> bool:
    case = stage.open_case()
    return case is None or case.case.state == v.CLOSED


def _is_practice(stage: WitnessedStage) -> bool:
    """She practised, and there is no alarm whose answer it could be taken for."""
    practised = [at_ms for key, at_ms in stage.kept_ms.items() if stage.kept[key] == w.PRACTICE_SOS]
    called = [at_ms for key, at_ms in stage.kept_ms.items() if stage.kept[key] in ALARMS]
    over = stage.alarm_stage() in (a.NONE, a.RESOLVED) and not any(
        stage.kept[key] in ALARMS and key not in stage.at_hub for key in stage.kept
    )
    return bool(practised) and (over or max(practised) > max(called, default=0))


def _is_unwatched(stage: WitnessedStage) -> bool:
    return stage.watched_ms() < HEARD_MS or stage.now_ms - stage.booted_ms < HEARD_MS


def _may_have_fallen(stage: WitnessedStage) -> bool:
    return 0 < stage.now_ms - stage.fell_ms <= FALL_ASKED_MS


def _is_not_worn(stage: WitnessedStage) -> bool:
    if stage.worn_ms is not None:
        return stage.worn_ms > 0 and stage.now_ms - stage.worn_ms <= TAKEN_UP_MS
    return stage.laid_ms is not None and stage.now_ms - stage.laid_ms >= AT_REST_MS


def _is_low(stage: WitnessedStage) -> bool:
    return stage.board.model.battery_mv <= LOW_MV + MEASURED_WITHIN_MV


def _is_ready(stage: WitnessedStage) -> bool:
    return all(has is not False for has in _has(stage))


def _is_not_ready(stage: WitnessedStage) -> bool:
    return not all(_has(stage))


def _never(stage: WitnessedStage) -> bool:
    """Nobody looks for her pendant here but in vain: she is under duress."""
    return False


def _has(stage: WitnessedStage) -> list[bool | None]:
    """What the check before the door asks for, whether it is there; None: it may be or not."""
    return [_has_link(stage), _has_charge(stage), _has_position(stage), _is_worn(stage)]


def _has_link(stage: WitnessedStage) -> bool | None:
    return stage.watched_ms() > CHECKED_MS or (None if stage.watched_ms() else False)


def _has_charge(stage: WitnessedStage) -> bool | None:
    case = stage.open_case()
    t_end_ms = None if case is None or not case.is_visit else case.case.times[T_END]
    minutes = SHIFT_MIN if t_end_ms is None else max(0, t_end_ms - START_MS - stage.now_ms) // MINUTE
    lasts = [
        percent(stage.board.model.battery_mv + off_mv) * CHARGE_MIN // 100 >= minutes + MARGIN_MIN + off_min
        for off_mv, off_min in ((-MEASURED_WITHIN_MV, 1), (MEASURED_WITHIN_MV, -1))
    ]
    return lasts[0] if lasts[0] == lasts[1] else None


def _has_position(stage: WitnessedStage) -> bool | None:
    fixed_ms = stage.sky.fixed_ms
    if fixed_ms is None or stage.now_ms - fixed_ms > (FIX_MAX_AGE_S + 10) * SECOND:
        return False
    return True if fixed_ms > stage.booted_ms and stage.now_ms - fixed_ms < (FIX_MAX_AGE_S - 10) * SECOND else None


def _is_worn(stage: WitnessedStage) -> bool | None:
    """Off duty and before a visit nobody looks whether it is: so it is not known to lie about, which will do."""
    if stage.worn_ms is not None:
        return True if not stage.worn_ms or stage.now_ms - stage.worn_ms > CERTAINLY_WORN_MS else None
    case = stage.open_case()
    watched = case is not None and case.under_way and stage.now_ms - stage.booted_ms > CERTAINLY_AT_REST_MS
    return False if watched and stage.now_ms - (stage.laid_ms or 0) > CERTAINLY_AT_REST_MS else None


TRUTHS: dict[str, Callable[[WitnessedStage], bool]] = {
    "kept": _is_kept,
    "at the hub": _is_at_hub,
    "cleared": _is_cleared,
    "a person has it": _is_with_person,
    "resolved": _is_resolved,
    "closed": _is_closed,
    "practice": _is_practice,
    "nobody watching": _is_unwatched,
    "have you fallen": _may_have_fallen,
    "not worn": _is_not_worn,
    "low battery": _is_low,
    "ready": _is_ready,
    "not ready": _is_not_ready,
    "find me": _never,
}
