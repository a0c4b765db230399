"""All that the engine knows: what the store says, each part read when it is first needed (kept.py).

Memory is never ahead of the store: a batch that was not committed is forgotten with the whole of it.
"""

import json
from dataclasses import dataclass, field
from datetime import tzinfo

from watchword_core import words as w

from ..commands import PHONES, Contact
from ..store.store import Store
from .cases import Cases, Shelf, named_roles, read_case
from .kept import Kept
from .limits import Limits
from .pendants import Air, Pendant

LAST_ROLES = "last_roles/{pendant}"  # meta: who held the roles in the pendant's last visit
UNREADABLE = "unreadable/{pendant}"  # meta: when people were told last of a press that can't be read
_VISIT_OF = """SELECT c.id FROM pendant p JOIN visit_case c ON c.pendant = p.id
    WHERE p.wearer = ? AND c.closed_ms IS NULL AND NOT c.plan & ?"""

# What people dial stands behind every way to send a message.
_FIRST_WAYS = """SELECT person FROM contact_method WHERE position = 0 AND kind NOT IN (?, ?, ?)
    ORDER BY person LIMIT ?"""


@dataclass
class Person:
    id: int
    name: str
    contacts: list[Contact] = field(default_factory=list)  # ways to send a message


class State:
    """`shelf` outlives a failed commit: procedures don't change by one. `since_ms`: when this engine started."""

    def __init__(self, store: Store, shelf: Shelf, since_ms: int, zone: tzinfo, limits: Limits) -> None:
        self.zone = zone
        self._store = store
        self._shelf = shelf
        self._since_ms = since_ms
        self._air: dict[int, Air] = {}
        most = limits.max_in_memory
        self.pendants: Kept[Pendant] = Kept(self._read_pendant, most, self._let_go)
        self.cases = Cases(store, self.pendants)
        self.people: Kept[Person] = Kept(self._read_person, most)
        self.visit_of: Kept[int] = Kept(self._read_visit_of, most)  # worker: their open visit
        self.last_roles: Kept[dict[int, int]] = Kept(self._read_last_roles, most)  # pendant: role: person
        self.unreadable_ms: Kept[int] = Kept(self._read_unreadable, most)  # pendant
        self._kept = (self.pendants, self.people, self.visit_of, self.last_roles, self.unreadable_ms)
        self._read_rest()

    def settle(self) -> int:
        """The batch was committed; how much was let go of for want of room."""
        return sum(kept.settle() for kept in self._kept)

    def forget(self) -> None:
        """Memory goes back to what the store says."""
        for kept in self._kept:
            kept.forget()
        self._read_rest()

    def with_contacts(self, most: int) -> list[int]:
        """People who can be reached, the first by number, those among them whom this batch has added."""
        rows = self._store.rows(_FIRST_WAYS, (*PHONES, most))
        added = [person.id for person in self.people.used().values() if person.contacts]
        return sorted({row[0] for row in rows} | set(added))[:most]

    def _read_rest(self) -> None:
        store = self._store
        self.last_seq = store.last_id("journal")
        self.last_person = store.last_id("person")
        self.last_case = store.last_id("visit_case")
        self.last_task = store.last_id("task")
        self.last_message = store.last_id("outbox")
        self.strangers = {int(row[0]) for row in store.rows("SELECT pendant FROM stranger")}
        self.default_roles = named_roles(json.loads(self._meta("default_roles") or "{}"))
        self.epoch = int(self._meta("epoch") or 0)

    def _read_pendant(self, id_: int) -> Pendant | None:
        rows = self._store.rows("SELECT label, wearer, revoked_ms FROM pendant WHERE id = ?", (id_,))
        if not rows:
            return None
        label, wearer, revoked_ms = rows[0]
        air = self._air.setdefault(id_, Air())
        pendant = Pendant(id_, label, wearer, revoked_ms, self._since_ms, air)
        pendant.load_boots(self._store, self._since_ms)
        pendant.case = read_case(self._store, self._shelf, id_)
        return pendant

    def _let_go(self, pendant: Pendant) -> None:
        self._air.pop(pendant.id, None)
        if pendant.case is not None:
            self._store.forget_head(pendant.case.id)

    def _read_person(self, id_: int) -> Person | None:
        name = self._store.value("SELECT name FROM person WHERE id = ?", (id_,))
        if name is None:
            return None
        rows = self._store.rows("SELECT kind, address FROM contact_method WHERE person = ? ORDER BY position", (id_,))
        return Person(id_, name, [Contact(kind, address) for kind, address in rows if kind not in PHONES])

    def _read_visit_of(self, worker: int) -> int | None:
        found = self._store.value(_VISIT_OF, (worker, w.PLAN_NONE))
        return None if found is None else int(found)

    def _read_last_roles(self, pendant: int) -> dict[int, int] | None:
        value = self._meta(LAST_ROLES.format(pendant=pendant))
        return None if value is None else {int(role): person for role, person in json.loads(value).items()}

    def _read_unreadable(self, pendant: int) -> int | None:
        value = self._meta(UNREADABLE.format(pendant=pendant))
        return None if value is None else int(value)

    def _meta(self, name: str) -> str | None:
        value = self._store.value("SELECT value FROM meta WHERE name = ?", (name,))
        return None if value is None else str(value)
