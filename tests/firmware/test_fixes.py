"""When the receiver is on: a search now and then, all the time in an alarm, and a while after any press."""

from pendant import fixes
from pendant.duty import LOOK_MS
from pendant.fixes import AFTER_PRESS_MS, EVERY_MS, SAME_TIME_MS, SEARCH_MS, SETTLE_MS, START_MS, Fixes
from pendant.watching import ALARM, IDLE, VISIT

SECOND = 1_000
HOUR = 3_600_000


class Worn:
    """Looks every second, as the task does; `sees` is the sky: a fix comes so long after switching on, None: never."""

    def __init__(self, sees_ms=30_000):
        self.sees_ms = sees_ms
        self.now_ms = 0
        self.presses = 0
        self.fixes = Fixes(0)
        self.on_since_ms = None

    def wait(self, ms, level):
        """How long it was on, ms."""
        on_ms = 0
        for _ in range(ms // SECOND):
            on = self.fixes.look(level, self.presses, self.now_ms)
            on_ms += SECOND * on
            if not on:
                self.on_since_ms = None
            elif self.on_since_ms is None:
                self.on_since_ms = self.now_ms
            if on and self.sees_ms is not None and self.now_ms - self.on_since_ms >= self.sees_ms:
                self.fixes.fixed(None, self.now_ms)
            self.now_ms += SECOND
        return on_ms


def test_on_duty_it_is_on_for_a_fix_now_and_then_more_often_in_a_visit():
    for level in (IDLE, VISIT):
        worn = Worn()
        on_ms = worn.wait(4 * HOUR, level)
        searches = 4 * HOUR // (EVERY_MS[level] + worn.sees_ms + SETTLE_MS) + 1
        assert abs(on_ms - searches * (worn.sees_ms + SETTLE_MS)) <= searches * 2 * SECOND


def test_under_a_roof_it_gives_up_and_tries_again_later():
    worn = Worn(sees_ms=None)
    assert worn.wait(START_MS, VISIT) == 0
    assert abs(worn.wait(EVERY_MS[VISIT], VISIT) - SEARCH_MS) <= SECOND
    assert not worn.fixes.on
    worn.wait(SEARCH_MS + SECOND, VISIT)
    assert worn.fixes.on


def test_in_an_alarm_it_is_on_all_the_time_from_the_next_look_on():
    worn = Worn()
    worn.wait(2 * 60 * SECOND, VISIT)
    assert not worn.fixes.on
    assert worn.wait(HOUR, ALARM) == HOUR
    worn.wait(2 * SECOND, VISIT)
    assert not worn.fixes.on


def test_a_visit_that_begins_does_not_wait_for_the_slower_pace_of_before():
    worn = Worn()
    worn.wait(6 * 60 * SECOND, IDLE)
    assert not worn.fixes.on
    assert worn.wait(2 * 60 * SECOND, VISIT) > 0


def test_after_any_press_it_stays_on_for_a_while_so_that_a_duress_shows_in_nothing():
    worn = Worn()
    worn.wait(2 * 60 * SECOND, VISIT)
    worn.presses += 1  # all that it is told of a press is that there was one
    assert worn.wait(AFTER_PRESS_MS, VISIT) == AFTER_PRESS_MS
    worn.wait(2 * SECOND, VISIT)
    assert not worn.fixes.on


def test_woken_only_to_look_for_a_phone_it_searches_for_nothing_but_an_alarm_is_not_kept_waiting():
    assert LOOK_MS < START_MS
    assert Worn().wait(LOOK_MS, IDLE) == 0
    assert Worn().wait(LOOK_MS, ALARM) == LOOK_MS


def test_a_place_whose_time_stands_still_is_of_now_no_more_and_ends_no_search():
    worn = Fixes(0)
    worn.look(VISIT, 0, START_MS)
    for since_ms in (0, 200, SAME_TIME_MS):  # the sentences of one fix
        assert worn.fixed(1_800_000_000_000, START_MS + since_ms)
    for since_ms in (SAME_TIME_MS + 1, HOUR):
        assert not worn.fixed(1_800_000_000_000, START_MS + since_ms)
    assert worn.stuck == 2
    assert worn.fixed(1_800_000_001_000, START_MS + HOUR)
    stuck = Fixes(0)
    stuck.look(VISIT, 0, START_MS)
    assert stuck.fixed(5, START_MS) and not stuck.look(VISIT, 0, START_MS + SETTLE_MS)
    again_ms = START_MS + SETTLE_MS + EVERY_MS[VISIT]
    assert stuck.look(VISIT, 0, again_ms) and not stuck.fixed(5, again_ms)
    assert stuck.look(VISIT, 0, again_ms + SETTLE_MS) and not stuck.look(VISIT, 0, again_ms + SEARCH_MS)


def test_every_level_has_its_pace():
    assert sorted(fixes.EVERY_MS) == sorted((IDLE, VISIT, ALARM))
