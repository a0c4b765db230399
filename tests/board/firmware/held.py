"""Says which controls are held, whenever that changes: by reading levels, without handlers."""

import asyncio

import board
import simlink
from machine import Pin


async def main():
    lanyard = Pin(board.PIN_LANYARD, Pin.IN, Pin.PULL_UP)
    sos = Pin(board.PIN_SOS, Pin.IN, Pin.PULL_UP)
    said = None
    while True:
        held = b"lanyard %d sos %d" % (lanyard.value(), sos.value())
        if held != said:
            said = held
            simlink.mailbox_send(held)
        await asyncio.sleep_ms(10)


asyncio.run(main())
