"""Goes to deep sleep for ten seconds at every boot, and keeps a count where sleep leaves it."""

import board
import esp32
import machine
import simlink

memory = machine.RTC()
memory.memory(memory.memory() + b"b")
simlink.mailbox_send(b"cause %d boots %d" % (machine.reset_cause(), len(memory.memory())))
pins = [machine.Pin(board.PIN_OK, machine.Pin.IN, machine.Pin.PULL_UP)]
esp32.wake_on_ext1(pins, esp32.WAKEUP_ALL_LOW)
machine.deepsleep(10000)
print("never printed")
