"""What a GNSS receiver says of where we are: sentences in, changes of fix out.

RMC, GGA, GLL and GNS say it each for itself, and the last one counts. A receiver without a fix goes on sending its last
place, marked as void: such a sentence has a time and no place. Source: NMEA 0183 v4.11, section 8.
"""

import asyncio

from . import nmea
from .nmea import NO_FIX, BadField, Fix

BAUD = 9600
UART_ROOM_BYTES = 1024  # a second of a talkative receiver
READ_BYTES = 128
IDLE_MS = 1_000  # the longest wait, so that the watchdog sees progress
METRES_AT_HDOP_1 = 5  # the usual user range error of a single-frequency receiver outdoors; a guess, not a measurement
MAX_ACCURACY_M = 0xFFFF

_DAY_MS = 86_400_000
_TALKERS = (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"QZ")
_KNOT_NUM, _KNOT_DEN = 1852, 3600  # mm/s in a thousandth of a knot
_MOST_MM_S = 600_000  # receivers for everybody stop working at 515 m/s


class Receiver:
    """One receiver's stream. `fix` is the newest; `accuracy_m` the last said; `places` counts how often a place was
    told, the same again included; `lines` what was refused.
    """

    def __init__(self):
        self.lines = nmea.Lines()
        self.unread = 0  # times that the port failed
        self.places = 0
        self.forget()

    def forget(self):
        """The receiver was off: what it said before is of then."""
        self.fix = NO_FIX
        self.accuracy_m = MAX_ACCURACY_M
        self._days = None
        self._speed_mm_s = None

    def feed(self, data):
        """The changes of fix in `data`, in order."""
        changes = []
        for fields in self.lines.feed(data):
            try:
                fix = self._take(fields)
            except (BadField, IndexError):
                self.lines.refuse_fields()
                continue
            if fix is not None and fix != self.fix:
                self.fix = fix
                changes.append(fix)
        return changes

    def _take(self, fields):
        kind = fields[0]
        if kind[:2] not in _TALKERS or len(kind) != 5:
            return None
        handler = _HANDLERS.get(kind[2:])
        fix = None if handler is None else handler(self, fields)
        if fix is not None and fix.valid and kind[2:] != b"VTG":  # which has a speed and no place
            self.places += 1
        return fix

    def _rmc(self, f):
        if f[2] not in (b"A", b"V"):
            raise BadField()
        valid = f[2] == b"A" and not (len(f) > 12 and f[12] == b"N")
        days = _days(f[9]) if f[9] else self._days
        speed_mm_s = _knots(f[7]) if f[7] else None
        fix = _fix(days, f[1], f[3:7], speed_mm_s, valid)
        self._days, self._speed_mm_s = days, speed_mm_s  # only now: a sentence that is refused changes nothing
        return fix

    def _gga(self, f):
        if f[6] and (len(f[6]) != 1 or f[6] not in b"012345678"):
            raise BadField()
        metres = nmea.digits(f[8], 1) * METRES_AT_HDOP_1 // 10 if f[8] else self.accuracy_m
        fix = self._place(f[1], f[2:6], f[6] not in (b"", b"0"))
        self.accuracy_m = min(metres, MAX_ACCURACY_M)
        return fix

    def _gll(self, f):
        if f[6] not in (b"A", b"V"):
            raise BadField()
        return self._place(f[5], f[1:5], f[6] == b"A" and not (len(f) > 7 and f[7] == b"N"))

    def _gns(self, f):
        if not f[6] or f[6].strip(b"NADPRFEMS"):
            raise BadField()
        return self._place(f[1], f[2:6], bool(f[6].strip(b"N")))

    def _vtg(self, f):
        if (len(f) > 9 and f[9] == b"N") or not f[5]:
            return None
        self._speed_mm_s = _knots(f[5])
        now = self.fix
        return Fix(now.time_ms, now.lat_e7, now.lon_e7, self._speed_mm_s, True) if now.valid else None

    def _zda(self, f):
        if f[2] and f[3] and f[4]:
            self._days = nmea.date_days(nmea.digits(f[2], 0), nmea.digits(f[3], 0), nmea.digits(f[4], 0))
        return None

    def _place(self, time, where, valid):
        return _fix(self._days, time, where, self._speed_mm_s, valid)


def _fix(days, time, where, speed_mm_s, valid):
    at_ms = nmea.day_ms(time) if time else None
    time_ms = None if at_ms is None or days is None else days * _DAY_MS + at_ms
    if not valid:
        return Fix(time_ms, None, None, None, False)
    lat_e7 = nmea.angle_e7(where[0], where[1], b"S", 90)
    return Fix(time_ms, lat_e7, nmea.angle_e7(where[2], where[3], b"W", 180), speed_mm_s, True)


def _knots(field):
    mm_s = (nmea.digits(field, 3) * _KNOT_NUM + _KNOT_DEN // 2) // _KNOT_DEN
    if mm_s > _MOST_MM_S:
        raise BadField()
    return mm_s


def _days(field):
    if len(field) != 6:
        raise BadField()
    year = nmea.digits(field[4:], 0)
    return nmea.date_days(nmea.digits(field[:2], 0), nmea.digits(field[2:4], 0), year + (2000 if year < 80 else 1900))


async def run(uart, wanted, located, progress):
    """Reads the receiver for ever, and has it switched: `wanted()` says whether it is on now, and is asked at least
    every second. `located(lat_e7, lon_e7, accuracy_m, time_ms)` each time that it tells a place; time_ms Unix, or None.
    """
    receiver, reader, was_on = Receiver(), asyncio.StreamReader(uart), False
    while True:
        progress()
        on = wanted()
        if on and not was_on:
            receiver.forget()
        was_on = on
        try:
            data: bytes = await asyncio.wait_for_ms(reader.read(READ_BYTES), IDLE_MS)
        except asyncio.TimeoutError:
            continue
        except OSError:
            receiver.unread += 1  # the port may come back; an SOS needs no place
            await asyncio.sleep_ms(IDLE_MS)
            continue
        if not on:
            continue
        told = receiver.places
        receiver.feed(data)
        if receiver.places != told and receiver.fix.valid:  # also the same place again: it is no older for that
            located(receiver.fix.lat_e7, receiver.fix.lon_e7, receiver.accuracy_m, receiver.fix.time_ms)


_HANDLERS = {
    b"RMC": Receiver._rmc,
    b"GGA": Receiver._gga,
    b"GLL": Receiver._gll,
    b"GNS": Receiver._gns,
    b"VTG": Receiver._vtg,
    b"ZDA": Receiver._zda,
}
