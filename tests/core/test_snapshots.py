"""What a snapshot keeps of several who are tried one after another."""

from watchword_core.snapshots import first_untried


def test_the_first_who_was_not_tried_is_next():
    for tried, following in ((0, 0), (0b1, 1), (0b11, 2), (0b111, 3)):
        assert first_untried(tried) == following


def test_one_who_was_left_out_comes_before_those_after_them():
    assert first_untried(0b110) == 0
    assert first_untried(0b1011) == 2
