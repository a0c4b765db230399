"""Which watches run in which visits: found by playing short stories through the real case, for every kind of plan."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC

from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import new_event
from watchword_core.rungs import ARMED
from watchword_core.table import MANAGER_TRACKS, NO_END_OF_DAY, Table

from ..planned import MAX_CONTACTS, plan_times

START_MS = 1_795_000_000_000  # some day at 13:06 UTC; every story is as good on any other
_MINUTE_MS = 60_000
_END_MS = START_MS + 60 * _MINUTE_MS
_RETURN_MS = START_MS + 90 * _MINUTE_MS
_CHECK_IN_MS = START_MS + 30 * _MINUTE_MS
CONTACTS = (0, 1, MAX_CONTACTS)  # how many emergency contacts a plan names: none, one, the most
MAX_CONDITIONS = 10  # plans are tried in all combinations of what starts or keeps out a visit: at most 2 to this

_Event = tuple[int, int, int, int]  # kind, by, who, what

_IN: list[_Event] = [(w.ARRIVED, 0, 0, 0), (w.SPOKE_ARRIVAL, w.TRACKER, 0, 0)]
_SOS: _Event = (w.SOS, 0, 0, 0)
STORIES: tuple[list[_Event], ...] = (
    [(w.LEFT_FOR_VISIT, 0, 0, 0), *_IN, (w.DEPARTED, 0, 0, 0), (w.SPOKE_DEPARTURE, w.TRACKER, 0, 0)],
    [*_IN, (w.DEPARTED, 0, 0, 0), (w.RETURNED, 0, 0, 0)],
    [(w.CANCELLED, w.TRACKER, 0, 0)],
    [_SOS, (w.ACKNOWLEDGED, w.MANAGER, 0, 0), (w.DECIDED, w.MANAGER, 0, w.CALL_POLICE)],
    [(w.DURESS, 0, 0, 0)],
    [(w.CALL_AT_RISK, w.MANAGER, w.WORKER, 0), (w.DONE, w.MANAGER, 0, w.DIAL_999)],
    [(w.ARRIVED, 0, 0, 0), (w.SILENT, 0, 0, 0)],
    [(w.WORRIED_FAMILY, w.MANAGER, 0, 0)],
    [(w.ARRIVED, 0, 0, 0), (w.NO_SIGNAL, 0, 0, 0)],
)


def conditions(table: Table) -> int:
    """The plan bits that decide which watches start."""
    bits = 0
    for row in [*table.watches, *table.forbids]:
        bits |= row.when_set | row.when_clear
    if table.flags & MANAGER_TRACKS:
        bits |= w.PLAN_OUT_OF_HOURS
    if table.day_ends_min != NO_END_OF_DAY:
        bits |= w.PLAN_LAST_OF_DAY
    if table.ends & w.BY_RETURNED:
        bits |= w.PLAN_RETURNING
    return bits


def combined(bits: int) -> Iterator[int]:
    """Every choice of some of these bits."""
    each = [1 << n for n in range(16) if bits >> n & 1]
    for n in range(1 << len(each)):
        yield sum(bit for k, bit in enumerate(each) if n >> k & 1)


def plans(table: Table) -> list[int]:
    """Every kind of plan that starts other watches; raises ValueError where they are too many to try."""
    bits = conditions(table)
    if bits.bit_count() > MAX_CONDITIONS:
        raise ValueError(
            f"asks about {bits.bit_count()} properties of a plan; {MAX_CONDITIONS} are the most for a check"
        )
    return list(combined(bits))


def started(table: Table) -> dict[int, set[int]]:
    """By watch: the plans under which some story starts it."""
    found: dict[int, set[int]] = defaultdict(set)
    for plan in plans(table):
        for check_in_ms in (None, _CHECK_IN_MS):
            for story in STORIES:
                for watch in _story(table, plan, check_in_ms, story):
                    found[watch].add(plan)
    return found


def _story(table: Table, plan: int, check_in_ms: int | None, story: list[_Event]) -> set[int]:
    """The watches that were waiting at some moment of one story."""
    times = plan_times(table, plan, START_MS, _END_MS, check_in_ms, _RETURN_MS, UTC)
    case = Case(table, plan, 1, *times)
    waiting = _armed(case)
    for n, (kind, by, who, what) in enumerate(story):
        now_ms = START_MS + n * 1000
        case.handle(new_event(kind, now_ms, by, who, what), now_ms)
        waiting |= _armed(case)
    return waiting


def _armed(case: Case) -> set[int]:
    return {watch for watch, state in enumerate(case.ladder.watch_state) if state == ARMED}


def kinds(table: Table, watch: int, starting: set[int]) -> list[int]:
    """All that plans can say that changes how one watch runs, of those under which it starts."""
    bits = w.PLAN_NO_SENIOR | w.PLAN_NO_TRACKER
    for i in table.rungs_of[watch]:
        bits |= table.rungs[i].when_set | table.rungs[i].when_clear
    free = list(combined(bits & ~conditions(table)))
    found = set()
    for plan in starting:
        if plan & w.PLAN_OUT_OF_HOURS and table.flags & MANAGER_TRACKS:
            plan |= w.PLAN_NO_TRACKER  # the ladder knows no difference
        found |= {plan & bits | other for other in free}
    return sorted(found)


def contacts(table: Table, watch: int) -> tuple[int, ...]:
    """How many emergency contacts to try a watch with."""
    asked = any(table.rungs[i].who == w.EMERGENCY_CONTACT for i in table.rungs_of[watch])
    return CONTACTS if asked else (1,)
