"""What `check` promises of a file, whole cases keep: with all watches at once, and things going wrong at random."""

import random

import pytest
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import new_event
from watchword_core.rungs import ARMED, WAITING
from watchword_core.table import plan_fits
from watchword_hub.lint import situations
from watchword_hub.lint.check import Checked, check
from watchword_hub.planned import plan_times
from watchword_hub.procedures import built_in_names

MINUTE = 60_000
START = situations.START_MS
VIA = (0, w.WORK_MOBILE, w.PERSONAL_MOBILE, w.HOME, w.CLIENT_MOBILE, w.CLIENT_LANDLINE)
CALLED = (w.WORKER, w.CLIENT, w.EMERGENCY_CONTACT, w.TEAM, w.TRACKER, w.MANAGER, w.SENIOR)
RUNS = 60


def promises(checked: Checked) -> tuple[dict[int, int], dict[int, int]]:
    """By rung: open so many ms after its watch's start. By watch: 999 asked for so many ms after."""
    procedure = checked.procedure
    assert procedure is not None
    names = [place.name for place in procedure.watch_places]
    help_ms: dict[int, int] = {}
    for way in checked.ways:
        if way.longest_s is not None:
            watch = names.index(way.watch)
            help_ms[watch] = max(help_ms.get(watch, 0), way.longest_s * 1000)
    return {i: s * 1000 for i, s in procedure.bounds_s.items()}, help_ms


def happen(case: Case, chance: random.Random, now_ms: int) -> None:
    """One thing that answers nothing. Nobody says who reports it, so that nobody counts as heard again."""
    kind = chance.choice((w.CALL_NO_ANSWER, w.CALL_NO_ANSWER, w.CALL_VOICEMAIL, w.CALL_AT_RISK, w.SOS, w.SILENT))
    who = chance.choice(CALLED) if kind != w.CALL_AT_RISK else w.WORKER
    via = chance.choice(VIA) if kind in (w.CALL_NO_ANSWER, w.CALL_VOICEMAIL) and who < w.TRACKER else 0
    case.handle(new_event(kind, now_ms, 0, who, via), now_ms)


def kept(case: Case, bounds_ms: dict[int, int], help_ms: dict[int, int], now_ms: int) -> None:
    ladder, table = case.ladder, case.table
    for i, bound_ms in bounds_ms.items():
        r = table.rungs[i]
        waits = ladder.watch_state[r.watch] == ARMED and plan_fits(case.plan, r.when_set, r.when_clear)
        if waits and now_ms > ladder.base_ms[r.watch] + bound_ms:
            assert ladder.rung_state[i] != WAITING, f"rung {i} is late"
    for watch, longest_ms in help_ms.items():
        if ladder.watch_state[watch] == ARMED and now_ms > ladder.base_ms[watch] + longest_ms:
            dials = [i for i in table.rungs_of[watch] if table.rungs[i].verb == w.DIAL_999]
            assert any(ladder.rung_state[i] != WAITING for i in dials), f"watch {watch} has asked nobody to dial 999"


@pytest.mark.parametrize("name", built_in_names())
def test_whatever_goes_wrong_nothing_is_later_than_was_proved(name: str) -> None:
    checked = check(name)
    assert checked.procedure is not None
    table = checked.procedure.table
    bounds_ms, help_ms = promises(checked)
    assert bounds_ms and help_ms
    for seed in range(RUNS):
        chance = random.Random(f"{name} {seed}")
        plan = chance.choice(situations.plans(table)) | chance.choice((0, 1, 2, 7)) * w.PLAN_CONTACT
        plan |= chance.choice((0, w.PLAN_NO_SENIOR, w.PLAN_NO_TRACKER, w.PLAN_NO_CLIENT_PHONES))
        times = plan_times(table, plan, START, START + 60 * MINUTE, None, START + 90 * MINUTE, situations.UTC)
        case = Case(table, plan, 1, *times)
        now_ms = START
        for kind in chance.choice(([], [w.ARRIVED], [w.ARRIVED, w.SPOKE_ARRIVAL])):
            case.handle(new_event(kind, now_ms), now_ms)
        for _ in range(60):
            due = case.next_deadline_ms()
            wait_ms = chance.choice((0, 1000, MINUTE, 5 * MINUTE, 9 * MINUTE))
            to_ms = due if due is not None and chance.random() < 0.5 else now_ms + wait_ms
            before_ms = to_ms - 1 if chance.random() < 0.3 else to_ms
            while due is not None and due <= before_ms:
                now_ms = max(now_ms, due)
                case.handle_deadline(now_ms)
                due = case.next_deadline_ms()
                kept(case, bounds_ms, help_ms, now_ms)
            now_ms = max(now_ms, before_ms)
            kept(case, bounds_ms, help_ms, now_ms)
            if chance.random() < 0.6:
                happen(case, chance, now_ms)
