"""When the office is open, in the organisation's own time: what makes a visit one out of hours.

It is worked out once, when a visit is planned, and shown; whoever plans may know better.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FORM = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
DAY_MIN = 24 * 60


class OfficeHours(NamedTuple):
    """Days of the week (0: Monday), minutes after local midnight, and days on which it stays closed."""

    days: frozenset[int]
    opens_min: int
    closes_min: int
    closed: frozenset[date] = frozenset()

    @classmethod
    def parse(cls, text: str, closed: Iterable[date] = ()) -> "OfficeHours":
        """From "Mon-Fri 09:00-17:00"; raises ValueError with what to write."""
        found = _FORM.fullmatch(text.strip())
        if not found or found[1] not in DAYS or (found[2] or found[1]) not in DAYS:
            raise ValueError(f'{text!r} are no office hours; write them as "Mon-Fri 09:00-17:00"')
        first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
        opens, closes = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
        if last < first or not opens < closes <= DAY_MIN:
            raise ValueError(f"{text!r}: the days and the hours must each end after they begin")
        return cls(frozenset(range(first, last + 1)), opens, closes, frozenset(closed))

    def outside(self, start_ms: int, end_ms: int, zone: tzinfo) -> str:
        """Why some of the visit lies out of hours, by the clocks on the wall; "": none of it does."""
        start, end = _wall(start_ms, zone), _wall(end_ms, zone)
        if start.date() in self.closed:
            return f"the office is closed on {start:%d %b}"
        if start.weekday() not in self.days:
            return f"the office is closed on {start:%A}s"
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        if start < midnight + timedelta(minutes=self.opens_min):
            return f"the office opens at {_clock(self.opens_min)}"
        if end > midnight + timedelta(minutes=self.closes_min):
            return f"the office closes at {_clock(self.closes_min)}"
        return ""


def _wall(ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).replace(tzinfo=None)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
