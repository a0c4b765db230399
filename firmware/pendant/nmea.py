"""NMEA 0183 from a GNSS receiver: bytes in, sentences and fixes out, in integers.

Receivers lie: they send lines longer than the standard's 82 characters, cut them, send noise at the start and dates of
1980 without a fix. A sentence that isn't whole changes nothing and is counted. Sources: NMEA 0183 v4.11, sections 5.3
(format) and 6.2 (fields).
"""

from collections import namedtuple

MAX_CHARS = 128  # the standard says 82 with `$` and line end; several receivers send sixteen-digit positions in more
MAX_FIELDS = 32

# Why a sentence was refused: the index into `Lines.refused`.
TOO_LONG = 0
CUT = 1  # another `$` came before the line's end
NO_CHECKSUM = 2
CHECKSUM = 3
NOT_TEXT = 4  # a byte outside printable ASCII
FIELDS = 5  # whole, but a field that we need can't be
REASONS = ("too_long", "cut", "no_checksum", "checksum", "not_text", "fields")

_DOLLAR = 0x24
_STAR = 0x2A
_CR = 0x0D
_LF = 0x0A


class Lines:
    """Puts sentences together from bytes as they come. Never holds more than MAX_CHARS bytes."""

    def __init__(self):
        self.sentences = 0  # whole ones
        self.refused = [0] * len(REASONS)
        self._line = bytearray(MAX_CHARS)
        self._n = 0
        self._inside = False

    @property
    def bad(self):
        """How many were refused, for whatever reason."""
        return sum(self.refused)

    def refuse_fields(self):
        """The newest whole sentence has a field that can't be."""
        self.sentences -= 1
        self.refused[FIELDS] += 1

    def feed(self, data):
        """Whole sentences in `data`, each the list of its fields as bytes, talker and type first."""
        found = []
        for byte in data:
            if byte == _DOLLAR:
                if self._inside:
                    self.refused[CUT] += 1
                self._inside, self._n = True, 0
            elif not self._inside:
                continue
            elif byte == _CR or byte == _LF:
                self._inside = False
                fields = self._checked()
                if fields is not None:
                    found.append(fields)
            elif self._n == MAX_CHARS:
                self.refused[TOO_LONG] += 1
                self._inside = False
            else:
                self._line[self._n] = byte
                self._n += 1
        return found

    def _checked(self):
        line = bytes(self._line[: self._n])
        sum_ = 0
        for i, byte in enumerate(line):
            if byte == _STAR:
                return self._summed(line, i, sum_)
            if byte < 0x20 or byte > 0x7E:
                self.refused[NOT_TEXT] += 1
                return None
            sum_ ^= byte
        self.refused[NO_CHECKSUM] += 1
        return None

    def _summed(self, line, star, sum_):
        given = line[star + 1 :]
        if given.upper() != b"%02X" % sum_:
            self.refused[CHECKSUM] += 1
            return None
        fields = line[:star].split(b",")
        if len(fields) > MAX_FIELDS or len(fields[0]) < 3:
            self.refused[FIELDS] += 1
            return None
        self.sentences += 1
        return fields


# time_ms: Unix ms or None; lat_e7, lon_e7: 1e-7 degrees or None; speed_mm_s: mm/s or None
Fix = namedtuple("Fix", ("time_ms", "lat_e7", "lon_e7", "speed_mm_s", "valid"))
NO_FIX = Fix(None, None, None, None, False)


class BadField(Exception):
    """A field that can't be what it should."""


def digits(field, decimals):
    """A decimal number as an integer in units of 10**-decimals, rounded down; raises BadField."""
    whole, _, part = field.partition(b".")
    if not whole.isdigit() or (part and not part.isdigit()):
        raise BadField()
    return int(whole + (part + b"0" * decimals)[:decimals])


def angle_e7(field, side, negative, degrees):
    """`ddmm.mmmm` and its hemisphere as 1e-7 degrees; `degrees`: 90 or 180. Raises BadField."""
    minutes_e7 = digits(field, 7)
    whole, minutes = divmod(minutes_e7, 1_000_000_000)
    value = whole * 10_000_000 + (minutes + 30) // 60
    if minutes >= 600_000_000 or value > degrees * 10_000_000:
        raise BadField()
    if side == negative:
        return -value
    if side != (b"N" if degrees == 90 else b"E"):
        raise BadField()
    return value


def day_ms(field):
    """`hhmmss.sss` as ms since midnight; raises BadField."""
    value = digits(field, 3)
    hours, minutes, ms = value // 10_000_000, value // 100_000 % 100, value % 100_000
    if hours > 23 or minutes > 59 or ms >= 61_000:
        raise BadField()
    return (hours * 60 + minutes) * 60_000 + ms


def date_days(day, month, year):
    """Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March; raises BadField."""
    if not (1 <= month <= 12 and 1 <= day <= 31 and 1980 <= year <= 2099):
        raise BadField()
    y = year - (month <= 2)
    era_year = y % 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return y // 400 * 146097 + era_year * 365 + era_year // 4 - era_year // 100 + day_of_year - 719468
