"""What a message says: who, what happened, what to do, by which clause. Short enough for a text message.

The site's duress phrase is never in one, nor an address: those are on the console, behind its login.
"""

from datetime import datetime, tzinfo
from typing import Any

from watchword_core import alarm
from watchword_core import words as w
from watchword_core.snapshots import ALARM, DURESS

from .cases import OpenCase
from .roles import NAME_OF_ROLE

_WHY = {
    w.AT_START: "was due to arrive",
    w.AT_ARRIVED: "has arrived and waits to speak with someone",
    w.AT_T_ARRIVE: "is due a call-back",
    w.AT_T_END: "was due to finish",
    w.AT_FINISH: "was due to check in",
    w.AT_RETURN: "was due back",
    w.AT_LEFT: "has left for the visit",
    w.AT_CLOSED: "has ended the visit",
    w.AT_CANCELLED: "visit cancelled",
    w.AT_999_DIALLED: "999 was dialled",
    w.AT_DEPARTED: "has left and waits to speak with someone",
    w.AT_AT_RISK: "is at risk",
    w.AT_ACKNOWLEDGED: "alarm acknowledged, nothing recorded since",
    w.AT_RECORDED: "alarm still open, nothing recorded since",
    w.AT_POLICE: "police to be called",
    w.AT_SILENT: "can't be seen: pendant or phone silent",
    w.AT_CHECK_IN: "was due to check in",
    w.AT_END_OF_DAY: "has not ended the day",
    w.AT_WORRIED: "the family is worried",
    w.AT_NO_SIGNAL: "has no signal",
}
_ALARM_WHY = {w.SOS: "SOS", w.MAN_DOWN: "man down", w.DURESS: "DURESS", w.CALL_DURESS: "DURESS"}
_DURESS_RULE = "Don't reveal it, don't call the worker first."
_VIA = ("work mobile", "personal mobile", "home phone", "client's mobile", "client's landline")


def worded(case: OpenCase, action: Any, worker: str, zone: tzinfo) -> tuple[str, str]:
    """(subject, body) for the person who must act on `action`; the time is theirs, in the site's zone."""
    subject = f"{worker}: {_why(case, action.rung)}"
    if case.suspect:
        subject += " (suspect: this pendant was revoked)"
    parts = [_told_to(action)]
    if case.case.slots[DURESS].stage not in (alarm.NONE, alarm.RESOLVED):
        parts.append(_DURESS_RULE)
    parts.append(
        f"Case {case.id}, {_clock(action.at_ms, zone)}, {case.procedure.name} {case.procedure.clause(action.rung)}."
    )
    parts.append("Record what you did on the console.")
    return subject, " ".join(part for part in parts if part)


def _why(case: OpenCase, rung: int) -> str:
    slots = case.case.slots
    if rung == w.RULE_UNREPORTED:
        return "nobody reported on what was asked"
    if rung >= w.RULE_CLEAR:
        again = _ALARM_WHY.get(slots[ALARM].kind) or _ALARM_WHY.get(slots[DURESS].kind) or "news"
        return f"{again}, pressed again"
    anchor = case.procedure.table.watches[case.procedure.table.rungs[rung].watch].anchor
    if anchor == w.AT_DURESS:
        return "DURESS"
    if anchor == w.AT_ALARM:
        return _ALARM_WHY.get(slots[ALARM].kind, "alarm")
    return _WHY.get(anchor, "needs you")


def _told_to(action: Any) -> str:
    who = NAME_OF_ROLE.get(action.who, "somebody").replace("_", " ")
    if action.verb == w.CALL:
        means = [name for bit, name in enumerate(_VIA) if action.via >> bit & 1]
        return f"Call the {who} now{' by ' + ', '.join(means) if means else ''}."
    if action.verb == w.DECIDE:
        return "Decide now whether to call the police."
    if action.verb == w.DIAL_999:
        return "Dial 999 now; the script is on the console."
    if action.verb == w.TELL and action.by in (w.TRACKER, w.MANAGER, w.SENIOR):
        return f"Tell the {who} now."
    return ""


def _clock(at_ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%H:%M:%S")
