"""Bonds kept where NimBLE keeps them: in the firmware, through _IRQ_GET_SECRET and _IRQ_SET_SECRET.

Where a peer that is known wants to pair anew, MicroPython has its secret deleted and NimBLE asks again, for as long as
there is one: firmware that refuses to delete hangs the stack (ble_sm_chk_repeat_pairing).
"""

from __future__ import annotations

import json
import logging

from bumble.device import Connection, Device
from bumble.keys import KeyStore, PairingKeys
from bumble.pairing import PairingDelegate

from watchword_sim.radio.interrupts import GET_SECRET, SET_SECRET, Interrupts

PEER_SECRET = 2  # BLE_STORE_OBJ_TYPE_PEER_SEC of NimBLE
MAX_BONDS = 8
MAX_REPEATS = 8

log = logging.getLogger(__name__)


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


class BondingDelegate(PairingDelegate):
    """A side with neither display nor keys, whose stack first has an old bond of the peer deleted."""

    def __init__(self, bonds: FirmwareBonds, connection: Connection) -> None:
        super().__init__(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT)
        self._bonds = bonds
        self._peer = str(connection.peer_address)

    async def accept(self) -> bool:
        for _ in range(MAX_REPEATS):
            if await self._bonds.get(self._peer) is None:
                return True
            await self._bonds.delete(self._peer)
        log.error("radio: the firmware keeps the bond that the stack wants deleted: on the board the stack hangs here")
        return False


def keep_bonds_only(device: Device) -> None:
    """Has the device keep keys only where both sides wanted a bond; Bumble by itself keeps those of any pairing."""
    keep = device.update_keys

    async def update(address: str, keys: PairingKeys) -> None:
        sessions = device.smp_manager.sessions.values()
        if any(s.bonding for s in sessions if address in (str(s.peer_bd_addr), str(s.connection.peer_address))):
            await keep(address, keys)

    device.update_keys = update  # type: ignore[method-assign]
