"""Bonds kept where NimBLE keeps them: in the firmware, through _IRQ_GET_SECRET and _IRQ_SET_SECRET."""

from __future__ import annotations

import json

from bumble.keys import KeyStore, PairingKeys

from watchword_sim.radio.interrupts import GET_SECRET, SET_SECRET, Interrupts

PEER_SECRET = 2  # BLE_STORE_OBJ_TYPE_PEER_SEC of NimBLE
MAX_BONDS = 8


class FirmwareBonds(KeyStore):
    """A key store whose entries are the firmware's secrets: key = the peer's address, value = opaque to it."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    async def update(self, name: str, keys: PairingKeys) -> None:
        value = json.dumps([name, keys.to_dict()]).encode()
        await self._interrupts.ask(SET_SECRET, PEER_SECRET, _key(name), value)

    async def get(self, name: str) -> PairingKeys | None:
        value = await self._interrupts.ask(GET_SECRET, PEER_SECRET, 0, _key(name))
        return _read(value)[1] if isinstance(value, bytes) else None

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        found = []
        for index in range(MAX_BONDS):
            value = await self._interrupts.ask(GET_SECRET, PEER_SECRET, index, None)
            if not isinstance(value, bytes):
                break
            found.append(_read(value))
        return found

    async def delete(self, name: str) -> None:
        await self._interrupts.ask(SET_SECRET, PEER_SECRET, _key(name), None)


def _key(name: str) -> bytes:
    return bytes.fromhex(name[:17].replace(":", ""))


def _read(value: bytes) -> tuple[str, PairingKeys]:
    name, keys = json.loads(value)
    return name, PairingKeys.from_dict(keys)
