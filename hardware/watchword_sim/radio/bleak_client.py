"""bleak's client over Bumble: connect, discover, read, write, subscribe, and bond only where a value demands it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bumble import att, core, hci
from bumble.device import Connection, Peer
from bumble.gatt_client import CharacteristicProxy, ServiceProxy

from watchword_sim.radio.bleak_scanner import uuid_text
from watchword_sim.radio.central import Central

T = TypeVar("T")

DEFAULT_MTU = 23
WANTED_MTU = 517
ATT_HEADER_BYTES = 3

_PROPERTIES = (
    (0x01, "broadcast"),
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
    (0x40, "authenticated-signed-writes"),
    (0x80, "extended-properties"),
)
_DEMANDS_ENCRYPTION = (
    att.ErrorCode.INSUFFICIENT_AUTHENTICATION,
    att.ErrorCode.INSUFFICIENT_ENCRYPTION,
)


class BumbleClient(BaseBleakClient):
    """`make_backend` makes the subclass that knows its central."""

    central: ClassVar[Central]

    def __init__(
        self, address_or_ble_device: BLEDevice | str, services: set[str] | None = None, **platform: Any
    ) -> None:
        super().__init__(address_or_ble_device, **platform)
        found = isinstance(address_or_ble_device, BLEDevice)
        self._peer_address = address_or_ble_device.details if found else hci.Address(self.address)  # type: ignore[union-attr]
        self._known_name = address_or_ble_device.name if found else None  # type: ignore[union-attr]
        self._wanted_services = services
        self._connection: Connection | None = None
        self._securing = asyncio.Lock()
        self._subscribers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._known_name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    # -- the link

    async def connect(self, pair: bool, **_platform: Any) -> None:
        """Raises TimeoutError when the peer isn't heard in time, BleakError when the link fails on the way."""
        try:
            async with asyncio.timeout(self._timeout):
                connection = await self.central.connect(self._peer_address, self._timeout)
                self._begin(connection)
                await self._on_link(self._set_up(pair))
        except (core.BaseBumbleError, hci.HCI_Error, OSError) as error:
            await self.disconnect()
            if isinstance(error, TimeoutError | core.TimeoutError):
                raise TimeoutError(f"{self.address}: no connection within {self._timeout:g} s") from error
            raise BleakError(f"{self.address}: connecting failed: {error}") from error
        except (BleakError, asyncio.CancelledError):
            await self.disconnect()
            raise

    def _begin(self, connection: Connection) -> None:
        self._connection = connection
        self._peer = Peer(connection)
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        connection.on(connection.EVENT_SECURITY_REQUEST, self._on_security_request)
        if self.central.was_asked_to_secure(connection):
            self._on_security_request(None)

    async def _set_up(self, pair: bool) -> None:
        await self._peer.request_mtu(WANTED_MTU)
        if pair:
            await self._secure()
        self.services = await self._discover()

    async def _discover(self) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        for service in await self._peer.discover_services():
            if self._wanted_services is None or uuid_text(service.uuid) in self._wanted_services:
                await self._discover_service(found, service)
        return found

    async def _discover_service(self, found: BleakGATTServiceCollection, service: ServiceProxy) -> None:
        bleak_service = BleakGATTService(service, service.handle, uuid_text(service.uuid))
        found.add_service(bleak_service)
        for characteristic in await service.discover_characteristics():
            properties: Any = [name for bit, name in _PROPERTIES if characteristic.properties & bit]
            bleak_characteristic = BleakGATTCharacteristic(
                characteristic,
                characteristic.handle,
                uuid_text(characteristic.uuid),
                properties,
                lambda: self.mtu_size - ATT_HEADER_BYTES,
                bleak_service,
            )
            found.add_characteristic(bleak_characteristic)
            for descriptor in await characteristic.discover_descriptors():
                uuid = uuid_text(descriptor.type)
                found.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, uuid, bleak_characteristic))

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self.services = None
        self._subscribers.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        connection = self._connection
        if connection is None:
            return
        before = _cancellations()
        try:
            await connection.disconnect()
        except (core.BaseBumbleError, hci.HCI_Error, asyncio.CancelledError) as error:
            # the link, or the radio itself, went away first: then it is disconnected all the same
            if isinstance(error, asyncio.CancelledError) and _cancellations() > before:
                raise
        self._connection = None

    # -- security

    def _on_security_request(self, _request: object) -> None:
        self._security_task = asyncio.get_running_loop().create_task(self._answer_security_request())

    async def _answer_security_request(self) -> None:
        try:
            await self._on_link(self._secure())
        except BleakError:
            await self.disconnect()

    async def _secure(self) -> None:
        """Encrypts with the bond that is kept, or pairs and keeps one."""
        async with self._securing:
            connection = self._connection
            if connection is None or connection.is_encrypted:
                return
            try:
                if await self.central.keys.get(str(connection.peer_address)):
                    await connection.encrypt()
                else:
                    await connection.pair()
            except (core.BaseBumbleError, hci.HCI_Error) as error:
                raise BleakError(f"{self.address}: securing the link failed: {error}") from error

    async def pair(self, *_args: Any, **_platform: Any) -> None:
        await self._on_link(self._secure())

    async def unpair(self) -> None:
        await self.disconnect()
        name = str(self._peer_address)
        if await self.central.keys.get(name):
            await self.central.keys.delete(name)

    # -- values

    async def _on_link(self, work: Awaitable[T]) -> T:
        """Does `work` unless the link ends first. Raises BleakError then."""
        connection = self._connection
        if connection is None:
            if asyncio.iscoroutine(work):
                work.close()
            raise BleakError(f"{self.address}: not connected")
        before = _cancellations()
        try:
            result = await connection.cancel_on_disconnection(work)
        except asyncio.CancelledError as error:
            if _cancellations() > before:
                raise
            raise BleakError(f"{self.address}: the link was lost") from error
        if _cancellations() > before:
            # asyncio.wait_for of Python 3.11, in Bumble, swallows a cancellation that meets its result
            raise asyncio.CancelledError
        return result

    async def _request(self, make: Callable[[], Awaitable[T]]) -> T:
        """One ATT exchange; where the peer demands encryption, secures the link and asks once more, as BlueZ does."""
        try:
            try:
                return await self._on_link(make())
            except att.ATT_Error as error:
                if error.error_code not in _DEMANDS_ENCRYPTION:
                    raise
                await self._on_link(self._secure())
                return await self._on_link(make())
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(BleakGATTProtocolErrorCode(error.error_code)) from error
        except core.BaseBumbleError as error:
            raise BleakError(f"{self.address}: {error}") from error

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_platform: Any
    ) -> bytearray:
        return await self._read(characteristic.handle)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_platform: Any
    ) -> bytearray:
        return await self._read(descriptor.handle)

    async def _read(self, handle: int) -> bytearray:
        return bytearray(await self._request(lambda: self._peer.gatt_client.read_value(handle)))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        content, client = bytes(data), self._peer.gatt_client
        if response and len(content) > self.mtu_size - ATT_HEADER_BYTES:
            await self._request(lambda: client.write_long_value(characteristic.handle, content))
        else:
            await self._request(lambda: client.write_value(characteristic.handle, content, with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        content = bytes(data)
        await self._request(lambda: self._peer.gatt_client.write_value(descriptor.handle, content, with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_platform: Any
    ) -> None:
        def on_value(value: bytes) -> None:
            callback(bytearray(value))

        proxy: CharacteristicProxy[bytes] = characteristic.obj
        await self._request(lambda: proxy.subscribe(on_value))
        self._subscribers[characteristic.handle] = on_value

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        on_value = self._subscribers.pop(characteristic.handle, None)
        if on_value is not None:
            proxy: CharacteristicProxy[bytes] = characteristic.obj
            await self._request(lambda: proxy.unsubscribe(on_value))


def _cancellations() -> int:
    """How often this task was cancelled: more than before means by somebody, not by a lost link that it waited on."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()
