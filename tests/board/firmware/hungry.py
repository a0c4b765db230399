"""Starts the watchdog and never feeds it: spins at the first boot, sleeps at the second."""

import asyncio

import machine
import simlink

cause = machine.reset_cause()
boots = machine.RTC().memory()
machine.RTC().memory(boots + b"b")
simlink.mailbox_send(b"cause %d boots %d" % (cause, len(boots)))
machine.WDT(timeout=500)
if not boots:
    while True:
        pass
asyncio.run(asyncio.sleep(3600))
