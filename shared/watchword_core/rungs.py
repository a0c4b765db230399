"""The rungs of a ladder: what opens them, and what follows when they fail or nobody reports on them.

A rung that asks somebody for something has a limit: told "no", it fails; told nothing, it lapses, and whoever let it
lapse is not relied on until they are heard again (For every procedure, 5). Deadlines are absolute.
"""

from .staff import STAFF, Staff
from .table import AT, EITHER, FAILED, LAPSED, plan_fits
from .words import (
    BY_SPEECH,
    CALL,
    DECIDE,
    DIAL_999,
    EMERGENCY_CONTACT,
    HUB,
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

UNREPORTED = 0  # in place of a verb: nobody reported on it

# A deadline that is handled later than this opens its rung at the moment of handling: limits run from being told.
LATE_MS = 1000


class Rungs(Staff):
    """The state of every watch and rung of a Table, for one plan. What is asked waits until the owner takes it."""

    def __init__(self, table, plan):
        super().__init__(table, plan)
        self.watch_state = bytearray(len(table.watches))
        self.alerted = bytearray(len(table.watches))
        self.base_ms = [0] * len(table.watches)
        self.rung_state = bytearray(len(table.rungs))
        self.opened_ms = [0] * len(table.rungs)
        # Of an open call: the means or the emergency contacts that failed, as bits.
        self.tried = bytearray(len(table.rungs))
        self._asked = []
        self._next = None
        self._known = False  # whether `_next` still is the earliest deadline: every change of state says it may not be

    def take(self):
        """What was asked since last time, in order: [(at_ms, rung index, role, verb, tried)].

        `verb` is the rung's own, asked of or by `role`; or UNREPORTED, where `role` is told that a rung lapsed.
        """
        asked, self._asked = self._asked, []
        return asked

    def open_rungs(self):
        """Indices of the rungs that somebody still has to report on, in table order."""
        states = self.rung_state
        return [i for i, state in enumerate(states) if state == OPEN or state == OVERDUE]

    # -- when somebody can't be reached, or is silent

    def fail(self, who, via, now_ms, at_risk=False, by=0):
        """Somebody tried to reach `who` (`via`: by these means, 0: by all) and did not, or found them at risk.

        `by` says who, 0 is anybody: what they were asked first fails by it, and no call of another that came after it.

        Of several emergency contacts `via` says which, as bits; 0: the one whose turn it is.
        Open calls to them fail. Of several means or contacts the next one's turn comes first, but not for somebody at
        risk. What one of the staff was to do is the next layer's now, with the whole limit; where they were only to be
        told, it is as if they had let it lapse.
        """
        if who in STAFF:
            role = self.holder(who)
            theirs = [i for i in self._asking() if role in self.cover(_responsible(self.table.rungs[i]))]
            told = [i for i in theirs if _is_told(self.table.rungs[i])]
            self._let_down(told, [role], now_ms, [i for i in theirs if i not in told])
            return
        for i in self.open_rungs():  # as they are now: what this failure opens was not tried yet
            r = self.table.rungs[i]
            if r.verb != CALL or r.who != who or self._came_after(i, by):
                continue
            if at_risk or not self._next_attempt(i, via, now_ms):
                self._fail(i, now_ms, at_risk)

    def _came_after(self, i, by):
        """Whether call i is somebody else's, asked after `by` had the same call in the same watch."""
        r = self.table.rungs[i]
        if self.reports_on(r.by, by):
            return False
        for j in self.table.rungs_of[r.watch]:
            other = self.table.rungs[j]
            if self.rung_state[j] != WAITING and (other.verb, other.who) == (CALL, r.who):
                if self.reports_on(other.by, by):
                    return True
        return False

    def _asking(self):
        return [i for i, state in enumerate(self.rung_state) if state == OPEN and self.table.rungs[i].limit_s]

    def _fail(self, i, at_ms, at_risk):
        self._known = False
        watch = self.table.rungs[i].watch
        self.rung_state[i] = ENDED
        followed = self._follow(i, FAILED, at_ms)
        for j in self._same_call(i) if at_risk else []:  # nobody calls somebody at risk once more
            if self.rung_state[j] == WAITING:
                self.rung_state[j] = ENDED
                followed = self._follow(j, FAILED, at_ms) or followed
        if followed or (at_risk and self._open_next(watch, at_ms)):
            return
        if not self._goes_on(watch):
            self._open(i, at_ms)  # nobody waits on nobody: it is asked again

    def _next_attempt(self, i, via, at_ms):
        """Whether an open call has another number or another contact to try, which is asked now."""
        r = self.table.rungs[i]
        if self.rung_state[i] != OPEN:
            return False
        left = self._untried(i)
        turn = left & -left if r.who == EMERGENCY_CONTACT else left  # contacts are asked for one by one
        self.tried[i] |= via & left if via else turn
        if not self._untried(i):
            return False
        if via and not via & turn:
            # Another number's or contact's result, or one that was said before: this call goes on as it was. A contact
            # whose turn has not come is not called then.
            return True
        self._known = False
        self.opened_ms[i] = at_ms
        self._ask(i, at_ms, self.cover(_responsible(r)))
        return True

    def _untried(self, i):
        """The means, or the emergency contacts, that are left of call i, as bits."""
        r = self.table.rungs[i]
        return ((1 << self.contacts()) - 1 if r.who == EMERGENCY_CONTACT else r.via) & ~self.tried[i]

    def _let_down(self, lapsed, roles, at_ms, handed_over=()):
        """`roles` were silent: nobody relies on them, so that all that they were to do is the next layer's as well."""
        self._known = False
        before = [(i, self.cover(_responsible(self.table.rungs[i]))) for i in self._asking()]
        for role in roles:
            self.silent |= 1 << role
        for i, held in before:
            new = [role for role in self.cover(_responsible(self.table.rungs[i])) if role not in held]
            if i in lapsed:
                self._pass_on(i, new, at_ms)
                continue
            if new and i in handed_over:
                self._hand_over(i, new, at_ms)
                self.opened_ms[i] = at_ms
            self._ask(i, at_ms, new)

    def _pass_on(self, i, new, at_ms):
        """Nobody has reported on rung i: `new` are told as well, and what follows opens; or else it is theirs too."""
        r = self.table.rungs[i]
        first = len(self._asked)
        told = self._tell_why(i, new, at_ms)
        if r.who == EMERGENCY_CONTACT and self._next_attempt(i, 0, at_ms):
            return
        self.rung_state[i] = OVERDUE
        followed = r.verb != DIAL_999 and self._follow(i, LAPSED, at_ms)
        self._once_told(first)
        if not followed and (r.verb in (DIAL_999, DECIDE) or not self._goes_on(r.watch)):
            self.rung_state[i] = OPEN
            self.opened_ms[i] = at_ms
            again = new or self.cover(_responsible(r))
            if _is_told(r):  # that it lapsed is all that there is to tell
                again = [role for role in again if role not in told]
            else:
                self._hand_over(i, [role for role in new if role not in told], at_ms)
            self._ask(i, at_ms, again)
        elif not followed and not _is_told(r):
            self._ask(i, at_ms, told)  # the watch goes on by itself; but until it does they have a task in it

    def _once_told(self, first):
        """Whoever is told by what follows a lapsed rung is not told as well that it lapsed; all asked since `first`."""
        new = self._asked[first:]
        told = [role for _, i, role, verb, _ in new if verb == TELL and _is_told(self.table.rungs[i])]
        self._asked[first:] = [one for one in new if one[3] != UNREPORTED or one[2] not in told]

    def _tell_why(self, i, roles, at_ms):
        """Tells those of `roles` who don't know of it yet that nobody has reported on rung i; who that was."""
        told = [role for role in roles if not self._knows(role, self.table.rungs[i].watch)]
        self._hand_over(i, told, at_ms)
        return told

    def _hand_over(self, i, roles, at_ms):
        """Tells `roles`, whatever they know, that rung i was not reported on: its task is theirs from now on."""
        for role in roles:
            self._asked.append((at_ms, i, role, UNREPORTED, 0))

    def _knows(self, role, w):
        """Whether a role was already told or asked something since watch w started."""
        for i in self.table.rungs_of[w]:
            if self.rung_state[i] != WAITING and self.holder(_responsible(self.table.rungs[i])) == role:
                return True
        return False

    def _goes_on(self, w):
        """Whether watch w still asks something of somebody, or will by itself."""
        if self.watch_state[w] != ARMED:
            return False
        for i in self.table.rungs_of[w]:
            r = self.table.rungs[i]
            if self.rung_state[i] == OPEN:
                return True
            if self.rung_state[i] == WAITING and r.start == AT and r.limit_s:
                if plan_fits(self.plan, r.when_set, r.when_clear):
                    return True
        return False

    def _open_next(self, w, at_ms):
        """Opens the rungs of watch w that are next by time; whether there were any."""
        rungs = self.table.rungs
        waiting = [i for i in self.table.rungs_of[w] if self.rung_state[i] == WAITING and rungs[i].start == AT]
        first_s = min([rungs[i].after_s for i in waiting]) if waiting else 0
        for i in waiting:
            if rungs[i].after_s == first_s:
                self._open(i, at_ms)
        return bool(waiting)

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
            # What opens at the moment at which something else lapses comes first: the next layer knows by it.
            if due is not None and (
                found is None or due < found[0] or (due == found[0] and state == WAITING != self.rung_state[found[1]])
            ):
                found = (due, i)
        self._next, self._known = found, True
        return found

    def handle_deadline(self, now_ms, due_by_ms=None):
        """Does what is due, or fell due by `due_by_ms`, earliest first; a rung that was missed opens now, once.

        Nothing is asked for before what fell due ahead of it: what comes after a missed rung is asked for now as well.
        """
        at = 0
        while True:
            soonest = self._soonest()
            if soonest is None or soonest[0] > (now_ms if due_by_ms is None else due_by_ms):
                return
            due, i = soonest
            self._known = False
            at = max(at, due if now_ms - due < LATE_MS else now_ms)
            if self.rung_state[i] == WAITING:
                self._open(i, at)
            elif self.table.rungs[i].limit_s:
                # What lapses at one moment lapses together: whoever is asked because of it has not been silent yet.
                lapsed = [j for j in self._asking() if self.due_ms(j) == due]
                held = [role for j in lapsed for role in self.cover(_responsible(self.table.rungs[j]))]
                self._let_down(lapsed, held, at)
            else:
                self.opened_ms[i] = at
                self._ask(i, at, self.cover(_responsible(self.table.rungs[i])))

    def _open(self, i, at_ms):
        """Opens rung i, or what follows it where the plan has no such rung; whether anything was opened."""
        self._known = False
        r = self.table.rungs[i]
        nobody = r.who == EMERGENCY_CONTACT and not self.contacts()
        if nobody or not plan_fits(self.plan, r.when_set, r.when_clear):
            self.rung_state[i] = ENDED
            return self._follow(i, FAILED, at_ms)
        for j in self._same_call(i):  # takes the place of the one before, which can't lapse any more
            if self.rung_state[j] == OPEN:
                self.rung_state[j] = ENDED
        if r.verb != PROMPT:
            self.alerted[r.watch] = 1
        if r.verb == DIAL_999 and self._dials_already(i):
            return True
        self.rung_state[i] = OPEN if r.limit_s or r.repeat_s else ENDED
        self.opened_ms[i] = at_ms
        self.tried[i] = 0
        self._ask(i, at_ms, self.cover(_responsible(r)))
        return True

    def _dials_already(self, i):
        """Whether the role of 999 task i has such a task open: it is asked once, and what speech doesn't end stays."""
        rungs, watches = self.table.rungs, self.table.watches
        for j in self.open_rungs():
            if rungs[j].verb == DIAL_999 and self.holder(rungs[j].by) == self.holder(rungs[i].by):
                weaker = watches[rungs[j].watch].answered_by & ~watches[rungs[i].watch].answered_by & BY_SPEECH
                self.rung_state[i] = OPEN if weaker else ENDED
                self.opened_ms[i] = self.opened_ms[j]
                if weaker:
                    self.rung_state[j] = ENDED
                return True
        return False

    def _same_call(self, i):
        """The other rungs of the watch that ask for the same call as rung i, once more."""
        r = self.table.rungs[i]
        same = []
        for j in self.table.rungs_of[r.watch] if r.verb == CALL else []:
            other = self.table.rungs[j]
            if j != i and other.verb == CALL and (r.by, r.who, r.via) == (other.by, other.who, other.via):
                same.append(j)
        return same

    def _ask(self, i, at_ms, roles):
        for role in roles:
            self._asked.append((at_ms, i, role, self.table.rungs[i].verb, self.tried[i]))

    def _follow(self, source, how, at_ms):
        """Opens what follows `source`; whether anything was opened."""
        followed = False
        for i in self.table.after[source]:
            start = self.table.rungs[i].start
            if self.rung_state[i] == WAITING and (start in (how, EITHER)):
                followed = self._open(i, at_ms) or followed
        return followed


def _responsible(r):
    """The role that a rung is for: who is told, or who must do it."""
    return r.who if _is_told(r) else r.by


def _is_told(r):
    """Whether a rung asks nothing but to be told."""
    return r.verb == TELL and r.by == HUB
