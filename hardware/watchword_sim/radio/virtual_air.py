"""The whole simulated radio in one asyncio loop: the air, the pendants' hosts, and HCI ports for centrals."""

from __future__ import annotations

import asyncio
import logging
import random
import socket

from bumble import hci
from bumble.transport.common import StreamPacketSink, StreamPacketSource

from watchword_sim.radio.air import Air
from watchword_sim.radio.controller import ModelledController
from watchword_sim.radio.firmware_port import FirmwarePort
from watchword_sim.radio.link import ModelledLink

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


class _HciConnection(StreamPacketSource):
    """One TCP connection to the HCI port is one controller with its antenna in this air (H4 framing)."""

    def __init__(self, air: VirtualAir) -> None:
        super().__init__()
        self._air = air
        self._controller: ModelledController | None = None
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = transport
        self._controller = self._air.add_controller("central", self, StreamPacketSink(transport))
        self._air.hci_transports.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        assert self._controller is not None and self._transport is not None
        self._air.hci_transports.discard(self._transport)
        self._air.link.remove_controller(self._controller)


class VirtualAir:
    """The radio of a simulation. `start()` it in the asyncio loop that shall run it; `close()` it there too.

    - `air`: knobs that hold for all; `air_of(address)`: knobs for one pendant alone.
    - `hci_port`: loopback TCP port (H4) for Bumble centrals, as `make_backend` opens; one controller a connection.
    - `firmware_address`: "host:port" for `WW_BLE` of a MicroPython process.
    - `counts`: events, events_lost, adverts_lost, connects_unanswered, supervision_timeouts.

    Ports given as 0 are chosen by the system. Raises OSError from `start()` when a port is in use.
    """

    def __init__(self, rng: random.Random, *, hci_port: int = 0, firmware_port: int = 0) -> None:
        self._rng = rng
        self._asked_hci_port = hci_port
        self._asked_firmware_port = firmware_port
        self._controllers_made = 0
        self._hci_server: asyncio.Server | None = None
        self.hci_transports: set[asyncio.BaseTransport] = set()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.link = ModelledLink(self._rng)
        self.counts = self.link.counts
        self._hci_server = await self._loop.create_server(lambda: _HciConnection(self), LOOPBACK, self._asked_hci_port)
        self._firmware_port = FirmwarePort(self.add_controller, self.link.remove_controller)
        await self._firmware_port.start(LOOPBACK, self._asked_firmware_port)

    async def close(self) -> None:
        """Ends every connection to hosts and firmware, as a power cut of the whole radio would."""
        if self._hci_server is None:
            return
        self._hci_server.close()
        for transport in list(self.hci_transports):
            transport.close()
        await self._firmware_port.close()
        await self._hci_server.wait_closed()
        self._hci_server = None
        for connection in list(self.link.connections):
            self.link.forget(connection)

    @property
    def air(self) -> Air:
        return self.link.air

    def air_of(self, address: str) -> Air:
        """Knobs for the pendant of this address ("C0:FF:EE:00:00:01") alone, from now on."""
        return self.link.give_own_air(hci.Address(address))

    @property
    def hci_port(self) -> int:
        assert self._hci_server is not None, "radio: start() it first"
        port: int = self._hci_server.sockets[0].getsockname()[1]
        return port

    @property
    def firmware_address(self) -> str:
        return f"{LOOPBACK}:{self._firmware_port.port}"

    def drop_links(self) -> None:
        """Every connection times out at both ends, at once. From any thread."""
        self._loop.call_soon_threadsafe(self._drop_links)

    def _drop_links(self) -> None:
        for connection in list(self.link.connections):
            self.link.time_out(connection)

    def add_controller(
        self, name: str, source: StreamPacketSource | None = None, sink: StreamPacketSink | None = None
    ) -> ModelledController:
        """One more controller on the air, for an HCI host in this process or behind `source` and `sink`."""
        self._controllers_made += 1
        return ModelledController(f"{self._controllers_made:04}-{name}", self.link, source, sink)
