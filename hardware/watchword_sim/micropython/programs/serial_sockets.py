"""In place of the pendant's sockets, whose time is not virtual: a connection is a serial port of the simulated board.

To be imported before `main`. The other end is watchword_sim.memory_network.
"""

import machine
from pendant import sockets

PORT = 7
ROOM_BYTES = 4096


class Connection(machine.UART):
    def close(self):
        self.write(b"")  # says that it is over


async def connect(address, port, name, authority):
    return Connection(PORT, rxbuf=ROOM_BYTES)


sockets.connect = connect
