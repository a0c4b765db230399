"""`watchword rehearse`: loaded when called, since most runs do not need it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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

    {"plan": {"worker": "Ana", "tracker": "Ben", "manager": "Cora", "start": "2026-03-02T10:00Z",
    "end": "2026-03-02T11:00Z"}}

    {"at": "2026-03-02T10:00:00Z", "event": "arrived"}

    {"until": "2026-03-02T10:40:00Z"}
    """
    from ..rehearse import run

    _leave(run(procedure, timeline, on.value, as_json))


def _leave(status: int) -> None:
    raise typer.Exit(status)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command("rehearse")(rehearse)
