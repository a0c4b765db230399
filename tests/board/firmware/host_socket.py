"""Talks to a socket of the host, as the simulated radio does, while it waits for a button."""

import asyncio
import os

import board
import simlink
from machine import Pin


async def talk():
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.getenv("ECHO_PORT")))
    writer.write(b"hello\n")
    await writer.drain()
    simlink.mailbox_send(await reader.readline())
    await reader.readline()


async def main():
    pressed = asyncio.ThreadSafeFlag()
    Pin(board.PIN_OK, Pin.IN, Pin.PULL_UP).irq(lambda pin: pressed.set(), Pin.IRQ_FALLING)
    talking = asyncio.create_task(talk())
    await pressed.wait()
    simlink.mailbox_send(b"pressed")
    await talking


asyncio.run(main())
