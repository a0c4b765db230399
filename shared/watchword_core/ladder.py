"""The ladder: who must do what by when, until somebody has an answer. One small engine, the procedure is its data.

A *watch* waits for an answer from the moment that starts it; its *rungs* open one after another while none comes. A
rung that asks somebody for something has a limit: told "no", it fails; told nothing, it lapses. Deadlines are absolute.
"""

import struct

from .table import AT, EARLY, EITHER, FAILED, LAPSED, plan_fits
from .words import (
    AT_NEVER,
    BY_REPORT,
    CALL,
    DIAL_999,
    PROMPT,
    TELL,
)

# A watch.
IDLE = 0
ARMED = 1
ANSWERED = 2

# A rung. A lapsed one can still be reported on.
WAITING = 0
OPEN = 1
OVERDUE = 2
ENDED = 3

LATE_MS = (
    1000  # a deadline handled later than this opens its rung at the moment of handling: limits run from being told
)


def deadline_name(rung, due_ms):
    """32 bits that name one deadline of one rung, for a pendant's answer to say what it was pressed for."""
    return (rung + 1) << 24 | (due_ms // 1000 & 0xFFFFFF)


def snapshot_base_ms(moments):
    """What a snapshot's times count from, so that the latest fits, however long ago the first was."""
    return max(min(moments), max(moments) - 0x7FFFFFFF) if moments else 0


def offset_ms(moment, base_ms):
    """A moment in a snapshot's 32 bits; one more than 24 days before its base was long dealt with, and stays there."""
    return max(moment - base_ms, -0x80000000)


class Ladder:
    """Runs a Table for one plan. `fired` collects (at_ms, rung) until the owner takes it with `take`."""

    def __init__(self, table, plan):
        self.table = table
        self.plan = plan
        self.watch_state = bytearray(len(table.watches))
        self.alerted = bytearray(len(table.watches))
        self.base_ms = [0] * len(table.watches)
        self.rung_state = bytearray(len(table.rungs))
        self.opened_ms = [0] * len(table.rungs)
        self._fired = []
        self._next = None
        self._known = False  # whether `_next` still is the earliest deadline: every change of state says it may not be

    def take(self):
        """What fired since last time, in order: [(at_ms, rung index)]."""
        fired, self._fired = self._fired, []
        return fired

    # -- starting and answering

    def start(self, anchor, at_ms):
        """Starts every watch of this anchor whose condition the plan meets, from the beginning."""
        for w, watch in enumerate(self.table.watches):
            if watch.anchor == anchor and plan_fits(self.plan, watch.when_set, watch.when_clear):
                self._arm(w, at_ms)

    def _arm(self, w, base_ms):
        self._known = False
        self.watch_state[w] = ARMED
        self.alerted[w] = 0
        self.base_ms[w] = base_ms
        for i in self.table.rungs_of[w]:
            if self.table.rungs[i].verb != DIAL_999 or self.rung_state[i] == ENDED:
                self.rung_state[i] = WAITING

    def running(self, anchor):
        """Whether a watch of this anchor is waiting for an answer."""
        return self._any(anchor, lambda w: True)

    def has_alerted(self, anchor):
        """Whether a person was already asked or told because a watch of this anchor had no answer."""
        return self._any(anchor, lambda w: self.alerted[w])

    def _any(self, anchor, test):
        for w, watch in enumerate(self.table.watches):
            if watch.anchor == anchor and self.watch_state[w] == ARMED and test(w):
                return True
        return False

    def answer(self, by, at_ms, again):
        """Ends the watches that `by` (words.BY_* bits) satisfies; their indices.

        `again`: whether a watch that says so starts once more, counted from `at_ms`.
        """
        answered = []
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] == ARMED and watch.answered_by & by and self._counts(w, watch):
                self.end_watch(w, at_ms, again)
                answered.append(w)
        return answered

    def _counts(self, w, watch):
        if watch.flags & EARLY:
            return True
        return any(self.rung_state[i] != WAITING for i in self.table.rungs_of[w])

    def _end(self, w):
        self._known = False
        self.watch_state[w] = ANSWERED
        for i in self.table.rungs_of[w]:
            # A 999 task, once given, ends only with its recorded outcome (For every procedure, 1).
            if self.rung_state[i] in (OPEN, OVERDUE) and self.table.rungs[i].verb != DIAL_999:
                self.rung_state[i] = ENDED

    def report_name(self):
        """The deadline that a report made now would answer: the earliest of a watch that reports satisfy; 0: none."""
        found = None
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] != ARMED or not watch.answered_by & BY_REPORT or self.alerted[w]:
                continue
            for i in self.table.rungs_of[w]:
                if self.table.rungs[i].start == AT and (found is None or self.at_ms(i) < found[0]):
                    found = (self.at_ms(i), i)
        return 0 if found is None else deadline_name(found[1], found[0])

    def answer_report(self, name):
        """Ends the one watch whose deadline `name` says, if reports satisfy it and nobody was alerted; else None."""
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] != ARMED or not watch.answered_by & BY_REPORT or self.alerted[w]:
                continue
            for i in self.table.rungs_of[w]:
                if self.table.rungs[i].start == AT and name == deadline_name(i, self.at_ms(i)):
                    self._end(w)
                    return w
        return None

    def stop(self, anchors):
        """Ends all watches but those of `anchors`, 999 tasks excepted."""
        for w, watch in enumerate(self.table.watches):
            if self.watch_state[w] == ARMED and watch.anchor not in anchors:
                self._end(w)

    def end_tasks(self, verb):
        """Ends every open rung of this verb, as recorded by a person; the watches that had one."""
        had = []
        self._known = False
        for i, r in enumerate(self.table.rungs):
            if r.verb == verb and self.rung_state[i] in (OPEN, OVERDUE):
                self.rung_state[i] = ENDED
                had.append(r.watch)
            if verb == DIAL_999 and self.table.watches[r.watch].anchor == AT_NEVER:
                self.rung_state[i] = WAITING  # the next 999 task may need what follows it again, to its end
        return had

    def end_watch(self, w, at_ms, again):
        """Ends one watch because there is an answer or a recorded outcome; `again` as for `answer`."""
        if self.watch_state[w] != ARMED:
            return
        self._end(w)
        again_s = self.table.watches[w].again_s
        if again and again_s:
            self._arm(w, at_ms + self.table.ms(again_s))

    def fail(self, who, now_ms):
        """Somebody tried to reach `who` and got no answer: the open tasks that need them fail; how many.

        A call or an alert needs whom it is for, a decision or a 999 task whom it was given to.
        """
        n = 0
        for i in self.open_rungs():  # as they are now: what this failure opens was not tried yet
            r = self.table.rungs[i]
            needs = r.who if r.verb in (CALL, TELL) else r.by
            if needs != who or not r.limit_s:
                continue
            n += 1
            self._known = False
            if r.verb == DIAL_999:  # the next one gets it too, and this one keeps it
                self.rung_state[i] = OVERDUE
                self._follow(i, LAPSED, now_ms)
            else:
                self.rung_state[i] = ENDED
                self._follow(i, FAILED, now_ms)
        return n

    # -- time

    def at_ms(self, i):
        """When a rung that counts from its watch's start is due, whether or not it will open."""
        r = self.table.rungs[i]
        return self.base_ms[r.watch] + self.table.ms(r.after_s)

    def due_ms(self, i):
        """When something next happens to rung i by itself: it opens, lapses or repeats. None: never."""
        r = self.table.rungs[i]
        state = self.rung_state[i]
        if state == WAITING:
            return self.at_ms(i) if r.start == AT and self.watch_state[r.watch] == ARMED else None
        if state == ENDED:
            return None
        lapses = self.opened_ms[i] + self.table.ms(r.limit_s) if state == OPEN and r.limit_s else None
        repeats = self.opened_ms[i] + self.table.ms(r.repeat_s) if r.repeat_s else None
        if lapses is None or (repeats is not None and repeats < lapses):
            return repeats
        return lapses

    def next_deadline_ms(self):
        """The earliest of all, or None."""
        soonest = self._soonest()
        return None if soonest is None else soonest[0]

    def _soonest(self):
        if self._known:
            return self._next
        found = None
        for i, state in enumerate(self.rung_state):
            if state == ENDED:
                continue
            due = self.due_ms(i)
            if due is not None and (found is None or due < found[0]):
                found = (due, i)
        self._next, self._known = found, True
        return found

    def handle_deadline(self, now_ms):
        """Fires what is due, earliest first; a rung that was missed fires now, once."""
        while True:
            soonest = self._soonest()
            if soonest is None or soonest[0] > now_ms:
                return
            due, i = soonest
            self._known = False
            at = due if now_ms - due < LATE_MS else now_ms
            if self.rung_state[i] == WAITING:
                self._open(i, at)
            elif self.rung_state[i] == OPEN and self.table.rungs[i].limit_s:
                self.rung_state[i] = OVERDUE
                self._follow(i, LAPSED, at)
            else:
                self.opened_ms[i] = at
                self._fired.append((at, i))

    def _open(self, i, at_ms):
        self._known = False
        r = self.table.rungs[i]
        if not plan_fits(self.plan, r.when_set, r.when_clear):
            self.rung_state[i] = ENDED
            self._follow(i, FAILED, at_ms)
            return
        self.rung_state[i] = OPEN if r.limit_s or r.repeat_s else ENDED
        self.opened_ms[i] = at_ms
        if r.verb != PROMPT:
            self.alerted[r.watch] = 1
        self._fired.append((at_ms, i))

    def _follow(self, source, how, at_ms):
        for i in self.table.after[source]:
            start = self.table.rungs[i].start
            if self.rung_state[i] == WAITING and (start in (how, EITHER)):
                self._open(i, at_ms)

    # -- for people and for the other side

    def open_rungs(self):
        """Indices of the rungs that somebody still has to report on, in table order."""
        states = self.rung_state
        return [i for i, state in enumerate(states) if state == OPEN or state == OVERDUE]

    def _timed(self):
        """Indices of the open rungs whose moment of opening still decides something: overdue ones only wait."""
        rungs = self.table.rungs
        states = self.rung_state
        return [i for i, state in enumerate(states) if state == OPEN or (state == OVERDUE and rungs[i].repeat_s)]

    def moments(self):
        """Every time that `snapshot` will hold, Unix ms."""
        armed = [base_ms for base_ms, state in zip(self.base_ms, self.watch_state) if state == ARMED]
        return armed + [self.opened_ms[i] for i in self._timed()]

    def snapshot(self, base_ms):
        """All that decides the future, as bytes; times relative to `base_ms` (`snapshot_base_ms`)."""
        states = bytes([state | alerted << 2 for state, alerted in zip(self.watch_state, self.alerted)])
        times = [offset_ms(moment, base_ms) for moment in self.moments()]
        return states + _pack_states(self.rung_state) + struct.pack(">%di" % len(times), *times)

    def restore(self, stored, at, base_ms):
        """Takes what `snapshot` gave from `stored[at:]`; the position after it."""
        self._known = False
        nw = len(self.watch_state)
        for w in range(nw):
            self.watch_state[w] = stored[at + w] & 3
            self.alerted[w] = stored[at + w] >> 2 & 1
        at += nw
        at = _unpack_states(stored, at, self.rung_state)
        for w in range(nw):
            if self.watch_state[w] == ARMED:
                self.base_ms[w] = base_ms + struct.unpack_from(">i", stored, at)[0]
                at += 4
        for i in self._timed():
            self.opened_ms[i] = base_ms + struct.unpack_from(">i", stored, at)[0]
            at += 4
        return at


def _pack_states(states):
    s = states + bytes(-len(states) % 4)
    return bytes([s[i] | s[i + 1] << 2 | s[i + 2] << 4 | s[i + 3] << 6 for i in range(0, len(s), 4)])


def _unpack_states(stored, at, states):
    for i in range(len(states)):
        states[i] = stored[at + i // 4] >> (i % 4 * 2) & 3
    return at + (len(states) + 3) // 4
