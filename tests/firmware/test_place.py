"""Where Ana last was: kept over a reboot, sent with its age and as what it is, and never passed off as new."""

from pendant import place
from pendant.place import Place, Saving
from pendant.reports import Reports
from story import UP
from watchword_core import frames
from watchword_core import words as w

HERE = (515_000_000, -1_000_000, 7)
T0 = 1_700_000_000_000
HOUR = 3_600_000


class Clock:
    """The hub's time, None while it is not set."""

    def __init__(self, at_boot_ms=None):
        self.at_boot_ms = at_boot_ms

    def hub_ms(self, now_ms):
        return None if self.at_boot_ms is None else self.at_boot_ms + now_ms


def reports(clock, boot=1):
    return Reports(7, boot, UP, clock.hub_ms)


def whereabouts(worn, now_ms):
    """(position and accuracy, age s, whether of an earlier boot) as a press says it."""
    _, report, _ = worn.press(w.SOS, 0, now_ms, 0, 0, 0, 0)
    return (report.lat_e7, report.lon_e7, report.accuracy_m), report.fix_age_s, bool(report.flags & frames.OLD_PLACE)


def kept(worn):
    """As a later boot reads it."""
    return place.from_bytes(place.to_bytes(worn.place()))


def test_without_any_place_that_is_what_is_said():
    nowhere = (frames.NO_POSITION, frames.NO_POSITION, 0)
    assert whereabouts(reports(Clock()), 5_000) == (nowhere, frames.NO_AGE, False)


def test_a_fix_of_this_boot_has_its_age():
    worn = reports(Clock())
    worn.located(*HERE, 10_000)
    assert whereabouts(worn, 12_500) == (HERE, 2, False)


def test_the_last_known_place_outlives_a_reboot_with_its_age_by_the_hubs_clock():
    before = reports(Clock(T0))
    before.located(*HERE, 10_000)
    after = reports(Clock(T0 + HOUR), boot=2)
    after.remember(kept(before))
    assert whereabouts(after, 20_000) == (HERE, 3610, True)
    after.located(HERE[0] + 1, HERE[1], 9, 30_000)
    assert whereabouts(after, 30_000) == ((HERE[0] + 1, HERE[1], 9), 0, False)


def test_while_no_clock_is_set_its_age_is_not_known_and_then_it_is():
    before = reports(Clock(T0))
    before.located(*HERE, 0)
    clock = Clock()
    after = reports(clock, boot=2)
    after.remember(kept(before))
    assert whereabouts(after, 0) == (HERE, frames.NO_AGE, True)
    clock.at_boot_ms = T0 + 60_000
    assert whereabouts(after, 0) == (HERE, 60, True)


def test_a_place_from_when_the_clock_was_not_set_or_from_the_future_has_no_age():
    for hub_ms in (0, T0 + HOUR):
        after = reports(Clock(T0))
        after.remember(Place(*HERE, hub_ms))
        assert whereabouts(after, 0) == (HERE, frames.NO_AGE, True)


def test_an_age_beyond_the_field_says_that_or_more():
    after = reports(Clock(T0))
    after.remember(Place(*HERE, T0 - 100 * HOUR))
    assert whereabouts(after, 0) == (HERE, frames.NO_AGE - 1, True)


def test_the_answer_for_an_earlier_boot_claims_no_place():
    worn = reports(Clock(T0))
    worn.located(*HERE, 60_000)
    _, report = worn.opened(worn.hello_for(99, T0, 5))
    assert (report.lat_e7, report.fix_age_s) == (frames.NO_POSITION, frames.NO_AGE)


def test_what_is_not_whole_or_of_another_format_is_no_place():
    whole = place.to_bytes(Place(*HERE, T0))
    assert place.from_bytes(whole) == Place(*HERE, T0)
    assert place.from_bytes(None) is None and place.from_bytes(b"") is None
    for i in range(len(whole)):
        assert place.from_bytes(whole[:i]) is None
        assert place.from_bytes(whole[:i] + bytes((whole[i] ^ 1,)) + whole[i + 1 :]) is None


def test_a_place_is_written_at_once_then_seldom_and_sooner_after_a_move():
    saving = Saving()
    lat_e7, lon_e7, _ = HERE
    assert saving.due(lat_e7, lon_e7, 0)
    written = [ms for ms in range(1_000, 600_001, 1_000) if saving.due(lat_e7, lon_e7, ms)]
    assert written == [place.SAVE_MS, 2 * place.SAVE_MS]
    far_e7 = lat_e7 + place.MOVED_E7
    written = [ms for ms in range(601_000, 700_001, 1_000) if saving.due(far_e7, lon_e7, ms)]
    assert written == [600_000 + place.SAVE_MOVED_MS]
    steps = range(1_000_000, 1_060_001, 1_000)
    moving = [ms for ms in steps if saving.due(far_e7 + place.MOVED_E7 * ms, lon_e7, ms)]
    assert moving == [1_000_000, 1_030_000, 1_060_000]  # however fast she moves
