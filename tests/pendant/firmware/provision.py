# ruff: noqa: PTH123 (MicroPython has no pathlib)
"""Writes the key file that its environment gives, as the technician's command does over serial."""

import binascii
import os

import board
import simlink

with open(board.mount_flash() + "/key", "wb") as file:
    file.write(binascii.unhexlify(os.getenv("TEST_KEY")))
simlink.mailbox_send(b"provisioned")
