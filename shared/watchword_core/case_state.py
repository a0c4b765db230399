"""What a case holds, what may be asked of it, and its bytes; `case.py` says what it does with each event."""

import struct

from . import alarm as a
from . import visit as v
from . import words as w
from .events import Action
from .ladder import Ladder
from .moments import CHECK_IN, MOMENTS, START, T_END, planned_ms
from .rungs import UNREPORTED
from .snapshots import HEAD, SLOT, SLOTS, Slot, first_untried, offset_ms, snapshot_base_ms
from .table import plan_fits

_NO_ALARM = Slot(a.NONE, 0, 0, 0)

# A person alerted by one of these closes it; no late report does (For every procedure, 7).
EXPECTED = (w.AT_START, w.AT_T_END, w.AT_FINISH, w.AT_CHECK_IN, w.AT_RETURN, w.AT_END_OF_DAY)

_AGREED = (w.AT_CHECK_IN, w.AT_FINISH)
_ASKED_FOR = w.BY_STAND_DOWN | w.BY_ABANDONED  # what a worker who was called may ask for


class CaseState:
    """State of one visit or lone alarm. `visit_id` 0: no visit. Times are Unix ms or None."""

    def __init__(
        self,
        table,
        plan=w.PLAN_NONE,
        visit_id=0,
        start_ms=None,
        end_ms=None,
        check_in_ms=None,
        return_by_ms=None,
        end_of_day_ms=None,
    ):
        self.table = table
        self.plan = plan
        self.visit_id = visit_id
        self.state = v.CLOSED if plan & w.PLAN_NONE else v.PLANNED
        self.slots = [_NO_ALARM] * SLOTS
        self.times = [None] * MOMENTS
        self.ladder = Ladder(table, plan)
        self.evidence = 0  # late or doubled news that changed nothing, counted
        self._out = []
        if not plan & w.PLAN_NONE:
            self.times = [start_ms, None, None, end_ms, None, end_ms, check_in_ms, end_of_day_ms]
            for anchor in EXPECTED[:4]:
                self._expect(anchor)
            if return_by_ms is not None:
                self.ladder.start(w.AT_RETURN, return_by_ms)
            self._expect(w.AT_END_OF_DAY)

    def _expect(self, anchor, late_ms=None):
        """Starts what waits for a moment of the plan, if the plan has that moment.

        `late_ms`: it was put off then, a person being alerted already. A moment past then starts nothing.
        """
        at_ms = self._planned_ms(anchor)
        if at_ms is not None and (late_ms is None or at_ms > late_ms):
            self.ladder.start(anchor, at_ms, late_ms is not None)

    def _planned_ms(self, anchor):
        return planned_ms(self.table, self.times, anchor)

    # -- what others ask

    def alarm_open(self):
        """Whether an alarm waits for a person to resolve it."""
        return any(a.RAISED <= slot.stage < a.RESOLVED for slot in self.slots)

    def finished(self):
        """Whether nobody has anything left to do here."""
        return self.state == v.CLOSED and not self.alarm_open() and not self.ladder.open_rungs()

    def door_open(self):
        """Whether the worker may be inside."""
        return self.state == v.INSIDE

    def refusal(self):
        """The rule that forbids this visit, or None (For every procedure, 10)."""
        for f in self.table.forbids:
            if plan_fits(self.plan, f.when_set, f.when_clear):
                return f.rule
        return None

    # -- carrying it elsewhere

    def snapshot(self):
        """Bytes for `restore`; the same on both interpreters."""
        known = [i for i in range(MOMENTS) if self.times[i] is not None]
        moments = [self.times[i] for i in known] + self.ladder.moments()
        base = snapshot_base_ms(moments)
        bits = sum([1 << i for i in known])
        head = struct.pack(HEAD, self.visit_id, self.plan, self.state, bits, base)
        slots = b"".join([struct.pack(SLOT, *slot) for slot in self.slots])
        times = struct.pack(">%di" % len(known), *[offset_ms(self.times[i], base) for i in known])
        return head + slots + times + self.ladder.snapshot(base)

    # -- inside

    def _collect(self):
        for at_ms, i, role, verb, tried in self.ladder.take():
            r = self.table.rungs[i]
            if verb == UNREPORTED:
                self._act(at_ms, w.TELL, w.HUB, role, 0, w.RULE_UNREPORTED)
            elif r.verb == w.TELL and r.by == w.HUB:
                self._act(at_ms, verb, w.HUB, role, 0, i)
            elif r.who == w.EMERGENCY_CONTACT:
                self._act(at_ms, verb, role, r.who, r.via, i, first_untried(tried))
            else:
                self._act(at_ms, verb, role, r.who, r.via & ~tried, i)
        out, self._out = self._out, []
        return out

    def _act(self, at_ms, verb, by, who, via, rung, what=0):
        action = Action(at_ms, verb, self._holder(by), self._holder(who), via, rung, what)
        if action not in self._out:  # two roles may fall back to one person
            self._out.append(action)

    def _holder(self, role):
        """Who does a role's work when nobody holds it: the next layer."""
        if role == w.NEXT:
            owner = max(slot.owner for slot in self.slots)
            role = {w.TRACKER: w.MANAGER, w.MANAGER: w.SENIOR}.get(owner, w.TRACKER)
        return self.ladder.holder(role)

    def _begin(self, anchor, at_ms):
        self.ladder.start(anchor, at_ms)

    def _answer(self, by, e, now_ms):
        if by & w.BY_SPEECH:
            self.ladder.reached()
        if by & (w.BY_SPEECH | w.BY_REPORT) and self._after_end(e):
            by |= w.BY_AFTER_END
        alerted, check_in_ms = bytes(self.ladder.alerted), self.times[CHECK_IN]
        for i in self._answered(self.ladder.answer(by, e.at_ms, self._resume(by))):
            mark = self.table.watches[i].mark
            if mark and (by & w.BY_SPEECH or (alerted[i] and by & _ASKED_FOR)):
                self._act(now_ms, w.MARK, w.TRACKER, w.WORKER, 0, mark)
            if alerted[i]:
                self._put_off(i, check_in_ms, now_ms)
        if by & w.BY_SPEECH:
            self._settle()

    def _settle(self):
        """Nobody is reminded of an outcome that is there: no alarm is open, and nothing expected is still missing."""
        if not self.alarm_open() and not self.ladder.spent(EXPECTED):
            self.ladder.finish(w.AT_RECORDED)

    def _answered(self, watches):
        for i in watches:
            if self.table.watches[i].anchor in _AGREED:
                self.times[CHECK_IN] = None  # had: what comes next is the finish
        return watches

    def _decided_on(self, i, now_ms):
        """Watch i, which has alerted somebody, has an outcome."""
        check_in_ms = self.times[CHECK_IN]
        self.ladder.end_watch(i, now_ms, self._resume(w.BY_DECIDED))
        self._answered([i])
        self._put_off(i, check_in_ms, now_ms)

    def _put_off(self, i, check_in_ms, now_ms):
        """A chase is over: what was put off while it ran, to a moment that is still ahead, is awaited then."""
        anchor = self.table.watches[i].anchor
        if anchor in _AGREED and check_in_ms is not None and check_in_ms > now_ms:
            self.times[CHECK_IN] = check_in_ms
        elif anchor not in (w.AT_T_END, w.AT_END_OF_DAY):
            return
        self._expect(anchor, now_ms)

    def _resume(self, by):
        """From when a watch that contact answers waits again (`Ladder.end_watch`)."""
        contact = by & (w.BY_SPEECH | w.BY_REPORT | w.BY_DECIDED)
        return self._next_ms if contact and self.state != v.CLOSED else None

    def _after_end(self, e):
        return self.times[T_END] is not None and e.at_ms >= self.times[T_END]

    def _next_ms(self, anchor):
        return self.times[START if anchor == w.AT_START else T_END]

    def _alerted(self):
        """Whether a person was asked because something expected did not come."""
        return any(self.ladder.has_alerted(anchor) for anchor in EXPECTED)
