"""Reads the accelerometer's identity and FIFO; then, when told, a register that the simulator doesn't model."""

import asyncio

import board
import simlink
from machine import I2C, Pin


async def main():
    bus = I2C(0, scl=Pin(board.I2C_SCL), sda=Pin(board.I2C_SDA))
    simlink.mailbox_send(b"who %02x" % bus.readfrom_mem(board.ACCEL_ADDR, 0x0F, 1)[0])
    try:
        bus.readfrom_mem(0x42, 0, 1)
    except OSError as error:
        simlink.mailbox_send(b"nobody %d" % error.errno)
    bus.writeto_mem(board.ACCEL_ADDR, 0x20, b"\x30")  # CTRL1: 25 Hz
    bus.writeto_mem(board.ACCEL_ADDR, 0x25, b"\x10")  # CTRL6: 4 g
    bus.writeto_mem(board.ACCEL_ADDR, 0x2E, b"\xc0")  # FIFO_CTRL: continuous
    await asyncio.sleep_ms(410)
    waiting = bus.readfrom_mem(board.ACCEL_ADDR, 0x2F, 1)[0] & 0x3F
    samples = bus.readfrom_mem(board.ACCEL_ADDR, 0x28, 6 * waiting)
    z = [(samples[i + 4] | samples[i + 5] << 8) for i in range(0, len(samples), 6)]
    simlink.mailbox_send(b"fifo %d first %d last %d" % (waiting, z[0], z[-1]))
    await asyncio.StreamReader(simlink.mailbox).read(512)
    bus.readfrom_mem(board.ACCEL_ADDR, 0x3F, 1)


asyncio.run(main())
