"""What the pendant must still know after a reset, as bytes for one small file."""

import binascii
import struct
from collections import namedtuple

from watchword_core import alarm as a

from . import answers

_LAYOUT = ">BBIQIIB"  # format, has an epoch, epoch, boot, count, procedure, alarm stage
_CRC = ">I"
_FORMAT = 1
_FIXED_BYTES = struct.calcsize(_LAYOUT)

Memory = namedtuple(
    "Memory",
    (
        "epoch",  # the hub's store, None: never heard
        "boot",  # the snapshot has every press of earlier boots, and of this one those
        "count",  # up to this count
        "procedure",  # short version of the table that the snapshot needs
        "alarm",  # alarm stage
        "snapshot",  # Case.snapshot() or b""
    ),
)


def to_bytes(memory):
    """The bytes of the state file."""
    fixed = struct.pack(
        _LAYOUT,
        _FORMAT,
        memory.epoch is not None,
        memory.epoch or 0,
        memory.boot,
        memory.count,
        memory.procedure,
        memory.alarm,
    )
    body = fixed + memory.snapshot
    return body + struct.pack(_CRC, binascii.crc32(body) & 0xFFFFFFFF)


def from_bytes(stored):
    """The Memory, or None when the bytes are not whole or of another format."""
    if stored is None or len(stored) < _FIXED_BYTES + 4:
        return None
    body = stored[:-4]
    if struct.unpack(_CRC, stored[-4:])[0] != binascii.crc32(body) & 0xFFFFFFFF:
        return None
    form, has_epoch, epoch, boot, count, procedure, alarm = struct.unpack_from(_LAYOUT, body, 0)
    if form != _FORMAT:
        return None
    return Memory(epoch if has_epoch else None, boot, count, procedure, alarm, body[_FIXED_BYTES:])


def without_visit(stored):
    """The bytes without snapshot and table, which may be what ends a boot; None when they are not whole.

    An open alarm stays open: nothing else keeps the pendant awake, and its light on, until the hub is heard.
    """
    memory = from_bytes(stored)
    if memory is None:
        return None
    alarm = memory.alarm if answers.alarm_open(memory.alarm) else a.NONE
    return to_bytes(Memory(memory.epoch, memory.boot, memory.count, 0, alarm, b""))
