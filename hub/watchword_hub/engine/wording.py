"""What a message says: who, what happened, what to do, by which clause. Short enough for a text message.

The site's duress phrase is never in one, nor an address: those are on the console, behind its login.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from watchword_core import alarm
from watchword_core import words as w
from watchword_core.rungs import OVERDUE
from watchword_core.snapshots import ALARM, DURESS

from .cases import OpenCase, Task
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
ALARM_WHY = {w.SOS: "SOS", w.MAN_DOWN: "man down", w.DURESS: "DURESS", w.CALL_DURESS: "DURESS"}
DURESS_RULE = "Don't reveal it, don't call the worker first."
_KNOW = "This is for you to know: nothing is asked of you."
_TOLD = {
    w.AT_ARRIVED: "Phone the worker now: they wait at the door until somebody has spoken with them.",
    w.AT_DEPARTED: "Phone the worker now: the visit ends when somebody has spoken with them.",
    w.AT_LEFT: _KNOW,
    w.AT_CLOSED: _KNOW,
    w.AT_CANCELLED: _KNOW,
    w.AT_999_DIALLED: _KNOW,
    w.AT_SILENT: "Look at the console; phone the worker if you are in doubt.",
}
"""What to do, for who is only told, by what started it."""
_WAITS = "has ended the day's last visit without returning: expect a call, or make one"
_VIA = ("work mobile", "personal mobile", "home phone", "client's mobile", "client's landline")


def under_duress(case: OpenCase | None) -> bool:
    """Whether a duress is open."""
    return case is not None and case.case.slots[DURESS].stage not in (alarm.NONE, alarm.RESOLVED)


def advice(case: OpenCase | None, text: str) -> str:
    """What to do, where that is to call the worker: not with a duress open."""
    return DURESS_RULE if under_duress(case) else text


def worded(case: OpenCase, action: Any, worker: str, zone: tzinfo) -> tuple[str, str]:
    """(subject, body) for the person who must act on `action`; the time is theirs, in the site's zone."""
    subject = f"{worker}: {_why(case, action.rung)}"
    if case.suspect:
        subject += " (suspect: this pendant was revoked)"
    parts = [_told_to(case, action)]
    if under_duress(case):
        parts.append(DURESS_RULE)
    parts.append(
        f"Case {case.id}, {_clock(action.at_ms, zone)}, {case.procedure.name} {case.procedure.clause(action.rung)}."
    )
    if _TOLD.get(_anchor(case, action.rung), "") != _KNOW:
        parts.append("Record what you did on the console.")
    return subject, " ".join(part for part in parts if part)


def handed_over(
    case: OpenCase, role: int, names: tuple[str, str], tasks: Mapping[int, Task], zone: tzinfo
) -> tuple[str, str]:
    """(subject, body) for who takes over a role; `names` of the worker and of who had it; `tasks` by rung."""
    worker, before = names
    table = case.procedure.table
    said = []
    for rung, task in sorted(tasks.items()):
        r = table.rungs[rung]
        what = _why(case, rung) if r.verb == w.TELL and r.by == w.HUB else asked(r.verb, r.who, task.via)
        said.append(what if task.due_ms is None else f"{what} (by {_clock(task.due_ms, zone)})")
    parts = [f"{before} has handed over to you."]
    if under_duress(case):
        parts.append(DURESS_RULE)
    parts.append(f"For you to do: {'; '.join(said)}." if said else "Nothing is open now.")
    parts.append(f"Case {case.id}, {case.procedure.name}.")
    return f"{worker}: you are the {NAME_OF_ROLE[role]} now", " ".join(parts)


def relieved(case: OpenCase, role: int, names: tuple[str, str]) -> tuple[str, str]:
    """(subject, body) for who had the role; `names` of the worker and of who has it now."""
    worker, now = names
    name = NAME_OF_ROLE[role]
    return f"{worker}: {now} is the {name} now", f"What was asked of you as {name} is asked of {now}. Case {case.id}."


def _why(case: OpenCase, rung: int) -> str:
    slots = case.case.slots
    if rung == w.RULE_UNREPORTED:
        return "nobody reported on what was asked"
    if rung >= w.RULE_CLEAR:
        again = ALARM_WHY.get(slots[ALARM].kind) or ALARM_WHY.get(slots[DURESS].kind) or "news"
        return f"{again}, pressed again"
    anchor = _anchor(case, rung)
    if anchor == w.AT_DURESS:
        return "DURESS"
    if anchor == w.AT_ALARM:
        return ALARM_WHY.get(slots[ALARM].kind, "alarm")
    table = case.procedure.table
    if anchor == w.AT_CLOSED and table.watches[table.rungs[rung].watch].when_set & w.PLAN_LAST_OF_DAY:
        return _WAITS
    return _WHY.get(anchor, "needs you")


def _anchor(case: OpenCase, rung: int) -> int:
    """What started the watch that a rung is of; -1: it is a rule, not a rung."""
    table = case.procedure.table
    return -1 if rung >= w.RULE_CLEAR else int(table.watches[table.rungs[rung].watch].anchor)


def _told_to(case: OpenCase, action: Any) -> str:
    if action.rung == w.RULE_UNREPORTED:
        return _unreported(case)
    if action.verb == w.TELL and action.by == w.HUB:
        anchor = _anchor(case, action.rung)
        return "" if anchor == w.AT_SILENT and under_duress(case) else _TOLD.get(anchor, "")
    if action.verb == w.DECIDE and _anchor(case, action.rung) == w.AT_NO_SIGNAL:
        return "Decide now what the worker does next."
    if action.verb == w.CALL and action.who == w.EMERGENCY_CONTACT and len(case.contacts) > 1:
        return f"Call emergency contact {action.what + 1} of {len(case.contacts)} now."
    return f"{asked(action.verb, action.who, action.via)} now{_SCRIPT if action.verb == w.DIAL_999 else ''}."


_SCRIPT = "; the script is on the console"


def asked(verb: int, who: int, via: int = 0) -> str:
    """What is asked of a person, as a phrase: "Call the worker by work mobile"."""
    name = "the " + NAME_OF_ROLE.get(who, "somebody").replace("_", " ")
    if verb == w.CALL:
        means = [words for bit, words in enumerate(_VIA) if via >> bit & 1]
        return f"Call {name}{' by ' + ', '.join(means) if means else ''}"
    if verb == w.DECIDE:
        return "Decide whether to call the police"
    if verb == w.DIAL_999:
        return "Dial 999"
    return f"Tell {name}"


def _unreported(case: OpenCase) -> str:
    """What has lapsed and is still open, and whose it was."""
    table, states = case.procedure.table, case.case.ladder.rung_state
    late = [table.rungs[i] for i, state in enumerate(states) if state == OVERDUE]
    said = [f"{asked(r.verb, r.who)} ({NAME_OF_ROLE[case.case.ladder.holder(r.by)]})" for r in late if r.by != w.HUB]
    return f"No report on: {'; '.join(said)}. See that it is done." if said else "See on the console that it is done."


def _clock(at_ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%H:%M:%S")
