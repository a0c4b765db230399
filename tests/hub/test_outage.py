"""The disk is full: people are told, nobody is told a lie, and with room again everything is caught up."""

from collections.abc import Callable
from contextlib import closing

import pytest
from stage import MINUTE, SECOND, Carriers, Stage
from watchword_core import words as w
from watchword_hub.commands import AddPerson, StoreFailed
from watchword_hub.engine.limits import Limits
from watchword_hub.reader import DROPPED_SHOWN_MS, StoreReader
from watchword_hub.store.chain import verify_chain
from watchword_hub.store.changes import Changes
from watchword_hub.store.store import CannotWrite, Store


class FullStore(Store):
    """Its disk can be filled and cleared."""

    full = False

    def write(self, changes: Changes) -> None:
        if FullStore.full:
            raise CannotWrite("disk is full")
        super().write(changes)


@pytest.fixture
def full(make_stage: Callable[..., Stage]) -> Stage:
    FullStore.full = False
    return make_stage(store_class=FullStore)


def fill(stage: Stage) -> None:
    """No page can be added to the file, and the log of changes has no room either."""
    pages = stage.store.value("PRAGMA page_count")
    stage.store.connection.execute(f"PRAGMA max_page_count = {pages}")


def test_disk_full_with_2000_heartbeats_queued_then_an_sos(full: Stage) -> None:
    ana = full.visit()
    before = list(ana.statuses)
    rows, acked = full.store.last_id("journal"), full.carriers.acked
    FullStore.full = True
    beats = [ana.heartbeat() for _ in range(2_000)]
    full.queue(*beats)
    full.carry(ana.frame(w.SOS))
    assert [(m.kind, m.address, m.subject) for m in full.told_now] == [
        ("mail", "ben@example.org", "Ana: SOS"),
        ("sms", "+441", "Ana: SOS"),
        ("mail", "cora@example.org", "Ana: SOS"),
    ]
    assert full.engine.feed.latest.banners == ("store_full",)
    while len(full.engine.inbox):
        full.engine.step()
    full.later(10 * SECOND)
    ana.hear(full.carriers)
    assert ana.last_press not in ana.acked
    assert ana.statuses == before, "no answer at all: the wearer is told that nothing gets through"
    assert full.carriers.acked == acked + 2_000  # heartbeats are let go of; the press stays with the broker
    assert len(full.told_now) == 3, "each is told once, however often the batch was tried"
    FullStore.full = False
    full.later(2 * SECOND)
    ana.hear(full.carriers)
    assert ana.last_press in ana.acked
    assert full.carriers.acked == acked + 2_001
    assert full.kinds(ana.visit).count("sos") == 1
    assert full.store.last_id("journal") > rows
    assert full.messages() == [("Ben", "Ana: SOS"), ("Cora", "Ana: SOS")]
    told = {m.key for m in full.told_now}
    assert {key for (key,) in full.rows("SELECT idempotency_key FROM outbox")} <= told
    assert full.engine.feed.latest.banners == ()
    verify_chain(full.store.connection)


def test_sqlite_itself_says_full_and_the_sos_is_told(stage: Stage) -> None:
    ana = stage.visit()
    fill(stage)
    with pytest.raises(StoreFailed, match="Make room"):
        for _ in range(1_000):
            stage.record(ana.visit, w.RISK_CHECKED, text="x" * 4_000)
    while not stage.told_now:
        stage.carry(ana.frame(w.SOS), ana.frame(w.DURESS))
    stage.store.connection.execute("PRAGMA max_page_count = 1000000")
    stage.engine.step()
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked
    verify_chain(stage.store.connection)


def test_the_ladder_goes_on_while_nothing_can_be_written(full: Stage) -> None:
    ana = full.visit()
    full.carry(ana.heartbeat())
    FullStore.full = True
    full.carry(ana.frame(w.SOS))
    full.later(61 * SECOND)
    assert "dev@example.org" in [m.address for m in full.told_now]


def test_a_deadline_is_told_from_memory_too(full: Stage) -> None:
    ana = full.visit()
    full.carry(ana.frame(w.ARRIVED))
    FullStore.full = True
    full.later(6 * MINUTE)
    assert [m.address for m in full.told_now].count("cora@example.org") == 1


def test_the_reserve_is_given_back_when_space_is_needed_and_kept_again(full: Stage) -> None:
    ana = full.visit()
    reserve = full.folder / "reserve"
    assert reserve.stat().st_size == 4 * 1024 * 1024
    FullStore.full = True
    full.carry(ana.frame(w.SOS))
    assert not reserve.exists()
    FullStore.full = False
    full.engine.step()
    assert reserve.exists()


class TightStore(Store):
    """Its disk has room for a commit only where the reserve was."""

    tight = False

    def write(self, changes: Changes) -> None:
        if TightStore.tight and (self.path.parent / "reserve").exists():
            raise CannotWrite("disk is full")
        super().write(changes)


def test_a_hub_that_starts_on_a_full_disk_takes_the_reserve_and_watches_on(make_stage: Callable[..., Stage]) -> None:
    TightStore.tight = False
    stage = make_stage(store_class=TightStore)
    ana = stage.visit()
    TightStore.tight = True
    stage.restart(down_ms=SECOND)
    stage.carry(ana.frame(w.SOS))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked
    assert ("Ben", "Ana: SOS") in stage.messages()


def test_a_command_in_an_outage_is_refused_and_not_done_later(full: Stage) -> None:
    full.cast()
    FullStore.full = True
    with pytest.raises(StoreFailed):
        full.do(AddPerson("Fay"))
    FullStore.full = False
    full.engine.step()
    assert "Fay" not in [name for (name,) in full.rows("SELECT name FROM person")]


class OrderedStore(Store):
    """Notes its commits among what the carriers note."""

    carriers = Carriers()

    def _commit(self) -> None:
        super()._commit()
        OrderedStore.carriers.order.append("commit")


def test_the_commit_precedes_every_acknowledgement_and_sign_of_life(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(store_class=OrderedStore)
    OrderedStore.carriers = stage.carriers
    ana = stage.visit()
    stage.carriers.order.clear()
    stage.alive.clear()
    stage.engine._still_alive = lambda _now: stage.carriers.order.append("alive")
    stage.carry(ana.frame(w.SOS), ana.heartbeat())
    assert stage.carriers.order[0] == "commit"
    assert sorted(stage.carriers.order[1:]) == ["ack", "ack", "alive", "publish", "publish"]


def test_a_frozen_or_full_hub_gives_no_sign_of_life(full: Stage) -> None:
    full.visit()
    full.later(10 * SECOND)
    assert len(full.alive) >= 2
    FullStore.full = True
    before = len(full.alive)
    full.later(MINUTE)
    assert len(full.alive) == before


def test_more_presses_than_can_be_kept__alarms_stay_and_people_are_told_of_the_rest(
    make_stage: Callable[..., Stage],
) -> None:
    FullStore.full = False
    stage = make_stage(store_class=FullStore, limits=Limits(max_kept=10))
    ana = stage.visit()
    FullStore.full = True
    stage.carry(*[ana.frame(w.FELT) for _ in range(10)])
    stage.carry(ana.frame(w.SOS))
    sos = ana.last_press
    stage.carry(*[ana.frame(w.FELT) for _ in range(5)])
    assert stage.engine._outage.dropped == 6
    FullStore.full = False
    stage.later(2 * SECOND)
    ana.hear(stage.carriers)
    assert sos in ana.acked and stage.kinds(ana.visit).count("felt") == 9
    assert stage.counter("press_dropped") == 6
    with closing(StoreReader(stage.store.path)) as reader:
        assert [text for text in reader.overview().warnings if text.startswith("6 presses were not kept")]
        stage.later(DROPPED_SHOWN_MS + MINUTE, step_ms=MINUTE)
        assert not [text for text in reader.overview().warnings if "were not kept" in text]
