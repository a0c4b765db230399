"""Writes the key file that its environment gives (WW_KEY, hexadecimal) into the simulated board's flash, and WW_PATH,
the settings of a second path, if that is there.

As the technician's command does over serial, where that would cost real time.
"""

import binascii
import os

import simflash
import simlink

folder = simflash.mount("/flash")
for name, variable in (("key", "WW_KEY"), ("path", "WW_PATH")):
    content = os.getenv(variable)
    if content:
        with open(folder + "/" + name, "wb") as file:
            file.write(binascii.unhexlify(content))
simlink.mailbox_send(b"written")
