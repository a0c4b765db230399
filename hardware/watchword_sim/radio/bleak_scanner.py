"""bleak's scanner over Bumble."""

from __future__ import annotations

from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID
from bumble.core import AdvertisingData as Structures
from bumble.device import Advertisement

from watchword_sim.radio.central import Central

_NAMES = (Structures.Type.COMPLETE_LOCAL_NAME, Structures.Type.SHORTENED_LOCAL_NAME)
_UUID_BYTES = {
    Structures.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    Structures.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    Structures.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    Structures.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_SERVICE_DATA_UUID_BYTES = {
    Structures.Type.SERVICE_DATA_16_BIT_UUID: 2,
    Structures.Type.SERVICE_DATA_128_BIT_UUID: 16,
}


def uuid_text(uuid: UUID) -> str:
    """As bleak writes them: 128 bits, lower case."""
    return normalize_uuid_str(uuid.to_hex_str("-"))


class BumbleScanner(BaseBleakScanner):
    """`make_backend` makes the subclass that knows its central."""

    central: ClassVar[Central]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_other_platforms: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.seen_devices = {}
        self._device = await self.central.start_scan(self, self._active)
        self._device.on("advertisement", self._on_advertisement)

    async def stop(self) -> None:
        self._device.remove_listener("advertisement", self._on_advertisement)
        await self.central.stop_scan(self)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        heard = read_advertisement(advertisement)
        if not self.is_allowed_uuid(heard.service_uuids):
            return
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(address, address, heard.local_name, advertisement.address, heard)
        self.call_detection_callbacks(device, heard)


def read_advertisement(advertisement: Advertisement) -> AdvertisementData:
    """Unknown and cut-off structures are left out, as system stacks do."""
    name: str | None = None
    uuids: list[str] = []
    manufacturer: dict[int, bytes] = {}
    service: dict[str, bytes] = {}
    tx_power_dbm: int | None = None
    for kind, content in advertisement.data.ad_structures:
        if kind in _NAMES:
            name = content.decode("utf-8", "replace")
        elif kind in _UUID_BYTES:
            size = _UUID_BYTES[Structures.Type(kind)]
            whole = len(content) - len(content) % size
            uuids += [uuid_text(UUID.from_bytes(content[i : i + size])) for i in range(0, whole, size)]
        elif kind in _SERVICE_DATA_UUID_BYTES and len(content) >= _SERVICE_DATA_UUID_BYTES[Structures.Type(kind)]:
            size = _SERVICE_DATA_UUID_BYTES[Structures.Type(kind)]
            service[uuid_text(UUID.from_bytes(content[:size]))] = bytes(content[size:])
        elif kind == Structures.Type.MANUFACTURER_SPECIFIC_DATA and len(content) >= 2:
            manufacturer[int.from_bytes(content[:2], "little")] = bytes(content[2:])
        elif kind == Structures.Type.TX_POWER_LEVEL and content:
            tx_power_dbm = int.from_bytes(content[:1], "little", signed=True)
    return AdvertisementData(name, manufacturer, service, uuids, tx_power_dbm, advertisement.rssi, (advertisement,))
