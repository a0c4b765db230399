"""What has changed for the wearer between two moments, whoever changed it: a press, a deadline or the hub.

Everything here reads the visit and the alarm slot alone. The duress slot is never looked at, so that nothing that can
be felt depends on it.
"""

from collections import namedtuple

from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.rungs import ARMED, OPEN, OVERDUE, WAITING
from watchword_core.table import plan_fits

from . import felt

# visit id (0: none), visit state, alarm stage
View = namedtuple("View", ("visit", "state", "alarm"))

MAX_SIGNALLED = 128  # twice what a table can have

_VISIT_ANCHORS = (
    w.AT_START,
    w.AT_ARRIVED,
    w.AT_T_ARRIVE,
    w.AT_T_END,
    w.AT_FINISH,
    w.AT_DEPARTED,
    w.AT_CHECK_IN,
    w.AT_RETURN,
    w.AT_END_OF_DAY,
)


def visit_open(view):
    """Whether a visit is planned or under way."""
    return view.visit != 0 and view.state != v.CLOSED


def alarm_open(stage):
    """Whether an alarm waits for a person to resolve it."""
    return a.RAISED <= stage < a.RESOLVED


def may_say_at_hub(event, stage, alarm_waits):
    """Never of another press while she waits for it of an alarm, the first or one more (`alarm_waits`); duress is as
    silent then as an OK.
    """
    if event in (w.SOS, w.MAN_DOWN):
        return True
    if event == w.PRACTICE_SOS:
        return not alarm_open(stage)
    return stage != a.RAISED and not alarm_waits


def changed(before, after):
    """The patterns to feel, in order."""
    patterns = []
    same_visit = before.visit == after.visit and before.visit != 0
    if same_visit and after.state == v.INSIDE and before.state in (v.PLANNED, v.AT_DOOR):
        patterns.append(felt.CLEARED)
    if visit_open(before) and not (same_visit and visit_open(after)):
        patterns.append(felt.CLOSED)
    if after.alarm == a.WITH_PERSON != before.alarm:
        patterns.append(felt.PERSON_HAS_IT)
    if alarm_open(before.alarm) and not alarm_open(after.alarm):
        patterns.append(felt.RESOLVED)
    return patterns


def forgotten(before, after):
    """`before`, as it counts for a hub that was put back from a copy: an alarm that this one doesn't know was ended by
    nobody, and is repeated to it.
    """
    gone = alarm_open(before.alarm) and not alarm_open(after.alarm)
    return View(before.visit, before.state, after.alarm) if gone else before


def after_restart(before, after):
    """The pattern that says once where a visit or alarm stands, when that is all that there is to feel; or None."""
    if after.alarm == a.WITH_PERSON:
        return felt.PERSON_HAS_IT if before.alarm == a.WITH_PERSON else None
    if alarm_open(after.alarm):
        return felt.AT_HUB
    # Never "at the hub", which she would take for the SOS that the power cut short: she has to press it again.
    return {v.AT_DOOR: felt.REFUSED, v.INSIDE: felt.CLEARED}.get(after.state) if visit_open(after) else None


def signals(case):
    """What the ladder has asked of the wearer and is still unanswered: a list of (rung, opened s, pattern)."""
    ladder = case.ladder
    found = []
    for i, rung in enumerate(case.table.rungs):
        state = ladder.rung_state[i]
        # Of one that lapsed nothing new is to be felt, and a snapshot has not when it opened: what followed it is here.
        if state in (WAITING, OVERDUE) or ladder.watch_state[rung.watch] != ARMED:
            continue
        if not plan_fits(case.plan, rung.when_set, rung.when_clear):
            continue
        pattern = _pattern(rung, case.table.watches[rung.watch].anchor)
        if pattern is not None:
            opened_ms = ladder.opened_ms[i] if state == OPEN else ladder.at_ms(i)
            found.append((i, opened_ms // 1000, pattern))
    return found


class Signalled:
    """What the ladder asked, felt once each."""

    def __init__(self):
        # Remembered beyond their end: a status sealed just before its deadline must not have it felt twice.
        self._known = []

    def new(self, case):
        """The patterns for what is asked now and was not before, in order."""
        new = [signal for signal in signals(case) if signal not in self._known]
        self._known = (self._known + new)[-MAX_SIGNALLED:]
        patterns = [signal[2] for signal in new]
        return [pattern for pattern in (felt.PROMPT, felt.OVERDUE) if pattern in patterns]


def light(alarm, silent, clock_set):
    """What the LED says between patterns, felt.LIGHT_*; `silent`: nothing is heard of the hub."""
    if alarm_open(alarm):
        return felt.LIGHT_ALARM
    if silent:
        return felt.LIGHT_UNWATCHED
    return felt.LIGHT_WATCHED if clock_set else felt.LIGHT_IDLE


def _pattern(rung, anchor):
    if anchor not in _VISIT_ANCHORS:
        return None
    if rung.verb == w.PROMPT and rung.who == w.WORKER:
        return felt.PROMPT
    went_up = w.MANAGER in (rung.who, rung.by) or w.SENIOR in (rung.who, rung.by)
    return felt.OVERDUE if went_up else None


def answerable(case):
    """The name of the next deadline that a report from the pendant answers, or 0."""
    return case.ladder.report_name()
