"""The pendant's GATT table: our service beside the standard Battery and Device Information (docs/bridge.md)."""

import binascii

import bluetooth
from watchword_core.frames import DOWN_BYTES

from .version import FIRMWARE_VERSION, HARDWARE_REVISION, MANUFACTURER

SERVICE = "6d1a0001-9a2b-4c53-8f7e-57a7c4b0d001"
UP = "6d1a0002-9a2b-4c53-8f7e-57a7c4b0d001"
DOWN = "6d1a0003-9a2b-4c53-8f7e-57a7c4b0d001"
# Assigned numbers: services 0x180F, 0x1803 and 0x180A, characteristics 0x2A19, 0x2A06, 0x2A29, 0x2A27, 0x2A26.
_BATTERY, _LEVEL = 0x180F, 0x2A19
_LINK_LOSS, _ALERT_LEVEL = 0x1803, 0x2A06
_DEVICE, _MANUFACTURER, _HARDWARE, _FIRMWARE = 0x180A, 0x2A29, 0x2A27, 0x2A26


def register(ble):
    """Registers everything; the handles (up, down, battery level, alert level)."""
    uuid, read = bluetooth.UUID, bluetooth.FLAG_READ
    notify, write = bluetooth.FLAG_NOTIFY, bluetooth.FLAG_WRITE
    ours = (uuid(SERVICE), ((uuid(UP), read | notify), (uuid(DOWN), write)))
    battery = (uuid(_BATTERY), ((uuid(_LEVEL), read | notify),))
    link_loss = (uuid(_LINK_LOSS), ((uuid(_ALERT_LEVEL), read | write),))
    device = (uuid(_DEVICE), tuple([(uuid(u), read) for u in (_MANUFACTURER, _HARDWARE, _FIRMWARE)]))
    (up, down), (level,), (alert,), names = ble.gatts_register_services((ours, battery, link_loss, device))
    ble.gatts_set_buffer(down, DOWN_BYTES)
    texts = (MANUFACTURER, HARDWARE_REVISION, FIRMWARE_VERSION)
    for i, handle in enumerate(names):
        ble.gatts_write(handle, texts[i].encode())
    ble.gatts_write(alert, bytes(1))
    return up, down, level, alert


def advert():
    """Flags and our service, nothing that tells one pendant from another."""
    return b"\x02\x01\x06\x11\x07" + bytes(reversed(binascii.unhexlify(SERVICE.replace("-", ""))))
