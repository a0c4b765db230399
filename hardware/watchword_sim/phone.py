"""A phone in a simulation: the real bridge, with bleak on a Bumble radio, in a process of its own to be killed.

`python -m watchword_sim.phone --id phone-1 --data DIR --hci-port N`: beside a hub on this machine, which it asks for
the broker and its password.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
from pathlib import Path
from typing import Any

from watchword_bridge.bridge import Bridge
from watchword_bridge.mqtt import BrokerAddress, Credentials, MqttBroker
from watchword_hub import control

from watchword_sim.radio import make_backend

HUB_TRIES = 60
HUB_PAUSE_S = 0.5

log = logging.getLogger(__name__)


def arguments() -> argparse.Namespace:
    """What the stage starts it with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--id", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--hci-port", type=int, required=True)
    parser.add_argument("--address", default="F0:F1:F2:F3:F4:F5")
    parser.add_argument("--interval-ms", type=float, default=15)
    return parser.parse_args()


async def ask_hub(a: argparse.Namespace) -> Any:
    """The broker and its password; a hub that restarts just now answers a little later. Raises control.NoHub."""
    for _ in range(HUB_TRIES):
        try:
            return control.ask(a.data, "bridge", bridge=a.id)
        except control.NoHub as e:
            log.warning("%s", e)
        await asyncio.sleep(HUB_PAUSE_S)
    return control.ask(a.data, "bridge", bridge=a.id)


async def carry(a: argparse.Namespace) -> None:
    """Runs the bridge until SIGTERM."""
    backend = make_backend(a.hci_port, a.address, a.data / f"phone-{a.id}.bonds", a.interval_ms)
    told = await ask_hub(a)
    credentials = Credentials(told["user"], told["password"])
    spool = a.data / f"bridge-{a.id}.spool"
    bridge = Bridge(a.id, MqttBroker(BrokerAddress.parse(told["url"])), credentials, spool, backend)
    running = asyncio.create_task(bridge.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        await backend.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("bumble").setLevel(logging.WARNING)
    asyncio.run(carry(arguments()))
