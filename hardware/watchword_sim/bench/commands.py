"""`watchword bench sos`, `bench intake` and `bench engine`, joined to the command line by entry point."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from watchword_sim.checkout import need_checkout

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]

bench = typer.Typer(
    help="Measure this machine: what an SOS, a frame and a deadline cost, beside what their parts cost alone.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@bench.callback()
def _bench() -> None:
    need_checkout()


@bench.command()
def sos(
    presses: Annotated[int, typer.Option(min=1, help="How many presses to time at each connection interval.")] = 200,
    interval_ms: Annotated[list[int], typer.Option(min=8, max=300, help="Connection intervals.")] = [15, 100],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Time an SOS from the lanyard to durable, to the console's stream and to felt, beside its bare parts."""
    from watchword_sim.bench import sos as part

    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # Bumble's cancelled connects
    with tempfile.TemporaryDirectory(prefix="watchword-bench-") as folder:
        _show(asyncio.run(part.measure(Path(folder), presses, interval_ms, _tell)), as_json)


@bench.command()
def intake(
    seconds: Annotated[float, typer.Option(min=0.01, help="About how long each phase sends.")] = 10.0,
    pendants: Annotated[int, typer.Option(min=1, max=20_000, help="How many pendants, each in an open visit.")] = 500,
    as_json: Json = False,
) -> None:
    """Time how many frames a second one hub makes durable, from its own broker, and how long each takes."""
    from watchword_sim.bench import intake as part

    with tempfile.TemporaryDirectory(prefix="watchword-bench-") as folder:
        _show(part.measure(Path(folder), seconds, pendants, _tell), as_json)


@bench.command()
def engine(
    visits: Annotated[list[int], typer.Option(min=1, max=100_000, help="How many visits are open.")] = [  # noqa: B006
        1_000,
        10_000,
        100_000,
    ],
    events: Annotated[int, typer.Option(min=1, help="How many events to time for each number of visits.")] = 100_000,
    sittings: Annotated[int, typer.Option(min=1, help="How often the deadlines of 10 s are timed.")] = 3,
    as_json: Json = False,
) -> None:
    """Time events, deadlines and a start of the engine with few and with very many open visits."""
    from watchword_sim.bench import engine as part

    with tempfile.TemporaryDirectory(prefix="watchword-bench-") as folder:
        _show(part.measure(Path(folder), visits, events, sittings, _tell), as_json)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _show(result: dict[str, Any], as_json: bool) -> None:
    print(json.dumps(result, indent=None if as_json else 2))
