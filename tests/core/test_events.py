"""How a duress is told in a report's value, so that the hub knows both the duress and what Ana seemed to say."""

from watchword_core import words as w
from watchword_core.events import disguise, disguised


def test_a_duress_says_the_report_that_it_looks_like_and_that_reports_value():
    for kind in (w.CHECKED_IN, w.DEPARTED, w.EXTENDED):
        for value in (0, 1, 256, 300, 0xFFFF):
            assert disguise(disguised(kind, value)) == (kind, value)


def test_the_report_is_in_the_lower_8_bits_and_its_value_above_them():
    assert disguised(w.EXTENDED, 3) == 0x306
    assert disguise(0x306) == (w.EXTENDED, 3)
