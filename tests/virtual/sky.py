"""What a GNSS receiver on the simulated board says: nothing until it is switched on, then a fix after the other.

`Walk` is the one of somebody who walks to and fro, so that a place with a wrong age is a wrong place. Now and then it
is under a roof, dead, hangs, or lies: in every way in which the sentence itself shows that it must not be believed.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from watchword_core.frames import NO_AGE, NO_POSITION, OLD_PLACE
from watchword_sim.outputs import BoardReset, Output, PinChanged, PowerLost
from watchword_sim.virtual_hub import START_MS
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
ROLL_OVER_MS = 1_024 * 7 * 24 * 3_600 * SECOND  # after so many weeks GPS begins to count anew

LAT_E7, LON_E7 = 415_749_702, -937_505_586  # where she sets out
ELSEWHERE = b"4807.038,N,01131.000,E"
PACE_E7_A_S = 126  # 1.4 m/s, to the north and back
TURNS_AFTER_S = 7_200
AGE_WITHIN_S = 3
OLD_AGE_WITHIN_S = 8  # of before a restart: by two clocks, each set over a network
LONGEST_AGE_S = NO_AGE - 1  # what is older is said to be so old


def sentence(body: bytes, off: int = 0) -> bytes:
    """With its checksum, or one that is wrong by `off`."""
    check = off
    for byte in body:
        check ^= byte
    return b"$%s*%02X\r\n" % (body, check)


class Sky:
    """`on` and `on_ms`: the receiver's switch. `says()` is fed to the firmware every so often while it is on."""

    def __init__(self, stage: VirtualStage, every_ms: int = SECOND) -> None:
        self.on = False
        self.on_ms = 0
        self._stage = stage
        self._every_ms = every_ms
        self._stage_took = stage.board.on_output
        stage.board.on_output = self._took
        self._again()

    def says(self) -> bytes:
        """What comes now, or nothing."""
        raise NotImplementedError

    def switched(self, on: bool) -> None:
        """By the firmware, or a reset."""
        self.on = on

    def _took(self, output: Output) -> None:
        if self._stage_took is not None:
            self._stage_took(output)
        if isinstance(output, PinChanged) and output.pin == self._stage.board.model.pins.PIN_GNSS_ON:
            self.switched(bool(output.level))
        elif isinstance(output, BoardReset | PowerLost):
            self.switched(False)

    def _again(self) -> None:
        if self.on:
            self.on_ms += self._every_ms
            said = self.says()
            if said:
                self._stage.board.feed_gnss(said)
        self._stage.after(self._every_ms, self._again)


class Walk(Sky):
    """`weather` is CLEAR or another of those below. `fixed_ms`: when it last told the truth; None: never yet."""

    def __init__(self, stage: VirtualStage, rng: random.Random, every_ms: int) -> None:
        self.weather = CLEAR
        self.fixed_ms: int | None = None
        self._last = b""  # what it said, if that was a place
        self._rng = rng
        super().__init__(stage, every_ms)

    def says(self) -> bytes:
        if self.weather == DEAD:
            return b""
        if self.weather == HANGS:
            return self._last
        self._last = b""
        if self.weather == ROOF:
            return sentence(self._rmc(b"V", b",,,"))
        if self.weather == LIES:
            return self._rng.choice(_LIES)(self)
        self.fixed_ms = self._stage.now_ms
        self._last = sentence(self._rmc(b"A", self.here())) + sentence(self._gga(b"1", self.here()))
        return self._last

    def switched(self, on: bool) -> None:
        super().switched(on)
        self._last = b""

    def here(self) -> bytes:
        """The four fields of where she is."""
        lat_e7 = self._lat_e7(self._stage.now_ms)
        return b"%s,N,%s,W" % (_angle(lat_e7, 2), _angle(-LON_E7, 3))

    def explains(self, report: Any, since_ms: int) -> bool:
        """Whether a report's place is where she was when it says; `since_ms`: when that boot began."""
        now_ms = self._stage.now_ms
        if report.lat_e7 == NO_POSITION:
            return self.fixed_ms is None or self.fixed_ms <= since_ms + self._every_ms
        old = bool(report.flags & OLD_PLACE)
        of_this_boot = self.fixed_ms is not None and self.fixed_ms >= since_ms
        if old == of_this_boot and abs(since_ms - (self.fixed_ms or 0)) > self._every_ms:
            return False
        if report.lon_e7 != LON_E7 or (report.fix_age_s == NO_AGE and not old):
            return False
        if report.fix_age_s >= LONGEST_AGE_S:
            return LAT_E7 <= report.lat_e7 <= LAT_E7 + TURNS_AFTER_S * PACE_E7_A_S
        off_e7 = abs(self._lat_e7(now_ms - report.fix_age_s * SECOND) - report.lat_e7)
        return off_e7 <= (OLD_AGE_WITHIN_S if old else AGE_WITHIN_S) * PACE_E7_A_S

    def _lat_e7(self, at_ms: int) -> int:
        turns, way_ms = divmod(at_ms, TURNS_AFTER_S * SECOND)
        way_ms = TURNS_AFTER_S * SECOND - way_ms if turns % 2 else way_ms
        return LAT_E7 + way_ms * PACE_E7_A_S // SECOND

    def _rmc(self, status: bytes, where: bytes, off_ms: int = 0) -> bytes:
        at = datetime.fromtimestamp((START_MS + self._stage.now_ms + off_ms) // SECOND, UTC)
        return f"GPRMC,{at:%H%M%S},".encode() + status + b"," + where + f",2.7,,{at:%d%m%y},,".encode()

    def _gga(self, quality: bytes, where: bytes) -> bytes:
        at = datetime.fromtimestamp((START_MS + self._stage.now_ms) // SECOND, UTC)
        return f"GPGGA,{at:%H%M%S},".encode() + where + b"," + quality + b",09,1.0,278.0,M,-31.4,M,,"

    # -- what must not be believed

    def _wrong_check(self) -> bytes:
        return sentence(self._rmc(b"A", ELSEWHERE), off=self._rng.randrange(1, 256))

    def _last_place_as_void(self) -> bytes:
        return sentence(self._rmc(b"V", ELSEWHERE)) + sentence(self._gga(b"0", ELSEWHERE))

    def _no_such_place(self) -> bytes:
        off = (
            b"9534.449,N,01131.000,E",
            b"4864.038,N,01131.000,E",
            b"4807.038,X,01131.000,E",
            b"4807,038,N,1131.000,E",
        )
        return b"".join(sentence(self._gga(b"1", where)) for where in off)

    def _cut_short(self) -> bytes:
        whole = sentence(self._rmc(b"A", ELSEWHERE))
        return whole[: self._rng.randrange(8, len(whole) - 4)] + sentence(self._rmc(b"V", ELSEWHERE))

    def _noise(self) -> bytes:
        return self._rng.randbytes(200)

    def _lost_count_of_its_weeks(self) -> bytes:
        """The place is right, and the time 19 years ago."""
        self.fixed_ms = self._stage.now_ms
        return sentence(self._rmc(b"A", self.here(), -ROLL_OVER_MS))


def _angle(e7: int, digits: int) -> bytes:
    """Degrees and minutes as NMEA has them, to the last digit that the firmware keeps."""
    degrees, rest = divmod(e7, 10**7)
    minutes, rest = divmod(rest * 60, 10**7)
    return b"%0*d%02d.%07d" % (digits, degrees, minutes, rest)


CLEAR, ROOF, DEAD, HANGS, LIES = ("clear", "under a roof", "dead", "hangs", "lies")
_LIES: tuple[Callable[[Walk], bytes], ...] = (
    Walk._wrong_check,
    Walk._last_place_as_void,
    Walk._no_such_place,
    Walk._cut_short,
    Walk._noise,
    Walk._lost_count_of_its_weeks,
)
