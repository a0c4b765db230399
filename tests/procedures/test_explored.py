"""Every state that a few events can lead one case to, for each procedure and plan, each held against rules.py.

All that people, worker and time can do to a case, in any order, at a deadline or the millisecond before it. Two sides
and the link between them are explored in test_two_sides. `make soak` goes deeper. A failure prints what led there.
"""

import os

import pytest
from case_steps import PLANS, START, Steps, at, first_case, person, rules, table_of
from watchword_core import words as w
from watchword_hub.procedures import built_in_names

FROM_THE_PENDANT = [
    person(kind, w.WORKER)
    for kind in (w.ARRIVED, w.DEPARTED, w.RETURNED, w.EXTENDED, w.SOS, w.DURESS, w.LEFT_FOR_VISIT)
]
BY_PEOPLE = [
    *(person(kind) for kind in (w.SPOKE_ARRIVAL, w.SPOKE, w.SPOKE_DEPARTURE, w.STAND_DOWN, w.CANCELLED, w.ABANDONED)),
    *(person(kind, by) for kind in (w.ACKNOWLEDGED, w.RESOLVED) for by in (w.TRACKER, w.MANAGER)),
    *(person(kind, w.TRACKER, w.WORKER) for kind in (w.CALL_SAFE, w.CALL_NO_ANSWER, w.CALL_AT_RISK, w.CALL_DURESS)),
    person(w.CALL_VOICEMAIL, w.TRACKER, w.CLIENT),
    person(w.CALL_NO_ANSWER, w.MANAGER, w.EMERGENCY_CONTACT),
    person(w.CALL_NO_ANSWER, w.TRACKER, w.MANAGER),
    person(w.DONE, w.MANAGER, 0, w.DIAL_999),
    person(w.DONE, w.MANAGER, 0, w.TELL),
    *(person(w.DECIDED, w.MANAGER, 0, what) for what in (w.CALL_POLICE, w.NOT_POLICE)),
    person(w.EXTENDED),
    person(w.WORRIED_FAMILY),
    person(w.NO_SIGNAL),
    person(w.SILENT, 0),
    person(w.SEEN, 0),
]
DUE, JUST_BEFORE = "due", "just before"


class Explorer:
    """Breadth first over (snapshot, moment)."""

    def __init__(self, table, first, now_ms):
        self.steps = Steps(table)
        self.seen = {(first, now_ms)}
        self._edge = [(first, now_ms, ())]

    def go(self, depth):
        """How many states there are within `depth` steps, each one checked."""
        for _ in range(depth):
            reached = []
            for stored, now_ms, path in self._edge:
                for move in (DUE, JUST_BEFORE, *FROM_THE_PENDANT, *BY_PEOPLE):
                    self._step(stored, now_ms, move, (*path, move), reached)
            self._edge = reached
        return len(self.seen)

    def _step(self, stored, now_ms, move, path, reached):
        try:
            following = self._after(stored, now_ms, move)
            if following not in self.seen:
                self.seen.add(following)
                self.steps.replay(following[0])
                reached.append((*following, path))
        except rules.Breach as breach:
            raise AssertionError("%s\nafter %s" % (breach, "\n  ".join(map(str, path)))) from breach

    def _after(self, stored, now_ms, move):
        if move in (DUE, JUST_BEFORE):
            due_ms = self.steps.due_ms(stored)
            if due_ms is None or (move == JUST_BEFORE and due_ms - 1 <= now_ms):
                return stored, now_ms
            if move == JUST_BEFORE:
                return stored, due_ms - 1
            return self.steps.take(stored, None, due_ms)[0], due_ms
        return self.steps.take(stored, at(move, now_ms), now_ms)[0], now_ms


def begin(table, plan):
    """(name, snapshot, moment) of stages of a visit that a few events don't lead to."""
    planned = first_case(table, plan).snapshot()
    yield "planned", planned, START
    if plan == "lone":
        return
    steps, now_ms = Steps(table), START
    stored = planned
    for act in (person(w.ARRIVED, w.WORKER), person(w.SPOKE_ARRIVAL)):
        stored, _ = steps.take(stored, at(act, now_ms), now_ms)
    yield "inside", stored, now_ms
    for deadlines in (2, 2, 4):  # nobody does anything
        for _ in range(deadlines):
            if steps.due_ms(stored) is not None:
                now_ms = steps.due_ms(stored)
                stored, _ = steps.take(stored, None, now_ms)
        yield "nobody reports, %d minutes on" % ((now_ms - START) // 60_000), stored, now_ms


def explore(procedure, plan, depth):
    """Prints how many states were reached from each stage within `depth` events."""
    table = table_of(procedure)
    reached = {name: Explorer(table, stored, now_ms).go(depth) for name, stored, now_ms in begin(table, plan)}
    print(procedure, plan, "depth", depth, sum(reached.values()), "states:", reached)


@pytest.mark.parametrize("procedure", built_in_names())
def test_two_events_in_any_order_at_every_stage(procedure):
    explore(procedure, "risk", 2)


def test_three_events_about_an_alarm_with_no_visit():
    explore("general", "lone", 3)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", built_in_names())
def test_more_events_in_any_order(procedure):
    explore(procedure, "risk", int(os.environ.get("WATCHWORD_DEPTH", "3")))


@pytest.mark.soak
@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan != "risk"])
@pytest.mark.parametrize("procedure", built_in_names())
def test_two_events_with_other_plans(procedure, plan):
    explore(procedure, plan, 2)


@pytest.mark.soak
def test_more_events_about_an_alarm_with_no_visit():
    explore("general", "lone", 4)
