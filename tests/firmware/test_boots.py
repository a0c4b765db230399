"""Boots that came to nothing are counted over resets, and after some the pendant starts with less."""

import board_asyncio  # noqa: F401
from pendant.boots import FORGET_AFTER, SAFE_AFTER, SAFE_FOR_MS, WELL_MS, Boots


class Rtc:
    """Outlives a reset; `power_away` empties it."""

    def __init__(self):
        self.kept = b""

    def memory(self, content=None):
        if content is None:
            return self.kept
        self.kept = content

    def power_away(self):
        self.kept = b""


def failed_boots(rtc, n):
    """The boot after n that came to nothing."""
    for _ in range(n):
        Boots(rtc, False)
    return Boots(rtc, False)


def test_a_few_resets_change_nothing_and_one_more_leaves_out_what_an_sos_does_not_need():
    assert not failed_boots(Rtc(), SAFE_AFTER - 1).is_safe()
    safe = failed_boots(Rtc(), SAFE_AFTER)
    assert safe.is_safe() and not safe.forgets() and safe.safe_boots == 1


def test_when_that_does_not_help_the_remembered_state_is_left_out_too():
    last = failed_boots(Rtc(), FORGET_AFTER)
    assert last.forgets() and last.safe_boots == FORGET_AFTER - SAFE_AFTER + 1


def test_a_boot_that_ran_well_begins_the_count_anew():
    rtc = Rtc()
    boots = failed_boots(rtc, SAFE_AFTER - 1)
    assert not boots.ran(WELL_MS - 1) and not boots.is_well
    assert not boots.ran(WELL_MS) and boots.is_well
    assert Boots(rtc, False).failed == 0


def test_a_safe_boot_that_ran_well_tries_everything_again():
    rtc = Rtc()
    safe = failed_boots(rtc, SAFE_AFTER)
    assert not safe.ran(SAFE_FOR_MS - 1)
    assert safe.ran(SAFE_FOR_MS)
    again = Boots(rtc, False)
    assert not again.is_safe() and again.safe_boots == 1, "how often it happened stays known"


def test_waking_from_deep_sleep_is_no_failed_boot():
    rtc = Rtc()
    for _ in range(2 * SAFE_AFTER):
        assert not Boots(rtc, True).is_safe()


def test_memory_of_another_or_none_counts_as_none():
    for stored in (b"", b"abcdef", b"WWb", b"WWb\x09\x00\x00", b"WWb\x09\x00\x00\x00\x00"):
        rtc = Rtc()
        rtc.memory(stored)
        assert Boots(rtc, False).failed == 0
    rtc = Rtc()
    failed_boots(rtc, SAFE_AFTER)
    rtc.power_away()
    assert not Boots(rtc, False).is_safe()


def test_a_count_that_is_full_stays_full():
    rtc = Rtc()
    assert failed_boots(rtc, 300).failed == 255


def test_that_only_the_reserve_is_left_outlives_sleep_and_resets_until_it_is_charged():
    rtc = Rtc()
    boots = Boots(rtc, False)
    assert not boots.reserved
    boots.keep_reserved(True)
    assert Boots(rtc, True).reserved
    again = Boots(rtc, False)
    assert again.reserved and again.failed == 1, "the count beside it is untouched"
    again.ran(WELL_MS)
    again.keep_reserved(False)
    charged = Boots(rtc, False)
    assert not charged.reserved and charged.failed == 0
