"""What the parts cost alone: one commit, batched inserts, one message through the broker. Measured in the same run."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from watchword_sim.bench.bare_mqtt import connect

BATCH_ROWS = 512  # as the engine's largest batch

_JOURNAL = (
    "CREATE TABLE journal (seq INTEGER PRIMARY KEY, visit INTEGER, at_ms INTEGER, kind TEXT, body TEXT, hash BLOB)"
)
_VISIT = "CREATE TABLE visit (id INTEGER PRIMARY KEY, state INTEGER, snapshot BLOB)"
_BODY = '{"about":0,"applied":true,"battery_mv":3900,"boot":"000000000000b007","count":7,"event":11,"visit":12}'


class BareStore:
    """SQLite as the hub uses it (WAL, FULL), with a journal row and a visit update a frame, and nothing else."""

    def __init__(self, path: Path, visits: int = 500) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(_JOURNAL)
        self._db.execute(_VISIT)
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO visit VALUES (?, 0, x'')", [(i,) for i in range(visits)])
        self._db.execute("COMMIT")
        self._visits = visits
        self._seq = 0

    def close(self) -> None:
        self._db.close()

    def commit_ms(self, rows: int = 1) -> float:
        """How long one transaction of `rows` takes."""
        seqs = range(self._seq, self._seq + rows)
        self._seq += rows
        inserts = [(seq, seq % self._visits, 1_700_000_000_000 + seq, "checked_in", _BODY, bytes(32)) for seq in seqs]
        updates = [(seq % 5, bytes(150), seq % self._visits) for seq in seqs]
        began = time.perf_counter_ns()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", inserts)
        self._db.executemany("UPDATE visit SET state = ?, snapshot = ? WHERE id = ?", updates)
        self._db.execute("COMMIT")
        return (time.perf_counter_ns() - began) / 1e6

    def rows_per_s(self, seconds: float) -> float:
        """Journal rows a second in batches of BATCH_ROWS."""
        spent_ms = rows = 0.0
        while spent_ms < seconds * 1000:
            spent_ms += self.commit_ms(BATCH_ROWS)
            rows += BATCH_ROWS
        return rows / spent_ms * 1000


class BarePublish:
    """One message at a time from one paho session to another, through the broker, QoS 1."""

    def __init__(self, url: str, bridge: tuple[str, str], hub: tuple[str, str]) -> None:
        self._topic = f"ww/down/{bridge[0]}"  # from the hub's user to the bridge's, so that no hub has to handle it
        self._came = threading.Event()
        self._came_ns = 0
        self._reader = connect(url, "bench-reader", *bridge, (self._topic,), self._on_message)
        self._writer = connect(url, "bench-writer", *hub, (), None)

    def close(self) -> None:
        for client in (self._reader, self._writer):
            client.disconnect()
            client.loop_stop()

    def round_ms(self, payload: bytes) -> float:
        """From publish to the other session's callback; raises TimeoutError."""
        self._came.clear()
        began = time.monotonic_ns()
        self._writer.publish(self._topic, payload, qos=1)
        if not self._came.wait(5):
            raise TimeoutError("a bare publish did not arrive within 5 s")
        return (self._came_ns - began) / 1e6

    def _on_message(self, _client: Any, _user: Any, _message: Any) -> None:
        self._came_ns = time.monotonic_ns()
        self._came.set()
