"""What became of a message. Delivered is set only after it was; a failure leads on, to another way or another person.

1. The channel failed: the same way again, later, at most max_tries times.
2. The way is no good: the person's next contact method, now.
3. The person can't be reached: whoever stands behind them, now.
4. Nobody is left: it is counted, journalled, and stands on the console; the ladder goes on by itself.
"""

from watchword_core import words as w

from ..commands import Delivered, Undelivered
from ..store import hot
from ..store.store import Store
from .batch import Batch
from .limits import Limits
from .messages import Draft, add_message, reachable
from .roles import BEHIND, STAFF
from .state import State

_MESSAGE = """SELECT seq, visit_case, person, role, position, subject, body, idempotency_key, tries, state
    FROM outbox WHERE id = ?"""
_QUEUED_FOR = "SELECT id FROM outbox WHERE person = ? AND state = ? ORDER BY id"
QUEUED, DELIVERED, FAILED = "queued", "delivered", "failed"
MAX_REASON = 200  # characters


def delivered(store: Store, command: Delivered, state: State, batch: Batch) -> None:
    """The channel took it."""
    row = store.rows(_MESSAGE, (command.outbox,))
    if not row or row[0][-1] == DELIVERED:
        return
    tries = row[0][-2] + 1
    batch.changes.add(hot.SET_MESSAGE, (DELIVERED, batch.now_ms, tries, batch.now_ms, None, command.outbox))
    batch.changes.journal(row[0][1], batch.now_ms, batch.now_ms, DELIVERED, {"outbox": command.outbox})


def undelivered(store: Store, command: Undelivered, state: State, batch: Batch, limits: Limits) -> None:
    """The channel failed."""
    row = store.rows(_MESSAGE, (command.outbox,))
    if not row or row[0][-1] != QUEUED:
        return
    seq, case, person, role, position, subject, body, key, tries, _ = row[0]
    tries += 1
    reason = command.reason[:MAX_REASON]
    if not command.permanent and tries < limits.max_tries:
        later = batch.now_ms + (limits.first_backoff_ms << (tries - 1))
        batch.changes.add(hot.SET_MESSAGE, (QUEUED, later, tries, None, reason, command.outbox))
        return
    batch.changes.add(hot.SET_MESSAGE, (FAILED, batch.now_ms, tries, None, reason, command.outbox))
    batch.changes.journal(case, batch.now_ms, batch.now_ms, "undelivered", {"outbox": command.outbox})
    draft = Draft(seq, case, person, role, subject, body, key.rsplit("/", 2)[0])
    _another_way(draft, position, state, batch)


def readdress(store: Store, person: int, state: State, batch: Batch) -> None:
    """The ways to reach somebody are others now: what waits to be sent by the old ones goes by the first new one."""
    for (outbox,) in store.rows(_QUEUED_FOR, (person, QUEUED)):
        seq, case, _, role, _, subject, body, key, tries, _ = store.rows(_MESSAGE, (outbox,))[0]
        batch.changes.add(hot.SET_MESSAGE, (FAILED, batch.now_ms, tries, None, "contacts changed", outbox))
        _another_way(Draft(seq, case, person, role, subject, body, key.rsplit("/", 2)[0]), -1, state, batch)


def _another_way(draft: Draft, position: int, state: State, batch: Batch) -> None:
    contacts = state.people[draft.person].contacts
    if position + 1 < len(contacts):
        add_message(batch, state, draft, position + 1)
        return
    behind = _behind(draft, state)
    if behind is None:
        batch.count("nobody_told")
        batch.changes.journal(
            draft.visit_case, batch.now_ms, batch.now_ms, "nobody_told", {"person": draft.person, "seq": draft.seq}
        )
        return
    role, person = behind
    body = f"{draft.body} (You get this because {state.people[draft.person].name} could not be reached.)"
    add_message(batch, state, draft._replace(person=person, role=role, body=body), 0)


def _behind(draft: Draft, state: State) -> tuple[int, int] | None:
    """The next role down and its holder. Staff hand on only downwards (tracker, manager, senior), so that it ends."""
    case = state.cases.get(draft.visit_case)
    roles = state.default_roles | (case.roles if case is not None else {})
    worker = None if case is None else case.roles.get(w.WORKER)
    for role in BEHIND.get(draft.role, STAFF):
        person = roles.get(role)
        if person is None or person in (draft.person, worker) or not reachable(state.people, person):
            continue
        if draft.role in STAFF and STAFF.index(role) <= STAFF.index(draft.role):
            continue
        return role, person
    return None
