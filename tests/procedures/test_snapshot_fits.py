"""However long nobody answers, and whatever happens on top, a status can carry the case: or the wearer is not told."""

import random

import pytest
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.events import new_event
from watchword_core.frames import MAX_SNAPSHOT_BYTES
from watchword_hub.procedures import built_in_names, load

WALKS = 25
STEPS = 40
PLAN = (
    7 * w.PLAN_CONTACT | w.PLAN_LAST_OF_DAY | w.PLAN_RETURNING | w.PLAN_POOR_COVERAGE | w.PLAN_RISK
)  # all that asks for more
PAUSES_MS = (1_000, 30_000, 300_000, 600_000, 1_200_000)
NEWS = (  # kind, by, who, what: little that helps, much that opens more
    (w.ARRIVED, 0, 0, 0),
    (w.SPOKE_ARRIVAL, w.TRACKER, 0, 0),
    (w.SOS, 0, 0, 1),
    (w.DURESS, 0, 0, 2),
    (w.WORRIED_FAMILY, w.TRACKER, 0, 0),
    (w.SILENT, 0, 0, 0),
    (w.CALL_AT_RISK, w.TRACKER, w.WORKER, 0),
    (w.DECIDED, w.MANAGER, 0, w.CALL_POLICE),
    (w.LEFT_FOR_VISIT, 0, 0, 0),
    (w.NO_SIGNAL, 0, 0, 0),
    (w.DEPARTED, 0, 0, 0),
    (w.ACKNOWLEDGED, w.TRACKER, 0, 0),
    (w.DONE, w.TRACKER, 0, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.WORKER, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.MANAGER, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.CLIENT, 0),
    (w.CALL_NO_ANSWER, w.MANAGER, w.WORKER, w.WORK_MOBILE),
    (w.CALL_NO_ANSWER, w.MANAGER, w.EMERGENCY_CONTACT, 0),
    (w.DONE, w.MANAGER, 0, w.DIAL_999),
)


@pytest.mark.parametrize("procedure", built_in_names())
def test_a_status_carries_every_case_that_a_bad_day_leads_to(procedure: str) -> None:
    table = load(procedure).table
    for seed in range(WALKS):
        chance = random.Random(seed)
        now = 1_700_000_000_000
        moments = [
            now + minutes * 60_000 for minutes in (0, 60, 30, 90, 120)
        ]  # start, end, check-in, return, end of day
        case = Case(table, PLAN, 7, *moments)
        for _ in range(STEPS):
            now += chance.choice(PAUSES_MS)
            case.handle_deadline(now)
            kind, by, who, what = chance.choice(NEWS)
            case.handle(new_event(kind, now, by, who, what), now)
            stored = case.snapshot()
            assert len(stored) <= MAX_SNAPSHOT_BYTES, f"walk {seed}: {len(case.ladder.open_rungs())} rungs are open"
            again = restore(table, stored)
            assert (again.snapshot(), again.next_deadline_ms()) == (stored, case.next_deadline_ms())
