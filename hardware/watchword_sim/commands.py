"""What the simulator adds to the command line: `watchword demo` and `watchword sim`."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from watchword_hub.cli.refusal import CommandRefused, one_line
from watchword_hub.procedures import built_in_names

from watchword_sim.check import STEPS
from watchword_sim.checkout import need_checkout

DEMO_PORT = 8470
LAST_PORT = 65_535


def demo(
    procedure: Annotated[str, typer.Option(help="Built-in procedure of the planned visit.")] = "homemaker-enhanced",
    minute: Annotated[float, typer.Option(help="Length of a procedure's minute in seconds.", min=0.01, max=60)] = 60,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=LAST_PORT - 1,
            help=f"Port of the console; the pendant's page has the next one. {DEMO_PORT}; with --check any free one.",
        ),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Directory to keep between runs; none: a new one.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Play one visit through without anybody, and leave.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --check: the last line is one JSON object.")] = False,
    break_: Annotated[str | None, typer.Option("--break", help=f"Leave a step out: {', '.join(STEPS)}.")] = None,
) -> None:
    """The whole system on this machine, with real parts: pendant, radio, phone, broker, hub, console.

    Press the pendant in the browser, plan a visit in the console, and see who is asked to do what. Examples:

    watchword demo --minute 5

    watchword demo --check --json --minute 0.5
    """
    _check_demo(procedure, check, break_)
    from watchword_sim.demo import Demo, play_check
    from watchword_sim.stage import StageError

    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # Bumble's cancelled connects
    with tempfile.TemporaryDirectory(prefix="watchword-") as fresh:
        folder = data or Path(fresh)
        with one_line(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not check:
            with one_line(StageError, OSError):
                asyncio.run(Demo(folder, procedure, minute, DEMO_PORT if port is None else port).serve())
            return
        print("starting pendant, radio, phone, broker and hub ...", flush=True)
        outcome = asyncio.run(play_check(folder, procedure, minute, break_, port or 0, _tell))
    if as_json:
        print(json.dumps(outcome))
    elif outcome["ok"]:
        print("demo: every step was seen", {k: v for k, v in outcome.items() if k.endswith("_ms")})
    if not outcome["ok"]:
        print(f"watchword demo: {outcome['failed']}", file=sys.stderr)
        raise typer.Exit(1)


def _tell(line: str) -> None:
    print(line, flush=True)


def sim(
    data: Annotated[Path, typer.Option(help="Directory of the simulated pendant's flash.")],
) -> None:
    """A simulated pendant on a serial port, for `watchword pendant provision`. Stop it with Ctrl-C."""
    need_checkout()
    import signal
    import threading

    from watchword_sim.serial import serial_board

    ended = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with serial_board(data) as port:
        print(f"Serial port: {port}", flush=True)
        ended.wait()


def _check_demo(procedure: str, check: bool, broken: str | None) -> None:
    """Refuses what the demo can't play, before anything starts."""
    need_checkout()
    if procedure not in built_in_names():
        raise CommandRefused(f"demo: no built-in procedure {procedure!r}; built in: {', '.join(built_in_names())}")
    if broken is not None and (not check or broken not in STEPS):
        raise typer.BadParameter(f"--break goes with --check and one of: {', '.join(STEPS)}")
