"""The phone's radio: one Bumble central behind an HCI port, shared by the scanners and clients of one backend."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from bumble import hci
from bumble.core import PhysicalTransport
from bumble.device import Connection, ConnectionParametersPreferences, Device, DeviceConfiguration
from bumble.keys import JsonKeyStore, KeyStore, MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport import open_transport
from bumble.transport.common import Transport

from watchword_sim.radio.bonds import keep_bonds_only

log = logging.getLogger(__name__)

# A supervision timeout must cover at least this many intervals, or a few lost events in a row end the link.
MIN_INTERVALS_PER_TIMEOUT = 6


class Central:
    """Opened by its first use in the running asyncio loop, and again after `close()` or when the HCI port was away."""

    def __init__(
        self,
        hci_port: int,
        address: str,
        keys_path: Path | None,
        connection_interval_ms: float,
        supervision_timeout_ms: float,
    ) -> None:
        if supervision_timeout_ms < MIN_INTERVALS_PER_TIMEOUT * connection_interval_ms:
            raise ValueError(
                f"radio: a supervision timeout of {supervision_timeout_ms:g} ms is too short for an interval of "
                f"{connection_interval_ms:g} ms: give at least {MIN_INTERVALS_PER_TIMEOUT} intervals"
            )
        self._hci_port = hci_port
        self._address = hci.Address(address)
        self._parameters = ConnectionParametersPreferences(
            connection_interval_min=connection_interval_ms,
            connection_interval_max=connection_interval_ms,
            supervision_timeout=int(supervision_timeout_ms),
        )
        self.keys: KeyStore = JsonKeyStore(address, str(keys_path)) if keys_path else MemoryKeyStore()
        self._transport: Transport | None = None
        self._device: Device | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = asyncio.Lock()
        self._connecting = asyncio.Lock()
        self._scanners: set[object] = set()
        self._asked_to_secure: set[Connection] = set()

    async def device(self) -> Device:
        """The powered-on device. Raises OSError when nobody listens on the HCI port."""
        async with self._opening:
            if self._device is None or self._is_stale():
                await self._open()
            assert self._device is not None
            return self._device

    def _is_stale(self) -> bool:
        assert self._transport is not None
        return self._loop is not asyncio.get_running_loop() or self._transport.source.terminated.done()

    async def _open(self) -> None:
        settings = DeviceConfiguration(name="phone", address=self._address)
        settings.irk = (bytes(self._address) * 3)[:16]
        self._loop = asyncio.get_running_loop()
        self._scanners.clear()
        self._transport = await open_transport(f"tcp-client:127.0.0.1:{self._hci_port}")
        device = Device.from_config_with_hci(settings, self._transport.source, self._transport.sink)
        device.keystore = self.keys
        keep_bonds_only(device)
        device.pairing_config_factory = _pairing_config
        device.on(device.EVENT_CONNECTION, self._note_security_requests)
        await device.power_on()
        self._device = device

    async def close(self) -> None:
        """Switches the phone's radio off: peers learn it by supervision timeout."""
        transport, self._transport, self._device = self._transport, None, None
        if transport is not None:
            await transport.close()

    async def connect(self, peer: hci.Address, timeout_s: float) -> Connection:
        """One at a time, as controllers do. Raises TimeoutError or Bumble's errors; a cancelled one leaves nothing."""
        async with asyncio.timeout(timeout_s):
            device = await self.device()
            async with self._connecting:
                connecting = asyncio.ensure_future(
                    device.connect(
                        peer,
                        transport=PhysicalTransport.LE,
                        connection_parameters_preferences={hci.Phy.LE_1M: self._parameters},
                    )
                )
                try:
                    # shielded: Bumble's host doesn't bear a cancelled HCI command
                    return await asyncio.shield(connecting)
                except asyncio.CancelledError:
                    if not self._is_stale():
                        await _give_up(device, connecting)
                    raise

    def _note_security_requests(self, connection: Connection) -> None:
        """A peripheral may ask before whoever connected has got the connection to listen on."""
        connection.on(connection.EVENT_SECURITY_REQUEST, lambda _request: self._asked_to_secure.add(connection))
        connection.on(connection.EVENT_DISCONNECTION, lambda _reason: self._asked_to_secure.discard(connection))

    def was_asked_to_secure(self, connection: Connection) -> bool:
        """Whether the peer has asked already that the link be encrypted."""
        return connection in self._asked_to_secure

    async def start_scan(self, scanner: object, active: bool) -> Device:
        """Has the controller scan while at least one scanner wants it; the device that gives the adverts."""
        device = await self.device()
        self._scanners.add(scanner)
        if not device.is_scanning:
            await device.start_scanning(active=active, filter_duplicates=False)
        return device

    async def stop_scan(self, scanner: object) -> None:
        self._scanners.discard(scanner)
        device = self._device
        if device is not None and not self._is_stale() and not self._scanners and device.is_scanning:
            await device.stop_scanning()


async def _give_up(device: Device, connecting: asyncio.Future[Connection]) -> None:
    """Ends a connect that nobody waits for any more, also when the peer answers at this very moment."""
    with contextlib.suppress(hci.HCI_Error):  # refused: the connect has just come to its end by itself
        await device.host.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
    (outcome,) = await asyncio.gather(connecting, return_exceptions=True)
    if isinstance(outcome, Connection):
        await outcome.disconnect()


def _pairing_config(_connection: Connection) -> PairingConfig:
    return PairingConfig(
        sc=True,
        mitm=False,
        bonding=True,
        delegate=PairingDelegate(),
        identity_address_type=PairingConfig.AddressType.RANDOM,
    )
