"""Writes the key file that its environment gives (WW_KEY, hexadecimal) into the simulated board's flash.

As the technician's command does over serial, where that would cost real time.
"""

import binascii
import os

import simflash
import simlink

with open(simflash.mount("/flash") + "/key", "wb") as file:
    file.write(binascii.unhexlify(os.getenv("WW_KEY")))
simlink.mailbox_send(b"written")
