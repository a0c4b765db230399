"""The board's counter starts again after 12.4 days; nothing moves because of it."""

from watchword_core.ticks import PERIOD_MS, HubClock, Ticks


def test_time_goes_on_over_the_wrap():
    ticks = Ticks(PERIOD_MS - 500)
    assert ticks.extend(PERIOD_MS - 400) == 100
    assert ticks.extend(600) == 1100
    assert ticks.extend(600) == 1100


def test_many_wraps_add_up():
    ticks = Ticks(0)
    now = 0
    for _ in range(40):
        now += PERIOD_MS // 3
        assert ticks.extend(now % PERIOD_MS) == now


def test_a_reading_from_just_before_does_not_add_a_period():
    ticks = Ticks(1000)
    ticks.extend(2000)
    assert ticks.extend(1999) == 1000
    assert ticks.extend(2100) == 1100


def test_the_hub_clock_is_wrong_by_the_round_trip_at_most():
    clock = HubClock()
    assert clock.hub_ms(5) is None
    assert clock.answered(1000, 1080, 1_700_000_000_000)
    assert abs(clock.hub_ms(1080) - 1_700_000_000_040) <= 40


def test_an_answer_that_took_too_long_sets_no_clock():
    clock = HubClock()
    assert not clock.answered(0, HubClock.MAX_ROUND_TRIP_MS + 1, 1_700_000_000_000)
    assert not clock.answered(10, 5, 1_700_000_000_000)
    assert clock.hub_ms(0) is None


def test_a_slow_answer_does_not_blunt_a_sharp_clock_until_drift_has():
    clock = HubClock()
    clock.answered(0, 50, 1_000_000)
    assert not clock.answered(1000, 1900, 5_000_000)
    assert clock.answered(10_000_000, 10_000_300, 20_000_000)
