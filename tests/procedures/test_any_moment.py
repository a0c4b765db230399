"""Restarts at every moment at which something happens, and the nights on which the clocks change: nothing changes."""

from pathlib import Path

import pytest
from play import Story
from watchword_hub.procedures import built_in_names

VISIT = {"start": "00:10", "end": "01:10", "check_in": "00:45", "return_by": "01:40", "risk": "identified"}
ORDINARY = "2026-11-23"
CLOCKS_CHANGE = ("2026-03-29", "2026-10-25")  # both at 01:00 UTC

DAYS = {
    "nobody reports": (),
    "one after another fails": (
        "00:10 arrived",
        "00:12 spoke with=tracker",
        "00:34 call_result who=worker via=work_mobile result=no_answer",
        "00:46 call_result who=worker result=voicemail",
        "01:11 call_result who=worker result=no_answer",
        "01:16 call_result who=client result=no_answer",
        "01:25 call_result who=manager result=no_answer",
        "01:31 decided by=senior what=call_police",
    ),
    "alarms on top": (
        "00:08 sos",
        "00:10 acknowledged by=tracker",
        "00:11 arrived",
        "00:20 no_signal",
        "00:25 duress",
        "00:31 call_result who=worker result=at_risk",
        "00:40 resolved by=manager",
        "00:50 extended end=01:30",
        "01:00 link_lost",
        "01:01 departed",
        "01:09 link_restored",
        "01:20 worried_family",
        "01:26 done by=manager do=dial_999",
    ),
}
UNTIL = "02:40"


@pytest.fixture(params=built_in_names())
def procedure(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("events", DAYS.values(), ids=DAYS)
def test_the_hub_restarts_just_before_and_just_after_whatever_happens(
    tmp_path: Path, procedure: str, events: tuple[str, ...]
) -> None:
    story = Story(tmp_path, procedure, VISIT)
    calm = story.in_full(*events, until=UNTIL)
    moments = {line.split()[0] for line in (*calm, *events)} - {UNTIL}
    after = [f"{at} restart" for at in moments]
    before = [f"{second_before(at)} restart" for at in moments]
    at_once = sorted([*events, *after, *before], key=lambda event: (seconds(event.split()[0]), "restart" in event))
    assert story.in_full(*at_once, until=UNTIL) == calm


@pytest.mark.parametrize("events", DAYS.values(), ids=DAYS)
def test_the_clocks_change_in_the_middle_of_a_visit(tmp_path: Path, procedure: str, events: tuple[str, ...]) -> None:
    ordinary, *changing = [
        Story(tmp_path, procedure, VISIT, day).in_full(*events, until=UNTIL) for day in (ORDINARY, *CLOCKS_CHANGE)
    ]
    assert changing == [ordinary, ordinary]


def seconds(at: str) -> int:
    parts = [int(part) for part in at.split(":")]
    return parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) == 3 else 0)


def second_before(at: str) -> str:
    s = seconds(at) - 1
    return f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}"
