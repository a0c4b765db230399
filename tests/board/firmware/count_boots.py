"""Counts its boots in flash, reads the key that a technician left there, and then holds still."""

import asyncio

import board
import simlink

FLASH = board.mount_flash()


def read(name):
    try:
        with open(FLASH + "/" + name, "rb") as file:
            return file.read()
    except OSError:
        return b""


def write(name, content):
    with open(FLASH + "/" + name, "wb") as file:
        file.write(content)


async def main():
    boots = read("boots") + b"b"
    write("boots", boots)
    simlink.mailbox_send(b"boots %d key %s" % (len(boots), read("key")))
    reader = asyncio.StreamReader(simlink.mailbox)
    while True:
        write("note", await reader.read(512))
        simlink.mailbox_send(b"kept")
        with open(FLASH + "/open", "wb") as never_closed:
            never_closed.write(b"lost")
            await reader.read(512)


asyncio.run(main())
