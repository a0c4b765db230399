"""How long the runs of one watch can take until something happens, over all of them."""

from collections import deque
from collections.abc import Callable

from .runs import MAX_STATES, NOTHING, Move, Runs, State, Step

Reached = Callable[[Step, State], bool]


def longest_ms(runs: Runs, reached: Reached) -> int | None:
    """The longest time from the start until a step for which `reached` says so; None: some run never comes to it.

    A state's time is known when those of all that may follow are; a state that is never known lies on a circle, or has
    one behind it. A person who says the same "no" in the same moment again takes no time by it, and is left out.
    """
    following: list[list[tuple[int, int]]] = [[] for _ in runs.states]
    before: list[list[int]] = [[] for _ in runs.states]
    waits = [0] * len(runs.states)
    times: list[int | None] = [None] * len(runs.states)
    for n, state in enumerate(runs.states):
        for step in state.steps:
            if not step.move.after_ms and (step.to == n or step.again is not None):
                continue
            if reached(step, runs.states[step.to]):
                times[n] = max(times[n] or 0, step.move.after_ms)
            else:
                following[n].append((step.to, step.move.after_ms))
                before[step.to].append(n)
        waits[n] = len(following[n]) if any(step.move.what == NOTHING for step in state.steps) else -1
    ready = deque(n for n, waiting in enumerate(waits) if waiting == 0)
    known = set()
    while ready:
        n = ready.popleft()
        known.add(n)
        times[n] = max([times[n] or 0, *((times[to] or 0) + after_ms for to, after_ms in following[n])])
        for earlier in before[n]:
            waits[earlier] -= 1
            if waits[earlier] == 0:
                ready.append(earlier)
    return times[0] if 0 in known else None


def late_run(runs: Runs, reached: Reached, bound_ms: int) -> list[Move]:
    """The shortest story, in moves, that goes past the bound with nothing reached. Empty: none was found."""
    first: deque[tuple[int, int, tuple[Move, ...]]] = deque([(0, 0, ())])
    seen = {(0, 0)}
    while first and len(seen) < MAX_STATES:
        n, now_ms, story = first.popleft()
        going_on = False
        for step in runs.states[n].steps:
            then_ms = now_ms + step.move.after_ms
            going_on |= step.move.what == NOTHING
            if then_ms > bound_ms:
                if step.move.what == NOTHING:
                    return [*story, step.move]
            elif not reached(step, runs.states[step.to]) and (step.to, then_ms) not in seen:
                seen.add((step.to, then_ms))
                first.append((step.to, then_ms, (*story, step.move)))
        if not going_on:
            return list(story)
    return []
