"""Another person takes over a role of an open case: their name, their tasks and word of it, in one commit.

The pendant is not concerned: it knows roles, not people. Nor is the ladder: a role that was silent is relied on again
when whoever holds it now is heard.
"""

import json

from watchword_core import words as w

from ..commands import HandOver, Refusal
from ..store import hot
from .batch import Batch
from .cases import OpenCase
from .messages import Draft, reachable
from .roles import NAME_OF_ROLE, STAFF
from .state import LAST_ROLES, State
from .wording import handed_over, relieved

OUTCOME = "handed_over"


def hand_over(command: HandOver, state: State, batch: Batch) -> None:
    """Raises Refusal with what to do instead."""
    case = state.cases.get(command.case)
    if case is None:
        raise Refusal(f"case {command.case} is not open: there is nothing to hand over any more")
    before = _check(command, case, state)
    body = {"role": command.role, "before": before, "person": command.person, "by_person": command.by_person}
    seq = batch.changes.journal(case.id, batch.now_ms, batch.now_ms, OUTCOME, body, command.text)
    case.roles[command.role] = command.person
    batch.changes.add(hot.SET_ROLES, (case.roles_json(), case.id))
    if case.is_visit:
        state.last_roles[case.pendant] = dict(case.roles)
        name = LAST_ROLES.format(pendant=case.pendant)
        batch.changes.add(hot.PUT_META, (name, json.dumps({str(role): p for role, p in case.roles.items()})))
    _move_tasks(command, case, state, batch)
    _tell(command, case, before, seq, state, batch)


def _check(command: HandOver, case: OpenCase, state: State) -> int:
    """Who holds the role now."""
    name = NAME_OF_ROLE.get(command.role, "")
    before = case.roles.get(command.role)
    if command.role not in STAFF or before is None:
        raise Refusal(f"nobody here is the {name or 'holder of that role'}: plan the visit anew to name somebody")
    person = state.people.get(command.person)
    if person is None or state.people.get(command.by_person) is None:
        raise Refusal(f"no person {command.person if person is None else command.by_person} is known here")
    if command.person == before:
        raise Refusal(f"{person.name} is the {name} already")
    if command.person == case.roles.get(w.WORKER):
        raise Refusal(f"{person.name} is the worker: nobody watches their own visit")
    if not reachable(state.people, command.person):
        raise Refusal(f"{person.name} has no contact by which to be told: add one, or choose somebody else")
    return before


def _move_tasks(command: HandOver, case: OpenCase, state: State, batch: Batch) -> None:
    """The role's open tasks, with the limits that they have."""
    for (rung, person), task in list(case.tasks.items()):
        if task.role != command.role or person == command.person:
            continue
        del case.tasks[rung, person]
        batch.changes.add(hot.END_TASK, (batch.now_ms, OUTCOME, task.id))
        if (rung, command.person) not in case.tasks:
            state.last_task += 1
            case.tasks[rung, command.person] = task._replace(id=state.last_task)
            batch.changes.add(hot.MOVE_TASK, (state.last_task, command.person, batch.now_ms, task.id))


def _tell(command: HandOver, case: OpenCase, before: int, seq: int, state: State, batch: Batch) -> None:
    mine = {rung: task for (rung, person), task in case.tasks.items() if person == command.person}
    worker = state.people.get(case.roles.get(w.WORKER, 0))
    names = (worker.name if worker else "a pendant", state.people[before].name)
    subject, text = handed_over(case, command.role, names, mine, state.zone)
    batch.drafts.append(Draft(seq, case.id, command.person, command.role, subject, text, f"j{seq}"))
    if before != command.by_person and reachable(state.people, before):
        subject, text = relieved(case, command.role, (names[0], state.people[command.person].name))
        batch.drafts.append(Draft(seq, case.id, before, command.role, subject, text, f"j{seq}"))
