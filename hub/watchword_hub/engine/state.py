"""All that the engine holds in memory: what the store says, read at start and after every batch that failed.

Memory is never ahead of the store: a batch that was not committed is forgotten with the whole of it.
"""

import json
from dataclasses import dataclass, field
from datetime import tzinfo

from ..commands import Contact
from ..store.store import Store
from .cases import OpenCase, Shelf, load_cases, named_roles
from .pendants import Pendant


@dataclass
class Person:
    id: int
    name: str
    contacts: list[Contact] = field(default_factory=list)


class State:
    """`shelf` outlives it: procedures don't change by a failed commit."""

    def __init__(self, store: Store, shelf: Shelf, now_ms: int, zone: tzinfo) -> None:
        self.zone = zone
        self.last_seq = store.last_id("journal")
        self.last_person = store.last_id("person")
        self.last_case = store.last_id("visit_case")
        self.last_task = store.last_id("task")
        self.last_message = store.last_id("outbox")
        self.strangers = {int(row[0]) for row in store.rows("SELECT pendant FROM stranger")}
        self.people = _people(store)
        self.default_roles = named_roles(json.loads(_meta(store, "default_roles") or "{}"))
        self.last_roles: dict[int, dict[int, int]] = {}  # pendant: role: person, in its last visit
        for name, value in store.rows("SELECT name, value FROM meta WHERE name LIKE 'last_roles/%'"):
            self.last_roles[int(name.split("/")[1])] = {int(r): p for r, p in json.loads(value).items()}
        self.unreadable_ms: dict[int, int] = {}  # pendant: when people were told of a press that can't be read
        for name, value in store.rows("SELECT name, value FROM meta WHERE name LIKE 'unreadable/%'"):
            self.unreadable_ms[int(name.split("/")[1])] = int(value)
        self.epoch = int(_meta(store, "epoch") or 0)
        self.alive_ms = int(_meta(store, "alive_ms") or 0)
        self.cases: dict[int, OpenCase] = load_cases(store, shelf)
        self.pendants: dict[int, Pendant] = {}
        for id_, label, wearer, revoked_ms in store.rows("SELECT id, label, wearer, revoked_ms FROM pendant"):
            pendant = self.pendants[id_] = Pendant(id_, label, wearer, revoked_ms, now_ms)
            pendant.load_boots(store, now_ms)
        for case in self.cases.values():
            self.pendants[case.pendant].case = case

    def inherit(self, before: "State") -> None:
        """Takes over from a state that is forgotten what only memory knows: who carried and when each was heard."""
        for id_, pendant in self.pendants.items():
            old = before.pendants.get(id_)
            if old is not None:
                pendant.routes, pendant.fragments_ms, pendant.heard_ms = old.routes, old.fragments_ms, old.heard_ms
                pendant.silence_again_ms, pendant.unreadable = old.silence_again_ms, old.unreadable


def _people(store: Store) -> dict[int, Person]:
    people = {id_: Person(id_, name) for id_, name in store.rows("SELECT id, name FROM person")}
    for person, kind, address in store.rows(
        "SELECT person, kind, address FROM contact_method ORDER BY person, position"
    ):
        people[person].contacts.append(Contact(kind, address))
    return people


def _meta(store: Store, name: str) -> str | None:
    value = store.value("SELECT value FROM meta WHERE name = ?", (name,))
    return None if value is None else str(value)
