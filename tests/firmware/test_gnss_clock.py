"""The time by GNSS: when it is believed, what goes by it while the hub's is not known, and what never does."""

from pendant import effects, felt
from pendant.gnss_clock import AGREES_MS, EARLIEST_MS, SETTLES_MS, GnssClock
from story import MINUTE, T0, Ana, Hub, at_the_door, inside
from watchword_core import frames, gestures
from watchword_core import visit as v
from watchword_core import words as w

DAY = 86_400_000
WEEKS_LOST = 1024 * 7 * DAY


def told_for(clock, ms, unix_ms, began_ms=0):
    """A reading a second; `unix_ms` is the time at `began_ms`."""
    for now_ms in range(began_ms, began_ms + ms + 1, 1_000):
        clock.told(unix_ms + now_ms - began_ms, now_ms)


def by_gnss(ana, wrong_ms=0):
    """Her receiver tells the time long enough to be believed."""
    now_ms = ana.since_boot()
    told_for(ana.p.watch.gnss_clock, SETTLES_MS, T0 + ana.now_ms + wrong_ms - SETTLES_MS, now_ms - SETTLES_MS)


def clock_said(ana):
    """By the frame of a press: which clock is set."""
    ana.press(gestures.OK)
    frame = [e.frame for e in ana.did if isinstance(e, effects.Keep)][-1]
    _, report = ana.p.reports.opened(frame)
    return report.flags & (frames.CLOCK_SET | frames.CLOCK_GNSS)


def test_a_time_is_believed_once_it_was_told_for_three_seconds():
    clock = GnssClock()
    told_for(clock, SETTLES_MS - 1_000, T0)
    assert clock.offset_ms is None
    clock.told(T0 + SETTLES_MS, SETTLES_MS)
    assert clock.offset_ms == T0


def test_a_reading_a_little_off_is_followed_at_once():
    clock = GnssClock()
    told_for(clock, SETTLES_MS, T0)
    clock.told(T0 + 60_000 + AGREES_MS, 60_000)
    assert clock.offset_ms == T0 + AGREES_MS


def test_at_midnight_the_old_date_of_some_sentences_moves_nothing():
    clock = GnssClock()
    told_for(clock, SETTLES_MS, T0)
    for now_ms in (10_000, 10_200, 10_400):
        clock.told(T0 + now_ms - DAY, now_ms)
    clock.told(T0 + 10_600, 10_600)
    clock.told(T0 + 20_000 - DAY, 20_000)
    assert clock.offset_ms == T0


def test_another_time_told_for_long_enough_is_taken():
    clock = GnssClock()
    told_for(clock, SETTLES_MS, T0)
    told_for(clock, SETTLES_MS, T0 + DAY, 60_000)
    assert clock.offset_ms == T0 + DAY - 60_000


def test_a_receiver_that_lost_count_of_its_weeks_is_refused_and_counted():
    clock = GnssClock()
    told_for(clock, SETTLES_MS, T0 - WEEKS_LOST)
    assert (clock.offset_ms, clock.refused) == (None, 4)
    clock.told(EARLIEST_MS, 10_000)
    assert clock.refused == 4


def test_which_clock_is_set_is_sent__none_then_gnss_then_the_hubs():
    ana = Ana(Hub())
    assert clock_said(ana) == 0
    ana.wait(MINUTE)
    by_gnss(ana)
    assert clock_said(ana) == frames.CLOCK_GNSS
    ana.connect()
    assert clock_said(ana) == frames.CLOCK_SET
    by_gnss(ana, wrong_ms=DAY)
    assert clock_said(ana) == frames.CLOCK_SET and ana.p.watch.hub_ms(0) == T0


def test_after_a_restart_without_a_link_the_prompt_comes_by_gnss():
    for sky in (True, False):
        ana, _ = inside()
        ana.wait(5 * MINUTE)
        ana.reboot(1002)
        ana.wait(MINUTE)
        if sky:
            by_gnss(ana)
        ana.felt()
        ana.wait(12 * MINUTE)
        assert felt.PROMPT not in ana.felt()
        ana.wait(3 * MINUTE)
        assert (felt.PROMPT in ana.felt()) == sky


def test_a_clearance_held_back_is_not_made_fresh_by_a_forged_time():
    ana, hub = at_the_door()
    ana.reboot(1002)
    hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
    held_back = hub.status(ana.now_ms, ana.boot)
    ana.wait(60 * MINUTE)
    by_gnss(ana, wrong_ms=-60 * MINUTE)
    ana.felt()
    ana.receive(held_back)
    assert felt.CLEARED not in ana.felt() and ana.counted("no clock") == 1
    assert ana.p.standing.view().state == v.AT_DOOR
