"""bleak without a radio: pendants that advertise, connect, notify and are written to, as the platform backends do it.

Held to test_link_contract.py with the simulator's Bumble radio. What bleak offers beyond the bridge's needs raises.
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from watchword_bridge.link import DOWN_UUID, SERVICE_UUID, UP_UUID


class FakePendant:
    """One pendant: `written` is what phones wrote; what comes after an "n" is echoed, as by radio/peripheral.py."""

    def __init__(self, address: str, service: str = SERVICE_UUID) -> None:
        self.address = address
        self.service = service
        self.in_range = True
        self.deaf = False  # connected, as the phone believes, and gone
        self.refuses = 0  # connection attempts that fail
        self.attempts = 0
        self.written: list[bytes] = []
        self.client: FakeClient | None = None
        self.subscriber: Callable[[bytearray], None] | None = None

    def notify(self, value: bytes) -> bool:
        """False: nobody is subscribed."""
        if self.deaf or self.subscriber is None:
            return False
        self.subscriber(bytearray(value))
        return True

    def vanish(self) -> None:
        self.in_range = False
        if self.client:
            self.client.drop()

    def write(self, value: bytes) -> None:
        self.written.append(value)
        if value[:1] == b"n":
            asyncio.get_running_loop().call_soon(self.notify, value[1:])


class Backend(NamedTuple):
    scanner: type["FakeScanner"]
    client: type["FakeClient"]


class FakeRadio:
    """The air: its pendants are heard by every scan, as often as the loop turns in `ADVERT_S`."""

    ADVERT_S = 0.01

    def __init__(self, *pendants: FakePendant) -> None:
        self.pendants = {pendant.address: pendant for pendant in pendants}
        self.off = False
        self.scans = 0
        own = {"radio": self}
        self.backend = Backend(type("Scanner", (FakeScanner,), own), type("Client", (FakeClient,), own))


class FakeScanner(BaseBleakScanner):
    radio: ClassVar[FakeRadio]

    def __init__(self, callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_platform: Any) -> None:
        super().__init__(callback, service_uuids)

    async def start(self) -> None:
        if self.radio.off:
            raise BleakError("Bluetooth is off")
        self.seen_devices = {}
        self.radio.scans += 1
        self._next = asyncio.get_running_loop().call_soon(self._advertise)

    async def stop(self) -> None:
        self._next.cancel()

    def _advertise(self) -> None:
        for pendant in self.radio.pendants.values():
            if pendant.in_range and pendant.client is None and self.is_allowed_uuid([pendant.service]):
                advert = AdvertisementData(None, {}, {}, [pendant.service], None, -60, ())
                device = self.create_or_update_device(pendant.address, pendant.address, None, pendant, advert)
                self.call_detection_callbacks(device, advert)
        self._next = asyncio.get_running_loop().call_later(self.radio.ADVERT_S, self._advertise)


class FakeClient(BaseBleakClient):
    radio: ClassVar[FakeRadio]

    def __init__(self, device: BLEDevice | str, services: set[str] | None = None, **platform: Any) -> None:
        super().__init__(device, **platform)
        self._pendant = self.radio.pendants[self.address]
        self._connected = False

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return 247

    @property
    def is_connected(self) -> bool:
        return self._connected

    async def connect(self, pair: bool, **_platform: Any) -> None:
        self._pendant.attempts += 1
        await asyncio.sleep(0)
        if self._pendant.refuses or not self._pendant.in_range or self._pendant.client:
            self._pendant.refuses -= bool(self._pendant.refuses)
            raise BleakError(f"{self.address}: connection failed")
        self._connected = True
        self._pendant.client = self
        self.services = self._discover()

    def _discover(self) -> BleakGATTServiceCollection:
        services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 1, self._pendant.service)
        services.add_service(service)
        up = BleakGATTCharacteristic(None, 2, UP_UUID, ["notify", "read"], lambda: 244, service)
        down = BleakGATTCharacteristic(None, 5, DOWN_UUID, ["write"], lambda: 244, service)
        for characteristic in (up, down):
            services.add_characteristic(characteristic)
        return services

    async def disconnect(self) -> None:
        self._end()

    def drop(self) -> None:
        """The link is lost without anybody's wish."""
        self._end()
        if self._disconnected_callback:
            self._disconnected_callback()

    def _end(self) -> None:
        if self._connected:
            self._connected = False
            self._pendant.client = None
            self._pendant.subscriber = None  # pendants do not remember subscriptions

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: Any, **_platform: Any) -> None:
        self._need(characteristic, UP_UUID)
        self._pendant.subscriber = callback

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        self._need(characteristic, DOWN_UUID)
        if not response or len(data) > 244:
            raise NotImplementedError("the bridge writes with a response, what fits one write")
        await asyncio.sleep(0)
        if self._pendant.deaf:
            await asyncio.Event().wait()
        self._pendant.write(bytes(data))

    def _need(self, characteristic: BleakGATTCharacteristic, uuid: str) -> None:
        if not self._connected or characteristic.uuid != uuid:
            raise BleakError(f"{self.address}: not connected, or not for {characteristic.uuid}")

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        raise NotImplementedError

    async def pair(self, *_args: Any, **_platform: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_platform: Any) -> bytearray:
        raise NotImplementedError

    async def read_gatt_descriptor(self, descriptor: Any, **_platform: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        raise NotImplementedError
