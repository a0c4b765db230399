"""Every state that a few events can reach, each procedure: what must always hold, holds there (DESIGN, rules 2 to 6).

`make soak` goes deeper. A failure prints the events that led there.
"""

import os

import pytest
from watchword_core import alarm, visit
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.events import new_event
from watchword_core.frames import MAX_SNAPSHOT_BYTES
from watchword_core.rungs import ARMED
from watchword_core.snapshots import ALARM
from watchword_hub.procedures import built_in_names, load

MINUTE = 60_000
START = 1_795_000_000_000
ONCE = 30_000  # between two events, so that orders of events and deadlines differ

PEOPLE = (w.TRACKER, w.MANAGER)
EVENTS = (
    [(kind, 0, 0, 0) for kind in (w.ARRIVED, w.DEPARTED, w.SOS, w.DURESS, w.SILENT, w.SEEN)]
    + [(kind, w.TRACKER, 0, 0) for kind in (w.SPOKE_ARRIVAL, w.SPOKE, w.SPOKE_DEPARTURE, w.STAND_DOWN, w.CANCELLED)]
    + [(kind, by, 0, 0) for kind in (w.ACKNOWLEDGED, w.RESOLVED) for by in PEOPLE]
    + [(kind, w.TRACKER, w.WORKER, 0) for kind in (w.CALL_SAFE, w.CALL_NO_ANSWER, w.CALL_AT_RISK)]
    + [(w.CALL_NO_ANSWER, w.TRACKER, w.MANAGER, 0), (w.EXTENDED, 0, 0, 0)]
    + [(w.DONE, w.MANAGER, 0, w.DIAL_999)]
    + [(w.DECIDED, w.MANAGER, 0, what) for what in (w.CALL_POLICE, w.NOT_POLICE)]
)
OF_ALARMS = (w.AT_ALARM, w.AT_DURESS, w.AT_ACKNOWLEDGED, w.AT_RECORDED)
TIME = None  # instead of an event: the next deadline comes


class Explorer:
    """Breadth first over snapshots, with the moment."""

    def __init__(self, procedure: str, plan: int) -> None:
        self.table = load(procedure).table
        first = Case(self.table, plan, 1, START, START + 60 * MINUTE)
        if plan & w.PLAN_NONE:
            first = Case(self.table)
        self.seen: set[tuple[bytes, int]] = set()
        self.edge: list[tuple[bytes, int, tuple[object, ...]]] = [(first.snapshot(), START, ())]

    def go(self, depth: int) -> int:
        """States reached within `depth` steps, each one checked."""
        for _ in range(depth):
            following = []
            for stored, now, path in self.edge:
                for step in [TIME, *EVENTS]:
                    reached = self.step(stored, now, step)
                    if reached and reached not in self.seen:
                        self.seen.add(reached)
                        following.append((*reached, (*path, step)))
            self.edge = following
        return len(self.seen)

    def step(self, stored: bytes, now: int, step: tuple[int, int, int, int] | None) -> tuple[bytes, int] | None:
        case = restore(self.table, stored)
        before = (case.state, case.slots[ALARM].stage)
        if step is TIME:
            due = case.next_deadline_ms()
            if due is None:
                return None
            now = max(now, due)
            actions = case.handle_deadline(now)
        else:
            now += ONCE
            case.handle_deadline(now)
            kind, by, who, what = step
            actions = case.handle(new_event(kind, now, by, who, what), now)
        self.check(case, before, step, actions, now)
        return case.snapshot(), now

    def check(self, case, before, step, actions, now) -> None:  # type: ignore[no-untyped-def]
        stored = case.snapshot()
        assert len(stored) <= MAX_SNAPSHOT_BYTES, "a status could not carry this"
        assert restore(self.table, stored).snapshot() == stored
        due = case.next_deadline_ms()
        assert due == restore(self.table, stored).next_deadline_ms(), "a deadline remembered is not the deadline"
        assert due is None or due > now, "something due was left behind"
        assert case.finished() or due is not None, "open, and nobody has a deadline"
        assert all(action.at_ms <= now for action in actions), "an action from the future"
        if before[0] != visit.INSIDE and case.state == visit.INSIDE:
            assert step and step[0] in (w.SPOKE_ARRIVAL, w.CALL_SAFE, w.ARRIVED), "the door opened by itself"
        stage = case.slots[ALARM].stage
        if before[1] in (alarm.RAISED, alarm.AT_HUB, alarm.WITH_PERSON) and stage == alarm.RESOLVED:
            assert step and step[0] == w.RESOLVED, "an alarm closed itself"
        if not case.alarm_open():
            left = [x for x, watch in enumerate(self.table.watches) if watch.anchor in OF_ALARMS]
            assert not any(case.ladder.watch_state[x] == ARMED for x in left), "resolved, and people are still told"
        if case.alarm_open() and stage in (alarm.RAISED, alarm.AT_HUB):
            running = case.ladder.watch_state[0] == ARMED or case.ladder.open_rungs()
            assert running, "an alarm that nobody has taken, and nothing runs"


def explore(procedure: str, plan: int, depth: int) -> int:
    explorer = Explorer(procedure, plan)
    return explorer.go(depth)


PLANS = {"visit": 0, "no tracker": w.PLAN_NO_TRACKER, "no phones": w.PLAN_NO_CLIENT_PHONES}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("procedure", built_in_names())
def test_a_few_events_in_any_order(procedure: str, plan: str) -> None:
    print(procedure, plan, explore(procedure, PLANS[plan], 3), "states")


def test_an_alarm_with_no_visit() -> None:
    print("general", explore("general", w.PLAN_NONE, 3), "states")


@pytest.mark.soak
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("procedure", built_in_names())
def test_more_events_in_any_order(procedure: str, plan: str) -> None:
    depth = int(os.environ.get("WATCHWORD_DEPTH", "5"))
    print(procedure, plan, explore(procedure, PLANS[plan], depth), "states")
