"""The peripheral host of one MicroPython process: what NimBLE is to the `bluetooth` module, on Bumble's host.

It keeps NimBLE's traps on purpose, because firmware that only works without them fails on the board: see `Buffer`
for truncated writes, `notify` for truncation to MTU - 3 and ENOMEM, `advertise` for the 31 bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from bumble import gatt_server, hci
from bumble.core import BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig
from bumble.transport.common import AsyncPipeSink

from watchword_sim.radio import interrupts as irq
from watchword_sim.radio.bonds import BondingDelegate, FirmwareBonds, keep_bonds_only
from watchword_sim.radio.controller import ModelledController
from watchword_sim.radio.gatt_table import Buffer, GattTable

log = logging.getLogger(__name__)

# Codes that OSError carries in firmware: errno of Linux (EALREADY, ENOTCONN as on the ESP32 port).
ENOMEM = 12
EBUSY = 16
ENODEV = 19
EINVAL = 22
ENOTCONN = 107
EALREADY = 114

NOTIFY_POOL = 24  # packets that wait in host and controller before notify says ENOMEM: NimBLE's mbuf pool
MAX_ADVERT_BYTES = 31
MAX_CONNECTIONS = 4  # CONFIG_BT_NIMBLE_MAX_CONNECTIONS of MicroPython's ESP32 port; an advert needs a free one
NO_INPUT_OUTPUT = 3  # the one `io` that is modelled: a pendant has neither display nor keys
DISCONNECT_LIMIT_S = 2.0


class PeripheralHost:
    """One pendant's Bluetooth. `call(operation, arguments)` does what the firmware asks; OSError carries its errno."""

    def __init__(
        self,
        address: str,
        add_controller: Callable[[str], ModelledController],
        remove_controller: Callable[[ModelledController], None],
    ) -> None:
        self.address = address
        self._add_controller = add_controller
        self._remove_controller = remove_controller
        self._controller: ModelledController | None = None
        self._device: Device | None = None
        self._settings: dict[str, Any] = {"gap_name": "MPY NIMBLE", "mtu": 256, "bond": False, "mitm": False}
        self._settings |= {"le_secure": False, "io": NO_INPUT_OUTPUT}
        self._connections: dict[int, Connection] = {}
        self._ending: set[int] = set()  # connections that the firmware has asked to end
        self._advert = b""
        self._scan_response = b""
        self._background: set[asyncio.Task[None]] = set()
        self.interrupts = irq.Interrupts()
        self._table = GattTable(self.interrupts)
        self._operations: dict[str, Callable[..., Any]] = {
            "active": self._active,
            "config": self._config,
            "mac": self._mac,
            "advertise": self._advertise,
            "register": self._register,
            "read": self._read,
            "write": self._write,
            "buffer": self._resize,
            "notify": self._notify,
            "indicate": self._indicate,
            "disconnect": self._disconnect,
            "pair": self._pair,
        }

    async def call(self, operation: str, arguments: Sequence[Any]) -> Any:
        if operation not in self._operations:
            raise OSError(EINVAL, f"radio: no operation {operation!r}")
        if self._device is None and operation not in ("active", "config"):
            raise OSError(ENODEV, "radio: BLE is not active")
        return await self._operations[operation](*arguments)

    def lose_power(self) -> None:
        """The process is gone. Nobody says goodbye: peers learn it by supervision timeout."""
        if self._controller is not None:
            self._remove_controller(self._controller)
            self._controller.host = None
        self._controller = self._device = None
        self._connections.clear()
        self.interrupts.detach()
        for task in self._background:
            task.cancel()

    # -- on and off

    async def _active(self, on: bool | None) -> bool:
        if on and self._device is None:
            await self._power_on()
        elif on is False and self._device is not None:
            await self._power_off()
        return self._device is not None

    async def _power_on(self) -> None:
        address = hci.Address(self.address)
        settings = DeviceConfiguration(name=self._settings["gap_name"], address=address)
        settings.irk = (bytes(address) * 3)[:16]
        self._controller = self._add_controller(self.address)
        device = Device(config=settings, host=Host(self._controller, AsyncPipeSink(self._controller)))
        device.keystore = self._bonds = FirmwareBonds(self.interrupts)
        keep_bonds_only(device)
        device.pairing_config_factory = self._pairing_config
        # power_on would read all bonds, but the firmware waits in active() and can't answer an interrupt
        device.refresh_resolving_list = _nothing  # type: ignore[method-assign]
        device.on("connection", self._on_connection)
        await device.power_on()
        device.gatt_server.max_mtu = self._settings["mtu"]
        self._device = device

    async def _power_off(self) -> None:
        """NimBLE ends its links properly (0x13) before it goes."""
        for connection in list(self._connections.values()):
            try:
                await asyncio.wait_for(connection.disconnect(), DISCONNECT_LIMIT_S)
            except (TimeoutError, BaseBumbleError) as error:
                log.info("radio: %s was gone before goodbye: %s", connection.peer_address, error)
        controller, self._controller, self._device = self._controller, None, None
        self._connections.clear()
        self._ending.clear()
        if controller is not None:
            self._remove_controller(controller)

    async def _config(self, settings: dict[str, Any]) -> None:
        if settings.get("io", NO_INPUT_OUTPUT) != NO_INPUT_OUTPUT:
            raise OSError(EINVAL, "radio: passkeys are not modelled: io must be 3, no input and no output")
        self._settings.update(settings)
        if self._device is not None:
            self._device.gatt_server.max_mtu = self._settings["mtu"]

    def _pairing_config(self, connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=self._settings["le_secure"],
            mitm=self._settings["mitm"],
            bonding=self._settings["bond"],
            delegate=BondingDelegate(self._bonds, connection),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    async def _mac(self) -> list[Any]:
        return [hci.Address.RANDOM_DEVICE_ADDRESS, bytes(hci.Address(self.address))[::-1]]

    # -- links

    async def _advertise(
        self, interval_us: int | None, advert: bytes | None, scan_response: bytes | None, connectable: bool
    ) -> None:
        if max(len(advert or b""), len(scan_response or b"")) > MAX_ADVERT_BYTES:
            raise OSError(EINVAL, f"radio: an advert holds {MAX_ADVERT_BYTES} bytes")
        device = self._on()
        if interval_us is not None and connectable and len(self._connections) >= MAX_CONNECTIONS:
            raise OSError(ENOMEM, f"radio: {MAX_CONNECTIONS} connections are all that there are")
        self._advert = self._advert if advert is None else advert
        self._scan_response = self._scan_response if scan_response is None else scan_response
        await device.stop_advertising()
        if interval_us is None:
            return
        kind = AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE if connectable else AdvertisingType.UNDIRECTED
        await device.start_advertising(
            kind,
            advertising_data=self._advert,
            scan_response_data=self._scan_response,
            advertising_interval_min=interval_us / 1000,
            advertising_interval_max=interval_us / 1000,
        )

    def _on_connection(self, connection: Connection) -> None:
        peer = connection.peer_address
        who = (connection.handle, int(peer.address_type), bytes(peer)[::-1])
        self._connections[connection.handle] = connection
        self.interrupts.raise_(irq.CENTRAL_CONNECT, *who)

        def on_disconnection(_reason: int) -> None:
            self._connections.pop(connection.handle, None)
            self._ending.discard(connection.handle)
            self.interrupts.raise_(irq.CENTRAL_DISCONNECT, *who)

        def on_mtu() -> None:
            self.interrupts.raise_(irq.MTU_EXCHANGED, connection.handle, connection.att_mtu)

        def on_parameters() -> None:
            now = connection.parameters
            interval, timeout = int(now.connection_interval / 1.25), int(now.supervision_timeout / 10)
            values = (connection.handle, interval, now.peripheral_latency, timeout, 0)
            self.interrupts.raise_(irq.CONNECTION_UPDATE, *values)

        pairing = False

        def on_pairing_start() -> None:
            nonlocal pairing
            pairing = True

        def on_encryption() -> None:
            if not pairing:  # with a key that was kept; one that is just made is told of once it is kept
                tell_encryption(True)

        def on_pairing(_keys: PairingKeys) -> None:
            nonlocal pairing
            pairing = False
            tell_encryption(self._settings["bond"])

        def tell_encryption(bonded: bool) -> None:
            authenticated = bool(connection.authenticated and self._settings["mitm"])
            values = (connection.handle, bool(connection.encryption), authenticated, bonded, 16)
            self.interrupts.raise_(irq.ENCRYPTION_UPDATE, *values)

        connection.on(connection.EVENT_DISCONNECTION, on_disconnection)
        connection.on(connection.EVENT_CONNECTION_ATT_MTU_UPDATE, on_mtu)
        connection.on(connection.EVENT_CONNECTION_PARAMETERS_UPDATE, on_parameters)
        connection.on(connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, on_encryption)
        connection.on(connection.EVENT_PAIRING_START, on_pairing_start)
        connection.on(connection.EVENT_PAIRING, on_pairing)

    async def _disconnect(self, handle: int) -> bool:
        connection = self._connections.get(handle)
        if connection is None:
            return False
        if handle in self._ending:
            raise OSError(EALREADY, f"radio: connection {handle} is ending already")
        self._ending.add(handle)
        self._later(connection.disconnect())
        return True

    async def _pair(self, handle: int) -> None:
        self._connection(handle).request_pairing()

    # -- values

    async def _register(self, definitions: list[Any]) -> list[list[int]]:
        device = self._on()
        if device.is_advertising:
            raise OSError(EBUSY, "radio: services can't be registered while advertising")
        device.gatt_server = gatt_server.Server(device)
        device.gatt_server.max_mtu = self._settings["mtu"]
        device.add_default_services(True, True)
        self._table = GattTable(self.interrupts)
        handles = []
        for definition in definitions:
            service, values = self._table.build(definition)
            device.add_service(service)
            handles.append(self._table.settle(values))
        return handles

    def _buffer(self, handle: int) -> Buffer:
        if handle not in self._table.buffers:
            raise OSError(EINVAL, f"radio: no value has handle {handle}")
        return self._table.buffers[handle]

    async def _read(self, handle: int) -> bytes:
        return self._buffer(handle).read_by_firmware()

    async def _write(self, handle: int, value: bytes, send_update: bool) -> None:
        self._buffer(handle).write_from_firmware(value)
        if send_update:
            server = self._on().gatt_server
            attribute = server.get_attribute(handle)
            assert attribute is not None
            for connection in list(self._connections.values()):
                await server.notify_subscriber(connection, attribute, value)

    async def _resize(self, handle: int, size: int, append: bool) -> None:
        self._buffer(handle).resize(size, append)

    async def _notify(self, connection_handle: int, handle: int, value: bytes | None) -> None:
        """Sends without regard to subscription, cut to MTU - 3; its success says only that it is queued."""
        connection = self._connection(connection_handle)
        queue = connection.data_packet_queue
        if queue is not None and queue.pending >= NOTIFY_POOL:
            raise OSError(ENOMEM, "radio: no buffer is free")
        content = self._buffer(handle).content if value is None else value
        server = self._on().gatt_server
        attribute = server.get_attribute(handle)
        assert attribute is not None
        await server.notify_subscriber(connection, attribute, content, force=True)

    async def _indicate(self, connection_handle: int, handle: int, value: bytes | None) -> None:
        connection = self._connection(connection_handle)
        content = self._buffer(handle).content if value is None else value
        server = self._on().gatt_server
        attribute = server.get_attribute(handle)
        assert attribute is not None

        async def indicate() -> None:
            status = 0
            try:
                await server.indicate_subscriber(connection, attribute, content, force=True)
            except (TimeoutError, BaseBumbleError):
                status = 13  # BLE_HS_ETIMEOUT
            self.interrupts.raise_(irq.GATTS_INDICATE_DONE, connection_handle, handle, status)

        self._later(indicate())

    # -- what is there

    def _on(self) -> Device:
        if self._device is None:
            raise OSError(ENODEV, "radio: BLE is not active")
        return self._device

    def _connection(self, handle: int) -> Connection:
        if handle not in self._connections:
            raise OSError(ENOTCONN, f"radio: no connection {handle}")
        return self._connections[handle]

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("radio: %s: %s", self.address, error)


async def _nothing() -> None:
    return None
