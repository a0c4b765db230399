"""A pendant's second path that is always wanted, in front of a real broker: what happens to it goes to stdout."""

import asyncio
import binascii
import os

from pendant import path_settings
from pendant.clock import Clock
from pendant.counters import Counters
from pendant.flash import Flash
from pendant.log import Log
from pendant.second_path import SecondPath
from watchword_core import frames


class Board:
    async def join_network(self, name, password):
        print("joined", name)

    def leave_network(self):
        print("left")


def a_frame(lane, count):
    return bytes((frames.VERSION, lane)) + bytes(frames.UP_BYTES - 6) + count.to_bytes(4, "big")


class Wearer:
    """Sends one press and one routine frame on each connection."""

    def __init__(self, path):
        self.path = path
        self.connections = 0

    def linked(self, up):
        print("linked" if up else "cut off")
        if up:
            self.connections += 1
            for lane in (frames.PRESS, frames.ROUTINE):
                self.path.send(a_frame(lane, self.connections))

    def received(self, frame, now_ms):
        print("received", binascii.hexlify(frame).decode())
        return True


def main():
    settings = path_settings.read(Flash(os.getenv("SETTINGS_FOLDER")), Counters())
    path = SecondPath(settings, Board(), Clock(), Log())
    wearer = Wearer(path)
    path.attach(lambda now_ms: True, wearer.linked, wearer.received, lambda: 60_000)
    asyncio.run(path.run(lambda: None))


main()
