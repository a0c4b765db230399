"""Who this pendant is: the file that a technician's `watchword pendant provision` wrote. Never printed."""

import hashlib
import struct
from collections import namedtuple

from watchword_core.seal import KEY_BYTES

KEY_FILE = "key"
OWNER_FILE = "owner"
OWNER_BYTES = 8
# What belongs to whoever was provisioned before.
_FORGOTTEN = ("state", "journal-", "table-", "discreet", "bonds", "place")
_LAYOUT = ">%ds%dsI" % (KEY_BYTES, KEY_BYTES)  # up, down, pendant id
KEY_FILE_BYTES = struct.calcsize(_LAYOUT)

Identity = namedtuple("Identity", ("up_key", "down_key", "pendant"))


def read(flash):
    """The Identity, or None when this pendant was not provisioned or the file has another length."""
    stored = flash.read(KEY_FILE)
    if stored is None or len(stored) != KEY_FILE_BYTES:
        return None
    return Identity(*struct.unpack(_LAYOUT, stored))


def settle_in(who, flash):
    """After provisioning anew, forgets what an earlier identity left: its visit is not ours, its presses can't be read.

    Whether anything was forgotten.
    """
    owner = hashlib.sha256(who.up_key + who.down_key).digest()[:OWNER_BYTES]
    if flash.read(OWNER_FILE) == owner:
        return False
    forgotten = [name for name in flash.names() if name.startswith(_FORGOTTEN)]
    for name in forgotten:
        flash.remove(name)
    flash.replace(OWNER_FILE, owner)
    return bool(forgotten)
