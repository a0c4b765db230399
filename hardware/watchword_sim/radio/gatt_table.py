"""The firmware's GATT table on a Bumble server, with the buffers and their limits as NimBLE has them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bumble import att
from bumble.core import UUID
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service

from watchword_sim.radio.interrupts import GATTS_READ_REQUEST, GATTS_WRITE, Interrupts

DEFAULT_BUFFER_BYTES = 20  # what a client writes beyond this is cut off, unless gatts_set_buffer made it larger
PROPERTIES = 0xFF  # the flags below this are the characteristic's properties as the client sees them

_PERMISSION_OF_FLAG = (
    (0x0002, att.Attribute.Permissions.READABLE),
    (0x0004, att.Attribute.Permissions.WRITEABLE),
    (0x0008, att.Attribute.Permissions.WRITEABLE),
    (0x0200, att.Attribute.Permissions.READ_REQUIRES_ENCRYPTION),
    (0x0400, att.Attribute.Permissions.READ_REQUIRES_AUTHENTICATION),
    (0x1000, att.Attribute.Permissions.WRITE_REQUIRES_ENCRYPTION),
    (0x2000, att.Attribute.Permissions.WRITE_REQUIRES_AUTHENTICATION),
)


@dataclass
class Buffer:
    """What stands behind one value handle in the firmware's stack."""

    content: bytes = b""
    size: int = DEFAULT_BUFFER_BYTES
    append: bool = False

    def write_from_client(self, value: bytes) -> None:
        self.content = ((self.content if self.append else b"") + value)[: self.size]

    def write_from_firmware(self, value: bytes) -> None:
        self.content = value
        self.size = max(self.size, len(value))

    def read_by_firmware(self) -> bytes:
        content = self.content
        if self.append:
            self.content = b""
        return content

    def resize(self, size: int, append: bool) -> None:
        self.content, self.size, self.append = self.content[:size], size, append


class _Value:
    """One value's way between client and firmware; its handle is known only once the server has it."""

    def __init__(self, interrupts: Interrupts, order: asyncio.Lock) -> None:
        self._interrupts = interrupts
        self._order = order
        self.buffer = Buffer()
        self.handle = 0

    async def read(self, connection: Connection) -> bytes:
        refused = await self._interrupts.ask(GATTS_READ_REQUEST, connection.handle, self.handle)
        if refused:
            raise att.ATT_Error(att.ErrorCode(refused))
        return self.buffer.content

    async def write(self, connection: Connection, value: bytes) -> None:
        """As in NimBLE, the handler has run before the client gets its response."""
        async with self._order:
            self.buffer.write_from_client(bytes(value))
            await self._interrupts.ask(GATTS_WRITE, connection.handle, self.handle)


class GattTable:
    """Builds services from `[uuid, [[uuid, flags, [[uuid, flags], ...]], ...]]`, uuids as little-endian bytes."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._order = asyncio.Lock()
        self.buffers: dict[int, Buffer] = {}

    def build(self, definition: list[Any]) -> tuple[Service, list[tuple[_Value, Any]]]:
        """The service, and its values with their attributes in the order in which handles are reported."""
        service_uuid, characteristics = definition
        built, values = [], []
        for uuid, flags, descriptors in characteristics:
            value = self._value()
            inner = [(self._value(), d_uuid, d_flags) for d_uuid, d_flags in descriptors]
            made = [
                (d_value, Descriptor(UUID.from_bytes(u), permissions(f), _access(d_value))) for d_value, u, f in inner
            ]
            characteristic = Characteristic(
                UUID.from_bytes(uuid),
                Characteristic.Properties(flags & PROPERTIES),
                permissions(flags),
                _access(value),
                [descriptor for _, descriptor in made],
            )
            built.append(characteristic)
            values += [(value, characteristic), *made]
        return Service(UUID.from_bytes(service_uuid), built), values

    def settle(self, values: list[tuple[_Value, Any]]) -> list[int]:
        """After the server gave handles: remembers and returns them."""
        for value, attribute in values:
            value.handle = attribute.handle
            self.buffers[value.handle] = value.buffer
        return [value.handle for value, _ in values]

    def _value(self) -> _Value:
        return _Value(self._interrupts, self._order)


def _access(value: _Value) -> Any:
    return CharacteristicValue(read=value.read, write=value.write)


def permissions(flags: int) -> att.Attribute.Permissions:
    granted = att.Attribute.Permissions(0)
    for flag, permission in _PERMISSION_OF_FLAG:
        if flags & flag:
            granted |= permission
    return granted
