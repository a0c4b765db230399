"""From "must tell this person" to outbox rows: one row a message, by the person's first contact method.

A person without one is not passed over in silence: who stands behind them is told, and it is counted.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from watchword_core import words as w

from ..store import hot
from .kept import Kept
from .state import Person, State

if TYPE_CHECKING:
    from .batch import Batch
    from .pendants import Pendant

MAX_COMBINED_LINES = 20  # of a combined message; the console has the rest
MAX_EVERYONE = 20  # told when an alarm has nobody at all to go to


class Draft(NamedTuple):
    """A message before the commit. `key` is the same however often the same batch is tried."""

    seq: int  # journal row that asked for it
    visit_case: int
    person: int
    role: int
    subject: str
    body: str
    key: str


class Message(NamedTuple):
    """A message for a channel. `key` tells a receiver that it has this one already."""

    id: int  # outbox row, 0: none
    kind: str
    address: str
    subject: str
    body: str
    key: str


def reachable(people: Kept[Person], person: int | None) -> bool:
    """Whether there is any way to tell this person."""
    known = None if person is None else people.get(person)
    return known is not None and bool(known.contacts)


def everyone(state: State, but: int | None) -> list[int]:
    """Who is told when an alarm has nobody: all who can be reached, the wearer left out."""
    return [person for person in state.with_contacts(MAX_EVERYONE + 1) if person != but][:MAX_EVERYONE]


def wearer_of(state: State, pendant: "Pendant") -> int | None:
    """Who wears it, as far as is known."""
    case = pendant.case
    roles = (state.last_roles.get(pendant.id) or {}) if case is None else case.roles
    return pendant.wearer if case is None and pendant.wearer is not None else roles.get(w.WORKER)


def worker_name(state: State, pendant: "Pendant") -> str:
    """The wearer's name; the pendant's where nobody is known to wear it."""
    person = state.people.get(wearer_of(state, pendant) or 0)
    return f"pendant {pendant.label}" if person is None else person.name


def in_charge(state: State, pendant: "Pendant | None", wanted: Iterable[int]) -> list[tuple[int, int]]:
    """(role, person) of each wanted role, for what is no rung of a procedure: by visit, last visit, then the site.

    Never the wearer, whatever role they hold. Everyone else who can be reached, where nobody holds any of the roles.
    """
    roles: dict[int, int] = {}
    wearer = None
    if pendant is not None:
        roles = (state.last_roles.get(pendant.id) or {}) if pendant.case is None else pendant.case.roles
        wearer = wearer_of(state, pendant)
    found = []
    for role in wanted:
        holders = (held.get(role) for held in (roles, state.default_roles))
        person = next((p for p in holders if p != wearer and reachable(state.people, p)), None)
        if person is not None:
            found.append((role, person))
    return found or [(w.MANAGER, person) for person in everyone(state, wearer)]


def by_person(drafts: list[Draft]) -> dict[int, list[Draft]]:
    """Who is told what, in the order of what happened."""
    found: dict[int, list[Draft]] = {}
    for draft in drafts:
        found.setdefault(draft.person, []).append(draft)
    return found


def joined(drafts: list[Draft]) -> Draft:
    """One message for all that one person is told of after a downtime."""
    first = drafts[0]
    if len(drafts) == 1:
        return first
    lines = [f"{d.subject}. {d.body}" for d in drafts[:MAX_COMBINED_LINES]]
    more = len(drafts) - len(lines)
    if more:
        lines.append(f"and {more} more: see the console")
    subject = f"{len(drafts)} things became due while Watchword was down: {first.subject}"
    return first._replace(subject=subject, body="\n".join(lines))


def write_messages(batch: "Batch", state: State) -> None:
    """The batch's drafts as outbox rows, due now."""
    for draft in batch.drafts:
        add_message(batch, state, draft, 0)


def add_message(batch: "Batch", state: State, draft: Draft, position: int, wait_ms: int = 0) -> None:
    """One outbox row by the contact method at `position`."""
    state.last_message += 1
    kind = state.people[draft.person].contacts[position].kind
    row = (
        state.last_message,
        draft.seq,
        draft.visit_case,
        draft.person,
        draft.role,
        kind,
        position,
        draft.subject,
        draft.body,
        f"{draft.key}/{draft.person}/{position}",
        batch.now_ms + wait_ms,
        batch.now_ms,
    )
    batch.changes.add(hot.NEW_MESSAGE, row)


def from_memory(drafts: list[Draft], state: State) -> list[Message]:
    """The drafts of a batch that can't be committed, by every contact method of each person: nothing retries these."""
    return [
        Message(0, contact.kind, contact.address, d.subject, d.body, f"{d.key}/{d.person}/{position}")
        for d in drafts
        for position, contact in enumerate(state.people[d.person].contacts)
    ]
