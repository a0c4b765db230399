"""Out of hours is what the clocks on the office's wall say, on both sides of both summer-time changes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from watchword_hub.office import OfficeHours

LONDON = ZoneInfo("Europe/London")
WEEK = OfficeHours.parse("Mon-Fri 09:00-17:00")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def outside(start: str, end: str, hours: OfficeHours = WEEK) -> str:
    return hours.outside(ms(start), ms(end), LONDON)


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("2026-11-23T09:00Z", "2026-11-23T17:00Z", ""),
        ("2026-11-23T08:59Z", "2026-11-23T10:00Z", "opens at 09:00"),
        ("2026-11-23T16:30Z", "2026-11-23T17:01Z", "closes at 17:00"),
        ("2026-11-23T16:30Z", "2026-11-24T09:30Z", "closes at 17:00"),
        ("2026-11-22T10:00Z", "2026-11-22T11:00Z", "closed on Sundays"),
        # Friday is still winter time, Monday is summer time: the same hour of UTC is another on the wall.
        ("2026-03-27T16:15Z", "2026-03-27T16:45Z", ""),
        ("2026-03-30T16:15Z", "2026-03-30T16:45Z", "closes at 17:00"),
        ("2026-03-27T08:15Z", "2026-03-27T08:45Z", "opens at 09:00"),
        ("2026-03-30T08:15Z", "2026-03-30T08:45Z", ""),
        # And back in October.
        ("2026-10-23T08:15Z", "2026-10-23T08:45Z", ""),
        ("2026-10-26T08:15Z", "2026-10-26T08:45Z", "opens at 09:00"),
        ("2026-10-23T16:15Z", "2026-10-23T16:45Z", "closes at 17:00"),
        ("2026-10-26T16:15Z", "2026-10-26T16:45Z", ""),
    ],
)
def test_a_visit_is_out_of_hours_by_the_clock_on_the_wall(start: str, end: str, why: str) -> None:
    assert why in outside(start, end) and bool(outside(start, end)) == bool(why)


def test_on_the_night_of_the_change_wall_clocks_decide() -> None:
    night = OfficeHours.parse("Sat-Sun 00:30-03:30")
    assert outside("2026-03-29T00:35Z", "2026-03-29T02:20Z", night) == ""  # 00:35 to 03:20 on the wall
    assert outside("2026-03-29T00:35Z", "2026-03-29T02:40Z", night) == "the office closes at 03:30"
    assert outside("2026-10-24T23:35Z", "2026-10-25T03:25Z", night) == ""  # the second of two hours from 1 to 2
    assert outside("2026-10-24T23:35Z", "2026-10-25T03:35Z", night) == "the office closes at 03:30"


def test_a_bank_holiday_is_out_of_hours() -> None:
    hours = OfficeHours.parse("Mon-Fri 09:00-17:00", [date(2026, 12, 25)])
    assert outside("2026-12-25T10:00Z", "2026-12-25T11:00Z", hours) == "the office is closed on 25 Dec"


def test_an_office_may_be_open_all_day() -> None:
    always = OfficeHours.parse("Mon-Sun 00:00-24:00")
    assert outside("2026-11-22T00:00Z", "2026-11-23T00:00Z", always) == ""


@pytest.mark.parametrize(
    "text",
    ["", "9 to 5", "Mon-Fri", "Mon-Fri 17:00-09:00", "Fri-Mon 09:00-17:00", "Mon-Fri 09:00-25:00", "Xyz 09:00-17:00"],
)
def test_other_words_are_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"Mon-Fri 09:00-17:00|end after they begin"):
        OfficeHours.parse(text)
