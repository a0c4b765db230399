"""What is proved of every rung, over every run of every watch in every kind of visit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from watchword_core import words as w
from watchword_core.rungs import OPEN, WAITING
from watchword_core.table import AT, FAILED, NO_END_OF_DAY, Rung, plan_fits

from ..procedure_words import STARTS, named
from ..procedures import Place, Procedure
from . import situations, wording
from .findings import Finding
from .longest import Reached, late_run, longest_ms
from .runs import Runs, State, Step, TooMany

_SPOKEN = w.BY_SPEECH | w.BY_ARRIVAL_SPOKEN | w.BY_DEPARTURE_SPOKEN
_WITHOUT_PERSON = (w.PROMPT, w.REFUSE)


@dataclass
class Explored:
    """All runs: by watch, one for each kind of plan that makes a difference to it."""

    runs: dict[int, list[Runs]] = field(default_factory=dict)
    plans: dict[int, set[int]] = field(default_factory=dict)  # under which a watch starts at all
    states: int = 0
    findings: list[Finding] = field(default_factory=list)


def explore(procedure: Procedure) -> Explored:
    """Every run of every watch; what was too much to try is a finding."""
    table = procedure.table
    explored = Explored()
    try:
        explored.plans = situations.started(table)
    except ValueError as e:
        explored.findings.append(Finding("bound", Place("", procedure.rung_places[-1].source, 0), str(e)))
    for watch, plans in sorted(explored.plans.items()):
        explored.runs[watch] = []
        for plan in situations.kinds(table, watch, plans):
            for contacts in situations.contacts(table, watch):
                try:
                    runs = Runs(table, watch, plan | contacts * w.PLAN_CONTACT)
                except TooMany as e:
                    place = procedure.watch_places[watch]
                    explored.findings.append(Finding("bound", place, f"its runs can't all be tried: {e}"))
                    continue
                explored.runs[watch].append(runs)
                explored.states += len(runs.states)
    return explored


def prove(procedure: Procedure, explored: Explored) -> list[Finding]:
    """What could not be proved."""
    found = list(explored.findings)
    found += _reachable(procedure, explored)
    found += _door(procedure)
    for watch, all_runs in explored.runs.items():
        found += _ends(procedure, watch)
        found += _circles(procedure, watch)
        for runs in all_runs:
            found += _failures(procedure, runs)
            found += _bounds(procedure, watch, runs)
    return found


# -- every rung opens in some run


def _reachable(procedure: Procedure, explored: Explored) -> Iterator[Finding]:
    opened: set[int] = set()
    for all_runs in explored.runs.values():
        opened |= {i for runs in all_runs for state in runs.states for step in state.steps for i in step.asked}
    for i, r in enumerate(procedure.table.rungs):
        if i not in opened:
            yield Finding("reach", procedure.rung_places[i], f"no run ever comes to it: {_why(procedure, explored, r)}")


def _why(procedure: Procedure, explored: Explored, r: Rung) -> str:
    table = procedure.table
    watch = table.watches[r.watch]
    name = procedure.watch_places[r.watch].name
    if r.watch not in explored.plans:
        if watch.anchor == w.AT_END_OF_DAY and table.day_ends_min == NO_END_OF_DAY:
            return "its watch starts at the end of the day, and the file has no [end_of_day]"
        moment = f'its watch {name} starts at "{named(STARTS, watch.anchor)}"'
        return f"{moment}, and no visit that the door lets in and that [end] leaves open comes to that"
    if not any(plan_fits(runs.plan, r.when_set, r.when_clear) for runs in explored.runs[r.watch]):
        return f"its when and unless fit no visit for which its watch {name} starts"
    if r.start == AT:
        return "nothing opens it"
    source = procedure.rung_names[r.source]
    if r.start == FAILED and table.rungs[r.source].verb != w.CALL:
        return f'{source} is no call, so nobody answers it "no"; write if_unreported, or if_failed_or_unreported'
    return f"it waits for {source}, which is never asked, or never so that this would follow"


# -- an answer ends something


def _door(procedure: Procedure) -> Iterator[Finding]:
    """Who waits at the door to be spoken with has somebody who knows."""
    table = procedure.table
    told = any(table.watches[r.watch].anchor == w.AT_ARRIVED and r.verb not in _WITHOUT_PERSON for r in table.rungs)
    if table.gate and not told:
        reason = 'the worker waits to be spoken with, and nobody is told: add a watch that starts = "arrived"'
        lines = procedure.source.splitlines()
        line = next((n for n, text in enumerate(lines, 1) if text.lstrip().startswith("needs")), 0)
        yield Finding("failure", Place("door", procedure.watch_places[-1].source, line), reason)


def _ends(procedure: Procedure, watch: int) -> Iterator[Finding]:
    table = procedure.table
    for i in table.rungs_of[watch]:
        r = table.rungs[i]
        if r.verb == w.CALL and r.who == w.WORKER and not table.watches[watch].answered_by & _SPOKEN:
            reason = 'a call that reaches the worker would end nothing: add "speech" to answered_by'
            yield Finding("failure", procedure.rung_places[i], reason)


# -- every failure leads somewhere


def _failures(procedure: Procedure, runs: Runs) -> Iterator[Finding]:
    for state in runs.states:
        for step in state.steps:
            if step.again is not None:
                reason = (
                    'answered "no", it leaves its watch with nothing else open and nothing timed to come, so the same '
                    "call would only be asked again: let a rung follow it with if_failed or if_failed_or_unreported"
                    f"{_as_in(state, step)}"
                )
                yield Finding("failure", procedure.rung_places[step.again], reason)
            if step.stuck is not None:
                yield _stuck(procedure, runs, state, step)


def _stuck(procedure: Procedure, runs: Runs, state: State, step: Step) -> Finding:
    place = procedure.rung_places[step.stuck or 0]
    going_round = [i for i, now in runs.states[step.to].rung_states.items() if now == OPEN]
    if going_round:
        round_ = ", ".join(procedure.rung_names[i] for i in going_round)
        reason = (
            f"a circle without a person: after its failure only {round_} goes on, and nobody is asked for anything"
            f"{_as_in(state, step)}"
        )
        return Finding("circle", place, reason)
    reason = (
        "its failure ends in nothing: nobody has a task after it, now or later; let a call, a decide, a dial_999, or a "
        f"tell with a limit follow{_as_in(state, step)}"
    )
    return Finding("failure", place, reason)


def _as_in(state: State, step: Step) -> str:
    return f" (as in: {wording.story([*state.story, step.move])})"


# -- no circle without a person


def _circles(procedure: Procedure, watch: int) -> Iterator[Finding]:
    table = procedure.table
    place = procedure.watch_places[watch]
    rungs = [table.rungs[i] for i in table.rungs_of[watch]]
    alone = all(r.verb in _WITHOUT_PERSON for r in rungs)
    if watch in procedure.reminders and not alone:
        yield Finding("circle", place, "says reminds_only, and asks or tells somebody: leave reminds_only out")
    repeating = [i for i in table.rungs_of[watch] if table.rungs[i].repeat_s]
    if alone and repeating and watch not in procedure.reminders:
        reason = (
            f"a circle without a person: {procedure.rung_names[repeating[0]]} repeats for ever, nobody else is told; "
            "add a rung that tells or asks somebody, or, where the text asks for no more, reminds_only = true"
        )
        yield Finding("circle", place, reason)


# -- no rung later than its clause allows


def _bounds(procedure: Procedure, watch: int, runs: Runs) -> Iterator[Finding]:
    table = procedure.table
    for i in table.rungs_of[watch]:
        r = table.rungs[i]
        if i not in procedure.bounds_s or not plan_fits(runs.plan, r.when_set, r.when_clear):
            continue
        bound_s = procedure.bounds_s[i]
        bound_ms = table.ms(bound_s)
        longest = longest_ms(runs, _opens(i))
        if longest is None or longest > bound_ms:
            late = "never opens" if longest is None else f"opens only at {wording.time(wording.seconds(longest))}"
            story = wording.story(late_run(runs, _opens(i), bound_ms))
            reason = f"has to be open {wording.time(bound_s)} after its watch's start, and in some run {late} ({story})"
            yield Finding("late", procedure.rung_places[i], reason)


def _opens(i: int) -> Reached:
    def opens(step: Step, state: State) -> bool:
        return state.rung_states[i] != WAITING

    return opens
