"""Longer timelines than can be explored: hours, forty events, any plan; the rules of rules.py asked after each step.

hypothesis finds and shrinks them. In `make test` they are the same each time; `make soak` takes new ones and prints its
seed: WATCHWORD_SEED=N with the same command takes them again.
"""

import os
import random

import pytest
from case_steps import END, MINUTE, START, rules, table_of
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from watchword_core import timeline as tl
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.events import new_event
from watchword_hub.procedures import built_in_names

SEED = int(os.environ.get("WATCHWORD_SEED") or random.SystemRandom().randrange(2**32))
MAX_EVENTS = 40
HUSH_MS = 3 * 60 * MINUTE  # afterwards nobody does anything for so long

STAFF = (w.TRACKER, w.MANAGER, w.SENIOR)
REACHED = (w.WORKER, w.CLIENT, w.EMERGENCY_CONTACT, w.TEAM, *STAFF)
BITS = (
    w.PLAN_NO_TRACKER,
    w.PLAN_RISK,
    w.PLAN_FIRST_VISIT,
    w.PLAN_POOR_COVERAGE,
    w.PLAN_OUT_OF_HOURS,
    w.PLAN_LAST_OF_DAY,
    w.PLAN_RETURNING,
    w.PLAN_UNSCHEDULED,
    w.PLAN_PROFESSIONALS,
    w.PLAN_NO_CLIENT_PHONES,
    w.PLAN_NO_SENIOR,
    w.PLAN_ALONE,
)

_offsets = st.integers(-30, 180).map(lambda minutes: START + minutes * MINUTE)
_moment = st.none() | _offsets.filter(lambda at_ms: at_ms >= START)
plans = st.tuples(
    st.sets(st.sampled_from(BITS)).map(sum),
    st.integers(0, 3).map(lambda contacts: contacts * w.PLAN_CONTACT),
).map(sum)
moments = st.tuples(_moment, _moment, _moment)  # check-in, expected back, end of day


def _event(kinds, by, who=(0,), what=(0,)):
    """(kind, by, who, what, minutes late, value)"""
    fields = (st.sampled_from(kinds), st.sampled_from(by), st.sampled_from(who), st.sampled_from(what))
    return st.tuples(*fields, st.sampled_from((0, 0, 0, 1, 25)), st.just(0) | _offsets)


_presses = _event((*rules.REPORTS, w.SOS, w.MAN_DOWN, w.DURESS), (0, w.WORKER), what=(0, 0, w.AT_FINISH))
_calls = _event(
    (w.CALL_SAFE, w.CALL_AT_RISK, w.CALL_DURESS, w.CALL_NO_ANSWER, w.CALL_VOICEMAIL), STAFF, REACHED, (0, 1, 3, 8)
)
_people = _event(
    (
        *(w.SPOKE_ARRIVAL, w.SPOKE, w.SPOKE_DEPARTURE, w.STAND_DOWN, w.ABANDONED, w.CANCELLED, w.ACKNOWLEDGED),
        *(w.RESOLVED, w.DONE, w.DECIDED, w.EXTENDED, w.WORRIED_FAMILY, w.NO_SIGNAL, w.SILENT, w.SEEN, w.CONFIRMED),
    ),
    STAFF,
    what=(0, w.CALL_POLICE, w.NOT_POLICE, w.DIAL_999, w.TELL),
)
# How long before it, whether the hub was down meanwhile, and what happens.
_gaps = st.sampled_from((0, 1, 999, 1_000, 30_000, *(n * MINUTE for n in (1, 5, 10, 20, 60))))
steps = st.lists(st.tuples(_gaps, st.sampled_from((False, False, False, True)), _presses | _calls | _people))


class Life:
    """One case, asked about the rules after each step; `actions` is all that it asked for."""

    def __init__(self, table, plan, more):
        self.case = Case(table, plan, 1, START, END, *more)
        self.now_ms = START - 30 * MINUTE
        self.actions = []
        self.always_up = True
        self._stored = self.case.snapshot()

    def until(self, to_ms, down=False):
        """Time goes by: each deadline at its moment, or all of them late."""
        self.always_up = self.always_up and not down
        due_ms = self.case.next_deadline_ms()
        while not down and due_ms is not None and due_ms <= to_ms:
            self._step(None, max(due_ms, self.now_ms))
            due_ms = self.case.next_deadline_ms()
        self.now_ms = to_ms
        if down:
            self._step(None, to_ms, lost=True)

    def happens(self, event):
        self._step(event, self.now_ms)

    def _step(self, event, now_ms, lost=False):
        before = restore(self.case.table, self._stored)
        case = self.case
        actions = case.handle_deadline(now_ms) if event is None else case.handle(event, now_ms)
        rules.check(before, case, event, actions, now_ms, lost)
        self.actions += actions
        self._stored = case.snapshot()


def live(procedure, plan, more, story):
    """Everything that must hold of one timeline."""
    table = table_of(procedure)
    if more[2] is not None and not plan & w.PLAN_LAST_OF_DAY:
        more = (*more[:2], None)
    life, played = Life(table, plan, more), []
    for gap_ms, down, (kind, by, who, what, late, value) in story[:MAX_EVENTS]:
        life.until(life.now_ms + gap_ms, down)
        event = new_event(kind, life.now_ms - late * MINUTE, by, who, what, value if kind == w.EXTENDED else 0)
        life.happens(event)
        played.append((life.now_ms, event))
    open_at_end = life.case.alarm_open()
    asked = len(life.actions)
    life.until(life.now_ms + HUSH_MS)
    if open_at_end:
        _never_forgotten(life, life.actions[asked:])
    if life.always_up and not any(event.at_ms != at_ms for at_ms, event in played):
        _rehearsed(table, plan, more, played, life)


def _never_forgotten(life, asked):
    """While an alarm is open, somebody of the staff is asked at least every half hour, for as long as it takes."""
    since_ms = life.now_ms - HUSH_MS
    for action in asked:
        if action.verb != w.PROMPT:
            assert action.at_ms - since_ms <= 31 * MINUTE, "rule 2: nobody was asked for too long"
            since_ms = action.at_ms
    assert life.now_ms - since_ms <= 31 * MINUTE, "rule 2: nobody is asked any more"


def _rehearsed(table, plan, more, played, life):
    """`rehearse`, restarted after every event, decides the same."""
    happened = []
    for at_ms, event in played:
        happened += [(at_ms, tl.PERSON, *_fields(event)), (at_ms, tl.RESTART, 0, 0, 0, 0, 0)]
    if any(event.kind == w.CHECKED_IN for _, event in played):
        return  # rehearse names the deadline itself
    player = tl.Player(Case(table, plan, 1, START, END, *more))
    assert player.play(happened, life.now_ms) == life.actions, "rule 10: rehearse decides otherwise"


def _fields(event):
    return event.kind, event.by, event.who, event.what, event.value


examples = given(plan=plans, more=moments, story=steps)


@pytest.mark.parametrize("procedure", built_in_names())
@settings(derandomize=True, database=None, deadline=None, max_examples=25)
@examples
def test_any_timeline(procedure, plan, more, story):
    live(procedure, plan, more, story)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", built_in_names())
def test_many_more_timelines(procedure):
    print(f"WATCHWORD_SEED={SEED} pytest -m soak tests/procedures/test_properties.py")

    @seed(SEED)
    @settings(database=None, deadline=None, max_examples=500)
    @examples
    def any_timeline(plan, more, story):
        live(procedure, plan, more, story)

    any_timeline()


def test_the_states_of_a_visit_are_all_met():
    """That the timelines go anywhere: a course that does is among what is drawn."""
    life = Life(table_of("homemaker-enhanced"), 0, (None, None, None))
    for kind, by in ((w.ARRIVED, 0), (w.SPOKE_ARRIVAL, w.TRACKER), (w.DEPARTED, 0), (w.SPOKE_DEPARTURE, w.TRACKER)):
        life.until(life.now_ms + MINUTE)
        life.happens(new_event(kind, life.now_ms, by))
    assert life.case.state == v.CLOSED
