"""One case: a visit with its alarms, or an alarm with no visit. The machine that pendant and hub both run.

`handle(event, now_ms)` and `handle_deadline(now_ms)` return actions and perform none; `next_deadline_ms()` says when to
call again. `snapshot` holds all that decides the future: the hub stores it, a status frame carries it, flash keeps it.
"""

import struct

from . import alarm as a
from . import visit as v
from . import words as w
from .case_state import EXPECTED, CaseState
from .events import new_event
from .moments import ARRIVED, CHECK_IN, DEPARTED, MOMENTS, PLANNED_END, T_ARRIVE, T_END
from .snapshots import ALARM, DURESS, HEAD, SLOT, SLOTS, Slot

_ANCHOR_OF_SLOT = (w.AT_ALARM, w.AT_DURESS)
# What goes on when the visit has ended.
_GENERAL_ANCHORS = (
    w.AT_ALARM,
    w.AT_DURESS,
    w.AT_AT_RISK,
    w.AT_ACKNOWLEDGED,
    w.AT_RECORDED,
    w.AT_POLICE,
    w.AT_999_DIALLED,
)
_NO_STAFF = (w.WORKER, w.CLIENT, w.EMERGENCY_CONTACT)  # speech with them opens and closes nothing


def _since(spoken_ms, e, now_ms):
    """Whether somebody spoke with her after what has only now become known."""
    return spoken_ms is not None and e.at_ms <= spoken_ms and e.at_ms < now_ms


class Case(CaseState):
    """One visit or lone alarm, and what becomes of it with each event."""

    # -- the three doors of every machine

    def handle(self, event, now_ms):
        """What an event asks for, as a list of Action. An event that means nothing here changes nothing."""
        handler = _HANDLERS.get(event.kind)
        if handler is None or (w.SPOKE_ARRIVAL <= event.kind <= w.SPOKE and event.by in _NO_STAFF):
            self.evidence += 1
            return []
        self.ladder.heard(event.by)
        handler(self, event, now_ms)
        if self._says_what_is_done(event):
            self._recorded(event, now_ms)
        # An event may start what was already due when it happened: late news must not wait for the next tick.
        self.ladder.handle_deadline(now_ms)
        return self._collect()

    def _says_what_is_done(self, e):
        """Whether it is a call or speech of whoever has acknowledged the alarm (For every procedure, 2)."""
        if not (w.SPOKE_ARRIVAL <= e.kind <= w.SPOKE or w.CALL_SAFE <= e.kind <= w.CALL_VOICEMAIL):
            return False
        return self.ladder.running(w.AT_ACKNOWLEDGED) and any(e.by in (0, slot.owner) for slot in self.slots)

    def next_deadline_ms(self):
        """When `handle_deadline` next has something to do, or None."""
        return self.ladder.next_deadline_ms()

    def handle_deadline(self, now_ms):
        """What falls due by now, as a list of Action in the order of falling due."""
        self.ladder.handle_deadline(now_ms)
        return self._collect()

    def _move(self, visit_event, now_ms):
        """One step of the visit's table; the effect."""
        self.state, effect = v.TABLE[self.state][visit_event]
        if effect in (v.ALREADY, v.EARLY):
            self.evidence += 1
        elif effect == v.END:
            self._act(now_ms, w.CLOSE, w.HUB, w.WORKER, 0, self._close_rule(visit_event))
            self.ladder.stop(_GENERAL_ANCHORS)
            self._settle()
            self._begin(w.AT_CANCELLED if visit_event == v.CANCEL else w.AT_CLOSED, now_ms)
        return effect

    def _close_rule(self, visit_event):
        """The clause that closes it: a text may have its own without a risk; a cancelled visit has another."""
        if visit_event == v.CANCEL:
            return w.RULE_CANCEL
        return w.RULE_CLOSE if self.plan & w.PLAN_RISK else w.RULE_CLOSE_NO_RISK

    # -- the visit

    def _arrived(self, e, now_ms):
        if self._move(v.ARRIVE, now_ms) != v.OPEN_DOOR_WATCH:
            return
        self.times[ARRIVED] = e.at_ms
        rule = self.refusal()
        if rule is not None:
            self._act(now_ms, w.REFUSE, w.HUB, w.WORKER, 0, rule)
        self._answer(w.BY_ARRIVED, e, now_ms)
        self._begin(w.AT_ARRIVED, e.at_ms)
        spoken_ms, self.times[T_ARRIVE] = self.times[T_ARRIVE], None
        if not self.table.gate and rule is None and not self.ladder.asks(w.AT_NO_SIGNAL, w.REFUSE):
            self._let_in(e.at_ms, now_ms)
        elif self.table.gate and _since(spoken_ms, e, now_ms):
            # News of the arrival came late, and somebody has already spoken with her at the door: that opens it now.
            # What else the speech was an answer to, it answered at its time.
            self.ladder.handle_deadline(now_ms, e.at_ms)
            self._answer(w.BY_ARRIVAL_SPOKEN, e, now_ms)
            if rule is None:
                self._let_in(spoken_ms, now_ms)

    def _let_in(self, spoken_ms, now_ms):
        self._move(v.CLEAR, now_ms)
        self.times[T_ARRIVE] = spoken_ms
        self._act(now_ms, w.CLEAR, w.HUB, w.WORKER, 0, w.RULE_CLEAR)
        self._begin(w.AT_T_ARRIVE, spoken_ms)

    def _spoke_arrival(self, e, now_ms):
        if self.state != v.AT_DOOR:
            if self.state == v.PLANNED:  # before `arrived` it clears nothing; news of that may be late
                self.evidence += 1
                self.times[T_ARRIVE] = e.at_ms
            elif self.ladder.running(w.AT_T_ARRIVE) and not self.ladder.has_alerted(w.AT_T_ARRIVE):
                self.evidence += 1  # the call that opened the door, recorded once more, is not the one after it
                return
            self._answer(w.BY_SPEECH, e, now_ms)
            return
        rule = self.refusal()
        self._answer(w.BY_ARRIVAL_SPOKEN | w.BY_SPEECH, e, now_ms)
        if rule is None:
            self._let_in(e.at_ms, now_ms)
        else:
            self._act(now_ms, w.REFUSE, w.HUB, w.WORKER, 0, rule)

    def _spoke_departure(self, e, now_ms):
        self._seen_out(now_ms)
        self._answer(w.BY_SPEECH | w.BY_DEPARTURE_SPOKEN | w.BY_DEPARTED, e, now_ms)

    def _seen_out(self, now_ms):
        """Somebody has spoken with her on her leaving."""
        if self.table.ends & w.BY_DEPARTURE_SPOKEN and self.state != v.CLOSED:
            self._act(now_ms, w.MARK, w.TRACKER, w.WORKER, 0, w.RULE_MARK_D)
        if self.table.ends & (w.BY_DEPARTURE_SPOKEN | w.BY_DEPARTED) and not self._awaited_back():
            self._move(v.FINISH, now_ms)

    def _spoke(self, e, now_ms):
        if e.what == w.WHATEVER_WAS_DUE and self.state == v.INSIDE:
            self.times[DEPARTED] = e.at_ms  # if news of her leaving before it is only late
        self._answer(w.BY_SPEECH, e, now_ms)

    def _left(self, e, now_ms):
        if not self.ladder.running(w.AT_LEFT):  # said twice, it is told once
            self._begin(w.AT_LEFT, e.at_ms)
        self._answer(w.BY_REPORT, e, now_ms)

    def _departed(self, e, now_ms):
        spoken = self.state == v.INSIDE and _since(self.times[DEPARTED], e, now_ms)
        if spoken and self.table.ends & w.BY_DEPARTURE_SPOKEN and not self._alerted():
            self.times[DEPARTED] = e.at_ms
            self._seen_out(now_ms)
            return
        if self._move(v.DEPART, now_ms) == v.SEE_OUT:
            self.times[DEPARTED] = e.at_ms
            self._begin(w.AT_DEPARTED, e.at_ms)
        self._reported_end(w.BY_DEPARTED, self._awaited_back(), e, now_ms)

    def _returned(self, e, now_ms):
        if self._alerted() and self._awaited_back():
            self.plan = self.ladder.plan = self.plan & ~w.PLAN_RETURNING  # she says that she is back: speech closes
            self._move(v.DEPART, now_ms)
        self._reported_end(w.BY_RETURNED | w.BY_DEPARTED, False, e, now_ms)

    def _awaited_back(self):
        """Whether this visit ends with the return, not with the departure."""
        return bool(self.plan & w.PLAN_RETURNING and self.table.ends & w.BY_RETURNED)

    def _reported_end(self, by, awaited, e, now_ms):
        if self._alerted():
            self.evidence += 1  # a person closes (For every procedure, 7)
        elif self.table.ends & by and not awaited:
            self._move(v.FINISH, now_ms)
        self._answer(by, e, now_ms)

    def _abandoned(self, e, now_ms):
        if self._move(v.ABANDON, now_ms) == v.SEE_OUT:
            self.times[DEPARTED] = e.at_ms
            self.ladder.finish(w.AT_START)  # nobody waits for the arrival any more
        self._answer(w.BY_ABANDONED | w.BY_REPORT, e, now_ms)
        self._act(now_ms, w.MARK, w.TRACKER, w.WORKER, 0, w.RULE_ABANDON)

    def _cancelled(self, e, now_ms):
        if self._move(v.CANCEL, now_ms) != v.ALREADY:
            self._act(now_ms, w.MARK, w.TRACKER, w.WORKER, 0, w.RULE_CANCEL)

    def _stand_down(self, e, now_ms):
        self._answer(w.BY_STAND_DOWN, e, now_ms)
        self._act(now_ms, w.MARK, w.TRACKER, w.WORKER, 0, w.RULE_STAND_DOWN)

    def _extended(self, e, now_ms):
        planned = self.times[PLANNED_END]
        if planned is None or self.state == v.CLOSED:
            self.evidence += 1
            return
        # Hers moves the plan at any time (For every procedure, 4), and nothing that a person was alerted to (7).
        late_ms = now_ms if self._alerted() and e.by in (0, w.WORKER) else None
        which = CHECK_IN if e.what == w.AT_FINISH else T_END
        old = self.times[which] or self.times[T_END]
        wanted = min(e.value or old + self.table.ms(self.table.step_s), planned + self.table.ms(self.table.cap_s))
        self._answer(w.BY_REPORT, e, now_ms)
        if which == CHECK_IN:
            self.times[CHECK_IN] = wanted
            self._expect(w.AT_CHECK_IN, late_ms)
            self._expect(w.AT_FINISH, late_ms)
        elif wanted > old:
            self.times[T_END] = wanted
            for anchor in (w.AT_T_END, w.AT_FINISH, w.AT_END_OF_DAY):
                self._expect(anchor, late_ms)
            self.ladder.shift(w.AT_RETURN, wanted - old)

    def _checked_in(self, e, now_ms):
        answered = self.ladder.answer_report(e.what, e.at_ms, self._resume(w.BY_REPORT))
        if self._after_end(e):
            answered += self.ladder.answer(w.BY_AFTER_END, e.at_ms)
        if not self._answered(answered):
            self.evidence += 1

    # -- alarms

    def _raise(self, slot, e, now_ms):
        old = self.slots[slot]
        stage, effect = a.TABLE[old.stage][a.RAISE]
        if effect == a.START:
            self.slots[slot] = Slot(stage, e.kind, 0, e.what)
            self._begin(_ANCHOR_OF_SLOT[slot], e.at_ms)
        else:
            self.slots[slot] = Slot(stage, old.kind, old.owner, e.what)
            for who in (w.TRACKER, w.MANAGER):
                self._act(now_ms, w.TELL, w.HUB, who, 0, w.RULE_RETELL)

    def _sos(self, e, now_ms):
        self._raise(ALARM, e, now_ms)

    def _duress(self, e, now_ms):
        self._raise(DURESS, e, now_ms)

    def _call_duress(self, e, now_ms):
        called = self.ladder.end_tasks(w.CALL, 0, e.who)
        for i in self._answered(called):  # she was reached: nobody is asked to call once more (For every procedure, 3)
            self.ladder.end_watch(i, now_ms, self._resume(w.BY_SPEECH))
        self._duress(e, now_ms)

    def _each_slot(self, alarm_event, by=0):
        """Moves every alarm by its table; whether `by` has taken one."""
        taken = False
        for i, slot in enumerate(self.slots):
            stage, effect = a.TABLE[slot.stage][alarm_event]
            taken = taken or effect == a.TAKEN
            self.slots[i] = Slot(stage, slot.kind, by if effect == a.TAKEN else slot.owner, slot.ref)
        return taken

    def _durable(self, e, now_ms):
        self._each_slot(a.DURABLE)

    def _acknowledged(self, e, now_ms):
        if not self._each_slot(a.ACKNOWLEDGE, e.by):
            self.evidence += 1
            return
        by = w.BY_ACKNOWLEDGED | (w.BY_TAKEN if e.by in (w.MANAGER, w.SENIOR) else 0)
        self._answer(by, e, now_ms)
        self._begin(w.AT_ACKNOWLEDGED, now_ms)

    def _resolved(self, e, now_ms):
        self._each_slot(a.RESOLVE)
        self.ladder.end_tasks(w.DIAL_999)
        self._answer(w.BY_RESOLVED, e, now_ms)
        self._look_again(now_ms)

    def _look_again(self, now_ms):
        """There is an outcome, and the visit is still open: somebody waits for it again."""
        for i in self.ladder.spent(EXPECTED):
            self._decided_on(i, now_ms)

    # -- what people report

    def spoken_now(self):
        """The event that speech with the worker is now, when nobody says what it was about: kind and `what`."""
        if self.state in (v.PLANNED, v.AT_DOOR):
            return w.SPOKE_ARRIVAL, 0
        return (w.SPOKE_DEPARTURE, 0) if self.state == v.LEAVING else (w.SPOKE, w.WHATEVER_WAS_DUE)

    def _call_safe(self, e, now_ms):
        if e.who in (w.WORKER, w.CLIENT):  # her own voice
            kind, what = self.spoken_now()
            _HANDLERS[kind](self, new_event(kind, e.at_ms, e.by, e.who, what), now_ms)
        elif e.who in (w.EMERGENCY_CONTACT, w.TEAM):
            self._spoke(e, now_ms)

    def _call_failed(self, e, now_ms):
        self.ladder.fail(e.who, e.what, now_ms, by=e.by)

    def _call_at_risk(self, e, now_ms):
        self.ladder.fail(e.who, e.what, now_ms, True)
        if not self.ladder.running(w.AT_AT_RISK):
            self._begin(w.AT_AT_RISK, now_ms)

    def _done(self, e, now_ms):
        if e.what == w.DIAL_999:
            self.ladder.end_tasks(w.DIAL_999)
            self._begin(w.AT_999_DIALLED, now_ms)
        elif e.what == w.TELL:
            by = e.by or self.ladder.teller(e.who)
            if by:
                self.ladder.end_tasks(w.TELL, by, e.who)
        self._recorded(e, now_ms)

    def _decided(self, e, now_ms):
        police = e.what == w.CALL_POLICE
        for i in self.ladder.end_tasks(w.DECIDE):
            if police and self.table.watches[i].anchor in EXPECTED:
                self.ladder.spend(
                    i
                )  # the police look for her, nobody else begins again; the manager is asked what came of it
            else:
                self._decided_on(i, now_ms)
        if police:
            self._begin(w.AT_POLICE, now_ms)
        else:
            self.ladder.end_tasks(w.DIAL_999)  # its recorded outcome (For every procedure, 1)
            self._look_again(now_ms)
            self._settle()
        self._recorded(e, now_ms)

    def _recorded(self, e, now_ms):
        self._answer(w.BY_RECORDED, e, now_ms)
        if self.alarm_open() or self.ladder.spent(EXPECTED):
            self._begin(w.AT_RECORDED, now_ms)

    def _silent(self, e, now_ms):
        if not self.ladder.running(w.AT_SILENT):
            self._begin(w.AT_SILENT, now_ms)

    def _seen(self, e, now_ms):
        self._answer(w.BY_SEEN, e, now_ms)

    def _worried_family(self, e, now_ms):
        if not self.ladder.running(w.AT_WORRIED):
            self._begin(w.AT_WORRIED, now_ms)

    def _no_signal(self, e, now_ms):
        if not self.ladder.running(w.AT_NO_SIGNAL):
            self._begin(w.AT_NO_SIGNAL, now_ms)
        if self.ladder.asks(w.AT_NO_SIGNAL, w.REFUSE):
            self._move(v.BAR, now_ms)


_HANDLERS = {
    w.LEFT_FOR_VISIT: Case._left,
    w.ARRIVED: Case._arrived,
    w.CHECKED_IN: Case._checked_in,
    w.DEPARTED: Case._departed,
    w.EXTENDED: Case._extended,
    w.SOS: Case._sos,
    w.MAN_DOWN: Case._sos,
    w.DURESS: Case._duress,
    w.CALL_DURESS: Case._call_duress,
    w.RETURNED: Case._returned,
    w.SPOKE_ARRIVAL: Case._spoke_arrival,
    w.SPOKE_DEPARTURE: Case._spoke_departure,
    w.SPOKE: Case._spoke,
    w.STAND_DOWN: Case._stand_down,
    w.ABANDONED: Case._abandoned,
    w.CANCELLED: Case._cancelled,
    w.ACKNOWLEDGED: Case._acknowledged,
    w.RESOLVED: Case._resolved,
    w.CALL_SAFE: Case._call_safe,
    w.CALL_AT_RISK: Case._call_at_risk,
    w.CALL_NO_ANSWER: Case._call_failed,
    w.CALL_VOICEMAIL: Case._call_failed,
    w.DONE: Case._done,
    w.DECIDED: Case._decided,
    w.SILENT: Case._silent,
    w.SEEN: Case._seen,
    w.WORRIED_FAMILY: Case._worried_family,
    w.NO_SIGNAL: Case._no_signal,
    w.DURABLE: Case._durable,
}


def restore(table, stored):
    """The Case that `snapshot` was taken of; raises ValueError for bytes that don't fit the table."""
    try:
        visit_id, plan, state, bits, base = struct.unpack_from(HEAD, stored, 0)
        case = Case(table, w.PLAN_NONE, visit_id)
        case.plan = case.ladder.plan = plan
        case.state = state
        at = struct.calcsize(HEAD)
        for i in range(SLOTS):
            case.slots[i] = Slot(*struct.unpack_from(SLOT, stored, at))
            at += struct.calcsize(SLOT)
        for i in range(MOMENTS):
            if bits >> i & 1:
                case.times[i] = base + struct.unpack_from(">i", stored, at)[0]
                at += 4
        at = case.ladder.restore(stored, at, base)
    except Exception as e:  # noqa: BLE001 -- struct and index errors differ by interpreter; all mean the same here
        raise ValueError("snapshot does not fit the table: %s" % (e,))
    if at != len(stored) or state >= len(v.STATES):
        raise ValueError("snapshot has %d bytes; the table accounts for %d" % (len(stored), at))
    return case
