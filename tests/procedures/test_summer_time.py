"""Summer time both ways: what a text says in local time follows the clock on the wall, everything else is absolute.

In London clocks went forward on 29 March 2026 at 01:00 UTC and go back on 25 October 2026 at 01:00 UTC.
"""

from datetime import datetime
from pathlib import Path

import pytest
from play import Story
from watchword_hub import rehearse as r

LAST = {"start": "16:00", "end": "17:00", "last_visit_of_day": True}
RISK = {"risk": "identified"}
FORWARD, BACK = "2026-03-29", "2026-10-25"


def asked(lines: list[str]) -> list[str]:
    return [line for line in lines if " call " in line]


def end_of_day(at: str, home: str) -> list[str]:
    return [f"{at} call manager>worker App. 3", f"{home} call manager>worker App. 3"]


@pytest.mark.parametrize(
    ("day", "zone", "at", "home"),
    [
        ("2026-03-28", "Europe/London", "18:30", "19:30"),
        (FORWARD, "Europe/London", "17:30", "18:30"),
        ("2026-10-24", "Europe/London", "17:30", "18:30"),
        (BACK, "Europe/London", "18:30", "19:30"),
        ("2026-03-07", "America/New_York", "23:30", "00:30"),
        ("2026-03-08", "America/New_York", "22:30", "23:30"),
        ("2026-10-31", "America/New_York", "22:30", "23:30"),
        ("2026-11-01", "America/New_York", "23:30", "00:30"),
        ("2026-04-04", "Australia/Lord_Howe", "07:30", "08:30"),  # summer time of half an hour, +11
        ("2026-04-05", "Australia/Lord_Howe", "08:00", "09:00"),  # +10:30
        (FORWARD, "Asia/Kolkata", "13:00", "14:00"),
    ],
)
@pytest.mark.parametrize("procedure", ["northamptonshire", "northamptonshire-strengthening-families"])
def test_the_end_of_the_day_is_half_past_six_on_the_wall(
    tmp_path: Path, procedure: str, day: str, zone: str, at: str, home: str
) -> None:
    story = Story(tmp_path, procedure, LAST | {"timezone": zone}, day, offset="")
    failed = ("18:30:30 call_result by=manager who=worker result=no_answer",)
    team = ("18:30:40 call_result by=manager who=team result=no_answer",)
    lines = asked(story.lines("16:00 arrived", *failed, *team, until="19:30"))
    assert [lines[0], lines[-1]] == end_of_day(at, home)


@pytest.mark.parametrize(("day", "offset"), [(FORWARD, "+01:00"), (BACK, "Z"), (FORWARD, "-05:00"), (BACK, "+09:30")])
def test_a_timeline_may_carry_any_offset(tmp_path: Path, day: str, offset: str) -> None:
    """The same moments, written in local time and with an offset."""
    local = Story(tmp_path, "northamptonshire", LAST, day, offset="").rows("16:00 arrived", until="20:00")
    utc = {FORWARD: ("15:00", "16:00", "19:00"), BACK: ("16:00", "17:00", "20:00")}[day]
    start, end, until = [_written(f"{day}T{at}:00Z", offset) for at in utc]
    story = Story(tmp_path, "northamptonshire", LAST | {"start": start, "end": end})
    assert story.rows(f"{start} arrived", until=until) == local


def _written(utc: str, offset: str) -> str:
    """A moment as a clock with another offset shows it."""
    zone = datetime.fromisoformat(f"2026-01-01T00:00:00{offset}").tzinfo
    return datetime.fromisoformat(utc).astimezone(zone).isoformat()


def test_an_hour_agreed_beforehand_follows_the_wall_when_it_names_no_offset(tmp_path: Path) -> None:
    story = Story(tmp_path, "northamptonshire", LAST, FORWARD, offset="")
    assert asked(story.lines(until="19:00", check_in="19:00")) == ["18:00 call manager>worker App. 3"]
    absolute = story.lines(until="20:00", check_in=f"{FORWARD}T19:00:00Z")
    assert asked(absolute) == ["19:00 call manager>worker App. 3"]


@pytest.mark.parametrize(
    ("day", "end", "due"),
    [
        (FORWARD, f"{FORWARD}T00:30:00", "01:30"),  # 02:30 on the wall
        (FORWARD, f"{FORWARD}T02:15:00", "02:15"),  # 02:15 of summer time is 01:15 UTC
        (BACK, f"{BACK}T00:30:00", "00:30"),  # 01:30 on the wall, for the first time
        (BACK, f"{BACK}T01:30:00", "01:30"),  # an hour that the wall shows twice: the first is meant
        (BACK, f"{BACK}T01:30:00Z", "02:30"),
    ],
)
def test_an_hour_after_the_finish_is_an_hour_however_the_wall_jumps(
    tmp_path: Path, day: str, end: str, due: str
) -> None:
    start = "2026-03-28T23:00:00" if day == FORWARD else "2026-10-24T23:00:00"
    story = Story(tmp_path, "northamptonshire", RISK | {"start": start, "end": end}, day)
    assert asked(story.lines(f"{start} arrived", until=due)) == [f"{due} call manager>worker 4.6"]


def test_a_finish_in_the_hour_that_the_wall_leaves_out_comes_an_hour_later_on_it(tmp_path: Path) -> None:
    story = Story(tmp_path, "northamptonshire", RISK | {"start": "00:00", "end": "01:30"}, FORWARD, offset="")
    assert story.lines(until="03:30")[-2:] == [  # 01:30 there never was: 02:30 of summer time, and an hour
        "02:30 call manager>worker 4.6",
        "02:30 prompt pendant>worker 4.5",
    ]


@pytest.mark.parametrize("day", [FORWARD, BACK])
def test_minutes_of_a_call_back_and_of_three_calls_span_the_change(tmp_path: Path, day: str) -> None:
    enhanced = Story(tmp_path, "homemaker-enhanced", {"start": "00:45", "end": "01:45", "first_visit": True}, day)
    lines = enhanced.lines("00:45 arrived", "00:46 spoke", until="01:16")
    assert "01:06 call tracker>worker 4.2.2" in lines and "01:16 tell hub>manager 5.1.2" in lines
    derbyshire = Story(tmp_path, "derbyshire", RISK | {"start": "00:00", "end": "00:55"}, day)
    assert asked(derbyshire.lines("00:00 arrived", until="01:10"))[:3] == [
        f"{at} call tracker>worker High risk" for at in ("00:55", "01:00", "01:05")
    ]


def test_a_later_finish_may_lie_beyond_the_change(tmp_path: Path) -> None:
    visit = RISK | {"start": f"{BACK}T00:00:00", "end": f"{BACK}T01:00:00"}  # 23:00 and 00:00 UTC
    story = Story(tmp_path, "derbyshire", visit, BACK)
    lines = story.lines(f"2026-10-24T23:30:00Z extended end={BACK}T02:30:00", until="02:30")
    assert asked(lines) == ["02:30 call tracker>worker High risk"]  # 02:30 of winter time, 2 h 30 later


def test_a_last_visit_that_goes_on_past_midnight_has_its_end_of_day_an_hour_after_it(tmp_path: Path) -> None:
    night = {"start": "2026-03-28T23:30:00", "end": f"{FORWARD}T00:30:00", "last_visit_of_day": True}
    story = Story(tmp_path, "northamptonshire", night, FORWARD)
    assert asked(story.lines("2026-03-28T23:30:00Z arrived", until="01:30")) == ["01:30 call manager>worker App. 3"]


@pytest.mark.parametrize("day", [FORWARD, BACK])
def test_people_read_the_hour_on_their_wall(tmp_path: Path, day: str) -> None:
    story = Story(tmp_path, "northamptonshire", LAST, day, offset="")
    story.rows("16:00 arrived", until="18:30")
    timeline = r.read_timeline(story.path, story.procedure)
    lines = list(r.for_people(story.procedure, timeline, r.play(story.procedure, timeline)))
    assert lines[-1].startswith("18:30:00") and lines[-1].endswith("[App. 3]")


@pytest.mark.parametrize(("day", "hour"), [(FORWARD, 17), (BACK, 18)])
def test_restarts_on_the_day_of_the_change_move_nothing(tmp_path: Path, day: str, hour: int) -> None:
    night = RISK | {"start": f"{day}T00:15:00Z", "end": f"{day}T00:45:00Z", "last_visit_of_day": True}
    story = Story(tmp_path, "northamptonshire", night, day)
    answered = [f"01:50 call_result by=manager who=worker result={result}" for result in ("safe", "no_answer")]
    for events in answered:
        calm = story.rows(f"{day}T00:15:00Z arrived", events, until="20:00")
        restarts = ["00:59:59", "01:00", "01:45", "02:00", f"{hour}:29", f"{hour}:30", f"{hour + 1}:30"]
        told = sorted([events, *[f"{at} restart" for at in restarts]])
        assert story.rows("00:15 arrived", *told, until="20:00") == calm
