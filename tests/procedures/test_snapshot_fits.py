"""However long nobody answers, and whatever happens on top, a status can carry the case: or the wearer is not told."""

import random

from watchword_core import words as w
from watchword_core.case import Case, new_event, restore
from watchword_core.frames import MAX_SNAPSHOT_BYTES
from watchword_hub.procedures import load

WALKS = 150
STEPS = 40
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
    (w.DEPARTED, 0, 0, 0),
    (w.ACKNOWLEDGED, w.TRACKER, 0, 0),
    (w.DONE, w.TRACKER, 0, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.WORKER, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.MANAGER, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.CLIENT, 0),
)


def test_a_status_carries_every_case_that_a_bad_day_leads_to() -> None:
    table = load("homemaker-enhanced").table
    for seed in range(WALKS):
        chance = random.Random(seed)
        now = 1_700_000_000_000
        case = Case(table, 0, 7, now, now + 3_600_000)
        for _ in range(STEPS):
            now += chance.choice(PAUSES_MS)
            case.handle_deadline(now)
            kind, by, who, what = chance.choice(NEWS)
            case.handle(new_event(kind, now, by, who, what), now)
            stored = case.snapshot()
            assert len(stored) <= MAX_SNAPSHOT_BYTES, f"walk {seed}: {len(case.ladder.open_rungs())} rungs are open"
            again = restore(table, stored)
            assert (again.snapshot(), again.next_deadline_ms()) == (stored, case.next_deadline_ms())
