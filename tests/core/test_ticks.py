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


def test_half_a_period_is_the_past():
    ticks = Ticks(0)
    assert ticks.extend(PERIOD_MS // 2) == 0
    assert ticks.extend(PERIOD_MS // 2 - 1) == PERIOD_MS // 2 - 1


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


def test_an_answer_as_slow_as_may_be_or_at_once_sets_it():
    clock = HubClock()
    assert clock.answered(7, 7 + HubClock.MAX_ROUND_TRIP_MS, 1_700_000_000_000)
    assert clock.hub_ms(7 + HubClock.MAX_ROUND_TRIP_MS) == 1_700_000_005_000
    assert clock.answered(20_000, 20_000, 1_800_000_000_000)
    assert clock.hub_ms(20_001) == 1_800_000_000_001


def test_half_of_an_odd_round_trip_is_whole():
    clock = HubClock()
    clock.answered(0, 81, 1_000_000)
    assert str(clock.hub_ms(81)) == "1000040"


def test_the_clock_drifts_a_millisecond_in_20_s_and_no_sooner():
    for after, taken in ((19_999, False), (20_000, True)):
        clock = HubClock()
        clock.answered(900_000, 900_050, 5_000_000)
        assert clock.answered(900_050 + after - 51, 900_050 + after, 6_000_000) == taken
    clock = HubClock()
    clock.answered(900_000, 900_050, 5_000_000)
    assert clock.answered(900_100, 900_150, 6_000_000)  # as sharp as the last


def test_a_slow_answer_does_not_blunt_a_sharp_clock_until_drift_has():
    clock = HubClock()
    clock.answered(0, 50, 1_000_000)
    assert not clock.answered(1000, 1900, 5_000_000)
    assert clock.answered(10_000_000, 10_000_300, 20_000_000)
