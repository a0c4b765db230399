"""A table small enough to reason about: one watch, seven rungs."""

from watchword_core import words as w
from watchword_core.table import AT, EITHER, FAILED, Forbid, Rung, Table, Watch, pack

MINUTE = 60_000
S = 60


def small_table(gate=1, minute_ms=MINUTE):
    """prompt and call at 20 min; client if that fails; manager told and deciding at 30; then senior and 999."""
    no_phones = w.PLAN_NO_CLIENT_PHONES
    by = w.BY_SPEECH | w.BY_REPORT
    watches = [
        Watch(w.AT_T_END, 0, 0, 0, by, 15 * S, 0),
        Watch(w.AT_ALARM, 0, 0, 0, w.BY_ACKNOWLEDGED | w.BY_RESOLVED, 0, 0),
        Watch(w.AT_ARRIVED, 0, 0, 0, w.BY_ARRIVAL_SPOKEN, 0, 0),
        Watch(w.AT_DURESS, 0, 0, 0, w.BY_TAKEN | w.BY_RESOLVED, 0, 0),
    ]
    rungs = [
        Rung(0, AT, 0, 20 * S, w.PROMPT, w.PENDANT, w.WORKER, 0, 0, 0, 0, 0),
        Rung(0, AT, 0, 20 * S, w.CALL, w.TRACKER, w.WORKER, w.WORK_MOBILE, 15 * S, 0, 0, 0),
        Rung(0, FAILED, 1, 0, w.CALL, w.TRACKER, w.CLIENT, w.CLIENT_MOBILE, 30 * S, 0, 0, no_phones),
        Rung(0, AT, 0, 30 * S, w.TELL, w.HUB, w.MANAGER, 0, 0, 0, 0, 0),
        Rung(0, AT, 0, 30 * S, w.DECIDE, w.MANAGER, 0, 0, 10 * S, 0, 0, 0),
        Rung(0, EITHER, 4, 0, w.TELL, w.HUB, w.SENIOR, 0, 0, 0, 0, 0),
        Rung(0, EITHER, 4, 0, w.DIAL_999, w.MANAGER, w.EMERGENCY_SERVICES, 0, 0, 5 * S, 0, 0),
        Rung(1, AT, 0, 0, w.TELL, w.HUB, w.TRACKER, 0, 0, 0, 0, 0),
        Rung(1, AT, 0, 0, w.TELL, w.HUB, w.MANAGER, 0, 0, 0, 0, 0),
        Rung(1, AT, 0, S, w.DIAL_999, w.MANAGER, w.EMERGENCY_SERVICES, 0, 5 * S, 0, 0, 0),
        Rung(2, AT, 0, 0, w.TELL, w.HUB, w.TRACKER, 0, 0, 0, 0, 0),
        Rung(3, AT, 0, 0, w.TELL, w.HUB, w.MANAGER, 0, S, 0, 0, 0),
        Rung(0, FAILED, 2, 0, w.CALL, w.TRACKER, w.WORKER, w.PERSONAL_MOBILE, 30 * S, 0, 0, 0),
        Rung(3, EITHER, 11, 0, w.DIAL_999, w.TRACKER, w.EMERGENCY_SERVICES, 0, 5 * S, 0, 0, 0),
    ]
    forbids = [Forbid(w.PLAN_NO_TRACKER, 0, w.RULE_FORBID)]
    ends = w.BY_DEPARTURE_SPOKEN
    return Table(pack(gate, minute_ms, ends, 120 * S, 15 * S, watches, rungs, forbids))
