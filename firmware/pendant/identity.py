"""Who this pendant is: the file that a technician's `watchword pendant provision` wrote. Never printed."""

import struct
from collections import namedtuple

from watchword_core.seal import KEY_BYTES

KEY_FILE = "key"
_LAYOUT = ">%ds%dsI" % (KEY_BYTES, KEY_BYTES)  # up, down, pendant id
KEY_FILE_BYTES = struct.calcsize(_LAYOUT)

Identity = namedtuple("Identity", ("up_key", "down_key", "pendant"))


def read(flash):
    """The Identity, or None when this pendant was not provisioned or the file has another length."""
    stored = flash.read(KEY_FILE)
    if stored is None or len(stored) != KEY_FILE_BYTES:
        return None
    return Identity(*struct.unpack(_LAYOUT, stored))
