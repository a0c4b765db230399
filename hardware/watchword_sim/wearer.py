"""The wearer, as a program: presses the simulated pendant's controls and remembers what was felt."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from watchword_core import gestures

from watchword_sim.board import SimBoard, now_us
from watchword_sim.felt_reader import Felt, FeltReader

TAP_S = 0.12
OK_HELD_S = gestures.OK_HOLD_MS / 1000 + 0.2
SOS_MARGIN_S = 0.15


class Wearer:
    """`async with` it: from then on everything felt is kept in `felt`, in order; `on_felt` is called with each."""

    def __init__(self, board: SimBoard, on_felt: Callable[[Felt], None] | None = None) -> None:
        self._board = board
        self._on_felt = on_felt
        self._reader = FeltReader()
        self._watching: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.felt: list[Felt] = []

    async def __aenter__(self) -> Wearer:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching

    async def press_ok(self, held_s: float = TAP_S) -> int:
        """One press; when it ended, on the simulator's clock."""
        return await self._press("ok", held_s)

    async def hold_ok(self) -> int:
        """OK held, as on leaving."""
        return await self._press("ok", OK_HELD_S)

    async def hold_sos(self) -> int:
        """SOS held until it is complete; the moment of completion, on the simulator's clock."""
        pressed = now_us()
        await self._press("sos", gestures.SOS_HOLD_MS / 1000 + SOS_MARGIN_S)
        return pressed + gestures.SOS_HOLD_MS * 1000

    async def until_felt(self, name: str, since_us: int, timeout_s: float) -> Felt:
        """The first pattern of that name begun after `since_us`; raises TimeoutError with what was felt instead."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for felt in self.felt:
                        if felt.name == name and felt.at_us >= since_us:
                            return felt
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            instead = [felt.name for felt in self.felt if felt.at_us >= since_us]
            raise TimeoutError(f"not felt within {timeout_s} s: {name!r}; felt instead: {instead}") from None

    async def _press(self, button: str, held_s: float) -> int:
        self._board.press(button)
        await asyncio.sleep(held_s)
        self._board.release(button)
        return now_us()

    async def _watch(self) -> None:
        subscription = self._board.subscribe()
        try:
            async for output in subscription:
                felt = self._reader.take(output)
                if felt is not None:
                    self.felt.append(felt)
                    if self._on_felt is not None:
                        self._on_felt(felt)
                    self._changed.set()
        finally:
            self._board.unsubscribe(subscription)
