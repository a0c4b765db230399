"""The moments of a visit that its machines count from: what was planned, as last changed, and what has happened."""

from . import words as w

# times[...]
START = 0
ARRIVED = 1
T_ARRIVE = 2
T_END = 3
DEPARTED = 4
PLANNED_END = 5
CHECK_IN = 6  # the next agreed one; None: none is
END_OF_DAY = 7
MOMENTS = 8


def planned_ms(table, times, anchor):
    """The moment of the plan, as last changed, that an anchor stands for; None: none."""
    if anchor == w.AT_START:
        return times[START]
    if anchor == w.AT_CHECK_IN:
        return times[CHECK_IN]
    if anchor == w.AT_FINISH and times[CHECK_IN] is not None:
        return times[CHECK_IN]
    if anchor == w.AT_END_OF_DAY:
        return _day_ends_ms(table, times[END_OF_DAY], times[T_END])
    return times[T_END]


def _day_ends_ms(table, day_ends_ms, t_end_ms):
    if day_ends_ms is None or t_end_ms <= day_ends_ms:
        return day_ends_ms
    return t_end_ms + table.ms(table.late_s)
