"""The store as the engine uses it: one writer, one transaction a batch, durable when `write` returns.

`write` chains the batch's journal entries, runs each statement once with all its rows, and commits with
`synchronous=FULL`: the disk has it before anyone is told.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import hot
from .chain import START, anchor_hash, personal_hash, row_hash
from .changes import Changes, Row
from .lock import DirectoryLock
from .marker import Marker
from .migrate import migrate
from .reserve import Reserve

FILE_NAME = "watchword.db"
SALT_BYTES = 16
MAX_ROW = (1 << 63) - 1  # SQLite knows no greater number: whoever asks for one gets nothing
CACHE_KIB = 65_536  # of pages: what 100,000 open visits change at all times fits in
BUSY_TIMEOUT_S = 2.0  # only a person with a database tool can hold the write lock


class CannotWrite(Exception):
    """The batch was not written, nothing of it: no space left, most often. Trying again later can help."""


class CannotRead(CannotWrite):
    """The store can't even be read now."""


def _keep_private(path: Path) -> None:
    """Nobody else on this machine reads it, whoever made the folder: SQLite gives the files beside it the same mode."""
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if file.exists():
            file.chmod(0o600)


class Store:
    """The store in `folder`, made and migrated as needed; raises DirectoryInUse where another hub has it open."""

    def __init__(self, folder: Path, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / FILE_NAME
        self._chance = chance
        self._lock = DirectoryLock(folder)
        self.reserve = Reserve(folder)
        self.marker = Marker(folder)
        try:
            _keep_private(self.path)
            migrate(self.path)
            self.connection = self._connect()
            self._heads: dict[int, bytes] = {}
            found = self.value("SELECT hash FROM site_chain ORDER BY seq DESC LIMIT 1")
            self._site_head: bytes = START if found is None else bytes(found)
        except BaseException:
            self._lock.release()
            raise
        self.reserve.keep()

    def _connect(self) -> sqlite3.Connection:
        # Opened here, used by the engine's thread alone from then on.
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=BUSY_TIMEOUT_S
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        return connection

    def close(self) -> None:
        self.connection.close()
        self._lock.release()

    # -- reading, by the engine's thread

    def rows(self, query: str, values: Row = ()) -> list[Any]:
        """All rows; raises CannotRead."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as e:
            raise CannotRead(f"{self.path}: {e}") from e

    def value(self, query: str, values: Row = ()) -> Any:
        """The first column of the first row, or None."""
        rows = self.rows(query, values)
        return rows[0][0] if rows else None

    def last_id(self, table: str) -> int:
        """The highest id of a table, 0 for none."""
        return int(self.value(f"SELECT COALESCE(MAX(rowid), 0) FROM {table}"))  # noqa: S608 -- our own names

    # -- writing

    def write(self, changes: Changes) -> None:
        """All of `changes` or nothing. Raises CannotWrite; any other error is a fault in the changes."""
        heads, site_head = dict[int, bytes](), self._site_head
        try:
            self._begin()
            for statement in hot.ORDER:
                rows = changes.rows.get(statement)
                if rows:
                    self._run(statement, rows)
            site_head = self._write_journal(changes, heads)
            self._commit()
        except BaseException as e:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(e, sqlite3.OperationalError):
                raise CannotWrite(f"{self.path}: {e}") from e
            raise
        self._heads.update(heads)
        self._site_head = site_head

    def _begin(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def _run(self, statement: str, rows: Iterable[Row]) -> None:
        self.connection.executemany(statement, rows)

    def _commit(self) -> None:
        self.connection.execute("COMMIT")

    def _write_journal(self, changes: Changes, heads: dict[int, bytes]) -> bytes:
        """Chains and writes the entries; fills `heads` with the new head of each case; the site chain's new head."""
        if not changes.entries:
            return self._site_head
        rows: list[Row] = []
        private: list[Row] = []
        newest: dict[int, int] = {}
        for seq, case, at_ms, event_ms, kind, body, personal in changes.entries:
            bound = b""
            if personal:
                salt = self._chance(SALT_BYTES)
                bound = personal_hash(salt, personal)
                private.append((seq, salt, personal))
            prev = heads.get(case) or self._head(case)
            found = row_hash(prev, seq, case, at_ms, event_ms, kind, body, bound)
            rows.append((seq, case, at_ms, event_ms, kind, body, bound, prev, found))
            heads[case] = found
            newest[case] = seq
        site_head = self._site_head
        anchors: list[Row] = []
        for case, seq in sorted(newest.items(), key=lambda item: item[1]):
            prev, site_head = site_head, anchor_hash(site_head, seq, case, heads[case])
            anchors.append((seq, case, heads[case], prev, site_head))
        self._run(hot.NEW_ENTRY, rows)
        self._run(hot.NEW_PERSONAL, private)
        self._run(hot.NEW_ANCHOR, anchors)
        return site_head

    def _head(self, case: int) -> bytes:
        head = self._heads.get(case)
        if head is None:
            found = self.value("SELECT hash FROM journal WHERE visit_case = ? ORDER BY seq DESC LIMIT 1", (case,))
            head = START if found is None else bytes(found)
        return head

    def forget_head(self, case: int) -> None:
        """A closed case's head need not stay in memory."""
        self._heads.pop(case, None)
