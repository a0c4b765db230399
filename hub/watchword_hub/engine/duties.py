"""What a case's actions mean for people: journal rows, tasks with an owner and a limit, messages.

Everything has an owner. A role that nobody holds, or whose holder nothing reaches, passes to the next; what has nobody
at all goes to everyone who can be reached.
"""

from typing import Any

from watchword_core import words as w

from ..commands import Followed
from ..store import hot
from .batch import Batch
from .cases import OpenCase, Task
from .events import NAME_OF_VERB, event_name
from .messages import Draft, everyone, reachable
from .roles import BEHIND, STAFF
from .state import State
from .wording import worded

_FOR_PEOPLE = (w.CALL, w.TELL, w.DECIDE, w.DIAL_999)


def apply(state: State, batch: Batch, case: OpenCase, event: Any, cause: str) -> list[Followed]:
    """Lets the case handle `event` and carries out what it asks for. `cause` names the event in messages' keys."""
    actions = case.case.handle(event, batch.now_ms)
    return carry_out(state, batch, case, actions, cause, event_name(event.kind))


def carry_out(
    state: State, batch: Batch, case: OpenCase, actions: list[Any], cause: str, outcome: str
) -> list[Followed]:
    """`outcome` is what is written on the tasks that this ended."""
    batch.cases[case.id] = case
    if case.tasks:
        _end_tasks(batch, case, outcome)
    followed = []
    for action in actions:
        persons = _persons(state, batch, case, action) if action.verb in _FOR_PEOPLE else []
        _end_attempts(batch, case, action, outcome)
        followed += _one(state, batch, case, action, persons, cause)
    if case.tasks:
        _renew_limits(batch, case)
    return followed


def _one(state: State, batch: Batch, case: OpenCase, action: Any, persons: list[int], cause: str) -> list[Followed]:
    first = persons[0] if persons else None
    body = {"by": action.by, "who": action.who, "via": action.via, "rung": action.rung, "person": first}
    if action.what:
        body["what"] = action.what
    seq = batch.changes.journal(case.id, batch.now_ms, action.at_ms, NAME_OF_VERB[action.verb], body)
    if action.verb in _FOR_PEOPLE:
        _open_task(state, batch, case, action, first)
        subject, text = worded(case, action, _worker_name(state, case), state.zone)
        role, key = _target(action), f"{cause}/{action.rung}"
        for person in persons:
            if reachable(state.people, person):
                _draft(batch, Draft(seq, case.id, person, role, subject, text, key))
    if not persons:
        return [Followed(action.verb, action.by, action.who, action.via, action.rung, None)]
    return [Followed(action.verb, action.by, action.who, action.via, action.rung, p) for p in persons]


def _draft(batch: Batch, draft: Draft) -> None:
    """A person who stands in for two roles is told the same thing once."""
    for other in reversed(batch.drafts):
        if other.visit_case != draft.visit_case:
            break
        if (other.person, other.subject, other.body) == (draft.person, draft.subject, draft.body):
            return
    batch.drafts.append(draft)


def _target(action: Any) -> int:
    """The role whose holder is told or has the task."""
    return int(action.who if action.verb == w.TELL and action.by == w.HUB else action.by)


def _persons(state: State, batch: Batch, case: OpenCase, action: Any) -> list[int]:
    """Who is told: the role's holder, or the first behind them whom anything reaches; everyone as a last resort.

    Never the wearer, whatever other role they hold: they can't help themselves, and whoever stands over them would read
    it on their phone.
    """
    role = _target(action)
    worker = case.roles.get(w.WORKER)
    for candidate in (role, *BEHIND.get(role, STAFF)):
        for roles in (case.roles, state.default_roles):
            person = roles.get(candidate)
            if person is not None and person == worker and candidate in STAFF:
                batch.count("wearer_in_staff_role")
                continue
            if reachable(state.people, person):
                assert person is not None
                return [person]
            if person is not None:
                batch.count("person_without_contact")
    batch.count("role_without_person")
    return everyone(state, worker)


def _open_task(state: State, batch: Batch, case: OpenCase, action: Any, person: int | None) -> None:
    if action.rung >= w.RULE_CLEAR or action.rung not in case.case.ladder.open_rungs():
        return  # asks for no report
    if (action.rung, person) in case.tasks:
        return  # asked again, in the same words
    ladder, table = case.case.ladder, case.case.table
    due_ms = ladder.due_ms(action.rung)
    if due_ms is None:  # opened and lapsed while nobody could handle it: late from the first
        due_ms = action.at_ms + table.ms(table.rungs[action.rung].limit_s)
    state.last_task += 1
    role = _target(action)
    case.tasks[action.rung, person] = Task(state.last_task, due_ms, role, action.via, action.what)
    row = (action.rung, action.verb, role, person, action.who, action.via, action.what, batch.now_ms, due_ms)
    batch.changes.add(hot.NEW_TASK, (state.last_task, case.id, *row))


def _end_attempts(batch: Batch, case: OpenCase, action: Any, outcome: str) -> None:
    """A call asked again with the numbers or the contact that are left is a new task; the old one ends."""
    for (rung, person), task in list(case.tasks.items()):
        if rung == action.rung and (task.via, task.what) != (action.via, action.what):
            _end(batch, case, (rung, person), outcome)


def _renew_limits(batch: Batch, case: OpenCase) -> None:
    """The limit of a rung is that of everybody who was asked."""
    for key, task in case.tasks.items():
        due_ms = case.case.ladder.due_ms(key[0])
        if due_ms is not None and due_ms != task.due_ms:
            batch.changes.add(hot.SET_TASK_DUE, (due_ms, task.id))
            case.tasks[key] = task._replace(due_ms=due_ms)


def _end_tasks(batch: Batch, case: OpenCase, outcome: str) -> None:
    """Ends the tasks of rungs that nobody has to report on any more."""
    still = set(case.case.ladder.open_rungs())
    for key in [key for key in case.tasks if key[0] not in still]:
        _end(batch, case, key, outcome)


def _end(batch: Batch, case: OpenCase, key: tuple[int, int | None], outcome: str) -> None:
    batch.changes.add(hot.END_TASK, (batch.now_ms, outcome, case.tasks.pop(key).id))


def _worker_name(state: State, case: OpenCase) -> str:
    person = case.roles.get(w.WORKER)
    if person is not None and person in state.people:
        return state.people[person].name
    return f"pendant {state.pendants[case.pendant].label}"
