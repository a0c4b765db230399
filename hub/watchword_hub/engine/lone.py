"""An alarm with no visit: a case of its own, under the general rules, with the people who would know the wearer."""

import json

from watchword_core import words as w
from watchword_core.case import Case

from ..store import hot
from .batch import Batch
from .cases import OpenCase, Shelf, plan_of
from .pendants import Pendant
from .state import LAST_ROLES, State


def lone_case(pendant: Pendant, state: State, batch: Batch, shelf: Shelf) -> OpenCase:
    """Opens the case that a pendant's alarm needs when none is open."""
    roles = dict(state.default_roles) | (state.last_roles.get(pendant.id) or {})
    if pendant.wearer is not None:
        roles[w.WORKER] = pendant.wearer
    procedure = shelf.general()
    case = Case(procedure.table, w.PLAN_NONE | plan_of(roles))
    body = {"pendant": pendant.id, "roles": roles, "version": procedure.table.version.hex(), "plan": case.plan}
    return open_case(OpenCase(0, pendant.id, procedure, case, roles), body, state, batch, shelf)


def open_case(case: OpenCase, body: dict[str, object], state: State, batch: Batch, shelf: Shelf) -> OpenCase:
    """Gives a new case its number and makes it the pendant's."""
    state.last_case += 1
    case.id = state.last_case
    if case.is_visit:
        case.case.visit_id = case.id
        state.last_roles[case.pendant] = dict(case.roles)
        if w.WORKER in case.roles:
            state.visit_of[case.roles[w.WORKER]] = case.id
        name = LAST_ROLES.format(pendant=case.pendant)
        batch.changes.add(hot.PUT_META, (name, json.dumps({str(role): p for role, p in case.roles.items()})))
    case.opened_ms = batch.now_ms
    state.pendants[case.pendant].case = case
    shelf.keep(case.procedure, batch.changes)
    batch.changes.add(hot.NEW_CASE, case.first_row())
    batch.changes.journal(case.id, batch.now_ms, batch.now_ms, "opened", body)
    batch.cases[case.id] = case
    return case
