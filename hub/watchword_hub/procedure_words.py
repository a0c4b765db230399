"""What a procedure file's words stand for: the numbers of the compiled table."""

from watchword_core import words as w

ROLES = {
    "worker": w.WORKER,
    "tracker": w.TRACKER,
    "manager": w.MANAGER,
    "senior": w.SENIOR,
    "emergency_contact": w.EMERGENCY_CONTACT,
    "team": w.TEAM,
    "client": w.CLIENT,
    "partner_agencies": w.PARTNER_AGENCIES,
    "emergency_services": w.EMERGENCY_SERVICES,
    "hub": w.HUB,
    "pendant": w.PENDANT,
    "next": w.NEXT,
}
VERBS = {
    "call": w.CALL,
    "tell": w.TELL,
    "prompt": w.PROMPT,
    "clear": w.CLEAR,
    "refuse": w.REFUSE,
    "decide": w.DECIDE,
    "dial_999": w.DIAL_999,
    "mark": w.MARK,
    "close": w.CLOSE,
}
RUNG_VERBS = {verb: VERBS[verb] for verb in ("call", "tell", "prompt", "refuse", "decide", "dial_999")}
VIA = {
    "work_mobile": w.WORK_MOBILE,
    "personal_mobile": w.PERSONAL_MOBILE,
    "home": w.HOME,
    "client_mobile": w.CLIENT_MOBILE,
    "client_landline": w.CLIENT_LANDLINE,
}
STARTS = {
    "left for visit": w.AT_LEFT,
    "planned start": w.AT_START,
    "arrived": w.AT_ARRIVED,
    "cleared": w.AT_T_ARRIVE,
    "T_end": w.AT_T_END,
    "check-in": w.AT_CHECK_IN,
    "check-in or T_end": w.AT_FINISH,
    "departed": w.AT_DEPARTED,
    "closed": w.AT_CLOSED,
    "cancelled": w.AT_CANCELLED,
    "expected back": w.AT_RETURN,
    "end of day": w.AT_END_OF_DAY,
    "alarm": w.AT_ALARM,
    "duress": w.AT_DURESS,
    "at risk": w.AT_AT_RISK,
    "acknowledged": w.AT_ACKNOWLEDGED,
    "recorded": w.AT_RECORDED,
    "police": w.AT_POLICE,
    "999 dialled": w.AT_999_DIALLED,
    "silent": w.AT_SILENT,
    "worried family": w.AT_WORRIED,
    "no signal": w.AT_NO_SIGNAL,
}
ANSWERS = {
    "arrival spoken": w.BY_ARRIVAL_SPOKEN,
    "speech": w.BY_SPEECH,
    "departure spoken": w.BY_DEPARTURE_SPOKEN,
    "report": w.BY_REPORT,
    "arrived": w.BY_ARRIVED,
    "departed": w.BY_DEPARTED,
    "returned": w.BY_RETURNED,
    "stand down": w.BY_STAND_DOWN,
    "abandoned": w.BY_ABANDONED,
    "acknowledged": w.BY_ACKNOWLEDGED,
    "taken": w.BY_TAKEN,
    "recorded": w.BY_RECORDED,
    "resolved": w.BY_RESOLVED,
    "decided": w.BY_DECIDED,
    "seen": w.BY_SEEN,
    "contact after T_end": w.BY_AFTER_END,
}
ENDS = {answer: ANSWERS[answer] for answer in ("departure spoken", "departed", "returned")}
PLAN = {
    "no tracker": w.PLAN_NO_TRACKER,
    "risk": w.PLAN_RISK,
    "first visit": w.PLAN_FIRST_VISIT,
    "poor coverage": w.PLAN_POOR_COVERAGE,
    "out of hours": w.PLAN_OUT_OF_HOURS,
    "last visit of the day": w.PLAN_LAST_OF_DAY,
    "returning": w.PLAN_RETURNING,
    "unscheduled": w.PLAN_UNSCHEDULED,
    "professionals": w.PLAN_PROFESSIONALS,
    "no client phones": w.PLAN_NO_CLIENT_PHONES,
    "alone where pairs are required": w.PLAN_ALONE,
}
RECORDS = {
    "call_back_done": (w.RULE_MARK_CALL_BACK, "call-back done"),
    "stood_down": (w.RULE_STAND_DOWN, "stood down"),
    "abandoned": (w.RULE_ABANDON, "abandoned"),
    "cancelled": (w.RULE_CANCEL, "cancelled"),
}


def named(words: dict[str, int], number: int) -> str:
    """The word that stands for one number."""
    return next(word for word, stands_for in words.items() if stands_for == number)


def named_bits(words: dict[str, int], bits: int) -> list[str]:
    """The words whose bits are set."""
    return [word for word, bit in words.items() if bits & bit]
