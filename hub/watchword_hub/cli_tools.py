"""`watchword rehearse` and `watchword bench`: loaded when called, since most runs need neither."""

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from .refusal import CommandRefused


class Interpreter(StrEnum):
    """Where the machines run."""

    CPYTHON = "cpython"
    MICROPYTHON = "micropython"
    BOTH = "both"


Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def rehearse(
    procedure: Annotated[str, typer.Argument(help="A built-in name, as homemaker-enhanced, or a file.")],
    timeline: Annotated[Path, typer.Argument(help="JSON lines: a plan, events in order, an end.")],
    on: Annotated[Interpreter, typer.Option(help="Where to run it; both: and compare.")] = Interpreter.CPYTHON,
    as_json: Json = False,
) -> None:
    """Play a timeline through a written procedure, without waiting: who does what, when, and by which clause.

    The same machines run as on pendant and hub. A timeline, one JSON object a line:

    {"plan": {"worker": "Ana", "tracker": "Ben", "manager": "Cora", "start": "2026-03-02T10:00",
    "end": "2026-03-02T11:00"}}

    {"at": "2026-03-02T10:00:00", "event": "arrived"}

    {"until": "2026-03-02T10:40:00"}
    """
    from .rehearse import run

    _leave(run(procedure, timeline, on.value, as_json))


def bench_sos(
    presses: Annotated[int, typer.Option(min=1, help="How many presses to time at each interval.")] = 200,
    as_json: Json = False,
) -> None:
    """Time an SOS from gesture to durable, to the console, to felt; beside what its parts cost alone."""
    _leave(_bench("sos", presses, as_json))


def bench_intake(
    seconds: Annotated[float, typer.Option(min=1, help="How long each part is measured.")] = 10.0,
    as_json: Json = False,
) -> None:
    """Time how many frames a second one hub makes durable; beside what broker and store do alone."""
    _leave(_bench("intake", seconds, as_json))


def _bench(name: str, amount: float, as_json: bool) -> int:
    """The measurement's exit status; each is a function of watchword_hub.bench."""
    try:
        measure = getattr(import_module("watchword_hub.bench"), name)
    except (ImportError, AttributeError) as e:
        raise CommandRefused(f"bench {name} is not installed here ({e}): pip install 'watchword[sim]'") from e
    return int(measure(amount, as_json) or 0)


def _leave(status: int) -> None:
    raise typer.Exit(status)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command("rehearse")(rehearse)
    bench = typer.Typer(help="Measure this machine.", no_args_is_help=True, rich_markup_mode=None)
    bench.command("sos")(bench_sos)
    bench.command("intake")(bench_intake)
    app.add_typer(bench, name="bench")
