"""`watchword bench engine`: what an event and a deadline cost the engine with few and with very many open visits.

The engine as in service, on a store on disk, without broker, console and notify: frames that were sealed before lie in
its inbox, and its answers are sealed and let go of. For each number of visits, in a process of its own:

1. Events: one of every pendant, which reads it into memory; then heartbeats, a mix and presses of one after another in
   the order in which they began; then shuffled, which leaves the memory of each visit scattered: so they come last.
2. Deadlines that come one every EVERY_MS, in real time: how late each is durable. In sittings, each followed by bare
   commits at the same pace, since the disk's bad moments come and go.
3. A start after a downtime, on the files as a killed hub leaves them: until the first rung that was overdue is durable,
   and how fast the others follow.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from watchword_core import words as w
from watchword_core.frames import PRESS, ROUTINE, seal_report
from watchword_core.seal import KEY_BYTES
from watchword_hub.clock import SystemClock
from watchword_hub.engine.engine import Engine
from watchword_hub.engine.limits import Limits
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.intake import Arrival
from watchword_hub.keyring import KeyRing, LibrarySiv
from watchword_hub.store.changes import Changes
from watchword_hub.store.store import Store

from watchword_sim.bench import fleet
from watchword_sim.bench.figures import NS_PER_MS, percentile, spread
from watchword_sim.bench.floors import BareStore
from watchword_sim.bench.many import ALL_DUE_MS, EVERY_MS, NOW_MS, PACED, QUIET_MS, Many, prepare

WANTED_RATIO = 1.3
WANTED_LATE_MS = 10.0
WANTED_FIRST_S = 1.0
PRESS_EVERY = 10
PRESSES = 4  # one part in so many of the events
ROUNDS = 10
BEFORE_MS = 1_000  # the first deadline, from when the paced phase starts
FOLLOWING = 20_000  # rungs that are waited for after a downtime
FLOOR_S = 2.0
TICK_MS = 5_000
DAY_MS = 24 * 3_600_000
CHANCE = 20_261_122


def measure(
    folder: Path, visits: Sequence[int], events: int, sittings: int, told: Callable[[str], None]
) -> dict[str, Any]:
    """For each number of visits; the object that `--json` prints."""
    # A process for each: what one has in memory is not walked by the garbage collector of another.
    alone = {number: ProcessPoolExecutor(1, mp_context=get_context("spawn")) for number in visits}
    try:
        told(f"making {', '.join(str(number) for number in visits)} open visits ...")
        opened = {number: pool.submit(_open, folder / str(number), number).result() for number, pool in alone.items()}
        rounds = {number: [pool.submit(_round, FIRST, number).result()] for number, pool in alone.items()}
        for phase in PHASES:
            told(f"{phase.name} ...")
            for _ in range(ROUNDS):  # in turn, so that the machine's other work meets all of them alike
                for number, pool in alone.items():
                    size = max(1, events // ROUNDS // phase.part)
                    rounds[number].append(pool.submit(_round, phase, size).result())
        told("deadlines and starts ...")
        found = {number: pool.submit(_rest, events, sittings).result() for number, pool in alone.items()}
    finally:
        for pool in alone.values():
            pool.shutdown()
    least, most = min(visits), max(visits)
    return {
        "bench": "engine",
        "wanted": {"cost_ratio": WANTED_RATIO, "late_p99_ms": WANTED_LATE_MS, "first_rung_s": WANTED_FIRST_S},
        "cost_ratio": {phase.name: _ratio(phase, rounds[most], rounds[least]) for phase in PHASES},
        "late_p99_ms": {str(number): one["deadlines"]["late"]["p99_ms"] for number, one in found.items()},
        "late_without_disk_p99_ms": {str(n): one["deadlines"]["without_disk"]["p99_ms"] for n, one in found.items()},
        "bare_late_p99_ms": {str(number): one["bare_late"]["p99_ms"] for number, one in found.items()},
        "first_rung_s": found[most]["restart"]["first_rung_s"],
        "visits": {
            str(number): {
                "prepared_s": opened[number],
                "events": {phase.name: _whole(phase, rounds[number]) for phase in (FIRST, *PHASES)},
                **found[number],
            }
            for number in visits
        },
    }


class Phase(NamedTuple):
    """What kind of events, and in which order of the visits. `part`: one of so many of the wanted events."""

    name: str
    press_every: int  # 0: no presses
    shuffled: bool
    part: int = 1


class Round(NamedTuple):
    """One of the rounds of a phase."""

    phase: str
    events: int
    wall_ns: int
    engine_ns: int  # processor time of its thread
    batches: int


FIRST = Phase("first_of_each", 0, False)
PHASES = (
    Phase("heartbeats", 0, False),
    Phase("mixed", PRESS_EVERY, False),
    Phase("presses", 1, False, PRESSES),
    Phase("heartbeats_shuffled", 0, True),
    Phase("presses_shuffled", 1, True, PRESSES),
)


def _ratio(phase: Phase, most: Sequence[Round], least: Sequence[Round]) -> float:
    """Of the cost of an event; the median of the rounds, each compared with the one beside it."""
    pairs = [(a, b) for a, b in zip(most, least, strict=True) if a.phase == phase.name]
    ratios = [(a.engine_ns / a.events) / (b.engine_ns / b.events) for a, b in pairs]
    return round(percentile(ratios, 0.5), 2)


def _whole(phase: Phase, rounds: Sequence[Round]) -> dict[str, Any]:
    those = [one for one in rounds if one.phase == phase.name]
    events = sum(one.events for one in those)
    return {
        "events": events,
        "events_per_s": round(events / sum(one.wall_ns for one in those) * 1e9),
        "engine_us_per_event": round(sum(one.engine_ns for one in those) / events / 1e3, 1),
        "batches": sum(one.batches for one in those),
    }


# -- in a process of its own, which holds one engine between the rounds

_live: list[Events] = []


def _open(folder: Path, visits: int) -> float:
    began = time.monotonic()
    many = prepare(folder, visits)
    prepared_s = round(time.monotonic() - began, 1)
    # However slow the machine is: nobody's silence is among the events.
    _live.append(Events(many, Hub(many, folder, NOW_MS, silence_ms=DAY_MS)))
    _live[0].hub.clock.pause()
    return prepared_s


def _round(phase: Phase, events: int) -> Round:
    return _live[0].run(phase, events)


def _rest(events: int, sittings: int) -> dict[str, Any]:
    many, hub = _live[0].many, _live[0].hub
    memory_mb = _memory_mb()
    killed = many.copy(many.folder / "killed")
    hub.store.close()
    _live.clear()
    bare = BareStore(many.folder / "bare.db", many.visits)
    bare_per_s = round(bare.rows_per_s(min(FLOOR_S, events / 10_000)))
    late, bare_late = [], []
    for n in range(sittings):
        late.append(_deadlines(many, many.copy(many.folder / f"paced-{n}")))
        bare_late += _bare_late_ms(bare, min(many.visits, PACED))
    found = {
        "deadlines": _all_sittings(late),
        "bare_late": spread(bare_late),
        "restart": _restart(many, killed),
        "memory_mb": memory_mb,
        "bare_store_rows_per_s": bare_per_s,
    }
    bare.close()
    return found


class _MovedClock(SystemClock):
    """Goes at the machine's pace, from `at_ms` on."""

    def __init__(self, at_ms: int) -> None:
        super().__init__()
        self._moved_ms = at_ms - super().now_ms()
        self._began_ms, self._began_ns = at_ms, time.monotonic_ns()
        self._paused_ms = at_ms

    def now_ms(self) -> int:
        return super().now_ms() + self._moved_ms

    def pause(self) -> None:
        """What follows until `go_on` takes no time."""
        self._paused_ms = self.now_ms()

    def go_on(self) -> None:
        self._moved_ms -= self.now_ms() - self._paused_ms

    def exact_ms(self, at_ns: int) -> float:
        """The clock's time at a moment of `time.monotonic_ns`."""
        return self._began_ms + (at_ns - self._began_ns) / 1e6


class Noted(NamedTuple):
    """A commit: when the disk was asked, when it had returned, and its newest journal row."""

    asked_ns: int
    durable_ns: int
    newest: int


class _NotedStore(Store):
    """Notes each commit."""

    def __init__(self, folder: Path) -> None:
        self.commits: list[Noted] = []
        self._asked_ns = 0
        super().__init__(folder)

    def write(self, changes: Changes) -> None:
        super().write(changes)
        self.commits.append(Noted(self._asked_ns, time.monotonic_ns(), changes.last_seq))

    def _commit(self) -> None:
        self._asked_ns = time.monotonic_ns()
        super()._commit()


class Hub:
    """Store and engine, opened at a time of our choosing; `opened_ns`: before the store was."""

    def __init__(self, many: Many, folder: Path, at_ms: int, silence_ms: int = Limits.silence_ms) -> None:
        self.clock = _MovedClock(at_ms)
        self.opened_ns = time.monotonic_ns()
        self.store = _NotedStore(folder)
        limits = Limits(silence_ms=silence_ms)
        self.engine = Engine(
            self.store, KeyRing(many.keys), BuiltIn(), self.clock, lambda *_answer: True, limits=limits
        )
        self.acked = 0

    def ack(self) -> None:
        self.acked += 1

    def rungs_after(self, seq: int) -> list[tuple[int, int, int]]:
        """(journal row, case, when it was due) of the first row of each case that asks somebody for something."""
        return self.store.rows(
            """SELECT MIN(seq), visit_case, event_ms FROM journal
               WHERE seq > ? AND kind IN ('call', 'prompt', 'tell') GROUP BY visit_case ORDER BY 1""",
            (seq,),
        )


class Events:
    """Frames as fast as the engine takes them: its batches are full."""

    def __init__(self, many: Many, hub: Hub) -> None:
        self.many = many
        self.hub = hub
        self._chance = random.Random(CHANCE)  # noqa: S311 -- an order, no secret
        self._counts: Counter[tuple[int, int]] = Counter()
        self._order: dict[bool, Iterator[int]] = {False: self._in_turn(), True: self._shuffled()}

    def run(self, phase: Phase, events: int) -> Round:
        hub = self.hub
        for n, i in enumerate(itertools.islice(self._order[phase.shuffled], events)):
            lane = PRESS if phase.press_every and n % phase.press_every == 0 else ROUTINE
            hub.engine.put(Arrival("bench", lane, self._frame(i, lane), hub.ack))
        hub.acked, commits = 0, len(hub.store.commits)
        hub.clock.go_on()
        began, began_cpu = time.monotonic_ns(), time.thread_time_ns()
        while hub.acked < events:
            hub.engine.step()
        spent = time.monotonic_ns() - began, time.thread_time_ns() - began_cpu
        hub.clock.pause()
        return Round(phase.name, events, *spent, len(hub.store.commits) - commits)

    def _in_turn(self) -> Iterator[int]:
        """As heartbeats come: each pendant has its own moment in their cycle, by when it was switched on."""
        return itertools.cycle(range(self.many.visits))

    def _shuffled(self) -> Iterator[int]:
        """Each once, then each once in another order: no batch saves work by two frames of one pendant."""
        while True:
            yield from self._chance.sample(range(self.many.visits), self.many.visits)

    def _frame(self, i: int, lane: int) -> bytes:
        member = self.many.member(i)
        used = member.press_count if lane == PRESS else member.routine_count
        self._counts[i, lane] += 1
        event = w.CHECKED_IN if lane == PRESS else w.HEARTBEAT
        report = fleet.report(member, event, self.many.ticks_ms(i, self.hub.clock.now_ms()))
        siv = LibrarySiv((self.many.keys / f"{member.pendant:08x}.key").read_bytes()[:KEY_BYTES])
        return bytes(seal_report(siv, lane, member.pendant, fleet.BOOT, used + self._counts[i, lane], report))


class Late(NamedTuple):
    """One deadline: how long after it was due it was durable, and how much of that no commit was under way, ms."""

    durable_ms: float
    without_disk_ms: float


def _deadlines(many: Many, folder: Path) -> list[Late]:
    """Those that come one by one; `folder` is gone afterwards."""
    os.sync()  # or the copy's way to the disk would be in the commits' figures
    hub = Hub(many, folder, NOW_MS + QUIET_MS - BEFORE_MS)
    wanted = min(many.visits, PACED)
    newest = hub.store.last_id("journal")
    end_ms = NOW_MS + QUIET_MS + wanted * EVERY_MS
    while hub.clock.now_ms() <= end_ms:
        hub.engine.step(TICK_MS if hub.clock.now_ms() < end_ms - TICK_MS else EVERY_MS)
    while hub.engine.step():
        continue
    late = list(_late(hub, hub.rungs_after(newest)))
    hub.store.close()
    shutil.rmtree(folder)
    return late


def _all_sittings(sittings: Sequence[Sequence[Late]]) -> dict[str, Any]:
    late = [one for sitting in sittings for one in sitting]
    return {
        "fired": len(late),
        "a_second": 1000 // EVERY_MS,
        "without_disk": spread([one.without_disk_ms for one in late]),
        "late": spread([one.durable_ms for one in late]),
        "sittings_p99_ms": [spread([one.durable_ms for one in sitting])["p99_ms"] for sitting in sittings],
        "latest_ms": round(max(one.durable_ms for one in late), 1),
    }


def _bare_late_ms(bare: BareStore, number: int) -> list[float]:
    """At the same pace: from the moment of each until a commit with nothing to decide has returned."""
    began_ns = time.monotonic_ns()
    late = []
    for due_ns in range(began_ns, began_ns + number * EVERY_MS * NS_PER_MS, EVERY_MS * NS_PER_MS):
        time.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
        bare.commit_ms()
        late.append((time.monotonic_ns() - due_ns) / NS_PER_MS)
    return late


def _late(hub: Hub, rungs: Sequence[tuple[int, int, int]]) -> Iterator[Late]:
    commits = [(hub.clock.exact_ms(c.asked_ns), hub.clock.exact_ms(c.durable_ns), c.newest) for c in hub.store.commits]
    last = 0
    for seq, _, due in rungs:
        while commits[last][2] < seq:
            last += 1
        waited, i = 0.0, last  # for the disk: by its own commit, and by those that stood before it
        while i >= 0 and commits[i][1] > due:
            waited += commits[i][1] - max(commits[i][0], due)
            i -= 1
        late = commits[last][1] - due
        yield Late(late, late - waited)


def _restart(many: Many, folder: Path) -> dict[str, Any]:
    """After a downtime in which every visit fell due."""
    hub = Hub(many, folder, ALL_DUE_MS + 1_000)
    started_ns, newest = time.monotonic_ns(), hub.store.last_id("journal")
    hub.store.commits.clear()
    hub.engine.step()
    first_ns = hub.store.commits[0].durable_ns
    began, began_cpu, steps, wanted = time.monotonic_ns(), time.thread_time_ns(), 1, min(many.visits, FOLLOWING)
    fired = hub.store.value("SELECT COUNT(*) FROM visit_case WHERE due_ms > ?", (ALL_DUE_MS + 1_000,))
    first_batch = fired
    while fired < wanted:
        hub.engine.step()
        steps += 1
        fired = hub.store.value("SELECT COUNT(*) FROM visit_case WHERE due_ms > ?", (ALL_DUE_MS + 1_000,))
    wall_s, cpu_ns = (time.monotonic_ns() - began) / 1e9, time.thread_time_ns() - began_cpu
    assert len(hub.rungs_after(newest)) == fired
    messages = hub.store.value("SELECT COUNT(*) FROM outbox WHERE made_ms > ?", (ALL_DUE_MS,))
    hub.store.close()
    rest = max(1, fired - first_batch)
    return {
        "open_visits": many.visits,
        "store_and_engine_s": round((started_ns - hub.opened_ns) / 1e9, 3),
        "first_rung_s": round((first_ns - hub.opened_ns) / 1e9, 3),
        "fired": fired,
        "deadlines_per_s": round(rest / wall_s),
        "engine_us_per_deadline": round(cpu_ns / 1e3 / rest, 1),
        "messages": messages,
    }


def _memory_mb() -> int:
    """What the process holds, MB (Linux); 0 elsewhere."""
    try:
        fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return int(fields["VmRSS"].split()[0]) // 1024
    except (OSError, KeyError):
        return 0
