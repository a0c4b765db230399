"""The pendant's own driver of the accelerometer, on the simulated part: what it refuses, what it reads."""

import asyncio

import board
import simlink
from machine import I2C, Pin
from pendant.lis2dw12 import Lis2dw12


async def main():
    sensor = Lis2dw12(I2C(0, scl=Pin(board.I2C_SCL), sda=Pin(board.I2C_SDA)), board.ACCEL_ADDR)
    try:
        sensor.reset()
        await asyncio.sleep_ms(sensor.RESET_MS)
        sensor.start()
    except OSError as error:
        simlink.mailbox_send(b"refused " + str(error).encode())
        return
    for wait_ms in (410, 1000):
        await asyncio.sleep_ms(wait_ms)
        count = sensor.read()
        x, y, z = sensor.samples[:3]
        simlink.mailbox_send(b"read %d, overruns %d, %d %d %d" % (count, sensor.overruns, x, y, z))


asyncio.run(main())
