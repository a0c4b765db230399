"""Times as people write and read them."""

import pytest
from console_fakes import START_MS
from watchword_hub.console.when import BadTime, Zone, iso, span

ZONE = Zone("Europe/London")


def test_a_field_reads_back_as_it_was_shown():
    assert ZONE.parse(ZONE.field(START_MS), "Start") == START_MS


def test_summer_time_counts():
    assert iso(ZONE.parse("2026-07-01T10:00", "Start")) == "2026-07-01T09:00:00.000Z"


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    assert iso(ZONE.parse("2026-10-25T01:30", "Start")) == "2026-10-25T00:30:00.000Z"


def test_an_hour_that_does_not_come_is_refused():
    with pytest.raises(BadTime, match="clocks go forward"):
        ZONE.parse("2026-03-29T01:30", "Start")


@pytest.mark.parametrize(
    ("ms", "words"), [(0, "00:00"), (192_000, "03:12"), (-65_000, "01:05"), (3_900_000, "1 h 05 min")]
)
def test_spans_read_as_clocks(ms, words):
    assert span(ms) == words


def test_another_day_is_named():
    assert ZONE.short(START_MS - 86_400_000, START_MS) == "Sun 1 Mar 10:00"
    assert ZONE.short(START_MS, START_MS) == "10:00"
