"""Uses everything with a seed or a clock in it: what it prints and does must be the same in every run."""

import asyncio
import os
import random
import time

import board
import simlink
from machine import ADC, I2C, PWM, UART, WDT, Pin


async def feed():
    watchdog = WDT(timeout=8000)
    while True:
        watchdog.feed()
        await asyncio.sleep_ms(2000)


async def listen():
    reader = asyncio.StreamReader(UART(board.UART_GNSS_ID, 9600, tx=board.UART_GNSS_TX, rx=board.UART_GNSS_RX))
    while True:
        line = await reader.readline()
        simlink.mailbox_send(b"gnss " + line)


async def answer_mail():
    reader = asyncio.StreamReader(simlink.mailbox)
    while True:
        simlink.mailbox_send(b"echo " + await reader.read(512))


async def measure():
    bus = I2C(0, scl=Pin(board.I2C_SCL), sda=Pin(board.I2C_SDA))
    battery = ADC(Pin(board.PIN_BATTERY_ADC), atten=ADC.ATTN_11DB)
    sample = bytearray(6)
    bus.writeto_mem(board.ACCEL_ADDR, 0x20, b"\x30")
    while True:
        bus.readfrom_mem_into(board.ACCEL_ADDR, 0x28, sample)
        millivolts = battery.read_uv() * board.BATTERY_DIVIDER // 1000
        simlink.mailbox_send(b"%d %d %d" % (time.ticks_ms(), int.from_bytes(sample[4:], "little"), millivolts))
        await asyncio.sleep_ms(random.randrange(500, 1500))


async def main():
    motor = PWM(Pin(board.PIN_MOTOR), freq=200, duty_u16=0)
    pressed = asyncio.ThreadSafeFlag()
    Pin(board.PIN_SOS, Pin.IN, Pin.PULL_UP).irq(lambda pin: pressed.set(), Pin.IRQ_FALLING)
    simlink.mailbox_send(os.urandom(8))
    tasks = [asyncio.create_task(task()) for task in (feed, listen, answer_mail, measure)]
    while tasks:
        await pressed.wait()
        motor.duty_u16(30000)
        await asyncio.sleep_ms(300)
        motor.duty_u16(0)


asyncio.run(main())
