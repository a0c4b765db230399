"""What the engine knows of each pendant and of each of its boots."""

from collections.abc import Container
from typing import TYPE_CHECKING, Any

from watchword_core.frames import NO_AGE, NO_POSITION, PRESS
from watchword_core.freshness import Window

from ..store import hot
from ..store.changes import Row
from ..store.store import Store

if TYPE_CHECKING:
    from .cases import OpenCase

_BOOT = """SELECT boot, press_window, routine_window, offset_ms, known, challenge, down_count, seen_ms, battery_mv,
    lat_e7, lon_e7, accuracy_m, fix_age_s, flags FROM boot WHERE pendant = ?"""


class Boot:
    """One run of a pendant between two starts. `known`: it has answered a challenge of this hub."""

    def __init__(self, pendant: int, boot: int, challenge: int) -> None:
        self.pendant = pendant
        self.boot = boot
        self.press = Window()
        self.routine = Window()
        self.offset_ms: int | None = None
        self.known = False
        self.challenge = challenge
        self.down_count = 0
        self.seen_ms = 0
        self.battery_mv = 0
        self.position: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)
        self.flags = 0  # of its newest frame
        self.stored = False

    def window(self, lane: int) -> Any:
        return self.press if lane == PRESS else self.routine

    def event_ms(self, ticks_ms: int, received_ms: int) -> int:
        """When something happened, by the hub's clock.

        The frame that was fastest on its way says best when this boot began; nothing happens after it was received.
        """
        offset = received_ms - ticks_ms
        if self.offset_ms is None or offset < self.offset_ms:
            self.offset_ms = offset
        return min(received_ms, self.offset_ms + ticks_ms)

    def take_news(self, report: Any, at_ms: int) -> None:
        """Battery, position and what it says of itself, unless newer news is known."""
        if at_ms < self.seen_ms:
            return
        self.seen_ms = at_ms
        self.battery_mv = report.battery_mv
        self.flags = report.flags
        if report.lat_e7 != NO_POSITION:
            age = None if report.fix_age_s == NO_AGE else report.fix_age_s
            self.position = (report.lat_e7, report.lon_e7, report.accuracy_m, age)

    def row(self) -> tuple[str, Row]:
        """The statement and row that store it."""
        statement = hot.SET_BOOT if self.stored else hot.NEW_BOOT
        return statement, (
            self.press.to_bytes(),
            self.routine.to_bytes(),
            self.offset_ms,
            int(self.known),
            self.challenge.to_bytes(8, "big"),
            self.down_count,
            self.seen_ms,
            self.battery_mv,
            *self.position,
            self.flags,
            self.pendant,
            self.boot.to_bytes(8, "big"),
        )


def _boot_of(pendant: int, row: Any, now_ms: int) -> Boot:
    boot = Boot(pendant, int.from_bytes(row[0], "big"), int.from_bytes(row[5], "big"))
    boot.press, boot.routine = Window(row[1]), Window(row[2])
    boot.offset_ms, boot.known = row[3], bool(row[4])
    # A store put back from a backup has forgotten counts that it used; none of them can be above the seconds since
    # 1970 by much, and the pendant takes only higher ones.
    boot.down_count = max(row[6], now_ms // 1000)
    boot.seen_ms, boot.battery_mv = row[7], row[8]
    boot.position, boot.flags = (row[9], row[10], row[11], row[12]), row[13]
    boot.stored = True
    return boot


class Air:
    """What only memory knows of a pendant, and a batch that failed does not take back."""

    def __init__(self) -> None:
        self.routes: dict[str, int] = {}  # bridge: when it last carried something of this pendant
        self.fragments_ms: int | None = None  # when its table was last sent
        self.unreadable = 0  # presses since people were told of one
        self.fault_told_ms: int | None = None  # when people were last told of an alarm that could not be handled


class Pendant:
    """A registered pendant. `since_ms`: before it nobody could have heard it."""

    def __init__(
        self, id: int, label: str, wearer: int | None, revoked_ms: int | None, since_ms: int, air: Air | None = None
    ) -> None:
        self.id = id
        self.label = label
        self.wearer = wearer
        self.revoked_ms = revoked_ms
        self.case: OpenCase | None = None
        self.current: Boot | None = None  # the known boot that spoke last: pushed statuses are for it
        self.heard_ms = since_ms  # a restart of the hub gives everyone the whole limit again
        self.practised_ms: int | None = None  # when people were last told of a practice
        self.air = air or Air()
        self._boots: dict[int, Boot] = {}

    def row(self) -> Row:
        return (self.id, self.label, self.wearer, self.revoked_ms)

    def boot(self, boot: int) -> Boot | None:
        return self._boots.get(boot)

    def new_boot(self, boot: int, challenge: int, now_ms: int) -> Boot:
        """A boot that was never heard of."""
        fresh = self._boots[boot] = Boot(self.id, boot, challenge)
        fresh.down_count = now_ms // 1000
        return fresh

    def drop_boots(self, most: int, fresh: Boot, touched: Container[tuple[int, int]]) -> list[int]:
        """Forgets those heard longest ago beyond `most`, but none that is in use; which."""
        idle = [b for b in self._boots.values() if b not in (fresh, self.current) and (self.id, b.boot) not in touched]
        idle.sort(key=lambda boot: boot.seen_ms)
        gone = [boot.boot for boot in idle[: max(0, len(self._boots) - most)]]
        for number in gone:
            del self._boots[number]
        return gone

    def carried_by(self, bridge: str, at_ms: int, most: int) -> None:
        """Remembers the way that answers can take; the longest unused is forgotten."""
        routes = self.air.routes
        routes[bridge] = at_ms
        if len(routes) > most:
            del routes[min(routes, key=lambda name: routes[name])]

    def take_boots(self, old: "Pendant") -> None:
        """Registered anew: the windows of the boots go on, so that no old frame counts a second time."""
        self._boots, self.current = old._boots, old.current

    def load_boots(self, store: Store, now_ms: int) -> None:
        for row in store.rows(_BOOT, (self.id,)):
            boot = _boot_of(self.id, row, now_ms)
            self._boots[boot.boot] = boot
            if boot.known:
                self.heard_ms = max(self.heard_ms, boot.seen_ms)
                if self.current is None or boot.seen_ms > self.current.seen_ms:
                    self.current = boot
