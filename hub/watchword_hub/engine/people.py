"""What people ask for: each command checked, carried out, journalled; or refused with what to do instead."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from watchword_core import alarm as a
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import new_event
from watchword_core.snapshots import DURESS

from .. import commands as c
from ..keyring import KeyRing
from ..planned import MAX_CONTACTS, plan_times
from ..store import hot
from ..store.changes import SITE, canonical
from ..store.store import Store
from .batch import Batch
from .cases import OpenCase, Shelf, named_roles, plan_of
from .delivery import delivered, readdress, undelivered
from .duties import apply
from .events import FROM_PEOPLE, event_name
from .handover import hand_over
from .limits import Limits
from .lone import open_case
from .pendants import Pendant
from .roles import ROLE_OF_NAME, STAFF
from .state import Person, State

MAX_TEXT = 4_000  # characters of a note or a name
DAY_MS = 24 * 3_600_000
MAX_AHEAD_MS = 10 * DAY_MS  # a snapshot holds times that lie within 24 days of each other
_U32 = 0xFFFFFFFF


class Desk:
    """Carries out commands for the engine."""

    def __init__(self, store: Store, keyring: KeyRing, shelf: Shelf, limits: Limits) -> None:
        self._store = store
        self._keyring = keyring
        self._shelf = shelf
        self._limits = limits
        self._handlers: dict[type, Callable[[Any, State, Batch], Any]] = {
            c.AddPerson: self._add_person,
            c.ChangePerson: self._change_person,
            c.SetDefaultRoles: self._set_default_roles,
            c.RegisterPendant: self._register,
            c.AssignWearer: self._assign,
            c.RevokePendant: self._revoke,
            c.FindPendant: self._find,
            c.PlanVisit: self._plan,
            c.Record: self._record,
            c.HandOver: self._hand_over,
            c.ErasePersonal: self._erase,
            c.Delivered: lambda command, state, batch: delivered(self._store, command, state, batch),
            c.Undelivered: lambda command, state, batch: undelivered(self._store, command, state, batch, self._limits),
        }

    def take(self, command: c.Command, state: State, batch: Batch) -> Any:
        """The command's answer; raises Refusal, and nothing has changed then."""
        key = getattr(command, "idempotency_key", "")
        if not key:
            return self._handlers[type(command)](command, state, batch)
        if key in batch.done:
            return batch.done[key]
        stored = self._store.value("SELECT answer FROM command_done WHERE idempotency_key = ?", (key,))
        if stored is not None:
            return _from_json(stored)
        answer = batch.done[key] = self._handlers[type(command)](command, state, batch)
        batch.changes.add(hot.NEW_COMMAND_DONE, (key, _to_json(answer), batch.now_ms))
        return answer

    # -- people and pendants

    def _add_person(self, command: c.AddPerson, state: State, batch: Batch) -> int:
        _check_name(command.name)
        state.last_person += 1
        person = Person(state.last_person, command.name)
        state.people[person.id] = person
        batch.changes.add(hot.NEW_PERSON, (person.id, person.name))
        _give_contacts(person, command.contacts, batch)
        _journal(batch, "person_added", {"person": person.id})
        return person.id

    def _change_person(self, command: c.ChangePerson, state: State, batch: Batch) -> None:
        _check_name(command.name)
        person = _person(command.person, state)
        person.name = command.name
        batch.changes.add(hot.SET_PERSON, (person.name, person.id))
        batch.changes.add(hot.DROP_CONTACTS, (person.id,))
        _give_contacts(person, command.contacts, batch)
        readdress(self._store, person.id, state, batch)
        _journal(batch, "person_changed", {"person": person.id, "by": command.by})

    def _set_default_roles(self, command: c.SetDefaultRoles, state: State, batch: Batch) -> None:
        roles = _roles(command.roles, state)
        state.default_roles = roles
        batch.changes.add(hot.PUT_META, ("default_roles", json.dumps(dict(command.roles))))
        _journal(batch, "default_roles", {"roles": dict(command.roles)})

    def _register(self, command: c.RegisterPendant, state: State, batch: Batch) -> None:
        if not 0 < command.pendant <= _U32:
            raise c.Refusal(f"pendant id {command.pendant} is not a number from 1 to {_U32}")
        old = state.pendants.get(command.pendant)
        if old is not None and old.case is not None:
            raise c.Refusal(f"pendant {old.label} is in use in case {old.case.id}: end that first")
        self._take_key(command.pendant)
        # A pendant that is provisioned anew has new keys: what was revoked was lost with the old ones.
        wearer = None if old is None else old.wearer
        pendant = Pendant(command.pendant, command.label, wearer, None, batch.now_ms)
        state.pendants[pendant.id] = pendant
        if old is not None:
            pendant.take_boots(old)
        state.strangers.discard(pendant.id)
        batch.changes.add(hot.PUT_PENDANT, pendant.row())
        batch.changes.add(hot.DROP_STRANGER, (pendant.id,))
        _journal(batch, "pendant_registered", {"pendant": pendant.id})

    def _take_key(self, pendant: int) -> None:
        """Who registers it has just given it a key; the old one counts until then."""
        try:
            self._keyring.adopt(pendant)
        except OSError as e:
            raise c.Refusal(f"the key of pendant {pendant:08x} can't be kept ({e}): provision it again") from e
        if not self._keyring.has(pendant):
            raise c.Refusal(f"pendant {pendant:08x} has no key here: provision it first")

    def _assign(self, command: c.AssignWearer, state: State, batch: Batch) -> None:
        pendant = _pendant(command.pendant, state)
        if pendant.case is not None and command.person != pendant.wearer:
            raise c.Refusal(
                f"pendant {pendant.label} has case {pendant.case.id} open: it can be handed over when that is closed"
            )
        if command.person is not None:
            _person(command.person, state)
        pendant.wearer = command.person
        batch.changes.add(hot.PUT_PENDANT, pendant.row())
        _journal(batch, "wearer_assigned", {"pendant": pendant.id, "person": command.person})

    def _revoke(self, command: c.RevokePendant, state: State, batch: Batch) -> None:
        pendant = _pendant(command.pendant, state)
        if pendant.revoked_ms is not None:
            return
        pendant.revoked_ms = batch.now_ms
        batch.changes.add(hot.PUT_PENDANT, pendant.row())
        _journal(batch, "pendant_revoked", {"pendant": pendant.id, "by": command.by})

    def _find(self, command: c.FindPendant, state: State, batch: Batch) -> None:
        pendant = _pendant(command.pendant, state)
        if pendant.revoked_ms is not None:
            raise c.Refusal(f"pendant {pendant.label} is revoked: nothing is sent to it any more")
        if pendant.case is not None and a.RAISED <= pendant.case.case.slots[DURESS].stage < a.RESOLVED:
            raise c.Refusal(f"pendant {pendant.label} is under duress: it stays still until that is resolved")
        if pendant.current is None or batch.now_ms - pendant.heard_ms > self._limits.find_heard_ms:
            raise c.Refusal(f"pendant {pendant.label} was not heard lately: look where it was heard last")
        batch.answer_find(pendant, pendant.current)
        _journal(batch, "find_me", {"pendant": pendant.id, "by": command.by})

    # -- visits

    def _plan(self, command: c.PlanVisit, state: State, batch: Batch) -> int:
        pendant = _pendant(command.pendant, state)
        roles = _roles(command.roles, state)
        contacts = _contacts(roles, command.contacts, state)
        self._check_plan(command, pendant, roles, state, batch.now_ms)
        try:
            procedure = self._shelf.get(command.procedure)
        except KeyError as e:
            raise c.Refusal(f"no procedure is called {command.procedure!r}") from e
        if pendant.wearer is None:
            pendant.wearer = roles[w.WORKER]
            batch.changes.add(hot.PUT_PENDANT, pendant.row())
        plan = (command.plan_bits & ~(w.PLAN_NONE | w.PLAN_CONTACTS)) | plan_of(roles, len(contacts))
        agreed = (command.start_ms, command.end_ms, command.check_in_ms, command.return_by_ms)
        try:
            times = plan_times(procedure.table, plan, *agreed, state.zone)
        except ValueError as e:
            raise c.Refusal(f"the plan's {e}") from e
        case = Case(procedure.table, plan, 0, *times)
        body = {
            "pendant": pendant.id,
            "roles": roles,
            "contacts": contacts,
            "version": procedure.table.version.hex(),
            "plan": plan,
            **times._asdict(),
        }
        opened = OpenCase(0, pendant.id, procedure, case, roles, contacts)
        open_case(opened, body, state, batch, self._shelf)
        if command.personal:
            batch.changes.journal(
                opened.id, batch.now_ms, batch.now_ms, "details", {}, canonical(dict(command.personal))
            )
        return opened.id

    def _check_plan(
        self, command: c.PlanVisit, pendant: Pendant, roles: dict[int, int], state: State, now_ms: int
    ) -> None:
        if pendant.revoked_ms is not None:
            raise c.Refusal(f"pendant {pendant.label} is revoked: choose another")
        if pendant.case is not None:
            raise c.Refusal(f"pendant {pendant.label} has case {pendant.case.id} open: one at a time")
        if w.WORKER not in roles or w.MANAGER not in roles:
            raise c.Refusal("a visit needs a worker and a manager by name")
        if roles[w.WORKER] in (roles.get(role) for role in STAFF):
            raise c.Refusal("nobody watches their own visit: name others as tracker, manager and senior")
        if pendant.wearer not in (None, roles[w.WORKER]):
            raise c.Refusal(f"pendant {pendant.label} is worn by another person: assign it first")
        if roles[w.WORKER] in state.visit_of:
            raise c.Refusal("this worker has a visit open with another pendant: close that first")
        if command.end_ms <= command.start_ms:
            raise c.Refusal("the visit ends before it starts")
        if not now_ms - MAX_AHEAD_MS <= command.start_ms < command.end_ms <= now_ms + MAX_AHEAD_MS:
            raise c.Refusal(
                f"a visit starts and ends within {MAX_AHEAD_MS // DAY_MS} days of now: plan it nearer its day"
            )

    def _record(self, command: c.Record, state: State, batch: Batch) -> list[c.Followed]:
        case = state.cases.get(command.case)
        if case is None:
            raise c.Refusal(f"case {command.case} is not open: nothing can be recorded in it any more")
        if command.kind not in FROM_PEOPLE:
            raise c.Refusal(f"{event_name(command.kind)} is not something that a person records")
        _check_text(command.text)
        _check_alarms(command, case)
        _person(command.by_person, state)
        body = asdict(command) | {"via": command.via}
        for gone in ("text", "idempotency_key", "case", "alarms"):
            del body[gone]
        seq = batch.changes.journal(case.id, batch.now_ms, batch.now_ms, event_name(command.kind), body, command.text)
        event = new_event(command.kind, batch.now_ms, command.by_role, command.who, command.what, command.value)
        return apply(state, batch, case, event, f"j{seq}")

    def _hand_over(self, command: c.HandOver, state: State, batch: Batch) -> None:
        _check_text(command.text)
        hand_over(command, state, batch)

    def _erase(self, command: c.ErasePersonal, state: State, batch: Batch) -> int:
        if command.case in state.cases:
            raise c.Refusal(f"case {command.case} is open: what is needed to help can't be erased yet")
        _person(command.by, state)
        query = "SELECT COUNT(*) FROM personal WHERE seq IN (SELECT seq FROM journal WHERE visit_case = ?)"
        rows = int(self._store.value(query, (command.case,)))
        batch.changes.add(hot.ERASE_PERSONAL, (command.case,))
        batch.changes.add(hot.ERASE_MESSAGES, (command.case,))
        batch.changes.journal(command.case, batch.now_ms, batch.now_ms, "erased", {"by": command.by, "rows": rows})
        return rows


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise c.Refusal(f"the note has {len(text)} characters; {MAX_TEXT} is the most")


def _check_alarms(command: c.Record, case: OpenCase) -> None:
    """Whoever ends alarms has seen each of them: one may have come between the page and the button."""
    slots = enumerate(case.case.slots)
    now_open = c.alarms_seen((i, slot.kind, slot.ref) for i, slot in slots if a.RAISED <= slot.stage < a.RESOLVED)
    if command.alarms not in (None, now_open):
        raise c.Refusal("not recorded: another alarm has come since you opened this page. Read it first")


def _journal(batch: Batch, kind: str, body: dict[str, Any]) -> None:
    batch.changes.journal(SITE, batch.now_ms, batch.now_ms, kind, body)


def _pendant(id_: int, state: State) -> Pendant:
    pendant = state.pendants.get(id_)
    if pendant is None:
        raise c.Refusal(f"no pendant {id_:08x} is registered here")
    return pendant


def _person(id_: int, state: State) -> Person:
    person = state.people.get(id_)
    if person is None:
        raise c.Refusal(f"no person {id_} is known here")
    return person


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_TEXT:
        raise c.Refusal(f"a person needs a name of 1 to {MAX_TEXT} characters")


def _give_contacts(person: Person, contacts: Sequence[c.Contact], batch: Batch) -> None:
    ways = [contact for contact in contacts if contact.kind not in c.PHONES]
    phones = [contact for contact in contacts if contact.kind in c.PHONES]
    person.contacts = ways
    for position, contact in enumerate([*ways, *phones]):  # a message's position is among the ways
        batch.changes.add(hot.NEW_CONTACT, (person.id, position, contact.kind, contact.address))


def _roles(roles: Any, state: State) -> dict[int, int]:
    unknown = [name for name in roles if name not in ROLE_OF_NAME]
    if unknown:
        raise c.Refusal(f"{unknown[0]!r} is no role; roles are {', '.join(ROLE_OF_NAME)}")
    found = named_roles(roles)
    for person in found.values():
        _person(person, state)
    return found


def _contacts(roles: dict[int, int], others: Sequence[int], state: State) -> list[int]:
    """The emergency contacts in order, each once; takes the first out of the roles, since nobody acts as one."""
    first = roles.pop(w.EMERGENCY_CONTACT, None)
    found = list(dict.fromkeys([*([] if first is None else [first]), *others]))
    for person in found:
        _person(person, state)
    if roles.get(w.WORKER) in found:
        raise c.Refusal("the worker can't be their own emergency contact: name somebody else")
    if len(found) > MAX_CONTACTS:
        raise c.Refusal(f"{len(found)} emergency contacts; {MAX_CONTACTS} is the most")
    return found


def _to_json(answer: Any) -> str:
    if isinstance(answer, list):
        return json.dumps({"followed": [asdict(one) for one in answer]})
    return json.dumps({"value": answer})


def _from_json(stored: str) -> Any:
    answer = json.loads(stored)
    if "followed" in answer:
        return [c.Followed(**one) for one in answer["followed"]]
    return answer["value"]
