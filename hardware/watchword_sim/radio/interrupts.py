"""Interrupts on their way to one firmware process, and its answers to those that ask something."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

log = logging.getLogger(__name__)

# Codes of MicroPython's `bluetooth` module.
CENTRAL_CONNECT = 1
CENTRAL_DISCONNECT = 2
GATTS_WRITE = 3
GATTS_READ_REQUEST = 4
GATTS_INDICATE_DONE = 20
MTU_EXCHANGED = 21
CONNECTION_UPDATE = 27
ENCRYPTION_UPDATE = 28
GET_SECRET = 29
SET_SECRET = 30

ANSWER_LIMIT_S = 5.0
UNREAD_LIMIT_BYTES = 64 * 1024  # a frozen firmware loses interrupts, as a full scheduler queue does on the board


def to_wire(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    if isinstance(value, bytes | bytearray):
        return "x" + value.hex()
    return value


class Interrupts:
    """`raised`, `dropped` and `unanswered` count."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._questions = 0
        self.raised = 0
        self.dropped = 0
        self.unanswered = 0

    def attach(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def raise_(self, event: int, *values: Any) -> None:
        self._send([event, to_wire(values), None])

    async def ask(self, event: int, *values: Any) -> Any:
        """The handler's return value, or None when the firmware is gone or doesn't answer in time."""
        self._questions += 1
        question = self._questions
        answer = self._asked[question] = asyncio.get_running_loop().create_future()
        try:
            if not self._send([event, to_wire(values), question]):
                return None
            return await asyncio.wait_for(answer, ANSWER_LIMIT_S)
        except TimeoutError:
            self.unanswered += 1
            log.warning("radio: firmware did not answer interrupt %d in %.0f s", event, ANSWER_LIMIT_S)
            return None
        finally:
            del self._asked[question]

    def answer(self, question: int, value: Any) -> None:
        asked = self._asked.get(question)
        if asked is not None and not asked.done():
            asked.set_result(value)

    def detach(self) -> None:
        """The firmware is gone: whoever waits gets None."""
        self._writer = None
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result(None)

    def _send(self, message: list[Any]) -> bool:
        if self._writer is None or self._writer.transport.get_write_buffer_size() > UNREAD_LIMIT_BYTES:
            self.dropped += 1
            return False
        self.raised += 1
        self._writer.write((json.dumps(message) + "\n").encode())
        return True
