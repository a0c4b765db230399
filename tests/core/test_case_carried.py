"""A case carried elsewhere as bytes: what is refused, and what a month leaves."""

from one_case import inside, tell
from small_table import small_table
from watchword_core import words as w
from watchword_core.case import restore


def test_bytes_that_are_no_snapshot_are_refused():
    whole, made = inside().snapshot(), small_table()
    for cut in range(len(whole)):
        try:
            restore(made, whole[:cut])
        except ValueError as e:
            assert str(e).startswith("snapshot does not fit the table: ")
            continue
        raise AssertionError("%d bytes of %d were taken" % (cut, len(whole)))


def test_bytes_left_over_are_refused_with_both_lengths():
    whole = inside().snapshot()
    try:
        restore(small_table(), whole + b"more")
    except ValueError as e:
        assert str(e) == "snapshot has %d bytes; the table accounts for %d" % (len(whole) + 4, len(whole))
        return
    raise AssertionError("they were taken")


def test_a_month_after_the_start_the_start_is_still_known():
    case = inside()
    tell(case, w.SOS, 30 * 24 * 60)
    again = restore(case.table, case.snapshot())
    assert again.times == case.times
    tell(case, w.SPOKE_DEPARTURE, 30 * 24 * 60 + 1, w.TRACKER)
    assert restore(case.table, case.snapshot()).times == case.times
