"""What the hub has not acknowledged yet: PRESS frames on disk, the newest ROUTINE frame of each pendant in memory.

A frame leaves by one door only: the hub's own acknowledgement in the header of a DOWN frame. That the broker took it
says nothing, since a denied publish is acknowledged by brokers too.

Nobody waits for this disk. The pendant keeps a frame until it has the hub's sealed acknowledgement, so a frame may be
published before it is written here; the disk is for a bridge that is killed while the pendant is out of range. So
`keep` changes memory, and `write` brings everything changed since to disk in one transaction, on a thread of its own.

A heartbeat of before a kill says nothing afterwards, so ROUTINE is not written at all.
"""

import logging
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from watchword_core.frames import ROUTINE, FrameError, Header, read_header

MAX_PRESS_FRAMES = 4096
MAX_PRESS_FRAMES_PER_PENDANT = 512  # so that one that floods, or is forged, leaves room for the others
MAX_ROUTINE_PENDANTS = 64
MAX_VARIANTS = 4  # frames of one key: a forged one must not keep the genuine one out
RESEND_MS = 3_000  # without an acknowledgement; twice as long each time
RESEND_MAX_MS = 60_000
MAX_DUE = 512  # frames repeated at one time

Key = tuple[int, int, int, int]  # pendant, boot, lane, count

log = logging.getLogger(__name__)


class SpoolError(Exception):
    """The disk did not take the frames; they are still in memory, and `write` may be called again."""


class SpoolInUse(Exception):
    """Another bridge runs on this file."""


@dataclass
class _Kept:
    seq: int
    frame: bytes
    key: Key
    due_ms: int
    wait_ms: int = RESEND_MS


class Spool:
    """`keep`, `acknowledged` and `due` belong to one thread, `write` may be called on another."""

    def __init__(self, path: Path) -> None:
        self.counters: Counter[str] = Counter()
        self._press: dict[bytes, _Kept] = {}  # by the whole frame, in order of arrival
        self._routine: dict[int, _Kept] = {}  # by pendant
        self._by_key: dict[Key, list[bytes]] = {}
        self._per_pendant: Counter[int] = Counter()
        self._lock = threading.Lock()  # of the two below
        self._to_insert: dict[int, bytes] = {}
        self._to_delete: set[int] = set()
        self._next_seq = 1
        self._db = _open(path)
        self._load()

    def __len__(self) -> int:
        return len(self._press) + len(self._routine)

    def keep(self, frame: bytes, header: Header, now_ms: int) -> bool:
        """Take in one UP frame; whether it is to be published now (False: the same is on its way already)."""
        if header.lane == ROUTINE:
            return self._keep_routine(frame, header, now_ms)
        if frame in self._press:
            self.counters["duplicates"] += 1
            return False
        key = _key(header)
        if not self._has_room(key):
            # Published, though not kept: the pendant repeats it until the hub has it.
            self.counters["press_not_kept"] += 1
            return True
        self._add(_Kept(self._next_seq, frame, key, now_ms + RESEND_MS))
        with self._lock:
            self._to_insert[self._next_seq] = frame
        self._next_seq += 1
        return True

    def acknowledged(self, down: Header) -> int:
        """Drop what this DOWN header says is durable at the hub; how many frames that were."""
        key = (down.pendant, down.boot, down.ack_lane, down.ack_count)
        kept = self._routine.get(down.pendant)
        if down.ack_lane == ROUTINE and kept and kept.key == key:
            del self._routine[down.pendant]
            return 1
        frames = self._by_key.pop(key, [])
        for frame in frames:
            self._drop(self._press.pop(frame))
        return len(frames)

    def due(self, now_ms: int) -> list[tuple[int, bytes]]:
        """(lane, frame) of what to publish again, PRESS first, oldest first; each is then due later."""
        waiting = [kept for kept in (*self._press.values(), *self._routine.values()) if kept.due_ms <= now_ms]
        for kept in waiting[:MAX_DUE]:
            kept.due_ms = now_ms + kept.wait_ms
            kept.wait_ms = min(2 * kept.wait_ms, RESEND_MAX_MS)
        return [(kept.key[2], kept.frame) for kept in waiting[:MAX_DUE]]

    def all_due(self, now_ms: int) -> None:
        """After a reconnect: what was published before may have gone nowhere."""
        for kept in (*self._press.values(), *self._routine.values()):
            kept.due_ms, kept.wait_ms = now_ms, RESEND_MS

    def write(self) -> None:
        """Bring memory's changes to disk, durably; raises SpoolError, having forgotten nothing."""
        with self._lock:
            insert, self._to_insert = self._to_insert, {}
            delete, self._to_delete = self._to_delete, set()
        try:
            self._commit(insert, delete)
        except sqlite3.Error as e:
            with self._lock:
                self._to_insert = insert | self._to_insert
                self._to_delete |= delete
            self.counters["write_failed"] += 1
            raise SpoolError(f"spool not written: {e}; check the disk. Frames are kept in memory meanwhile") from e

    def close(self) -> None:
        self._db.close()

    def _commit(self, insert: dict[int, bytes], delete: set[int]) -> None:
        if not insert and not delete:
            return
        with self._db:
            self._db.executemany("INSERT OR IGNORE INTO press (seq, frame) VALUES (?, ?)", insert.items())
            self._db.executemany("DELETE FROM press WHERE seq = ?", [(seq,) for seq in delete])

    def _load(self) -> None:
        for seq, frame in self._db.execute("SELECT seq, frame FROM press ORDER BY seq"):
            self._next_seq = seq + 1
            try:
                self._add(_Kept(seq, frame, _key(read_header(frame)), due_ms=0))
            except FrameError:
                self.counters["unreadable"] += 1  # of another version: of no use to this one
                self._to_delete.add(seq)

    def _keep_routine(self, frame: bytes, header: Header, now_ms: int) -> bool:
        before = self._routine.get(header.pendant)
        if before and before.frame == frame:
            self.counters["duplicates"] += 1
            return False
        if before:
            self.counters["routine_replaced"] += 1
        elif len(self._routine) >= MAX_ROUTINE_PENDANTS:
            self.counters["routine_dropped"] += 1
            del self._routine[next(iter(self._routine))]
        self._routine[header.pendant] = _Kept(0, frame, _key(header), now_ms + RESEND_MS)
        return True

    def _has_room(self, key: Key) -> bool:
        return (
            len(self._press) < MAX_PRESS_FRAMES
            and self._per_pendant[key[0]] < MAX_PRESS_FRAMES_PER_PENDANT
            and len(self._by_key.get(key, ())) < MAX_VARIANTS
        )

    def _add(self, kept: _Kept) -> None:
        self._press[kept.frame] = kept
        self._by_key.setdefault(kept.key, []).append(kept.frame)
        self._per_pendant[kept.key[0]] += 1

    def _drop(self, kept: _Kept) -> None:
        self._per_pendant[kept.key[0]] -= 1
        if not self._per_pendant[kept.key[0]]:
            del self._per_pendant[kept.key[0]]
        with self._lock:
            if self._to_insert.pop(kept.seq, None) is None:
                self._to_delete.add(kept.seq)


def _key(header: Header) -> Key:
    return (header.pendant, header.boot, header.lane, header.count)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _connect(path)
    except sqlite3.OperationalError as e:
        if "locked" in str(e):
            raise SpoolInUse(f"another bridge uses {path}: stop it, or give this one another spool") from e
        raise
    except sqlite3.DatabaseError:
        aside = path.with_name(path.name + ".unreadable")
        log.exception("spool %s can't be read: moved to %s, starting empty; pendants repeat what counts", path, aside)
        path.replace(aside)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=0, check_same_thread=False)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        with db:
            db.execute("CREATE TABLE IF NOT EXISTS press (seq INTEGER PRIMARY KEY, frame BLOB NOT NULL)")
            db.execute("DELETE FROM press WHERE seq < 0")  # takes the lock, which is then held until close
    except sqlite3.Error:
        db.close()
        raise
    return db
