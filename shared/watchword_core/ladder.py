"""The ladder: who must do what by when, until somebody has an answer. One small engine, the procedure is its data.

A *watch* waits for an answer from the moment that starts it; its *rungs* open one after another while none comes.
"""

import struct

from .rungs import ANSWERED, ARMED, ENDED, OPEN, OVERDUE, WAITING, Rungs
from .snapshots import offset_ms, pack_states, unpack_states
from .table import AGAIN, AT, EARLY_S, plan_fits
from .words import (
    AT_CHECK_IN,
    AT_FINISH,
    BY_AFTER_END,
    BY_ARRIVED,
    BY_DEPARTED,
    BY_REPORT,
    BY_RETURNED,
    BY_SPEECH,
    DIAL_999,
    EMERGENCY_CONTACT,
    HUB,
    TELL,
)

_REPORTS = BY_REPORT | BY_ARRIVED | BY_DEPARTED | BY_RETURNED | BY_AFTER_END  # a press is a report, speech is contact
_CONTACT = BY_REPORT | BY_SPEECH


def deadline_name(anchor, base_ms):
    """32 bits that name what started a watch and when, for a pendant's report to say what it was pressed for."""
    return anchor + 1 << 24 | (base_ms // 1000 & 0xFFFFFF)


class Ladder(Rungs):
    """Runs a Table for one plan: starts its watches, and ends them when there is an answer."""

    # -- starting and answering

    def start(self, anchor, at_ms, spare=False):
        """Starts every watch of this anchor whose condition the plan meets, from the beginning.

        `spare`: but those that run and have alerted a person, who closes them (For every procedure, 7).
        """
        for w, watch in enumerate(self.table.watches):
            if watch.anchor != anchor or not plan_fits(self.plan, watch.when_set, watch.when_clear):
                continue
            if not (spare and self.watch_state[w] == ARMED and self.alerted[w]):
                self._arm(w, at_ms)

    def _arm(self, w, base_ms):
        self._known = False
        self.watch_state[w] = ARMED
        self.alerted[w] = 0
        self.base_ms[w] = base_ms
        for i in self.table.rungs_of[w]:
            if self.table.rungs[i].verb != DIAL_999 or self.rung_state[i] == ENDED:
                self.rung_state[i] = WAITING

    def shift(self, anchor, by_ms):
        """Moves the start of this anchor's running watches that have alerted nobody."""
        for w, watch in enumerate(self.table.watches):
            if watch.anchor == anchor and self.watch_state[w] == ARMED and not self.alerted[w]:
                self._arm(w, self.base_ms[w] + by_ms)

    def running(self, anchor):
        """Whether a watch of this anchor is waiting for an answer."""
        return self._any(anchor, lambda w: True)

    def has_alerted(self, anchor):
        """Whether a person was already asked or told because a watch of this anchor had no answer."""
        return self._any(anchor, lambda w: self.alerted[w])

    def asks(self, anchor, verb):
        """Whether a watch of this anchor is waiting for an answer and has a rung of this verb."""
        rungs = self.table.rungs
        return self._any(anchor, lambda w: any(rungs[i].verb == verb for i in self.table.rungs_of[w]))

    def _any(self, anchor, test):
        for w, watch in enumerate(self.table.watches):
            if watch.anchor == anchor and self.watch_state[w] == ARMED and test(w):
                return True
        return False

    def answer(self, by, at_ms, planned_ms=None):
        """Ends the watches that `by` (words.BY_* bits), which happened at `at_ms`, satisfies; their indices.

        A report alone ends none that has alerted a person (For every procedure, 7). `planned_ms`: see `end_watch`.
        """
        answered = []
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] != ARMED or not watch.answered_by & by or not self._counts(w, by, at_ms):
                continue
            if self.alerted[w] and not watch.answered_by & by & ~_REPORTS:
                continue
            self.end_watch(w, at_ms, planned_ms)
            answered.append(w)
        return answered

    def _counts(self, w, by, at_ms):
        """Whether it answers watch w by now: before any rung of it has opened only some things do."""
        watch = self.table.watches[w]
        early = watch.early_by & by
        if watch.anchor in (AT_CHECK_IN, AT_FINISH) and at_ms < self.base_ms[w] - self.table.ms(EARLY_S):
            early &= ~_CONTACT
        return early or any(self.rung_state[i] != WAITING for i in self.table.rungs_of[w])

    def _end(self, w):
        self._known = False
        self.watch_state[w] = ANSWERED
        for i in self.table.rungs_of[w]:
            # A 999 task, once given, ends only with its recorded outcome (For every procedure, 1).
            if self.rung_state[i] in (OPEN, OVERDUE) and self.table.rungs[i].verb != DIAL_999:
                self.rung_state[i] = ENDED

    def report_name(self):
        """What a report made now would answer: of the watches that reports satisfy the first to fall due; 0: none."""
        found = None
        for w in self._open_to_report(None):
            due = min([self.at_ms(i) for i in self.table.rungs_of[w] if self.table.rungs[i].start == AT])
            if found is None or due < found[0]:
                found = (due, w)
        return 0 if found is None else self._name(found[1])

    def answer_report(self, name, at_ms, planned_ms=None):
        """Ends the watches that `name` says, if reports satisfy them and nobody was alerted; their indices."""
        named = [w for w in self._open_to_report(at_ms) if name == self._name(w)]
        for w in named:
            self.end_watch(w, at_ms, planned_ms)
        return named

    def _open_to_report(self, at_ms):
        """What a report made at `at_ms` answers; None: made as late as it may be."""
        watches = self.table.watches
        return [
            w
            for w, state in enumerate(self.watch_state)
            if state == ARMED
            and watches[w].answered_by & BY_REPORT
            and not self.alerted[w]
            and self._counts(w, BY_REPORT, self.base_ms[w] if at_ms is None else at_ms)
        ]

    def _name(self, w):
        return deadline_name(self.table.watches[w].anchor, self.base_ms[w])

    def stop(self, anchors):
        """Ends all watches but those of `anchors`, 999 tasks excepted."""
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] == ARMED and watch.anchor not in anchors:
                self._end(w)

    def finish(self, anchor):
        """Ends the watches of one anchor, 999 tasks excepted."""
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] == ARMED and watch.anchor == anchor:
                self._end(w)

    def spend(self, w):
        """Asks nothing more of anybody in watch w, 999 tasks excepted, though nothing has answered it."""
        self._end(w)
        self.watch_state[w] = ARMED
        for i in self.table.rungs_of[w]:
            if self.table.rungs[i].verb != DIAL_999:
                self.rung_state[i] = ENDED

    def end_tasks(self, verb, by=0, who=0):
        """Ends every open rung of this verb, as recorded by a person; their watches.

        `by`: only what was given to them, or to somebody below them (0: to anybody). `who`: only what is about them.
        """
        had = []
        self._known = False
        for i, r in enumerate(self.table.rungs):
            if r.verb != verb or r.by == HUB or (who and r.who != who):
                continue
            if (not by or self.reports_on(r.by, by)) and self.rung_state[i] in (OPEN, OVERDUE):
                self.rung_state[i] = ENDED
                had.append(r.watch)
        return had

    def teller(self, who):
        """The role that is to tell `who` (0: anybody), where open tasks ask only one role to; 0: none or several."""
        rungs = self.table.rungs
        tellers = set(
            [rungs[i].by for i in self.open_rungs() if rungs[i].verb == TELL and (not who or rungs[i].who == who)]
        )
        tellers.discard(HUB)
        return tellers.pop() if len(tellers) == 1 else 0

    def reached(self):
        """She was spoken with: what was to dial 999 because nobody had heard of her is over. No alarm ends by that."""
        self._known = False
        for i, r in enumerate(self.table.rungs):
            if r.verb == DIAL_999 and self.table.watches[r.watch].answered_by & BY_SPEECH:
                if self.rung_state[i] in (OPEN, OVERDUE):
                    self.rung_state[i] = ENDED

    def spent(self, anchors):
        """Running watches of `anchors` that have alerted somebody and ask nothing more of anybody."""
        found = []
        for w, watch in enumerate(self.table.watches):
            if watch.anchor in anchors and self.watch_state[w] == ARMED and self.alerted[w] and not self._goes_on(w):
                found.append(w)
        return found

    def end_watch(self, w, at_ms, planned_ms=None):
        """Ends one watch because there was an answer or a recorded outcome at `at_ms`.

        One that says so starts again: at the moment that was planned for it, `planned_ms(anchor)`, or, that being past
        then, so that its first rung opens `again_s` after the answer. No `planned_ms`: it is done.
        """
        if self.watch_state[w] != ARMED:
            return
        watch = self.table.watches[w]
        if planned_ms is None or not watch.flags & AGAIN:
            self._end(w)
            return
        planned = planned_ms(watch.anchor)
        if planned is None or planned <= at_ms:
            first_s = min([r.after_s for r in self.table.rungs if r.watch == w and r.start == AT])
            planned = at_ms + self.table.ms(watch.again_s - first_s)
        elif planned == self.base_ms[w] and not self.alerted[w]:
            return  # it was given before this began, and has only now become known: what is awaited is still to come
        self._end(w)
        self._arm(w, planned)

    # -- for people and for the other side

    def _timed(self):
        """Indices of the open rungs whose moment of opening still decides something: overdue ones only wait."""
        rungs = self.table.rungs
        states = self.rung_state
        return [i for i, state in enumerate(states) if state == OPEN or (state == OVERDUE and rungs[i].repeat_s)]

    def moments(self):
        """Every time that `snapshot` will hold, Unix ms."""
        armed = [base_ms for base_ms, state in zip(self.base_ms, self.watch_state) if state == ARMED]
        return armed + [self.opened_ms[i] for i in self._timed()]

    def _attempts(self):
        """Indices of the open calls that have several numbers or contacts to try."""
        rungs = self.table.rungs
        return [i for i in self._timed() if rungs[i].who == EMERGENCY_CONTACT or rungs[i].via & rungs[i].via - 1]

    def snapshot(self, base_ms):
        """All that decides the future, as bytes; times relative to `base_ms` (`snapshot_base_ms`)."""
        states = bytes([state | alerted << 2 for state, alerted in zip(self.watch_state, self.alerted)])
        times = [offset_ms(moment, base_ms) for moment in self.moments()]
        tried = bytes([self.tried[i] for i in self._attempts()])
        packed = bytes([self.silent]) + states + pack_states(self.rung_state)
        return packed + struct.pack(">%di" % len(times), *times) + tried

    def restore(self, stored, at, base_ms):
        """Takes what `snapshot` gave from `stored[at:]`; the position after it."""
        self._known = False
        nw = len(self.watch_state)
        self.silent = stored[at]
        at += 1
        for w in range(nw):
            self.watch_state[w] = stored[at + w] & 3
            self.alerted[w] = stored[at + w] >> 2 & 1
        at += nw
        at = unpack_states(stored, at, self.rung_state)
        for w in range(nw):
            if self.watch_state[w] == ARMED:
                self.base_ms[w] = base_ms + struct.unpack_from(">i", stored, at)[0]
                at += 4
        for i in self._timed():
            self.opened_ms[i] = base_ms + struct.unpack_from(">i", stored, at)[0]
            at += 4
        for i in self._attempts():
            self.tried[i] = stored[at]
            at += 1
        return at
