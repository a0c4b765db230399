"""Goes to deep sleep for ten seconds at every boot, and keeps a count where sleep leaves it."""

import machine
import simlink

memory = machine.RTC()
memory.memory(memory.memory() + b"b")
simlink.mailbox_send(b"cause %d boots %d" % (machine.reset_cause(), len(memory.memory())))
machine.deepsleep(10000)
print("never printed")
