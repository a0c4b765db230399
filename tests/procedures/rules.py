"""What must always hold of one case (DESIGN, "What must always hold"), asked after every step of it.

Each check has its rule's number and reckons for itself from the table and the times, not by the functions that it
judges. `before` and `after` are the case on both sides of a step; `event` is None where only time went by.
"""

from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import restore
from watchword_core.frames import MAX_SNAPSHOT_BYTES
from watchword_core.moments import ARRIVED, CHECK_IN, DEPARTED, START, T_ARRIVE, T_END
from watchword_core.rungs import ARMED, ENDED, LATE_MS, OPEN, OVERDUE, WAITING
from watchword_core.snapshots import ALARM, DURESS
from watchword_core.table import AGAIN, AT, MANAGER_TRACKS, plan_fits

ALARMS = (w.SOS, w.MAN_DOWN, w.DURESS, w.CALL_DURESS)
REPORTS = (w.ARRIVED, w.CHECKED_IN, w.DEPARTED, w.EXTENDED, w.RETURNED, w.LEFT_FOR_VISIT)
OF_ALARMS = (w.AT_ALARM, w.AT_DURESS, w.AT_ACKNOWLEDGED, w.AT_RECORDED)
EXPECTED = (w.AT_START, w.AT_T_END, w.AT_FINISH, w.AT_CHECK_IN, w.AT_RETURN, w.AT_END_OF_DAY)
_BY_REPORTS = w.BY_REPORT | w.BY_ARRIVED | w.BY_DEPARTED | w.BY_RETURNED
_MOMENT_OF = {
    w.AT_START: (START,),
    w.AT_ARRIVED: (ARRIVED,),
    w.AT_T_ARRIVE: (T_ARRIVE,),
    w.AT_T_END: (T_END,),
    w.AT_DEPARTED: (DEPARTED,),
    w.AT_CHECK_IN: (CHECK_IN,),
    w.AT_FINISH: (CHECK_IN, T_END),
}


class Breach(AssertionError):
    """Which rule does not hold, and where."""

    def __init__(self, rule, what):
        super().__init__(f"rule {rule}: {what}")


def check(before, after, event, actions, now_ms, lost=False):
    """Raises Breach. `lost`: nobody handled deadlines for a while before this step, as when a hub was down."""
    _stored(after, now_ms)
    _owned(after)
    _told_of_alarm(before, after, event, actions)
    _on_time(before, after, event, actions, now_ms, lost)
    _opens_and_closes(before, after, event)
    _only_evidence(before, after, event, actions)


def armed(case):
    """(index, Watch) of each that waits for an answer."""
    watches = case.table.watches
    return [(i, watch) for i, watch in enumerate(watches) if case.ladder.watch_state[i] == ARMED]


def alerted(case):
    """Indices of the running watches that a person knows of."""
    return [i for i, _ in armed(case) if case.ladder.alerted[i]]


def dues(case):
    """[(rung, moment)] of all that time alone will bring, reckoned from the table."""
    ladder, ms, found = case.ladder, case.table.ms, []
    for i, r in enumerate(case.table.rungs):
        state = ladder.rung_state[i]
        if state == WAITING and r.start == AT and ladder.watch_state[r.watch] == ARMED:
            found.append((i, ladder.base_ms[r.watch] + ms(r.after_s)))
        if state == OPEN and r.limit_s:
            found.append((i, ladder.opened_ms[i] + ms(r.limit_s)))
        if state in (OPEN, OVERDUE) and r.repeat_s:
            found.append((i, ladder.opened_ms[i] + ms(r.repeat_s)))
    return found


def holder(case, role):
    """Whose work a role's is where nobody holds it."""
    tracks = case.plan & w.PLAN_NO_TRACKER or (case.plan & w.PLAN_OUT_OF_HOURS and case.table.flags & MANAGER_TRACKS)
    if role == w.TRACKER and tracks:
        return w.MANAGER
    return w.MANAGER if role == w.SENIOR and case.plan & w.PLAN_NO_SENIOR else role


def _stored(after, now_ms):
    stored = after.snapshot()
    if len(stored) > MAX_SNAPSHOT_BYTES:
        raise Breach(8, "a status can't carry %d bytes" % len(stored))
    again = restore(after.table, stored)
    if again.snapshot() != stored:
        raise Breach(9, "what is restored is not what was stored")
    if again.next_deadline_ms() != after.next_deadline_ms():
        raise Breach(9, "a restart moves the next deadline")
    if again.handle_deadline(now_ms):
        raise Breach(3, "a restart repeats what was done")


def _owned(after):
    """Somebody and a moment for all that is open: the wearer's own prompts do where a text asks nobody else."""
    open_ = not after.finished()
    people = [i for i, _ in dues(after) if after.table.rungs[i].verb != w.PROMPT and _fits(after, i)]
    if open_ and after.next_deadline_ms() is None:
        raise Breach(2, "it is open, and nothing has a deadline")
    if after.alarm_open() and not any(_anchor(after, i) in OF_ALARMS or _is_999(after, i) for i in people):
        raise Breach(2, "an alarm is open, and nobody has a deadline for it")
    called = [i for i in alerted(after) if after.table.watches[i].anchor in EXPECTED]
    if called and after.state != v.CLOSED and not people:
        raise Breach(2, "somebody was alerted, and nobody has a deadline")


def _fits(case, i):
    r = case.table.rungs[i]
    return case.ladder.rung_state[i] != WAITING or plan_fits(case.plan, r.when_set, r.when_clear)


def _anchor(case, i):
    return case.table.watches[case.table.rungs[i].watch].anchor


def _is_999(case, i):
    return case.table.rungs[i].verb == w.DIAL_999


def _told_of_alarm(before, after, event, actions):
    """An alarm that comes in is open, and tracker and manager are told in that moment."""
    if event is None or event.kind not in ALARMS:
        return
    slot = DURESS if event.kind in (w.DURESS, w.CALL_DURESS) else ALARM
    if not a.RAISED <= after.slots[slot].stage < a.RESOLVED:
        raise Breach(1, "an alarm came in, and none is open")
    told = {action.who for action in actions if action.verb == w.TELL and action.by == w.HUB}
    for role in (w.TRACKER, w.MANAGER):
        if holder(after, role) not in told:
            raise Breach(1, "an alarm came in, and role %d was not told" % role)
    if a.RAISED <= before.slots[slot].stage < a.RESOLVED:
        for i, watch in armed(before):
            if watch.anchor in OF_ALARMS and before.ladder.base_ms[i] != after.ladder.base_ms[i]:
                raise Breach(3, "pressed again, and the timers of the first alarm moved")


def _on_time(before, after, event, actions, now_ms, lost):
    for i, due_ms in dues(after):
        if due_ms <= now_ms:
            raise Breach(3, "rung %d was due at %d, and it is %d" % (i, due_ms, now_ms))
    for i, watch in armed(after):
        moment_ms = _moment_ms(after, watch)
        if moment_ms is not None and not _runs_on(before, after, event, i, moment_ms <= now_ms):
            _starts_where_it_says(after, i, watch, moment_ms)
    for action in actions:
        if event is None and not (now_ms - LATE_MS if lost else now_ms - 1) < action.at_ms <= now_ms:
            raise Breach(3, "%r was asked for at %d" % (action, now_ms))
        _not_early(before, after, event, action)
    if event is None:
        asked = [(one.verb, one.by, one.who, one.via, one.rung, one.what) for one in actions]
        if len(set(asked)) != len(asked):
            raise Breach(3, "asked twice at once: %r" % (actions,))
        if [one.at_ms for one in actions] != sorted(one.at_ms for one in actions):
            raise Breach(3, "out of order: %r" % (actions,))
        _in_order(before, actions)


def _in_order(before, actions):
    """What was overdue opens in the order in which it fell due.

    Beside an open 999 task another opens without asking for anything; what it asks for later is that it lapsed.
    """
    ladder, rungs = before.ladder, before.table.rungs
    dialling = any(r.verb == w.DIAL_999 and ladder.rung_state[i] in (OPEN, OVERDUE) for i, r in enumerate(rungs))
    waited = {
        i: due_ms
        for i, due_ms in dues(before)
        if ladder.rung_state[i] == WAITING and not (dialling and rungs[i].verb == w.DIAL_999)
    }
    first = dict.fromkeys(one.rung for one in actions if one.rung in waited)
    opened = [waited[i] for i in first]
    if opened != sorted(opened):
        raise Breach(3, "what was overdue came out of order: %r" % (actions,))


def _runs_on(before, after, event, i, past):
    """Whether watch i goes on as it did, whatever was put off: a person was alerted to it; or to something, and the
    moment to which it was put off is `past` when that becomes known, so that it starts nothing.
    """
    overtaken = past and bool(alerted(before))
    if overtaken and event is not None and event.kind == w.EXTENDED:
        return True
    if before.ladder.watch_state[i] != ARMED or before.ladder.base_ms[i] != after.ladder.base_ms[i]:
        return False
    return overtaken or (i in alerted(before) and i in alerted(after))


def _moment_ms(case, watch):
    """The moment that the record has for a watch's start, or None."""
    moments = [case.times[which] for which in _MOMENT_OF.get(watch.anchor, ()) if case.times[which] is not None]
    return moments[0] if moments else None


def _starts_where_it_says(case, i, watch, moment_ms):
    """A running watch counts from the moment that the record has for it, or, having started again, from later."""
    base_ms = case.ladder.base_ms[i]
    if base_ms < moment_ms or (base_ms != moment_ms and not watch.flags & AGAIN):
        raise Breach(3, "watch %d counts from %d, and its moment was %d" % (i, base_ms, moment_ms))


def _not_early(before, after, event, action):
    """A rung that waits for its time opens no sooner, unless somebody at risk was found."""
    if action.rung >= w.RULE_CLEAR or (event is not None and event.kind == w.CALL_AT_RISK):
        return
    r = after.table.rungs[action.rung]
    if r.start == AT and before.ladder.rung_state[action.rung] == WAITING:
        due_ms = after.ladder.base_ms[r.watch] + after.table.ms(r.after_s)
        if action.at_ms < due_ms:
            raise Breach(3, "rung %d opened at %d, and is due at %d" % (action.rung, action.at_ms, due_ms))


def _opens_and_closes(before, after, event):
    kind = None if event is None else event.kind
    if before.state != v.INSIDE and after.state == v.INSIDE:
        speech = kind in (w.SPOKE_ARRIVAL, w.CALL_SAFE) and before.state == v.AT_DOOR
        # Or somebody had already spoken with her at the door, and her own arrival is only late in becoming known.
        spoken_ms = before.times[T_ARRIVE]
        speech = speech or (kind == w.ARRIVED and spoken_ms is not None and spoken_ms >= event.at_ms)
        if not (speech or (kind == w.ARRIVED and not after.table.gate)) or after.refusal() is not None:
            raise Breach(4, "the door opened by event %r" % (kind,))
    for slot in (ALARM, DURESS):
        was, is_ = before.slots[slot].stage, after.slots[slot].stage
        if a.RAISED <= was < a.RESOLVED and not was <= is_ and kind != w.RESOLVED:
            raise Breach(4, "alarm %d went from stage %d to %d by event %r" % (slot, was, is_, kind))
        if was < a.RESOLVED == is_ and kind != w.RESOLVED:
            raise Breach(4, "alarm %d was closed by event %r" % (slot, kind))
        if was < a.WITH_PERSON == is_ and kind != w.ACKNOWLEDGED:
            raise Breach(4, "alarm %d has a person by event %r" % (slot, kind))
    if not after.alarm_open() and any(watch.anchor in OF_ALARMS[:3] for _, watch in armed(after)):
        raise Breach(4, "resolved, and people are still told of the alarm")


def _only_evidence(before, after, event, actions):
    """A report changes nothing of what a person was alerted to; what they were alerted to is marked as such."""
    for action in actions:
        if action.rung < w.RULE_CLEAR and action.verb not in (w.PROMPT, w.REFUSE, w.CLEAR):
            i = after.table.rungs[action.rung].watch
            watch = after.table.watches[i]
            ends = watch.anchor in EXPECTED or watch.answered_by & _BY_REPORTS
            ends = ends and before.ladder.rung_state[action.rung] == WAITING  # a 999 task outlives what asked for it
            if ends and after.ladder.watch_state[i] == ARMED and not after.ladder.alerted[i]:
                raise Breach(6, "rung %d asked a person, and a report may still end its watch" % action.rung)
    if event is None or event.kind not in REPORTS or event.by not in (0, w.WORKER):
        return
    called = alerted(before)
    if any(before.table.watches[i].anchor in EXPECTED for i in called) and after.state == v.CLOSED != before.state:
        raise Breach(6, "a report closed a visit about which a person was alerted")
    for i in called:
        if before.table.watches[i].anchor not in EXPECTED and after.state == v.CLOSED:
            continue
        if after.ladder.watch_state[i] != ARMED or after.ladder.base_ms[i] != before.ladder.base_ms[i]:
            raise Breach(6, "report %d ended or moved watch %d, which had alerted a person" % (event.kind, i))
        for rung in before.table.rungs_of[i]:
            _due_when_it_was(before, after, event, rung)
            ended = before.ladder.rung_state[rung] in (OPEN, OVERDUE) and after.ladder.rung_state[rung] == ENDED
            if ended and not _replaced(before, after, rung):
                raise Breach(6, "report %d ended what rung %d asks of a person" % (event.kind, rung))


def _due_when_it_was(before, after, event, rung):
    was, is_ = [[due_ms for i, due_ms in dues(case) if i == rung] for case in (before, after)]
    if was and is_ and before.ladder.rung_state[rung] == after.ladder.rung_state[rung] and was != is_:
        raise Breach(6, "report %d moved what rung %d asks of a person" % (event.kind, rung))


def _replaced(before, after, rung):
    """Whether the same call, once more, took its place in that moment."""
    r = before.table.rungs[rung]
    for i in before.table.rungs_of[r.watch]:
        other = before.table.rungs[i]
        if i != rung and other.verb == r.verb == w.CALL and (other.by, other.who, other.via) == (r.by, r.who, r.via):
            return after.ladder.rung_state[i] == OPEN
    return False
