"""Times as people read and write them, in the site's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class BadTime(ValueError):
    """Text that is no time in the site's zone; the message says what to write."""


class Zone:
    """`name`: an IANA zone, "Europe/London"; raises zoneinfo.ZoneInfoNotFoundError for others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.zone = self._zone = ZoneInfo(name)

    def at(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, self._zone)

    def clock(self, ms: int) -> str:
        """ "10:02:11" """
        return self.at(ms).strftime("%H:%M:%S")

    def short(self, ms: int, now_ms: int) -> str:
        """ "10:02", with the day if it is not today: "Tue 3 Mar 10:02" """
        at = self.at(ms)
        if at.date() == self.at(now_ms).date():
            return at.strftime("%H:%M")
        return f"{at:%a} {at.day} {at:%b %H:%M}"

    def field(self, ms: int) -> str:
        """The value of a datetime-local field."""
        return self.at(ms).strftime("%Y-%m-%dT%H:%M")

    def parse(self, text: str, name: str) -> int:
        """Unix ms of a datetime-local field; raises BadTime. Of an hour that comes twice, the first is meant."""
        try:
            naive = datetime.fromisoformat(text)
        except ValueError as e:
            raise BadTime(f"{name}: {text!r} is no time; write it as 2026-03-28T14:30.") from e
        if naive.tzinfo is not None:
            return int(naive.timestamp() * 1000)
        local = naive.replace(tzinfo=self._zone)
        if local.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != naive:
            raise BadTime(f"{name}: there is no {naive:%H:%M} on {naive:%d %b}, the clocks go forward.")
        return int(local.timestamp() * 1000)


def iso(ms: int) -> str:
    """UTC with Z, to the millisecond."""
    at = datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(ms: int) -> str:
    """A length of time: "03:12" below an hour, "1 h 05 min" above."""
    s = abs(ms) // 1000
    return f"{s // 60:02}:{s % 60:02}" if s < 3600 else f"{s // 3600} h {s // 60 % 60:02} min"
