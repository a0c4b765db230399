"""Small firmware for the board's tests: SOS runs the motor while it is held, OK beeps and blinks."""

import asyncio

import board
from machine import PWM, Pin


async def main():
    motor = PWM(Pin(board.PIN_MOTOR), freq=200, duty_u16=0)
    buzzer = PWM(Pin(board.PIN_BUZZER), freq=2700, duty_u16=0)
    sos = Pin(board.PIN_SOS, Pin.IN, Pin.PULL_UP)
    ok = Pin(board.PIN_OK, Pin.IN, Pin.PULL_UP)
    edges = asyncio.ThreadSafeFlag()
    sos.irq(lambda pin: edges.set(), Pin.IRQ_FALLING | Pin.IRQ_RISING)
    ok.irq(lambda pin: edges.set(), Pin.IRQ_FALLING)
    print("ready")
    led = Pin(board.PIN_LED, Pin.OUT, value=0)  # the tests' sign that everything above is in place
    while True:
        await edges.wait()
        motor.duty_u16(0 if sos.value() else 40000)
        if not ok.value():
            led.on()
            buzzer.duty_u16(32768)
            await asyncio.sleep_ms(50)
            buzzer.duty_u16(0)
            led.off()


asyncio.run(main())
