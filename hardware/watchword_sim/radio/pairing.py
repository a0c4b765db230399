"""Pairing on the pendant's side: the firmware's settings as Bumble's, and passkeys through _IRQ_PASSKEY_ACTION."""

from __future__ import annotations

import asyncio
from typing import Any

from bumble.device import Connection
from bumble.pairing import PairingConfig, PairingDelegate

from watchword_sim.radio.interrupts import PASSKEY_ACTION, Interrupts

# Actions of MicroPython's `bluetooth` module.
ENTER = 2
DISPLAY = 3
COMPARE = 4
PASSKEY_LIMIT_S = 30.0  # SMP gives up a pairing after this long without progress (Vol 3 Part H, 3.4)


class Passkeys:
    """Asks the firmware for passkeys and hands them to Bumble."""

    def __init__(self, interrupts: Interrupts, settings: dict[str, Any]) -> None:
        self._interrupts = interrupts
        self._settings = settings
        self._waiting: asyncio.Future[int] | None = None

    def pairing_config(self, connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=self._settings["le_secure"],
            mitm=self._settings["mitm"],
            bonding=self._settings["bond"],
            delegate=_Delegate(self, connection.handle, self._settings["io"]),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    async def enter(self, _connection: int, _action: int, passkey: int) -> None:
        """`gap_passkey` of the firmware."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(passkey)

    async def ask(self, connection: int, action: int, shown: int) -> int:
        """Raises TimeoutError when the firmware gives none in time."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._interrupts.raise_(PASSKEY_ACTION, connection, action, shown)
        return await asyncio.wait_for(self._waiting, PASSKEY_LIMIT_S)


class _Delegate(PairingDelegate):
    def __init__(self, passkeys: Passkeys, connection: int, io_capability: int) -> None:
        super().__init__(PairingDelegate.IoCapability(io_capability))
        self._passkeys = passkeys
        self._connection = connection

    async def generate_passkey(self) -> int:
        return await self._passkeys.ask(self._connection, DISPLAY, 0)

    async def display_number(self, number: int, digits: int) -> None:
        """The firmware chose the number itself and shows it already."""

    async def compare_numbers(self, number: int, digits: int) -> bool:
        return bool(await self._passkeys.ask(self._connection, COMPARE, number))

    async def get_number(self) -> int:
        return await self._passkeys.ask(self._connection, ENTER, 0)
