"""The whole firmware, keeping a diary by mail: what it has put into flash, and now and then what its memory is like.

Mails: "kept", the time of the press by the pendant's clock (">Q", 0: not set) and its sealed frame, once that is in the
journal. "memo" and the bytes of the state file, once they are in flash. "look" and ">III" every LOOK_EVERY_MS, after a
sweep: live bytes (the simulator's own modules left out), blocks of flash in use, segments of the journal. With
WW_SWEEP_BYTES set the heap is swept so rarely as it says, which takes half the time and needs a larger heap than the
board's. A second path, where there is one, goes over a serial port.
"""

import asyncio
import gc
import os
import struct

import bluetooth  # noqa: F401 -- the simulator's, to be counted as its own
import machine  # noqa: F401 -- the simulator's
import serial_sockets  # noqa: F401
import simflash  # noqa: F401 -- the simulator's
import simlink
from pendant.flash import STATE_FILE, Flash
from pendant.journal import Journal

LOOK_EVERY_MS = 120_000
FOLDER = "/flash"
SEGMENT = "journal-"

_keep = Journal.keep
_replace = Flash.replace


def keep(self, frame, hub_ms):
    _keep(self, frame, hub_ms)
    simlink.mailbox_send(b"kept" + struct.pack(">Q", hub_ms) + frame)


def replace(self, name, content):
    _replace(self, name, content)
    if name == STATE_FILE:
        simlink.mailbox_send(b"memo" + content)


def look(own_bytes):
    gc.collect()
    live_bytes = gc.mem_alloc() - own_bytes
    blocks = os.statvfs(FOLDER)
    segments = len([name for name in os.listdir(FOLDER) if name.startswith(SEGMENT)])
    simlink.mailbox_send(b"look" + struct.pack(">III", live_bytes, blocks[2] - blocks[3], segments))


async def watch(own_bytes):
    await asyncio.sleep_ms(0)  # `main` has set its own by then
    sweep_bytes = int(os.getenv("WW_SWEEP_BYTES") or 0)
    if sweep_bytes:
        gc.threshold(sweep_bytes)
    while True:
        await asyncio.sleep_ms(LOOK_EVERY_MS)
        look(own_bytes)


Journal.keep = keep
Flash.replace = replace
gc.collect()
watching = asyncio.create_task(watch(gc.mem_alloc()))
__import__("main")
