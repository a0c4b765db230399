"""One case, step by step, each step checked once: states are the snapshots that hub and flash keep."""

import rules
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.events import new_event
from watchword_hub.procedures import load

MINUTE = 60_000
MAX_REPLAYED = 100  # more than any exploration goes deep
START = 1_795_345_200_000  # 2026-11-22 11:00
END = START + 60 * MINUTE

PLANS = {
    "plain": (0, {}),
    "risk": (w.PLAN_RISK | w.PLAN_CONTACT, {}),
    "no tracker": (w.PLAN_NO_TRACKER, {}),
    "poor coverage": (w.PLAN_POOR_COVERAGE | w.PLAN_NO_CLIENT_PHONES, {}),
    "last visit": (w.PLAN_LAST_OF_DAY | 2 * w.PLAN_CONTACT, {"end_of_day_ms": START + 90 * MINUTE}),
    "out of hours": (w.PLAN_OUT_OF_HOURS | w.PLAN_RISK, {}),
    "no senior": (w.PLAN_NO_SENIOR | w.PLAN_RISK, {}),
    "returning": (w.PLAN_RETURNING | w.PLAN_RISK, {"return_by_ms": END + 30 * MINUTE}),
    "check-in": (w.PLAN_RISK, {"check_in_ms": START + 30 * MINUTE}),
}


def table_of(procedure):
    """The compiled table of a built-in procedure."""
    return load(procedure).table


def first_case(table, plan):
    """The case as planned; `plan` names one of PLANS, or "lone": an alarm with no visit."""
    if plan == "lone":
        return Case(table)
    bits, moments = PLANS[plan]
    return Case(table, bits, 1, START, END, **moments)


class Steps:
    """Takes steps of cases of one table, and remembers each: the same step is taken and checked once."""

    def __init__(self, table):
        self.table = table
        self._known = {}
        self._from = {}  # snapshot: the first step that led to it

    def __len__(self):
        return len(self._known)

    def take(self, stored, event, now_ms, lost=False):
        """(snapshot, actions) after `event`, or, that being None, after what is due at `now_ms`."""
        key = (stored, event, now_ms, lost)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._take(stored, event, now_ms, lost)
        return found

    def _take(self, stored, event, now_ms, lost):
        before, case = restore(self.table, stored), restore(self.table, stored)
        actions = case.handle_deadline(now_ms) if event is None else case.handle(event, now_ms)
        rules.check(before, case, event, actions, now_ms, lost)
        stored_after = case.snapshot()
        if stored_after != stored:
            self._from.setdefault(stored_after, (stored, event, now_ms, tuple(actions)))
        return stored_after, tuple(actions)

    def replay(self, stored):
        """Plays the journal that first led to this snapshot again, with one case that is never stored in between."""
        rows = []
        while stored in self._from and len(rows) < MAX_REPLAYED:
            earlier, event, now_ms, actions = self._from[stored]
            rows.append((event, now_ms, actions, stored))
            stored = earlier
        case = restore(self.table, stored)
        for event, now_ms, actions, after in reversed(rows):
            again = case.handle_deadline(now_ms) if event is None else case.handle(event, now_ms)
            if tuple(again) != actions:
                raise rules.Breach(10, "decided %r, and played again %r" % (actions, again))
            if case.snapshot() != after:
                raise rules.Breach(10, "played again, it is another state")

    def due_ms(self, stored):
        """When time alone next changes something, or None."""
        key = (stored, "due")
        if key not in self._known:
            self._known[key] = restore(self.table, stored).next_deadline_ms()
        return self._known[key]


def person(kind, by=w.TRACKER, who=0, what=0):
    """What a person does, without its time."""
    return kind, by, who, what


def at(act, now_ms):
    """The Event of what a person does now."""
    kind, by, who, what = act
    return new_event(kind, now_ms, by, who, what)
