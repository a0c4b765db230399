# ruff: noqa: PTH123 (MicroPython has no pathlib)
"""Writes the key file that its environment gives (TEST_KEY), and word to make a phone known (TEST_PAIRING).

As the technician's commands do over serial.
"""

import binascii
import os

import board
import simlink

folder = board.mount_flash()
if os.getenv("TEST_KEY"):
    with open(folder + "/key", "wb") as file:
        file.write(binascii.unhexlify(os.getenv("TEST_KEY")))
if os.getenv("TEST_PAIRING"):
    open(folder + "/pairing", "wb").close()
simlink.mailbox_send(b"provisioned")
