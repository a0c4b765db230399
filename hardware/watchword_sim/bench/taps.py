"""The hub as in service, with stamps: `python -m watchword_sim.bench.taps FOLDER hub --data DIR ...`.

Only public doors are tapped, and each tap notes a moment: when a message came from the broker, when the commit was done
that made it durable, and what thread time went where. SIGUSR1 begins a phase, SIGUSR2 ends it: then FOLDER has
`phase-N.json` (made last), `phase-N.frames` and `phase-N.commits`. FOLDER/durable counts durable frames of the phase.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchword_core.case import Case
from watchword_core.frames import UP_BYTES
from watchword_hub.cli import app as cli
from watchword_hub.engine.engine import Engine
from watchword_hub.engine.inbox import Inbox
from watchword_hub.intake import Arrival, Intake
from watchword_hub.keyring import LibrarySiv
from watchword_hub.store.changes import Changes
from watchword_hub.store.store import Store

FRAME = struct.Struct(f">QQ{UP_BYTES}s")  # came ns, durable ns, the frame
COMMIT = struct.Struct(">QQ")  # done ns, newest journal row
COUNT = struct.Struct("Q")
COUNT_FILE = "durable"
STAGES = "WATCHWORD_BENCH_STAGES"  # set: also time the stages, which costs a few microseconds a frame


class Record:
    """What one phase collected."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._frames: list[tuple[int, int, bytes]] = []
        self._commits: list[tuple[int, int]] = []
        self._committed_ns = 0
        self.stages = Stages()
        with (folder / COUNT_FILE).open("w+b") as file:
            file.write(COUNT.pack(0))
            file.flush()
            self._shared = mmap.mmap(file.fileno(), COUNT.size)
        self._count = 0
        self._cpu = _cpu_s()

    def committed(self, last_seq: int) -> None:
        self._committed_ns = time.monotonic_ns()
        self._commits.append((self._committed_ns, last_seq))

    def durable(self, came_ns: int, payload: bytes) -> None:
        """Called when the engine acknowledges, on its thread: the last commit is the one that counts."""
        self._frames.append((came_ns, self._committed_ns, payload))
        self._count += len(payload) // UP_BYTES
        COUNT.pack_into(self._shared, 0, self._count)

    def begin(self) -> None:
        self._number += 1
        self._frames, self._commits, self._count = [], [], 0
        COUNT.pack_into(self._shared, 0, 0)
        self.stages.spent.clear()
        self._cpu = _cpu_s()

    def end(self) -> None:
        """Writes the phase down."""
        cpu = {thread: spent - self._cpu.get(thread, 0.0) for thread, spent in _cpu_s().items()}
        name = self._folder / f"phase-{self._number}"
        with name.with_suffix(".frames").open("wb") as out:
            for came_ns, durable_ns, payload in self._frames:
                for at in range(0, len(payload), UP_BYTES):
                    out.write(FRAME.pack(came_ns, durable_ns, payload[at : at + UP_BYTES]))
        with name.with_suffix(".commits").open("wb") as out:
            out.writelines(COMMIT.pack(*commit) for commit in self._commits)
        part = name.with_suffix(".part")
        part.write_text(json.dumps({"threads_s": cpu, "stages_s": self.stages.seconds()}))
        part.replace(name.with_suffix(".json"))


class Stages:
    """Thread time by stage; what a stage calls inside another one counts for the inner one only."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()  # ns
        self._inner = threading.local()

    def seconds(self) -> dict[str, float]:
        return {stage: round(ns / 1e9, 3) for stage, ns in sorted(self.spent.items())}

    def time(self, owner: type, method: str, stage: str) -> None:
        """Times every call of a class's method from now on."""
        inner, original = self._inner, getattr(owner, method)

        def timed(*arguments: Any, **named: Any) -> Any:
            outside = getattr(inner, "ns", 0)
            inner.ns = 0
            began = time.thread_time_ns()
            try:
                return original(*arguments, **named)
            finally:
                took = time.thread_time_ns() - began
                self.spent[stage] += took - inner.ns
                inner.ns = outside + took

        setattr(owner, method, timed)


def tap(record: Record) -> None:
    """Puts the taps on the classes, before the hub is made of them."""
    write: Callable[[Store, Changes], None] = Store.write
    put: Callable[[Engine, Arrival], None] = Engine.put

    def noted_write(store: Store, changes: Changes) -> None:
        write(store, changes)
        record.committed(changes.last_seq)

    def noted_put(engine: Engine, arrival: Arrival) -> None:
        came_ns, ack = time.monotonic_ns(), arrival.ack

        def noted_ack() -> None:
            record.durable(came_ns, arrival.payload)
            ack()

        put(engine, arrival._replace(ack=noted_ack))

    Store.write = noted_write  # type: ignore[method-assign, assignment]
    Engine.put = noted_put  # type: ignore[method-assign, assignment]


def tap_stages(stages: Stages) -> None:
    """The engine's stages; what is left of its step after these is its own bookkeeping."""
    for owner, method, stage in (
        (Engine, "step", "engine, the rest"),
        (Inbox, "take", "queue"),
        (LibrarySiv, "open", "unseal"),
        (LibrarySiv, "seal", "seal answers"),
        (Case, "handle", "machines"),
        (Store, "write", "store"),
        (Intake, "publish_down", "publish answers"),
    ):
        stages.time(owner, method, stage)


def _cpu_s() -> dict[str, float]:
    """Seconds of processor by thread so far, from /proc (Linux); nothing elsewhere."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent: dict[str, float] = {}
    for thread in threading.enumerate():
        try:
            fields = Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        spent[thread.name] = (int(fields[11]) + int(fields[12])) / ticks
    return spent


def main() -> None:
    """Runs the command line with the taps on."""
    folder, *arguments = sys.argv[1:]
    record = Record(Path(folder))
    if os.environ.get(STAGES):
        tap_stages(record.stages)
    tap(record)
    signal.signal(signal.SIGUSR1, lambda *_: record.begin())
    signal.signal(signal.SIGUSR2, lambda *_: record.end())
    cli.main(arguments)


if __name__ == "__main__":
    main()
