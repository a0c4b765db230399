"""Sleeps 20 ms at a time across the wrap of ticks_ms, and says what the clock said."""

import asyncio
import time

import simlink


async def main():
    for _ in range(10):
        before = time.ticks_ms()
        await asyncio.sleep_ms(20)
        after = time.ticks_ms()
        simlink.mailbox_send(b"%d %d %d" % (before, after, time.ticks_diff(after, before)))
    time.sleep_ms(5)
    simlink.mailbox_send(b"done")


asyncio.run(main())
