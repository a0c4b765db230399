"""The whole firmware with a task beside it that says now and then, by mail, what the heap is like.

Mail: "heap", then ">III": live bytes (the simulator's own modules left out), the largest free block, the simulator's
own bytes, the reserve among them. All the while a block of RESERVE_BYTES is kept from the firmware: that it never lacks
memory shows that so much was left in one piece at each moment, also between two looks.
"""

import asyncio
import gc
import struct

import bluetooth  # noqa: F401 -- the simulator's, to be counted as its own
import machine  # noqa: F401 -- the simulator's
import simflash  # noqa: F401 -- the simulator's
import simlink

RESERVE_BYTES = 8192
FINE_BYTES = 32  # a block of the 64-bit interpreter's heap
EVERY_MS = 2_000


def largest_free_block():
    """By trying: the most that can be had in one piece."""
    low, high = 0, gc.mem_free() + FINE_BYTES
    while high - low > FINE_BYTES:
        middle = (low + high) // 2
        try:
            bytearray(middle)
            low = middle
        except MemoryError:
            high = middle
        gc.collect()
    return low


async def watch(own_bytes):
    while True:
        gc.collect()
        live_bytes = gc.mem_alloc() - own_bytes
        simlink.mailbox_send(b"heap" + struct.pack(">III", live_bytes, largest_free_block(), own_bytes))
        await asyncio.sleep_ms(EVERY_MS)


reserve = bytearray(RESERVE_BYTES)
gc.collect()
watching = asyncio.create_task(watch(gc.mem_alloc()))
__import__("main")
