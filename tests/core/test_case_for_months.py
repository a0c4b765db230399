"""A case that nobody ends, kept and restored every day for months."""

from one_case import inside, tell, until
from watchword_core import words as w
from watchword_core.case import restore

NEEDS = ("heap",)


def test_a_case_that_nobody_ends_can_be_kept_for_months():
    case = inside()
    tell(case, w.SOS, 10)
    for day in range(1, 90):
        for hour in range(24):
            until(case, ((day - 1) * 24 + hour + 1) * 60)
        stored = case.snapshot()
        assert restore(case.table, stored).next_deadline_ms() == case.next_deadline_ms()
    tell(case, w.RESOLVED, 90 * 24 * 60)
    assert not restore(case.table, case.snapshot()).alarm_open()
