"""A handler that raises, and then a main that does."""

import asyncio

import board
import simlink
from machine import Pin


async def main():
    pressed = asyncio.ThreadSafeFlag()

    def handler(pin):
        pressed.set()
        raise ValueError("in the handler")

    Pin(board.PIN_OK, Pin.IN, Pin.PULL_UP).irq(handler, Pin.IRQ_FALLING)
    simlink.mailbox_send(b"ready")
    await pressed.wait()
    raise RuntimeError("in main")


asyncio.run(main())
