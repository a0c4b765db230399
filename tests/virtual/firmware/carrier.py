"""The pendant's radio on whichever `bluetooth` is there; says by mail what it was told.

Every frame received is answered with a report whose pendant is the frame's last byte.
"""

import asyncio
import struct

import bluetooth
import simlink
from pendant.clock import Clock
from pendant.log import Log
from pendant.radio import Radio
from watchword_core.frames import PRESS, UP_BYTES, VERSION

UNUSABLE = 0xEE  # a frame that ends so has the handler given what it can't use
WRITE = 3


def build_radio():
    ble = bluetooth.BLE()
    ble.active(True)
    return Radio(ble, Clock(), Log())


def report(pendant):
    header = struct.pack(">BBIQI", VERSION, PRESS, pendant, 1, 1)
    return header + bytes(range(UP_BYTES - len(header)))


async def main():
    radio = build_radio()

    def linked(up, missed):
        simlink.mailbox_send(b"linked %d%s" % (up, b" missed" if missed else b""))

    def received(frame, now_ms):
        simlink.mailbox_send(b"received %d %d" % (len(frame), frame[-1]))
        radio.send(report(frame[-1]))
        if frame[-1] == UNUSABLE:
            for values in ((), None, (1,), ("one", 2)):
                radio._on_event(WRITE, values)
            simlink.mailbox_send(b"handler failed %d" % radio.counts["handler failed"])
        return True

    radio.attach(linked, received, lambda: 60_000, lambda: False)
    radio.send(report(99))  # nobody is there: lost, and no error
    radio.show_battery(50)
    await radio.run(lambda: None)


asyncio.run(main())
