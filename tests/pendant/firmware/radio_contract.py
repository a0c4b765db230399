"""Whichever carrier the board gives, used as the pendant uses it; says by printing what it was told.

Every frame received is answered with a report whose pendant is the frame's last byte.
"""

import asyncio
import struct

import bluetooth
import board
from pendant.clock import Clock
from pendant.log import Log
from pendant.radio import Radio
from watchword_core.frames import PRESS, UP_BYTES, VERSION


def build_radio():
    radio = board.build_radio(Clock(), Log())
    if radio is None:
        ble = bluetooth.BLE()
        ble.active(True)
        radio = Radio(ble, Clock(), Log())
    return radio


def report(pendant):
    header = struct.pack(">BBIQI", VERSION, PRESS, pendant, 1, 1)
    return header + bytes(range(UP_BYTES - len(header)))


async def main():
    radio = build_radio()

    def linked(up):
        print("linked", up)

    def received(frame, now_ms):
        print("received", len(frame), frame[-1])
        radio.send(report(frame[-1]))

    radio.attach(linked, received)
    radio.send(report(99))  # nobody is there: lost, and no error
    radio.show_battery(50)
    await radio.run(lambda: None)


asyncio.run(main())
