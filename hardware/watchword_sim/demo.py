"""`watchword demo`: the stage with a pendant page, or with a check that plays a visit through."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from watchword_hub.cli.refusal import CommandRefused

from watchword_sim.check import Check, StepFailed
from watchword_sim.pendant_page.app import create_app
from watchword_sim.stage import CAST, Stage, StageError
from watchword_sim.visitor import Visitor
from watchword_sim.wearer import Wearer

LOOPBACK = "127.0.0.1"
KEPT_TOLD = 200
GUIDE = """
Ready. Open both pages, side by side:

  Console, as Ben who tracks   {console}
  Pendant, which Ana wears     {pendant}

Then play a visit:

  1. console   Plan a visit: Ana, Pendant 1, Ben tracks, Cora manages, any address.
  2. pendant   Press OK: Ana is at the door. Press it again: she feels that she must not go in yet.
  3. console   On her page: "Spoke on arrival". Only now does she feel that she may go in.
  4. pendant   Hold SOS for 3 s. She feels that it is kept, then that the hub has it.
  5. console   Acknowledge. She feels that a person has it. Then resolve, on her page.
  6. pendant   Hold OK until the bar is full: she leaves.
  7. console   "Spoke on departure" closes the visit.

Left alone, the procedure climbs by itself. One of its minutes takes {minute_s:g} s here (--minute).
"""


@dataclass
class Demo:
    """The stage and a pendant page. `serve` is the command; `running` is the same without a word."""

    folder: Path
    procedure: str
    minute_s: float
    port: int
    told: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=KEPT_TOLD))
    page_url: str = ""

    async def serve(self) -> None:
        """Starts everything, says what to do first, and waits for Ctrl-C."""
        print("Setting the stage: a hub, a phone, a radio and a pendant. About ten seconds ...", flush=True)
        async with self.running() as stage:
            print(GUIDE.format(console=stage.login_link("tracker"), pendant=self.page_url, minute_s=self.minute_s))
            print("Ctrl-C ends it.", flush=True)
            await _ended()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Stage]:
        """The stage, with the pendant page served at `page_url`."""
        taken = _listen(self.port + 1 if self.port else 0)
        self.page_url = f"http://{LOOPBACK}:{taken.getsockname()[1]}"
        stage = Stage(
            self.folder,
            procedure=self.procedure,
            minute_s=self.minute_s,
            port=self.port,
            told_url=lambda name: f"json://{LOOPBACK}:{taken.getsockname()[1]}/told/{name}",
        )
        async with stage:
            server = self._page(stage)
            serving = asyncio.create_task(server.serve([taken]))
            try:
                yield stage
            finally:
                server.should_exit = True
                with contextlib.suppress(asyncio.CancelledError):
                    await serving

    def _page(self, stage: Stage) -> uvicorn.Server:
        def describe() -> dict[str, Any]:
            return {"wearer": CAST["worker"], "minute_s": self.minute_s, "on": stage.board.running}

        app = create_app(stage.board, describe, self.told, login=lambda: stage.login_link("tracker"))
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        return server


async def play_check(
    folder: Path, procedure: str, minute_s: float, broken: str | None, port: int, told: Callable[[str], None]
) -> dict[str, Any]:
    """One visit through; CONTRACTS' object, with `failed` where something was not seen. `told`: as of Check."""
    stage = Stage(folder, procedure=procedure, minute_s=minute_s, port=port)
    check = None
    try:
        async with stage, Visitor(stage.login_link("tracker")) as visitor, Wearer(stage.board) as wearer:
            check = Check(stage, visitor, wearer, broken, told)
            await check.play()
            return {"ok": True, **check.figures, "parts": stage.versions()}
    except (StepFailed, StageError, TimeoutError, OSError, httpx.HTTPError) as e:
        failed = str(e) or type(e).__name__
        return {"ok": False, **(check.figures if check else {}), "parts": {}, "failed": failed}


def _listen(port: int) -> socket.socket:
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((LOOPBACK, port))
        taken.listen()  # whoever comes early waits
    except OSError as e:
        taken.close()
        raise CommandRefused(f"port {port} on {LOOPBACK} can't be used ({e.strerror}): give another --port") from e
    return taken


async def _ended() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
