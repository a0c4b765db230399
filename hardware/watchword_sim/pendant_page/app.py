"""The web application of the pendant page. Loopback only; what is pressed here is pressed on the simulated board."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from watchword_hub.control import ControlError, NoHub

from watchword_sim import outputs
from watchword_sim.board import SimBoard
from watchword_sim.felt_reader import FeltReader

STATIC = Path(__file__).with_name("static")
BUTTONS = ("sos", "ok", "lanyard")
MAX_PAGES = 16
LOOK_S = 1.0  # messages are looked for this often, and a stream with nothing to say says so
BATTERY_MV = (3000, 4200)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class PendantPage:
    """The handlers for one board. `open_pages` is bounded by MAX_PAGES, since each holds a connection."""

    def __init__(self, board: SimBoard, describe: Callable[[], dict[str, Any]], told: deque[dict[str, str]]) -> None:
        self._board = board
        self._describe = describe
        self._told = told
        self._told_count = 0
        self.open_pages = 0

    async def control(self, request: Request) -> Response:
        """{"button": "sos"|"ok"|"lanyard", "down": bool}, {"battery_mv": int} or {"power": bool}."""
        # A page of another origin can't send JSON without asking first, and is never told yes.
        if request.headers.get("content-type") != "application/json":
            raise HTTPException(415, "send JSON")
        wanted = await request.json()
        if not isinstance(wanted, dict):
            raise HTTPException(422, "send one JSON object")
        if "button" in wanted:
            self._button(wanted["button"], bool(wanted.get("down")))
        elif "battery_mv" in wanted:
            self._board.set_battery_mv(min(max(int(wanted["battery_mv"]), BATTERY_MV[0]), BATTERY_MV[1]))
        elif "power" in wanted:
            await self._power(bool(wanted["power"]))
        else:
            raise HTTPException(422, "nothing asked for: button, battery_mv or power")
        return JSONResponse({"ok": True})

    def _button(self, button: Any, down: bool) -> None:
        if button not in BUTTONS:
            raise HTTPException(422, f"no such control; there are {', '.join(BUTTONS)}")
        (self._board.press if down else self._board.release)(button)

    async def _power(self, on: bool) -> None:
        if on and not self._board.running:
            await self._board.start()
        elif not on:
            await self._board.kill()

    async def tell(self, request: Request) -> Response:
        """Where the demo's people are reached: their messages are shown instead of sent."""
        wanted = await request.json()
        name = str(request.path_params["name"])[:40]
        self._told.append({"name": name, "title": str(wanted.get("title", ""))[:200]})
        self._told_count += 1
        return JSONResponse({"ok": True})

    async def events(self) -> AsyncIterator[str]:
        """Outputs as server-sent events: motor, led, buzzer, felt, power; a comment every LOOK_S keeps it alive."""
        if self.open_pages >= MAX_PAGES:
            yield _event("full", {"pages": MAX_PAGES})
            return
        self.open_pages += 1
        subscription = self._board.subscribe()
        reader = FeltReader()
        shown = self._told_count - len(self._told)
        try:
            yield _event("hello", self._describe())
            while True:
                while shown < self._told_count:
                    index = len(self._told) - (self._told_count - shown)
                    shown += 1
                    if index >= 0:
                        yield _event("told", self._told[index])
                try:
                    async with asyncio.timeout(LOOK_S):
                        output = await anext(subscription)
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                said = _said(output)
                if said:
                    yield _event(*said)
                felt = reader.take(output)
                if felt:
                    yield _event("felt", felt.as_json())
        finally:
            self._board.unsubscribe(subscription)
            self.open_pages -= 1


def _said(output: outputs.Output) -> tuple[str, dict[str, Any]] | None:
    if isinstance(output, outputs.MotorChanged):
        return "motor", {"duty": output.duty_u16}
    if isinstance(output, outputs.BuzzerChanged):
        return "buzzer", {"duty": output.duty_u16, "hz": output.frequency_hz}
    if isinstance(output, outputs.LedChanged):
        return "led", {"duty": output.duty_u16}
    if isinstance(output, outputs.Booted):
        return "power", {"on": True}
    if isinstance(output, outputs.BoardReset | outputs.FirmwareEnded):
        return "power", {"on": False}
    return None


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content)}\n\n"


def create_app(
    board: SimBoard, describe: Callable[[], dict[str, Any]], told: deque[dict[str, str]], login: Callable[[], str]
) -> FastAPI:
    """`describe`: what to show around the pendant (wearer, minute). `told`: bounded, what was told. `login` makes a
    link to the console."""
    page = PendantPage(board, describe, told)
    app = FastAPI(title="Watchword pendant", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        host = (request.headers.get("host") or "").rsplit(":", 1)[0]
        if host not in ("127.0.0.1", "localhost"):  # a name that somebody pointed at loopback
            return JSONResponse({"error": "this page answers to 127.0.0.1 only"}, 421)
        response: Response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    @app.get("/")
    async def home() -> FileResponse:
        return FileResponse(STATIC / "pendant.html")

    @app.get("/console")
    def console() -> Response:
        try:
            return RedirectResponse(login(), 303)
        except (NoHub, ControlError, OSError) as e:
            return JSONResponse({"error": f"no link to the console: {e}"}, 503)

    @app.post("/control")
    async def control(request: Request) -> Response:
        return await page.control(request)

    @app.post("/told/{name}")
    async def tell(request: Request) -> Response:
        return await page.tell(request)

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(page.events(), media_type="text/event-stream")

    app.mount("/static", StaticFiles(directory=STATIC))
    return app
