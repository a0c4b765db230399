"""Prelude of the simulated serial port's prompt: mount the board's flash and stand in it, as a board does in `/`."""

import os
import sys

import simflash

os.chdir(simflash.mount("/flash"))
# nothing of the simulator's is left to import: what mpremote runs sees a plain interpreter with the board's files
sys.path[:] = ["", ".frozen"]
for name in ("os", "simflash", "simlink", "simwire"):
    sys.modules.pop(name, None)
del os, sys, simflash, name
