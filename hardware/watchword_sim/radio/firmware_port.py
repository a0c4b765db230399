"""Where MicroPython processes plug in: two loopback sockets each, JSON lines, one peripheral host a process.

The first line of a connection says what it is. `["commands", "C0:FF:EE:00:00:01"]` starts a device and is answered
with `[0, number]`; every later line `[operation, argument, ...]` is answered with `[errno, result]`, errno 0 when it
went well. `["events", number]` carries interrupts to the firmware, `[event, values, question]`; where `question` is
not null the firmware's commands carry `["answer", question, result]`, which has no answer itself. Bytes travel as hex
after an "x".
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Callable
from typing import Any

from watchword_sim.radio.controller import ModelledController
from watchword_sim.radio.interrupts import to_wire
from watchword_sim.radio.peripheral import EINVAL, PeripheralHost

log = logging.getLogger(__name__)

SETTLING_TURNS = 4  # of the event loop: from the answer to the response's way to the controller


class FirmwarePort:
    """Serves every MicroPython process that connects. A process that is gone is a pendant without power."""

    def __init__(
        self,
        add_controller: Callable[[str], ModelledController],
        remove_controller: Callable[[ModelledController], None],
    ) -> None:
        self._add_controller = add_controller
        self._remove_controller = remove_controller
        self._hosts: dict[int, PeripheralHost] = {}
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._started = 0
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self._accept, host, port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._serving.values():
            writer.close()  # what is under way comes to its end: Bumble's hosts don't bear cancelled commands
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None, "radio: start() it first"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._serving[task] = writer
        task.add_done_callback(self._serving.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            hello = json.loads(await reader.readline() or "[null]")
            if hello[0] == "commands":
                await self._serve_commands(hello[1], reader, writer)
            elif hello[0] == "events":
                await self._serve_events(hello[1], reader, writer)
        except (ConnectionError, ValueError) as error:  # killed in mid-line
            log.info("radio: firmware's connection ended: %s", error)
        finally:
            writer.close()

    async def _serve_commands(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._started += 1
        number = self._started
        host = PeripheralHost(address, self._add_controller, self._remove_controller)
        self._hosts[number] = host
        _write(writer, [0, number])
        try:
            while line := await reader.readline():
                call = [from_wire(value) for value in json.loads(line)]
                if call[0] == "answer":
                    await _take_answer(host, *call[1:])
                else:
                    _write(writer, await self._run(host, *call))
        finally:
            del self._hosts[number]
            host.lose_power()

    async def _run(self, host: PeripheralHost, operation: str, *arguments: Any) -> list[Any]:
        try:
            return [0, await host.call(operation, arguments)]
        except OSError as error:
            return [error.errno, None]
        except Exception:  # top loop of one pendant: a fault in the simulator must not take the others' radio away
            log.exception("radio: %s failed for %s", operation, host.address)
            return [EINVAL, None]

    async def _serve_events(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = self._hosts.get(number)
        if host is None:
            return
        host.interrupts.attach(writer)
        await reader.read()  # nothing comes this way but the end


async def _take_answer(host: PeripheralHost, question: int, answer: Any) -> None:
    """Lets the stack act on it before the firmware's next call, since NimBLE's handlers return into the stack."""
    host.interrupts.answer(question, answer)
    for _ in range(SETTLING_TURNS):
        await asyncio.sleep(0)


def from_wire(value: Any) -> Any:
    if isinstance(value, list):
        return [from_wire(item) for item in value]
    if isinstance(value, str) and value.startswith("x"):
        return bytes.fromhex(value[1:])
    return value


def _write(writer: asyncio.StreamWriter, message: list[Any]) -> None:
    writer.write((json.dumps(to_wire(message)) + "\n").encode())
