"""Every run of one watch in which nothing answers it, on the real ladder.

A watch meets no other but by who is silent, so each is run alone. Whoever is asked says "no" for one means or for all,
finds the worker at risk, can't be reached, or says nothing; at once or at the last moment: what lies between opens the
same rungs, no later. Whoever was silent or out of reach stays so. A state is what the ladder will do from now on, so
that asking again for ever comes round to the state that it was in before.
"""

from collections.abc import Iterator
from typing import NamedTuple

from watchword_core import words as w
from watchword_core.ladder import Ladder
from watchword_core.rungs import ENDED, OPEN, OVERDUE
from watchword_core.table import AT, Table, Watch, pack

MAX_STATES = 20_000
_STAFF = (w.TRACKER, w.MANAGER, w.SENIOR)
_START_MS = 1 << 40
_VIA = (w.WORK_MOBILE, w.PERSONAL_MOBILE, w.HOME, w.CLIENT_MOBILE, w.CLIENT_LANDLINE)

# What happens next.
NOTHING = "nobody reports"
NO = "no answer"
AT_RISK = "at risk"
UNREACHABLE = "can't be reached"

_Key = tuple[object, ...]


class TooMany(Exception):
    """The runs of one watch are more than are tried."""


class Move(NamedTuple):
    """One thing that happens: to whom, by which means (0: all), after how long, ms."""

    what: str
    who: int
    via: int
    after_ms: int


class Step(NamedTuple):
    """One move, from state to state; `asked` is what the ladder asked for, as rung indices of the whole table."""

    move: Move
    to: int
    asked: tuple[int, ...]
    again: int | None  # the call that failed and would only be asked again
    stuck: int | None  # the task after whose failure nobody is asked anything


class State(NamedTuple):
    """Rung states by index of the whole table, and what may happen next."""

    rung_states: dict[int, int]
    steps: list[Step]
    story: tuple[Move, ...]  # the fewest moves that lead to it


def alone(table: Table, watch: int) -> tuple[Table, list[int]]:
    """The table with this watch only, and its rungs' indices in the whole one."""
    indices = table.rungs_of[watch]
    rungs = [
        table.rungs[i]._replace(
            watch=0, source=indices.index(table.rungs[i].source) if table.rungs[i].start != AT else 0
        )
        for i in indices
    ]
    row: Watch = table.watches[watch]._replace(when_set=0, when_clear=0)
    return Table(pack(0, table.minute_ms, 0, 0, 0, [row], rungs, [], table.flags)), indices


class Runs:
    """All of them, for one plan: `states[0]` is the start. Raises TooMany."""

    def __init__(self, table: Table, watch: int, plan: int) -> None:
        self.plan = plan
        self._table, self._indices = alone(table, watch)
        self.states: list[State] = []
        self._numbers: dict[_Key, int] = {}
        self._ladders: list[tuple[bytes, int]] = []
        ladder = Ladder(self._table, plan)
        ladder.start(self._table.watches[0].anchor, _START_MS)
        self._number(ladder, _START_MS, ())
        for n, (stored, now_ms) in enumerate(self._ladders):  # grows as it goes
            self._go_on(n, stored, now_ms)

    def _number(self, ladder: Ladder, now_ms: int, story: tuple[Move, ...]) -> int:
        key = _key(ladder, now_ms)
        if key not in self._numbers:
            if len(self.states) == MAX_STATES:
                raise TooMany(f"more than {MAX_STATES} states")
            self._numbers[key] = len(self.states)
            by_index = dict(zip(self._indices, ladder.rung_state, strict=True))
            self.states.append(State(by_index, [], story))
            self._ladders.append((ladder.snapshot(_START_MS), now_ms))
        return self._numbers[key]

    def _go_on(self, n: int, stored: bytes, now_ms: int) -> None:
        for move in _moves(self._restored(stored), now_ms):
            ladder = self._restored(stored)
            before = bytes(ladder.rung_state)
            then_ms = now_ms + move.after_ms
            _make(ladder, move, then_ms)
            asked = tuple(self._indices[i] for _, i, _, verb, _ in ladder.take() if verb == ladder.table.rungs[i].verb)
            again = self._asked_again(ladder, move, before, asked)
            stuck = None if again is not None else self._stuck(ladder, before)
            to = self._number(ladder, then_ms, (*self.states[n].story, move))
            self.states[n].steps.append(Step(move, to, asked, again, stuck))

    def _restored(self, stored: bytes) -> Ladder:
        ladder = Ladder(self._table, self.plan)
        ladder.restore(stored, 0, _START_MS)
        return ladder

    def _asked_again(self, ladder: Ladder, move: Move, before: bytes, asked: tuple[int, ...]) -> int | None:
        if move.what != NO:
            return None
        for i, r in enumerate(ladder.table.rungs):
            same = r.verb == w.CALL and r.who == move.who and before[i] in (OPEN, OVERDUE)
            if same and ladder.rung_state[i] == OPEN and not ladder.tried[i] and self._indices[i] in asked:
                return self._indices[i]
        return None

    def _stuck(self, ladder: Ladder, before: bytes) -> int | None:
        """The task that was open and is not, where nobody is asked anything now or later."""
        if _asks_people(ladder):
            return None
        rungs = ladder.table.rungs
        ended = [i for i, was in enumerate(before) if was == OPEN and rungs[i].limit_s and ladder.rung_state[i] != OPEN]
        return self._indices[ended[0]] if ended else None


def _asks_people(ladder: Ladder) -> bool:
    """Whether a task of a person is open, or somebody will be told or asked by the time alone."""
    for i, r in enumerate(ladder.table.rungs):
        if r.verb not in (w.PROMPT, w.REFUSE) and (ladder.rung_state[i] == OPEN or _to_come(ladder, i)):
            return True
    return False


def _to_come(ladder: Ladder, i: int) -> bool:
    r = ladder.table.rungs[i]
    fits = ladder.plan & r.when_set == r.when_set and not ladder.plan & r.when_clear
    return bool(fits and ladder.rung_state[i] not in (OVERDUE, ENDED) and ladder.due_ms(i) is not None)


def _key(ladder: Ladder, now_ms: int) -> _Key:
    dues = []
    for i in range(len(ladder.rung_state)):
        due = ladder.due_ms(i)
        dues.append(None if due is None else due - now_ms)
    tried = bytes(t for t, state in zip(ladder.tried, ladder.rung_state, strict=True) if state == OPEN)
    return bytes(ladder.rung_state), ladder.silent, tried, tuple(dues)


def _moves(ladder: Ladder, now_ms: int) -> Iterator[Move]:
    due = ladder.next_deadline_ms()
    if due is not None:
        yield Move(NOTHING, 0, 0, due - now_ms)
    moments = [0] if due is None or due <= now_ms + 1 else [0, due - now_ms - 1]
    for what, who, via in sorted(_answers(ladder)):
        for after_ms in moments:
            yield Move(what, who, via, after_ms)


def _answers(ladder: Ladder) -> set[tuple[str, int, int]]:
    """What may be heard now: of each who is called, and of each of the staff who has something to do."""
    found = set()
    for i in ladder.open_rungs():
        r = ladder.table.rungs[i]
        if r.verb == w.CALL and r.who not in _STAFF:
            found |= {(NO, r.who, 0), (AT_RISK, r.who, 0)}
            untried = [bit for bit in _VIA if r.via & bit & ~ladder.tried[i]]
            found |= {(NO, r.who, untried[0])} if len(untried) > 1 else set()
        if r.limit_s and ladder.rung_state[i] == OPEN:
            responsible = r.who if r.verb == w.TELL and r.by == w.HUB else r.by
            found |= {(UNREACHABLE, role, 0) for role in ladder.cover(responsible) if role in _STAFF}
    return found


def _make(ladder: Ladder, move: Move, now_ms: int) -> None:
    if move.what != NOTHING:
        ladder.fail(move.who, move.via, now_ms, move.what == AT_RISK)
    ladder.handle_deadline(now_ms)
