"""What must always hold, after hundreds of random steps of pendant, carriers, people, clock and kills."""

import random
from collections.abc import Callable

import pytest
from stage import MINUTE, SECOND, FakePendant, Stage
from watchword_core import words as w
from watchword_core.frames import NO_AGE
from watchword_hub.commands import Refusal
from watchword_hub.engine.limits import Limits
from watchword_hub.engine.replay import replay
from watchword_hub.store.chain import verify_chain

PRESSES = (w.ARRIVED, w.CHECKED_IN, w.DEPARTED, w.EXTENDED, w.SOS, w.MAN_DOWN, w.DURESS, w.FELT)
RECORDS = (
    (w.SPOKE_ARRIVAL, {}),
    (w.SPOKE, {}),
    (w.CALL_NO_ANSWER, {"who": w.WORKER}),
    (w.CALL_NO_ANSWER, {"who": w.CLIENT}),
    (w.CALL_SAFE, {"who": w.WORKER}),
    (w.CALL_AT_RISK, {"who": w.WORKER}),
    (w.ACKNOWLEDGED, {}),
    (w.DONE, {"what": w.DIAL_999}),
    (w.DECIDED, {"what": w.CALL_POLICE}),
    (w.RESOLVED, {}),
    (w.WORRIED_FAMILY, {}),
    (w.SPOKE_DEPARTURE, {}),
    (w.EXTENDED, {}),
    (w.STAND_DOWN, {}),
    (w.ABANDONED, {}),
)


class Story:
    """Random steps; `held` are frames that a carrier keeps back and may bring late or twice."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = random.Random(seed)
        self.ana: FakePendant = stage.visit()
        self.held: list[bytes] = []

    def step(self) -> None:
        act = self.chance.choice((self.press, self.press, self.beat, self.late, self.record, self.record, self.wait))
        act()
        if self.chance.random() < 0.3:
            self.plan()
        if self.chance.random() < 0.03:
            self.stage.restart(down_ms=self.chance.choice((0, 3 * SECOND, 9 * MINUTE)))
            self.stage.engine.step()

    def press(self) -> None:
        frame = self.ana.frame(self.chance.choice(PRESSES), about=self.chance.choice((0, 1, 2)))
        if self.chance.random() < 0.3:
            self.held.append(frame)
        else:
            self.stage.carry(frame)

    def beat(self) -> None:
        self.stage.carry(self.ana.heartbeat(battery_mv=3_800, fix_age_s=NO_AGE))

    def late(self) -> None:
        if self.held:
            frame = self.chance.choice(self.held)
            self.stage.carry(frame, bridge=self.chance.choice(("phone", "tablet")))

    def record(self) -> None:
        kind, fields = self.chance.choice(RECORDS)
        role = self.chance.choice((w.TRACKER, w.MANAGER, w.SENIOR))
        for case in [row[0] for row in self.stage.rows("SELECT id FROM visit_case WHERE closed_ms IS NULL")]:
            try:
                self.stage.record(case, kind, role, **fields)
            except Refusal:
                assert not self.stage.rows("SELECT id FROM visit_case WHERE closed_ms IS NULL AND id = ?", (case,))

    def plan(self) -> None:
        """The next visit, when nothing is open."""
        if not self.stage.engine._state.cases:
            self.stage.plan(self.ana)

    def wait(self) -> None:
        self.stage.later(self.chance.choice((SECOND, 30 * SECOND, 4 * MINUTE)), 30 * SECOND)


def check(stage: Stage, ana: FakePendant) -> None:
    """Of everything that is open, somebody is in charge until some time; and the store says what memory does."""
    assert stage.rows("SELECT * FROM task WHERE ended_ms IS NULL AND (person IS NULL OR due_ms IS NULL)") == []
    late = "SELECT id FROM visit_case WHERE closed_ms IS NULL AND (due_ms IS NULL OR due_ms < ?)"
    assert stage.rows(late, (stage.clock.at_ms - SECOND,)) == []
    ended = "SELECT * FROM task t JOIN visit_case c ON c.id = t.visit_case WHERE t.ended_ms IS NULL AND c.closed_ms > 0"
    assert stage.rows(ended) == []
    assert stage.rows("SELECT * FROM journal WHERE kind = 'faulted'") == []
    for case in stage.engine._state.cases.values():
        assert stage.rows("SELECT snapshot FROM visit_case WHERE id = ?", (case.id,)) == [(case.case.snapshot(),)]
    ana.hear(stage.carriers)
    stage.carriers.sent.pop("tablet", None)  # the same frames by another way


@pytest.mark.parametrize("seed", [*range(6), 119])  # 119: a second round of 999 tasks once ended in silence
@pytest.mark.parametrize("in_memory", [1, 1_000])
def test_whatever_happens_somebody_is_in_charge_and_the_journal_says_why(
    make_stage: Callable[..., Stage], seed: int, in_memory: int
) -> None:
    stage = make_stage(limits=Limits(max_in_memory=in_memory))
    story = Story(stage, seed)
    for _ in range(160):
        story.step()
        check(stage, story.ana)
    verify_chain(stage.store.connection)
    for (case,) in stage.rows("SELECT id FROM visit_case"):
        found = replay(stage.store.connection, case)
        assert found.again == found.recorded
