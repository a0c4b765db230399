"""A store with very many open visits, fast: one visit is made by the engine, and its rows are written once for each.

Between them only what names a visit differs (person, pendant, case, message), and when it began, so that each falls due
at a moment of its own. The store chains the journal as ever. `tests/bench` holds that one visit written so is, row for
row, the one that the engine made.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from watchword_core.case import restore
from watchword_core.seal import KEY_BYTES
from watchword_core.table import Table
from watchword_hub.commands import Contact, Delivered
from watchword_hub.keyring import KeyRing
from watchword_hub.store.changes import Changes, canonical
from watchword_hub.store.store import FILE_NAME, Store

from watchword_sim.bench import fleet

NOW_MS = 1_767_268_800_000  # of every store made here: 2026-01-01 12:00 UTC
QUIET_MS = 600_000  # from then on nothing falls due
PACED = 1_000  # the first visits fall due one after another, EVERY_MS apart
EVERY_MS = 10
REST_MS = 480_000  # the others within this, after them
ALL_DUE_MS = NOW_MS + QUIET_MS + PACED * EVERY_MS + REST_MS

_CHUNK = 5_000  # visits a transaction
_WORKER = len(fleet.STAFF) + 1  # the template's worker, by number
_MAIL = (Contact("mail", "staff@example.org"),)
_ONCE = ("procedure_version", "counter", "contact_method")
_EACH = ("person", "pendant", "boot", "visit_case", "task", "outbox", "meta")
_BASE_AT = 8  # where a snapshot has the moment that its times count from; it begins with its visit

Row = dict[str, Any]


class Many(NamedTuple):
    """`first`: its member; pendants and visits of the others count on from it."""

    folder: Path
    visits: int
    first: fleet.Member
    first_offset_ms: int  # the first pendant's tick 0

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def member(self, i: int) -> fleet.Member:
        return self.first._replace(pendant=self.first.pendant + i, visit=self.first.visit + i)

    def ticks_ms(self, i: int, at_ms: int) -> int:
        """What a pendant's ticks are at a moment."""
        return at_ms - self.first_offset_ms - due_ms(i, self.visits) + due_ms(0, self.visits)

    def copy(self, folder: Path) -> Path:
        """The store's files as they lie there, as if the machine had died; not the keys."""
        folder.mkdir()
        for path in self.folder.glob(f"{FILE_NAME}*"):
            shutil.copyfile(path, folder / path.name)
            with (folder / path.name).open("rb") as copied:
                os.fsync(copied)  # or what follows would wait for it at some moment
        return folder


def due_ms(i: int, visits: int) -> int:
    """When visit i of so many falls due."""
    paced = min(visits, PACED)
    rest_ms = max(0, i - paced + 1) * REST_MS // max(1, visits - paced)
    return NOW_MS + QUIET_MS + min(i, paced) * EVERY_MS + rest_ms


def prepare(folder: Path, visits: int) -> Many:
    """Makes `folder`, with the store and the keys."""
    keyring = KeyRing(folder / "keys")
    template = Template(folder / "template", keyring)
    first = template.member
    _make_keys(folder / "keys", range(first.pendant + 1, first.pendant + visits))
    store = Store(folder)
    try:
        template.write(store, [due_ms(i, visits) - template.due_ms for i in range(visits)])
        for i in (0, visits - 1):
            _check(store, template.table, first.visit + i, due_ms(i, visits))
    finally:
        store.close()
    offset_ms = template.offset_ms + due_ms(0, visits) - template.due_ms
    return Many(folder, visits, first, offset_ms)


class Template:
    """The rows of a store with one visit, as the engine wrote them."""

    def __init__(self, folder: Path, keyring: KeyRing) -> None:
        store = Store(folder)
        try:
            enrolment = fleet.Enrolment(store, keyring, _StandingClock())
            (self.member,) = enrolment.enrol(1, _MAIL)
            enrolment.do([Delivered(row[0]) for row in store.rows("SELECT id FROM outbox")])
            self.rows = {table: rows_of(store, table) for table in (*_ONCE, *_EACH, "journal")}
        finally:
            store.close()
        self.due_ms: int = self.rows["visit_case"][0]["due_ms"]
        self.offset_ms: int = self.rows["boot"][0]["offset_ms"]
        self.table = Table(self.rows["procedure_version"][0]["compiled"])
        of_visit = [row["body"] for row in self.rows["journal"]].index(canonical({"person": _WORKER}))
        self._before = of_visit  # journal rows that are the site's own
        self._steps = {"pendant": 1, "visit_case": 1, "visit": 1, "outbox": len(self.rows["outbox"])}
        self._steps["seq"] = len(self.rows["journal"]) - self._before
        self._id_steps = {"person": 1, "pendant": 1, "visit_case": 1, "task": len(self.rows["task"])}
        self._id_steps["outbox"] = len(self.rows["outbox"])

    def write(self, store: Store, later_ms: list[int]) -> None:
        """As many visits as moments; each began by so much later than the template's."""
        store.connection.execute("PRAGMA synchronous = OFF")
        for table in _ONCE:
            _insert(store, table, self.rows[table])
        for at in range(0, len(later_ms), _CHUNK):
            chunk = list(enumerate(later_ms))[at : at + _CHUNK]
            for table in _EACH:
                _insert(store, table, [row for i, later in chunk for row in self._table_rows(table, i, later)])
            changes = Changes(store.last_id("journal"))
            for i, later in chunk:
                for row in self.rows["journal"][self._before if i else 0 :]:
                    moved = self._moved(row, i, later)
                    body = self._moved(json.loads(row["body"]), i, later)
                    changes.journal(moved["visit_case"], moved["at_ms"], moved["event_ms"], moved["kind"], body)
            store.write(changes)
        store.connection.execute("PRAGMA synchronous = FULL")

    def _table_rows(self, table: str, i: int, later_ms: int) -> Iterable[Row]:
        for row in self.rows[table]:
            if i and not self._differs(table, row):
                continue
            moved = self._moved(row, i, later_ms)
            if table in self._id_steps and self._differs(table, row):
                moved["id"] += i * self._id_steps[table]
            if table == "visit_case":
                moved["snapshot"] = _moved_snapshot(row["snapshot"], i, later_ms)
            elif table == "meta" and self._differs(table, row):
                moved["name"] = f"last_roles/{self.member.pendant + i}"
                moved["value"] = _moved_roles(row["value"], i)
            yield moved

    def _differs(self, table: str, row: Row) -> bool:
        """Whether a row is the visit's, not the site's."""
        if table == "person":
            return bool(row["id"] == _WORKER)
        return table != "meta" or row["name"].startswith("last_roles/")

    def _moved(self, fields: Row, i: int, later_ms: int) -> Row:
        """The columns of a row, or the body of a journal row, for visit i."""
        moved = dict(fields)
        for name, value in fields.items():
            if not value:
                continue
            if name.endswith("_ms"):
                moved[name] = value + later_ms
            elif name in self._steps:
                moved[name] = value + i * self._steps[name]
            elif name in ("person", "wearer") and value == _WORKER:
                moved[name] = value + i
            elif name == "roles":
                moved[name] = _moved_roles(value, i)
        return moved


class _StandingClock:
    def now_ms(self) -> int:
        return NOW_MS


def rows_of(store: Store, table: str) -> list[Row]:
    """All rows of a table, as the store has them."""
    cursor = store.connection.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 -- our own names
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _insert(store: Store, table: str, rows: list[Row]) -> None:
    if not rows:
        return
    marks = ", ".join("?" * len(rows[0]))
    statement = f"INSERT OR REPLACE INTO {table} ({', '.join(rows[0])}) VALUES ({marks})"  # noqa: S608 -- our own names
    store.connection.execute("BEGIN")
    store.connection.executemany(statement, [tuple(row.values()) for row in rows])
    store.connection.execute("COMMIT")


def _moved_roles(roles: Any, i: int) -> Any:
    """The worker is the only one whom visits don't share."""
    if isinstance(roles, str):
        return json.dumps(_moved_roles(json.loads(roles), i))
    return {role: person + i if person == _WORKER else person for role, person in roles.items()}


def _moved_snapshot(stored: bytes, i: int, later_ms: int) -> bytes:
    moved = bytearray(stored)
    struct.pack_into(">I", moved, 0, struct.unpack_from(">I", stored, 0)[0] + i)
    struct.pack_into(">Q", moved, _BASE_AT, struct.unpack_from(">Q", stored, _BASE_AT)[0] + later_ms)
    return bytes(moved)


def _check(store: Store, table: Table, visit: int, due: int) -> None:
    """The machines say of it what its row says."""
    ((stored, due_row),) = store.rows("SELECT snapshot, due_ms FROM visit_case WHERE id = ?", (visit,))
    case = restore(table, stored)
    if (case.visit_id, case.next_deadline_ms(), due_row) != (visit, due, due):
        raise AssertionError(f"visit {visit} was written wrong: {case.visit_id}, {case.next_deadline_ms()}, {due_row}")


def _make_keys(folder: Path, pendants: Iterable[int]) -> None:
    """As KeyRing.make, but not synced one by one: nobody needs these after a power cut."""
    for pendant in pendants:
        fd = os.open(folder / f"{pendant:08x}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(secrets.token_bytes(2 * KEY_BYTES))
