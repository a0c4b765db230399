"""The last known place, kept over a reboot: bytes for one small file, and when it is worth a write."""

import binascii
import struct
from collections import namedtuple

PLACE_FILE = "place"
SAVE_MS = 300_000
SAVE_MOVED_MS = 30_000  # no sooner than that, however far
MOVED_E7 = 5_000  # of latitude about 55 m

_LAYOUT = ">BiiHQ"  # format, latitude, longitude, accuracy, time
_CRC = ">I"
_FORMAT = 1
_BYTES = struct.calcsize(_LAYOUT)

Place = namedtuple(
    "Place",
    (
        "lat_e7",  # 1e-7 degrees
        "lon_e7",
        "accuracy_m",
        "hub_ms",  # when it was fixed, by the hub's clock; 0: the clock was not set
    ),
)


def to_bytes(place):
    """The bytes of the file."""
    body = struct.pack(_LAYOUT, _FORMAT, place.lat_e7, place.lon_e7, place.accuracy_m, place.hub_ms)
    return body + struct.pack(_CRC, binascii.crc32(body) & 0xFFFFFFFF)


def from_bytes(stored):
    """The Place, or None when the bytes are not whole or of another format."""
    if stored is None or len(stored) != _BYTES + 4:
        return None
    body = stored[:-4]
    if struct.unpack(_CRC, stored[-4:])[0] != binascii.crc32(body) & 0xFFFFFFFF:
        return None
    form, lat_e7, lon_e7, accuracy_m, hub_ms = struct.unpack(_LAYOUT, body)
    return Place(lat_e7, lon_e7, accuracy_m, hub_ms) if form == _FORMAT else None


class Saving:
    """Spares the flash: a write every SAVE_MS at most, sooner only after a move."""

    def __init__(self):
        self._saved_ms = None
        self._lat_e7 = self._lon_e7 = 0

    def due(self, lat_e7, lon_e7, now_ms):
        """Whether to write this place; it is taken as written then."""
        if self._saved_ms is not None:
            moved = max(abs(lat_e7 - self._lat_e7), abs(lon_e7 - self._lon_e7)) >= MOVED_E7
            if now_ms - self._saved_ms < (SAVE_MOVED_MS if moved else SAVE_MS):
                return False
        self._saved_ms, self._lat_e7, self._lon_e7 = now_ms, lat_e7, lon_e7
        return True
