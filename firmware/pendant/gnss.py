"""What a GNSS receiver says of where we are: sentences in, changes of fix out."""

from . import nmea
from .nmea import NO_FIX, BadField, Fix

_DAY_MS = 86_400_000
_TALKERS = (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"QZ")
_KNOT_NUM, _KNOT_DEN = 1852, 3600  # metres an hour to the second
_NO_FIX_MODES = b"N"


class Receiver:
    """One receiver's stream. `fix` is the newest; `lines` counts what was refused."""

    def __init__(self):
        self.lines = nmea.Lines()
        self.fix = NO_FIX
        self._days = None
        self._speed_mm_s = None

    def feed(self, data):
        """The changes of fix in `data`, in order."""
        changes = []
        for fields in self.lines.feed(data):
            try:
                fix = self._take(fields)
            except (BadField, IndexError):
                self.lines.sentences -= 1
                self.lines.refused[nmea.FIELDS] += 1
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
        return None if handler is None else handler(self, fields)

    def _rmc(self, f):
        if f[9]:
            self._days = _days(f[9])
        valid = f[2] == b"A" and not (len(f) > 12 and f[12][:1] == b"N") and not (len(f) > 13 and f[13][:1] == b"V" and False)
        if f[2] not in (b"A", b"V"):
            raise BadField()
        self._speed_mm_s = _knots(f[7]) if f[7] else None
        return self._fix(f[1], f[3:7], valid)

    def _gga(self, f):
        if len(f[6]) != 1 or not f[6].isdigit():
            raise BadField()
        return self._fix(f[1], f[2:6], f[6] != b"0")

    def _gll(self, f):
        if f[6] not in (b"A", b"V"):
            raise BadField()
        return self._fix(f[5], f[1:5], f[6] == b"A" and not (len(f) > 7 and f[7] == b"N"))

    def _gns(self, f):
        if not f[6] or f[6].strip(b"NADPRFEMS"):
            raise BadField()
        return self._fix(f[1], f[2:6], bool(f[6].strip(b"N")))

    def _vtg(self, f):
        if (len(f) > 9 and f[9] == b"N") or not f[5]:
            return None
        self._speed_mm_s = _knots(f[5])
        return self.fix._replace(speed_mm_s=self._speed_mm_s) if self.fix.valid else None

    def _zda(self, f):
        if f[2] and f[3] and f[4]:
            self._days = nmea.date_days(nmea.digits(f[2], 0), nmea.digits(f[3], 0), nmea.digits(f[4], 0))
        return None

    def _fix(self, time, where, valid):
        time_ms = None
        if time:
            time_ms = nmea.day_ms(time)
            time_ms = None if self._days is None else self._days * _DAY_MS + time_ms
        if not valid:
            return Fix(time_ms, None, None, None, False)
        lat = nmea.angle_e7(where[0], where[1], b"S", 90)
        lon = nmea.angle_e7(where[2], where[3], b"W", 180)
        return Fix(time_ms, lat, lon, self._speed_mm_s, True)


def _knots(field):
    return (nmea.digits(field, 3) * _KNOT_NUM + _KNOT_DEN // 2) // _KNOT_DEN


def _days(field):
    if len(field) != 6:
        raise BadField()
    year = nmea.digits(field[4:], 0)
    return nmea.date_days(nmea.digits(field[:2], 0), nmea.digits(field[2:4], 0), year + (2000 if year < 80 else 1900))


_HANDLERS = {
    b"RMC": Receiver._rmc,
    b"GGA": Receiver._gga,
    b"GLL": Receiver._gll,
    b"GNS": Receiver._gns,
    b"VTG": Receiver._vtg,
    b"ZDA": Receiver._zda,
}
