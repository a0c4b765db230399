"""The engine: one thread owns all state, and nothing is said to anybody before it is durable. One step is:

1. Take what waits: what is due, then presses and commands, then heartbeats; at most one batch of it.
2. Handle each in memory, collecting what has to be written and who has to be answered.
3. Write all of it in one transaction, and commit.
4. Only now acknowledge to the broker, answer pendants and people, and let the console and the outside know we live.

An item that raises: the whole batch is forgotten, and each item is tried in a transaction of its own; the one that
raises again is kept raw as `faulted`, with people told in that commit (faults.py).

A store that can't be written: nothing is acknowledged. People are told from memory what the batch would have told them;
the reserve is freed; heartbeats are let go of; presses are kept and tried again with every step (outage.py).
"""

import gc
import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, tzinfo
from typing import Any

from watchword_core import words as w
from watchword_core.events import new_event
from watchword_core.frames import PRESS, UP_BYTES, FrameError, split

from ..clock import Clock, Machine
from ..commands import Command, Refusal, StoreFailed
from ..feed import Feed
from ..intake import Arrival
from ..keyring import KeyRing
from ..store import hot
from ..store.store import CannotWrite, Store
from .answers import Answers, PublishDown
from .batch import Batch
from .cases import OpenCase, Shelf
from .catch_up import CatchUp
from .deadlines import Deadlines, Due, Silent
from .duties import apply, carry_out
from .faults import journal_fault
from .inbox import Inbox, Posted
from .limits import Limits
from .messages import Message, write_messages
from .outage import Outage
from .people import Desk
from .procedure_book import Procedures
from .startup import clock_row, last_recorded_ms, report_clock_behind, settle_epoch, settle_offsets
from .state import State
from .uplink import Frame, Uplink

Item = Frame | Posted | Due | Silent

DOWNTIME_MS = 5_000  # after longer ones each person gets one message for all that fell due
PURGE_EVERY_MS = 3_600_000  # between two lookings for answers that nobody asks for again
LOOP_FAULT_PAUSE_S = 1.0  # after an error that even a batch of one could not contain

log = logging.getLogger(__name__)


class Engine:
    """`publish_down(bridge, frames, lane)` sends answers; `tell_now` takes messages that no outbox can hold.

    `still_alive(now_ms)` is called after commits only; messages tell the time in `zone`. Time comes from `clock`,
    randomness from `chance`, so that a simulation is the same each time; it calls `step` itself, the product `run`.
    `restored`: this store is an older copy that was put back, so pendants are asked for what it lost; one that is
    behind its own marker is known for that without being told. `machine`: see `startup.settle_offsets`.
    """

    def __init__(
        self,
        store: Store,
        keyring: KeyRing,
        procedures: Procedures,
        clock: Clock,
        publish_down: PublishDown,
        *,
        inbox: Inbox | None = None,
        feed: Feed | None = None,
        tell_now: Callable[[Sequence[Message]], None] = lambda messages: None,
        still_alive: Callable[[int], None] = lambda now_ms: None,
        limits: Limits | None = None,
        zone: tzinfo = UTC,
        machine: Callable[[], Machine] = lambda: Machine("", 0),
        chance: Callable[[int], bytes] = secrets.token_bytes,
        restored: bool = False,
    ) -> None:
        self.inbox = inbox or Inbox()
        self.feed = feed or Feed()
        self.counters: Counter[str] = Counter()  # since start; the store's `counter` table has them for good
        self._limits = limits or Limits()
        self._store = store
        self._clock = clock
        self._still_alive = still_alive
        self._shelf = Shelf(procedures, store)
        self._uplink = Uplink(keyring, self._shelf, self._limits, chance)
        self._desk = Desk(store, keyring, self._shelf, self._limits)
        self._answers = Answers(keyring, publish_down, self._limits, self.counters)
        self._outage = Outage(tell_now, self._limits, self._uplink.is_alarm)
        self._stopping = threading.Event()
        self._tick_ms = 0
        self._unread: Counter[str] = Counter()
        last_ms = last_recorded_ms(store)
        self._ahead_ms = max(0, last_ms - clock.now_ms())
        self._machine = machine
        settle_offsets(store, machine(), self.now_ms())
        now_ms = self.now_ms()
        self._state = State(store, self._shelf, now_ms, zone, self._limits)
        self._deadlines = Deadlines(store, self._limits.silence_ms, now_ms + self._limits.silence_ms)
        since_ms = min(last_ms or now_ms, self._deadlines.next_ms() or now_ms)
        self._catch_up = CatchUp() if since_ms < now_ms - DOWNTIME_MS else None
        self._more_due = False
        self._young = 0  # items handled since the garbage collector walked what they left
        self._settle_in(chance, restored)
        gc.freeze()  # what a start leaves stays: the modules alone would stop the engine for 0.1 s now and then

    # -- from any thread

    def put(self, arrival: Arrival) -> None:
        """What intake hands over; does not block."""
        self.inbox.put(arrival)

    def submit(self, command: Command) -> "Future[Any]":
        """The Future is done after the commit; it raises Refusal or StoreFailed."""
        posted = Posted(command)
        self.inbox.post(posted)
        return posted.answer

    def stop(self) -> None:
        """Ends `run` after the step it is in."""
        self._stopping.set()
        self.inbox.wake()

    # -- the loop

    def run(self) -> None:
        """Steps until `stop`."""
        astray = False
        while not self._stopping.is_set():
            try:
                if astray:
                    self._forget()
                    self._deadlines = Deadlines(self._store, self._limits.silence_ms, self.now_ms())
                astray = False
                self.step(self._limits.tick_ms)
            except Exception:  # the top loop: log, count, go on from what the store says
                log.exception("engine step failed; going on from the store")
                self.counters["step_failed"] += 1
                astray = True
                self._stopping.wait(LOOP_FAULT_PAUSE_S)
        for item in self.inbox.take(self._limits.max_kept, 0):
            if isinstance(item, Posted):
                _resolve(item, StoreFailed("the hub is stopping: nothing was recorded"))

    def step(self, wait_ms: int = 0) -> int:
        """One batch; how many items it had. Waits for the first at most `wait_ms`, less if something falls due."""
        taken = self.inbox.take(self._limits.max_batch, self._patience_ms(wait_ms) / 1000)
        now_ms = self.now_ms()
        arrivals = [item for item in taken if isinstance(item, Arrival)]
        items = self._due(now_ms)
        items += self._outage.kept()
        items += self._frames([a for a in arrivals if a.lane == PRESS], now_ms)
        items += [item for item in taken if isinstance(item, Posted)]
        items += self._frames([a for a in arrivals if a.lane != PRESS], now_ms)
        self._outage.hold(arrivals)
        if items or arrivals or now_ms - self._tick_ms >= self._limits.tick_ms:
            self._try(items, now_ms)
        self._collect(len(items))
        return len(items)

    def _due(self, now_ms: int) -> list[Item]:
        """At most a batch of it, so that presses never wait for all; in an outage what can be told from memory."""
        most = self._limits.max_told if self._outage.on else self._limits.max_batch
        items: list[Item] = [*self._deadlines.take(self._state, now_ms, most)]
        self._more_due = len(items) >= most
        return items

    def now_ms(self) -> int:
        """The hub's time: the clock's, or from where the journal stopped if that is later."""
        return self._clock.now_ms() + self._ahead_ms

    def _patience_ms(self, wait_ms: int) -> int:
        due_ms = self._deadlines.next_ms()
        if self._outage.on:  # what is due stays due until it can be written
            wait_ms = min(wait_ms, self._limits.retry_ms)
        elif due_ms is not None:
            wait_ms = min(wait_ms, due_ms - self.now_ms())
        return max(0, wait_ms)

    def _frames(self, arrivals: Sequence[Arrival], now_ms: int) -> list[Item]:
        frames: list[Item] = []
        for arrival in arrivals:
            try:
                frames += [Frame(raw, arrival.bridge, now_ms) for raw in split(arrival.payload, UP_BYTES)]
            except FrameError:
                self._unread["malformed_message"] += 1
        return frames

    # -- one batch

    def _try(self, items: list[Item], now_ms: int) -> None:
        batch = Batch(now_ms, self._state.last_seq)
        try:
            answered = self._handle(items, batch)
            self._commit(batch)
        except CannotWrite as e:
            self._on_outage(items, batch, e)
            self._acknowledge()
            return
        except Exception as e:  # noqa: BLE001 -- whatever it was, it is one item's: find it, and let the others go on
            self._forget(items)
            if len(items) == 1:
                self._set_aside(items[0], e, now_ms)
            else:
                log.warning("a batch of %d raised %s: trying each alone", len(items), type(e).__name__)
                for item in items:
                    self._try_alone(item, now_ms)
            self._acknowledge()
            return
        self._after_commit(batch, answered)
        self._acknowledge()

    def _try_alone(self, item: Item, now_ms: int) -> None:
        batch = Batch(now_ms, self._state.last_seq)
        try:
            answered = self._handle([item], batch)
            self._commit(batch)
        except CannotWrite as e:
            self._on_outage([item], batch, e)
        except Exception as e:  # noqa: BLE001 -- as in _try
            self._forget([item])
            self._set_aside(item, e, now_ms)
        else:
            self._after_commit(batch, answered)

    def _handle(self, items: Sequence[Item], batch: Batch) -> list[tuple[Posted, Any]]:
        """Everything in memory; the answers for the people who wait."""
        answered: list[tuple[Posted, Any]] = []
        for item in items:
            if isinstance(item, Frame):
                self._uplink.take(item, self._state, batch)
            elif isinstance(item, Posted):
                answered.append((item, self._command(item.command, batch)))
            else:
                self._fall_overdue(item, batch)
        self._finish(batch)
        return answered

    def _command(self, command: Command, batch: Batch) -> Any:
        try:
            return self._desk.take(command, self._state, batch)
        except Refusal as refusal:
            return refusal

    def _fall_overdue(self, item: Due | Silent, batch: Batch) -> None:
        if isinstance(item, Silent):
            self._fall_silent(item, batch)
        else:
            self._fall_due(item, batch)
        batch.overdue_drafts = len(batch.drafts)

    def _fall_due(self, due: Due, batch: Batch) -> None:
        case = self._state.cases.get(due.case)
        if case is None:
            return
        cause = f"c{case.id}-due{case.due_ms}"
        carry_out(self._state, batch, case, case.case.handle_deadline(batch.now_ms), cause, "overdue")

    def _fall_silent(self, silent: Silent, batch: Batch) -> None:
        pendant = self._state.pendants[silent.pendant]
        case = pendant.case
        if case is None:
            return
        case.told_silent = True
        batch.changes.journal(case.id, batch.now_ms, pendant.heard_ms, "silent", {"pendant": pendant.id})
        event = new_event(w.SILENT, batch.now_ms)
        apply(self._state, batch, case, event, f"c{case.id}-silent{pendant.heard_ms}")

    def _finish(self, batch: Batch) -> None:
        """What a batch writes once for all its items."""
        for case in batch.cases.values():
            self._settle(case, batch)
        if self._catch_up:
            self._catch_up.combine(batch, self._state)
        write_messages(batch, self._state)
        self._answers.plan_fragments(batch, self._state)
        batch.plan_answers(self._state.pendants)
        batch.write_boots()
        for pendant, (bridge, frames) in batch.strangers.items():
            batch.changes.add(hot.PUT_STRANGER, (pendant, bridge, batch.now_ms, batch.now_ms, frames))
        batch.counted.update(self._unread)
        if self._outage.dropped:
            batch.counted["press_dropped"] += self._outage.dropped
            batch.changes.add(hot.PUT_META, ("press_dropped", f"{batch.now_ms} {self._outage.dropped}"))
        batch.write_counters()
        if batch.now_ms - self._tick_ms >= self._limits.tick_ms:
            batch.changes.add(hot.PUT_META, ("alive_ms", str(batch.now_ms)))
            batch.changes.add(hot.PUT_META, clock_row(self._machine(), batch.now_ms))
            if batch.now_ms // PURGE_EVERY_MS != self._tick_ms // PURGE_EVERY_MS:
                batch.changes.add(hot.FORGET_COMMANDS_DONE, (batch.now_ms - self._limits.keep_commands_ms,))

    def _settle(self, case: OpenCase, batch: Batch) -> None:
        case.due_ms = case.case.next_deadline_ms()
        if case.case.finished():
            case.due_ms, case.closed_ms = None, batch.now_ms
            batch.changes.journal(case.id, batch.now_ms, batch.now_ms, "closed", {})
            self._state.pendants[case.pendant].case = None
            if case.is_visit:
                self._state.visit_of.drop(case.roles.get(w.WORKER, 0))
        batch.changes.add(hot.SET_CASE, case.row())

    def _commit(self, batch: Batch) -> None:
        if not batch.changes.empty:
            self._store.write(batch.changes)

    def _after_commit(self, batch: Batch, answered: Sequence[tuple[Posted, Any]]) -> None:
        now_ms = self.now_ms()
        self._state.last_seq = batch.changes.last_seq
        for boot in batch.boots.values():
            boot.stored = True
        for case in batch.cases.values():
            self._deadlines.watch(self._state.pendants[case.pendant])
            if case.closed_ms is not None:
                self._store.forget_head(case.id)
        self.counters.update(batch.counted)
        self._unread.clear()
        if not self._more_due:
            self._catch_up = None
        if self._outage.over():
            self._store.reserve.keep()
        self.feed.publish(
            self._state.last_seq, now_ms, self._outage.banners
        )  # wakes the console while answers are sealed
        self._answers.send(batch, self._state, now_ms)
        if batch.now_ms - self._tick_ms >= self._limits.tick_ms:
            self._tick_ms = batch.now_ms
            self._store.marker.put(self._state.epoch, self._state.last_seq)
        self.counters["let_go"] += self._state.settle()
        for posted, answer in answered:
            _resolve(posted, answer)
        self._still_alive(now_ms)

    def _collect(self, handled: int) -> None:
        """Walks what came in once, then never again: left to itself the collector walks 100,000 visits for a second."""
        self._young += handled
        if self._young >= self._limits.collect_every:
            self._young = 0
            gc.collect()
            gc.freeze()

    def _acknowledge(self) -> None:
        for arrival in self._outage.release():
            arrival.ack()

    # -- when it goes wrong

    def _set_aside(self, item: Item, error: Exception, now_ms: int) -> None:
        """Keeps one item that can't be handled, and tells people."""
        log.error("%s could not be handled: %s", type(item).__name__, type(error).__name__)
        batch = Batch(now_ms, self._state.last_seq)
        alarm = self._uplink.alarm_in(item.raw) if isinstance(item, Frame) else 0
        journal_fault(item, error, self._state, batch, self._limits.fault_retry_ms, alarm)
        if isinstance(item, Silent):
            self._deadlines.look_again(item.pendant, now_ms + self._limits.fault_retry_ms)
        try:
            self._finish(batch)
            self._commit(batch)
        except CannotWrite as e:
            self._on_outage([item], batch, e)
            return
        self._after_commit(batch, [(item, error)] if isinstance(item, Posted) else [])

    def _on_outage(self, items: Sequence[Item], batch: Batch, error: CannotWrite) -> None:
        self.counters["store_failed"] += 1
        if not self._outage.on:
            log.error("nothing can be recorded or acknowledged: %s", error)
        freed = self._store.reserve.free()
        self._outage.begin(items, batch.drafts, self._state)
        self._forget(items)
        for item in items:
            if isinstance(item, Posted):
                _resolve(
                    item, StoreFailed(f"nothing was recorded: {error}. Make room on the hub's disk, then ask again.")
                )
        self.feed.publish(self._state.last_seq, self.now_ms(), self._outage.banners)
        if freed:
            self.inbox.wake()

    def _forget(self, items: Sequence[Item] = ()) -> None:
        """Memory goes back to what the store says; pendants that fell silent in the batch are looked at again."""
        self._state.forget()
        if self._catch_up:
            self._catch_up.forget()
        for item in items:
            if isinstance(item, Silent):
                self._deadlines.look_again(item.pendant, 0)

    def _settle_in(self, chance: Callable[[int], bytes], restored: bool) -> None:
        batch = Batch(self.now_ms(), self._state.last_seq)
        behind = self._store.marker.is_ahead_of(self._state.epoch, self._state.last_seq)
        settle_epoch(self._state, batch, chance, restored or behind)
        if self._ahead_ms:
            report_clock_behind(self._ahead_ms, self._state, batch)
        batch.changes.add(hot.FORGET_COMMANDS_DONE, (batch.now_ms - self._limits.keep_commands_ms,))
        write_messages(batch, self._state)
        batch.write_counters()
        try:
            self._commit(batch)
        except CannotWrite:  # started on a full disk: better with the reserve than not at all
            if not self._store.reserve.free():
                raise
            self._commit(batch)
        self._state.last_seq = batch.changes.last_seq
        self._store.marker.put(self._state.epoch, self._state.last_seq)


def _resolve(posted: Posted, answer: Any) -> None:
    if not posted.answer.set_running_or_notify_cancel():
        return
    if isinstance(answer, Exception):
        posted.answer.set_exception(answer)
    else:
        posted.answer.set_result(answer)
