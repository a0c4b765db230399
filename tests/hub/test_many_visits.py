"""Many open visits: memory holds what is in use, and the store decides; a long downtime is caught up batch by batch."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from stage import MINUTE, PENDANT, SECOND, FakePendant, Stage
from watchword_core import words as w
from watchword_hub.commands import AddPerson, PlanVisit, Refusal, RegisterPendant
from watchword_hub.engine.catch_up import GATHER_MS, HOLD_MS
from watchword_hub.engine.limits import Limits
from watchword_hub.store.chain import verify_chain
from watchword_hub.store.changes import Row
from watchword_hub.store.store import CannotRead, Store

MakeStage = Callable[..., Stage]


def visits(stage: Stage, number: int, greet: bool = True) -> list[FakePendant]:
    """So many workers, each with a pendant in a planned visit; the cast has the other roles."""
    stage.cast()
    pendants = []
    for i in range(number):
        worker = stage.do(AddPerson(f"Worker {i}"))
        pendant = stage.provision(PENDANT + i, f"P{i}")
        if greet:
            stage.greet(pendant)
        stage.clock.at_ms += SECOND
        stage.plan(pendant, roles=stage.roles | {"worker": worker})
        pendants.append(pendant)
    return pendants


def fired(stage: Stage) -> list[int]:
    """Cases of which somebody was asked for something, in order."""
    return [row[0] for row in stage.rows("SELECT visit_case FROM journal WHERE kind IN ('call', 'tell') ORDER BY seq")]


def outbox(stage: Stage, who: int, after: int) -> list[Any]:
    """(made, wait until it is sent, subject, body) of each message to a person."""
    query = "SELECT made_ms, next_try_ms - made_ms, subject, body FROM outbox WHERE person = ? AND id > ? ORDER BY id"
    return stage.rows(query, (who, after))


def test_what_a_batch_cannot_hold_fires_in_the_next_ones_in_order_and_once(make_stage: MakeStage) -> None:
    stage = make_stage(limits=Limits(max_batch=3))
    visits(stage, 8, greet=False)
    stage.restart(down_ms=75 * MINUTE)
    for batch in range(1, 4):
        stage.engine.step()
        assert list(dict.fromkeys(fired(stage))) == list(range(1, min(8, 3 * batch) + 1))
    asked = len(fired(stage))
    stage.restart()
    for _ in range(5):
        stage.engine.step()
    assert len(fired(stage)) == asked
    verify_chain(stage.store.connection)


def test_over_many_batches_a_person_gets_one_message_at_once_and_one_for_the_rest(make_stage: MakeStage) -> None:
    stage = make_stage(limits=Limits(max_batch=2))
    visits(stage, 8, greet=False)
    before = stage.store.last_id("outbox")
    stage.restart(down_ms=75 * MINUTE)
    for _ in range(4):
        stage.clock.at_ms += SECOND
        stage.engine.step()
    first, rest = outbox(stage, stage.ben, before)
    assert (first[1], rest[1]) == (0, HOLD_MS)
    assert all(f"Worker {i}" in first[3] for i in (0, 1)) and all(f"Worker {i}" in rest[3] for i in range(2, 8))
    assert "things became due" in rest[2]


def test_nothing_is_added_to_a_message_that_may_be_on_its_way(make_stage: MakeStage) -> None:
    stage = make_stage(limits=Limits(max_batch=2))
    visits(stage, 6, greet=False)
    before = stage.store.last_id("outbox")
    stage.restart(down_ms=75 * MINUTE)
    for _ in range(3):
        stage.clock.at_ms += GATHER_MS
        stage.engine.step()
    assert [wait for _, wait, _, _ in outbox(stage, stage.ben, before)] == [0, HOLD_MS, HOLD_MS]


def test_an_sos_does_not_wait_for_what_was_missed(make_stage: MakeStage) -> None:
    stage = make_stage(limits=Limits(max_batch=2))
    *_, ana = visits(stage, 8)
    before = stage.store.last_id("outbox")
    stage.restart(down_ms=75 * MINUTE)
    stage.engine.step()
    stage.carry(ana.frame(w.SOS))
    sos = [row for row in outbox(stage, stage.ben, before) if row[2] == "Worker 7: SOS"]
    assert [wait for _, wait, _, _ in sos] == [0]
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked


def test_a_kill_in_mid_catching_up_is_no_end_of_it(make_stage: MakeStage) -> None:
    stage = make_stage(limits=Limits(max_batch=2))
    visits(stage, 8, greet=False)
    stage.restart(down_ms=75 * MINUTE)
    stage.engine.step()
    before = stage.store.last_id("outbox")
    stage.restart(down_ms=SECOND)
    for _ in range(3):
        stage.engine.step()
    assert [wait for _, wait, _, _ in outbox(stage, stage.ben, before)] == [0, HOLD_MS]


def test_a_start_reads_no_visit_that_is_not_due(stage: Stage) -> None:
    (ana, *_) = visits(stage, 5)
    stage.restart()
    stage.engine.step()
    assert len(stage.engine._state.pendants) == 0
    stage.carry(ana.heartbeat())
    assert len(stage.engine._state.pendants) == 1


def test_memory_is_bounded_and_whoever_was_let_go_of_is_known_as_before(make_stage: MakeStage) -> None:
    stage = make_stage(limits=Limits(max_in_memory=2))
    pendants = visits(stage, 6)
    for pendant in pendants:
        stage.carry(pendant.frame(w.ARRIVED))
        stage.record(pendant.visit, w.SPOKE_ARRIVAL)
        assert len(stage.engine._state.pendants) <= 2 and len(stage.engine._state._air) <= 2
    assert stage.engine.counters["let_go"] > 0
    stage.later(60 * SECOND, 10 * SECOND)
    for pendant in pendants[:3]:
        stage.carry(pendant.heartbeat())
    stage.later(90 * SECOND, 10 * SECOND)
    silent = [row[0] for row in stage.rows("SELECT visit_case FROM journal WHERE kind = 'silent'")]
    assert sorted(silent) == [pendant.visit for pendant in pendants[3:]]
    with pytest.raises(Refusal, match="has a visit open with another pendant"):
        first = stage.rows("SELECT wearer FROM pendant WHERE id = ?", (pendants[0].id,))[0][0]
        spare = stage.provision(0x5BA4E, "spare")
        stage.plan(spare, roles=stage.roles | {"worker": first})


def test_the_collector_walks_what_is_kept_once_and_keeps_no_rubbish(make_stage: MakeStage) -> None:
    class Rubbish:
        def __init__(self) -> None:
            self.itself = self

    stage = make_stage(limits=Limits(collect_every=4))
    walked_no_more, rubbish = gc.get_freeze_count(), weakref.ref(Rubbish())
    assert walked_no_more > 0
    visits(stage, 4)
    assert gc.get_freeze_count() > walked_no_more
    assert rubbish() is None


def test_two_visits_of_a_worker_in_one_batch_are_refused_too(stage: Stage) -> None:
    stage.cast()
    for pendant in (1, 2):
        stage.keyring.make(pendant)
        stage.do(RegisterPendant(pendant, f"P{pendant}"))
    at = stage.clock.at_ms
    plans = [PlanVisit(p, "homemaker-enhanced", stage.roles, at, at + 60 * MINUTE) for p in (1, 2)]
    first, second = [stage.engine.submit(plan) for plan in plans]
    stage.engine.step()
    assert first.result(timeout=0) == 1
    with pytest.raises(Refusal):
        second.result(timeout=0)
    stage.record(1, w.CANCELLED)
    stage.later(5 * MINUTE)
    assert stage.do(plans[1]) == 2


def test_a_visit_that_cannot_be_read_stops_no_other(stage: Stage) -> None:
    ana, *others = visits(stage, 3)
    stage.store.connection.execute("UPDATE visit_case SET snapshot = x'00' WHERE id = ?", (ana.visit,))
    before = len(stage.messages())
    stage.restart(down_ms=75 * MINUTE)
    stage.engine.step()
    assert {other.visit for other in others} <= set(fired(stage))
    assert ("Cora", "Watchword: needs a look now") in stage.messages()[before:]
    stage.carry(ana.frame(w.SOS), others[0].frame(w.SOS))
    assert any(subject == "Worker 1: SOS" for _, subject in stage.messages())
    kept = stage.rows("SELECT body FROM journal WHERE kind = 'faulted'")
    assert any("frame" in body for (body,) in kept)


class BlindStore(Store):
    """Its disk can refuse to be read."""

    blind = False

    def rows(self, query: str, values: Row = ()) -> list[Any]:
        if BlindStore.blind and "visit_case" in query:
            raise CannotRead("disk I/O error")
        return super().rows(query, values)


def test_what_cannot_be_read_is_tried_again_and_acknowledged_only_then(make_stage: MakeStage) -> None:
    stage = make_stage(store_class=BlindStore)
    (ana,) = visits(stage, 1)
    stage.restart()
    acked = stage.carriers.acked
    BlindStore.blind = True
    try:
        with pytest.raises(CannotRead):  # out of the step: `run` logs it, waits and goes on
            stage.carry(ana.frame(w.SOS))
    finally:
        BlindStore.blind = False
    assert stage.carriers.acked == acked
    stage.engine.step()
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked and stage.carriers.acked == acked + 1
    assert ("Ben", "Worker 0: SOS") in stage.messages()
