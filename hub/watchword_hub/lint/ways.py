"""The longest time from silence to the 999 task, for each watch: each is one way through the procedure."""

from collections.abc import Callable, Iterator

from watchword_core import words as w
from watchword_core.rungs import OPEN
from watchword_core.table import Table

from ..procedure_words import STARTS, named
from ..procedures import Procedure
from . import wording
from .findings import Way
from .longest import longest_ms
from .proofs import Explored
from .runs import NO, NOTHING, UNREACHABLE, Runs, State, Step

_Choice = Callable[[State], Step | None]
_Outcome = tuple[int | None, int | None, int | None, str]


_STAFF_BITS = w.PLAN_NO_SENIOR | w.PLAN_NO_TRACKER


def ways(procedure: Procedure, explored: Explored) -> Iterator[Way]:
    """One for each watch and each kind of visit that makes a difference; of whoever is on duty the longest."""
    for watch, all_runs in explored.runs.items():
        by_plan: dict[int, _Outcome] = {}
        for runs in all_runs:
            plan = runs.plan & ~_STAFF_BITS
            outcome = _outcome(procedure, runs)
            by_plan[plan] = _longer(by_plan[plan], outcome) if plan in by_plan else outcome
        outcomes: dict[_Outcome, list[int]] = {}
        for plan, outcome in by_plan.items():
            outcomes.setdefault(outcome, []).append(plan)
        own = procedure.table.watches[watch]
        for outcome, plans in outcomes.items():
            said = [wording.plan(own.when_set, own.when_set | own.when_clear)]
            said += _difference(plans, [plan for plan in by_plan if plan not in plans])
            starts = named(STARTS, own.anchor)
            yield Way(procedure.watch_places[watch].name, starts, ", ".join(s for s in said if s), *outcome)


def _longer(one: _Outcome, other: _Outcome) -> _Outcome:
    """The longest of each; never is longer than any."""
    times = [None if a is None or b is None else max(a, b) for a, b in zip(one[:3], other[:3], strict=True)]
    return times[0], times[1], times[2], one[3] or other[3]


def _difference(plans: list[int], others: list[int]) -> Iterator[str]:
    """What the plans have in common that not all the others have as well; nothing, where there are no others."""
    if not others:
        return
    contacts = sorted({(plan & w.PLAN_CONTACTS) // w.PLAN_CONTACT for plan in plans})
    if contacts != sorted({(plan & w.PLAN_CONTACTS) // w.PLAN_CONTACT for plan in others}):
        yield f"{' or '.join(str(n) for n in contacts)} emergency contact{'s' if contacts != [1] else ''}"
    for n in range(16):
        bit = 1 << n
        if bit & w.PLAN_CONTACTS or len({plan & bit for plan in plans}) > 1:
            continue
        if any(plan & bit != plans[0] & bit for plan in others):
            yield wording.plan(plans[0], bit)


def _outcome(procedure: Procedure, runs: Runs) -> _Outcome:
    table = procedure.table
    asked = _follow(runs, _nobody)
    nobody = _first_999(table, asked)
    no = _first_999(table, _follow(runs, lambda state: _says_no(table, state)))
    longest = longest_ms(runs, lambda step, _: any(table.rungs[i].verb == w.DIAL_999 for i in step.asked))
    instead = "" if nobody is not None else _instead(procedure, asked)
    return nobody, no, None if longest is None else wording.seconds(longest), instead


def _follow(runs: Runs, choose: _Choice) -> list[tuple[int, int]]:
    """What one run asks for: [(ms after the start, rung)], until it comes round."""
    n, now_ms = 0, 0
    seen: set[int] = set()
    asked = []
    while n not in seen:
        seen.add(n)
        step = choose(runs.states[n])
        if step is None:
            break
        now_ms += step.move.after_ms
        asked += [(now_ms, i) for i in step.asked]
        n = step.to
    return asked


def _nobody(state: State) -> Step | None:
    return next((step for step in state.steps if step.move.what == NOTHING), None)


def _says_no(table: Table, state: State) -> Step | None:
    """Everybody who is called answers "no" at once; who must take something over can't be reached."""
    waited_for = {
        table.rungs[i].who
        for i, rung_state in state.rung_states.items()
        if rung_state == OPEN
        and table.rungs[i].verb == w.TELL
        and table.rungs[i].by == w.HUB
        and table.rungs[i].limit_s
    }
    for step in state.steps:
        move = step.move
        says_no = (move.what == NO and not move.via) or (move.what == UNREACHABLE and move.who in waited_for)
        if says_no and move.after_ms == 0 and step.again is None:
            return step
    return _nobody(state)


def _first_999(table: Table, asked: list[tuple[int, int]]) -> int | None:
    return next((wording.seconds(at_ms) for at_ms, i in asked if table.rungs[i].verb == w.DIAL_999), None)


def _instead(procedure: Procedure, asked: list[tuple[int, int]]) -> str:
    """What the text leaves it to."""
    rungs = procedure.table.rungs
    for verb, says in (
        (w.DECIDE, "a person decides: the {by}, asked at {at}"),
        (w.CALL, "the {by} calls the {who} until somebody has an answer, first at {at}"),
        (w.TELL, "the {who} is told, at {at}"),
        (w.REFUSE, "the worker is told not to go in, at {at}"),
    ):
        for at_ms, i in asked:
            r = rungs[i]
            if r.verb == verb:
                return says.format(
                    by=wording.role(r.by), who=wording.role(r.who), at=wording.time(wording.seconds(at_ms))
                )
    return "only the worker is reminded"
