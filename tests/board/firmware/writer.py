"""Writes a rising number to flash for ever, and says each time that it is written."""

import asyncio

import board
import simlink

NAME = board.mount_flash() + "/number"


def read():
    try:
        with open(NAME) as file:
            return int(file.read() or 0)  # littlefs makes a new file, empty, before its first content
    except OSError:
        return 0


async def main():
    number = read()
    simlink.mailbox_send(b"found %d" % number)
    while True:
        number += 1
        with open(NAME, "w") as file:
            file.write(str(number))
        simlink.mailbox_send(b"wrote %d" % number)
        await asyncio.sleep_ms(10)


asyncio.run(main())
