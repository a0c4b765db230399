"""A pendant's load at rest: the accelerometer's FIFO read once a second, a heartbeat every 30 s, a watchdog."""

import asyncio

import board
from machine import I2C, WDT, Pin


async def main():
    watchdog = WDT(timeout=8000)
    bus = I2C(0, scl=Pin(board.I2C_SCL), sda=Pin(board.I2C_SDA))
    bus.writeto_mem(board.ACCEL_ADDR, 0x20, b"\x30")
    bus.writeto_mem(board.ACCEL_ADDR, 0x2E, b"\xc0")
    while True:
        watchdog.feed()
        waiting = bus.readfrom_mem(board.ACCEL_ADDR, 0x2F, 1)[0] & 0x3F
        bus.readfrom_mem(board.ACCEL_ADDR, 0x28, 6 * waiting)
        await asyncio.sleep_ms(1000)


asyncio.run(main())
