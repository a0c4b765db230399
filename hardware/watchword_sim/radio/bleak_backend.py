"""A bleak 3 backend whose adapter is a Bumble central on the simulated air."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from watchword_sim.radio.bleak_client import BumbleClient
from watchword_sim.radio.bleak_scanner import BumbleScanner
from watchword_sim.radio.central import Central


class Backend(NamedTuple):
    """`BleakScanner(backend=backend.scanner)`, `BleakClient(device, backend=backend.client)`."""

    scanner: type[BumbleScanner]
    client: type[BumbleClient]

    async def close(self) -> None:
        """Switches the central's radio off, without a goodbye to its peers."""
        await self.client.central.close()


def make_backend(
    hci_port: int,
    address: str,
    keys_path: Path | None,
    connection_interval_ms: float = 15,
    supervision_timeout_ms: float = 2000,
) -> Backend:
    """One phone's radio with `address` ("F0:F1:F2:F3:F4:F5") at the air's loopback `hci_port`.

    Bonds are kept in `keys_path`, or for the process's life when it is None. Nothing is opened before the first scan or
    connect, which raises OSError when nobody listens on the port. Raises ValueError when the supervision timeout is too
    short for the interval.
    """
    central = Central(hci_port, address, keys_path, connection_interval_ms, supervision_timeout_ms)
    scanner = type("BumbleScanner", (BumbleScanner,), {"central": central})
    client = type("BumbleClient", (BumbleClient,), {"central": central})
    return Backend(scanner, client)
