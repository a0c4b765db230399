"""What a rehearsal says to people: each event of a timeline in words, and what somebody is alerted to."""

from collections.abc import Callable
from datetime import datetime

from watchword_core import timeline as tl
from watchword_core import words as w

from .procedure_words import STARTS, VERBS
from .procedures import Procedure

_HAPPENED = {
    w.CONFIRMED: "{by} confirms having read the information",
    w.LEFT_FOR_VISIT: "{worker} reports: leaving for the visit",
    w.ARRIVED: "{worker} reports: arrived",
    w.CHECKED_IN: "{worker} reports: safe",
    w.DEPARTED: "{worker} reports: departed",
    w.RETURNED: "{worker} reports: returned",
    w.EXTENDED: "{worker} needs longer",
    w.SOS: "{worker} presses SOS",
    w.MAN_DOWN: "{worker} is down",
    w.DURESS: "{worker} signals duress",
    tl.SPOKEN: "{by} and {worker} have spoken",
    w.SPOKE: "{by} and {worker} have spoken",
    w.SPOKE_ARRIVAL: "{by} and {worker} have spoken on arrival",
    w.SPOKE_DEPARTURE: "{by} and {worker} have spoken on departure",
    w.STAND_DOWN: "{worker} asks to stand down",
    w.ABANDONED: "{worker} abandons the visit",
    w.CANCELLED: "the visit is cancelled",
    w.ACKNOWLEDGED: "{by} acknowledges the alarm",
    w.RESOLVED: "{by} resolves the alarm",
    w.CALL_SAFE: "{who} is called: safe",
    w.CALL_AT_RISK: "{who} is called: at risk",
    w.CALL_DURESS: "{who} is called: the duress phrase",
    w.CALL_NO_ANSWER: "{who} is called: no answer",
    w.CALL_VOICEMAIL: "{who} is called: voicemail",
    w.DONE: "{by} confirms: {verb} is done",
    w.DECIDED: "{by} decides: {decision}",
    w.WORRIED_FAMILY: "the family is worried",
    w.NO_SIGNAL: "there is no signal",
    w.RISK_CHECKED: "{by} has checked the risk information",
}
_LINK = {
    tl.LINK_LOST: "the pendant's link is lost",
    tl.LINK_RESTORED: "the pendant's link is back",
    tl.RESTART: "the hub restarts",
}
_DECIDED = {w.CALL_POLICE: "call the police", w.NOT_POLICE: "not the police"}
_VERB_NAMES = {number: name for name, number in VERBS.items()}
_ALERTED_TO = {number: name for name, number in STARTS.items()} | {
    w.AT_START: "not arrived",
    w.AT_LEFT: "left for the visit",
    w.AT_T_ARRIVE: "no contact since entering",
    w.AT_T_END: "no contact since the finish",
    w.AT_FINISH: "no contact since it was agreed",
    w.AT_CHECK_IN: "no contact since it was agreed",
    w.AT_RETURN: "not back",
    w.AT_END_OF_DAY: "no contact at the end of the day",
    w.AT_CLOSED: "the visit is closed",
    w.AT_SILENT: "pendant or phone is silent",
    w.AT_ACKNOWLEDGED: "acknowledged, and nothing recorded",
    w.AT_RECORDED: "the alarm is not resolved",
    w.AT_999_DIALLED: "999 was dialled",
}
_BY_RULE = {w.RULE_UNREPORTED: "a task was not reported on", w.RULE_RETELL: "pressed again"}


def happened(step: tuple[int, ...], spoken: Callable[[int], str], clock: Callable[[int], datetime]) -> str:
    """One step of a timeline (`watchword_core.timeline`) in words; `spoken` names a role, `clock` a moment."""
    _, happens, kind, by, who, what, value = step
    if happens in _LINK:
        return _LINK[happens]
    said = _HAPPENED[kind].format(
        worker=spoken(w.WORKER),
        by=spoken(by) if by else "somebody",
        who=spoken(who or w.WORKER),
        verb=_VERB_NAMES.get(what, "").replace("_", " "),
        decision=_DECIDED.get(what, ""),
    )
    if kind == w.EXTENDED and value:
        said += f": {'the next check-in' if what == w.AT_FINISH else 'the finish'} is {clock(value):%H:%M}"
    return said


def alerted_to(procedure: Procedure, rung: int) -> str:
    """What a `tell` is about."""
    if rung in _BY_RULE:
        return _BY_RULE[rung]
    table = procedure.table
    row = table.rungs[rung]
    anchor = table.watches[row.watch].anchor
    return _ALERTED_TO[anchor] + (", and nobody has spoken" if anchor == w.AT_ARRIVED and row.after_s else "")
