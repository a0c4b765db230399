"""The moments that a plan fixes: what a case waits for, as Unix ms.

What a text says in local time ("18:30") is worked out here, once, in the organisation's own zone, when the visit is
planned; everything after that is absolute, so that neither summer time nor a restart moves it.
"""

from datetime import UTC, datetime, time, tzinfo
from typing import NamedTuple

from watchword_core import words as w
from watchword_core.table import NO_END_OF_DAY, Table

MAX_CONTACTS = w.PLAN_CONTACTS // w.PLAN_CONTACT


class PlanTimes(NamedTuple):
    """In the order of Case's arguments; None: not agreed."""

    start_ms: int
    end_ms: int
    check_in_ms: int | None
    return_by_ms: int | None
    end_of_day_ms: int | None


def plan_times(
    table: Table,
    plan: int,
    start_ms: int,
    end_ms: int,
    check_in_ms: int | None,
    return_by_ms: int | None,
    zone: tzinfo,
) -> PlanTimes:
    """Checked and completed; raises ValueError with what is wrong.

    Where the file has an end of day and this is the day's last visit, a time agreed beforehand takes its place
    (Northamptonshire App. 3: "or an alternative time as pre-arranged"). Where the file watches the return and no time
    of it was agreed, it is expected as long after T_end as that watch waits again: nobody may wait on nobody.
    """
    if end_ms < start_ms:
        raise ValueError("end is before its start")
    for name, at_ms in (("check_in", check_in_ms), ("return_by", return_by_ms)):
        if at_ms is not None and at_ms < start_ms:
            raise ValueError(f"{name} is before its start")
    end_of_day_ms = None
    if plan & w.PLAN_LAST_OF_DAY and table.day_ends_min != NO_END_OF_DAY:
        end_of_day_ms = check_in_ms or _local_ms(start_ms, table.day_ends_min, zone)
        check_in_ms = None
    if return_by_ms is None and plan & w.PLAN_RETURNING:
        waits_s = [watch.again_s for watch in table.watches if watch.anchor == w.AT_RETURN and watch.again_s]
        return_by_ms = end_ms + table.ms(min(waits_s)) if waits_s else None
    return PlanTimes(start_ms, end_ms, check_in_ms, return_by_ms, end_of_day_ms)


def _local_ms(start_ms: int, minutes: int, zone: tzinfo) -> int:
    """The moment at which clocks on the wall show it on the day on which the visit starts."""
    day = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(zone).date()
    return round(datetime.combine(day, time(*divmod(minutes, 60)), zone).timestamp() * 1000)
