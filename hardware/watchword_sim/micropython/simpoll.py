"""What asyncio waits on: the board's own streams are asked directly, host sockets by the host's poll.

The unix port's poll asks Python streams once a millisecond. Here they can only become ready by an input from the
simulator, so waiting costs nothing in real time and is a jump in virtual time. Streams are asked in the order in
which they were registered: an order by address would differ from run to run.
"""

import select
from asyncio import core

import simlink


class Poller:
    """The part of `select.poll` that asyncio uses."""

    def __init__(self):
        self._streams = []  # [stream, event mask]
        self._host = select.poll()
        self._host.register(simlink.link.stream, select.POLLIN)

    def register(self, stream, mask):
        if hasattr(stream, "ioctl"):
            self._streams.append([stream, mask])
        elif simlink.link.virtual:
            raise RuntimeError("a host socket can't be waited for in virtual time: use simlink.mailbox")
        else:
            self._host.register(stream, mask)

    def modify(self, stream, mask):
        for entry in self._streams:
            if entry[0] is stream:
                entry[1] = mask
                return
        self._host.modify(stream, mask)

    def unregister(self, stream):
        for at, entry in enumerate(self._streams):
            if entry[0] is stream:
                del self._streams[at]
                return
        self._host.unregister(stream)

    def ipoll(self, timeout_ms):
        """Ready streams as (stream, events), after at most `timeout_ms` (-1: until something can run).

        May come back early with nothing ready, since a pin's handler may have scheduled a task.
        """
        simlink.link.deliver()
        ready = self._ready()
        if not simlink.link.virtual:
            return self._wait_real(0 if ready else timeout_ms)
        if ready or timeout_ms == 0:
            return ready
        return self._wait_virtual(timeout_ms)

    def _wait_virtual(self, timeout_ms):
        link = simlink.link
        ran_ms = (link.now_us - link.boot_us) // 1000
        target_us = simlink.FOREVER_US if timeout_ms < 0 else link.boot_us + (ran_ms + timeout_ms) * 1000
        while True:
            link.wait_until(target_us)
            ready = self._ready()
            if ready or timeout_ms > 0 or core._task_queue.peek():
                return ready

    def _wait_real(self, timeout_ms):
        while True:
            sockets = []
            for stream, events in self._host.poll(timeout_ms):
                if stream is simlink.link.stream:
                    simlink.link.wait_until(0)
                else:
                    sockets.append((stream, events))
            ready = self._ready() + sockets
            if ready or timeout_ms >= 0 or core._task_queue.peek():
                return ready

    def _ready(self):
        ready = []
        for stream, mask in self._streams:
            events = stream.ioctl(3, mask)
            if events:
                ready.append((stream, events))
        return ready


def install():
    """Make asyncio use this poller and start with a fresh loop."""

    def set_up(queue):
        queue.poller = Poller()
        queue.map = {}

    core.IOQueue.__init__ = set_up
    core.new_event_loop()
