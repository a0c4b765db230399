# The least that a pendant could be, for `watchword bench sos`: the lanyard's edge is notified at once, and what is
# written moves the motor. No gesture, no seal, no journal, no repeats: what remains is the board and the radio.

import asyncio

import bluetooth
import board
from machine import PWM, Pin

SERVICE = bluetooth.UUID("6d1a00ff-9a2b-4c53-8f7e-57a7c4b0d001")
UP = (bluetooth.UUID("6d1a00fe-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_NOTIFY)
DOWN = (bluetooth.UUID("6d1a00fd-9a2b-4c53-8f7e-57a7c4b0d001"), bluetooth.FLAG_WRITE)
FRAME = bytes(78)
DOWN_BYTES = 243  # as a down frame
MOTOR_HZ = 20_000

ble = bluetooth.BLE()
links = []
up = None
motor = PWM(Pin(board.PIN_MOTOR, Pin.OUT), freq=MOTOR_HZ, duty_u16=0)


def on_event(event, values):
    if event == 1:
        links.append(values[0])
    elif event == 2:
        links.remove(values[0])
        advertise()
    elif event == 3:
        motor.duty_u16(65535)
        motor.duty_u16(0)


def on_lanyard(pin):
    if links and pin.value() == 0:
        ble.gatts_notify(links[0], up, FRAME)


def advertise():
    ble.gap_advertise(100_000, b"\x02\x01\x06\x11\x07" + bytes(SERVICE))


async def main():
    global up
    ble.active(True)
    ble.config(mtu=247, gap_name="bare")
    ble.irq(on_event)
    ((up, down),) = ble.gatts_register_services(((SERVICE, (UP, DOWN)),))
    ble.gatts_set_buffer(down, DOWN_BYTES)
    Pin(board.PIN_LANYARD, Pin.IN, Pin.PULL_UP).irq(on_lanyard, Pin.IRQ_FALLING)
    advertise()
    while True:
        await asyncio.sleep_ms(1000)


asyncio.run(main())
