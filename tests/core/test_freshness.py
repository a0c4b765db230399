"""Late is not forged: a genuine frame that was overtaken is accepted once."""

from watchword_core.freshness import NEW, REPEATED, TOO_OLD, WINDOW, WINDOW_BYTES, Window


def test_a_frame_that_was_overtaken_is_accepted_once():
    window = Window()
    assert [window.accept(n) for n in (1, 2, 5)] == [NEW, NEW, NEW]
    assert window.accept(3) == NEW
    assert window.accept(3) == REPEATED
    assert window.accept(5) == REPEATED
    assert window.accept(4) == NEW
    assert [window.judge(n) for n in range(1, 6)] == [REPEATED] * 5


def test_the_first_may_come_second():
    window = Window()
    assert [window.accept(n) for n in (2, 1, 1)] == [NEW, NEW, REPEATED]


def test_judging_remembers_nothing():
    window = Window()
    assert window.judge(7) == NEW
    assert window.judge(7) == NEW
    assert window.highest == 0


def test_what_has_left_the_window_is_refused():
    window = Window()
    window.accept(WINDOW + 10)
    assert window.accept(11) == NEW
    assert window.accept(10) == TOO_OLD
    assert window.accept(0) == TOO_OLD


def test_a_leap_of_the_count_forgets_only_what_it_must():
    window = Window()
    window.accept(1)
    window.accept(4_000_000_000)
    assert window.accept(1) == TOO_OLD
    assert window.accept(4_000_000_000) == REPEATED
    assert window.accept(4_000_000_000 - WINDOW + 1) == NEW


def test_what_leaves_the_window_leaves_its_bytes():
    window = Window()
    assert window.to_bytes() == bytes(WINDOW_BYTES)
    window.accept(1)
    window.accept(WINDOW)
    assert window.judge(1) == REPEATED
    window.accept(WINDOW + 1)
    assert window.judge(1) == TOO_OLD
    assert window.to_bytes() == bytes([0, 0, 1, 1]) + bytes(WINDOW_BYTES - 5) + b"\x03"


def test_a_stored_window_judges_as_before():
    window = Window()
    for n in (1, 3, 200, 260):
        window.accept(n)
    stored = window.to_bytes()
    assert len(stored) == WINDOW_BYTES
    again = Window(stored)
    for n in range(300):
        assert again.judge(n) == window.judge(n)
