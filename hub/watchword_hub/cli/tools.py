"""`watchword rehearse`, `check` and `procedure new`: loaded when called, since most runs do not need them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .refusal import CommandRefused, one_line


class Interpreter(StrEnum):
    """Where the machines run."""

    CPYTHON = "cpython"
    MICROPYTHON = "micropython"
    BOTH = "both"


Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def rehearse(
    procedure: Annotated[str, typer.Argument(help="A built-in name, as homemaker-enhanced, or a file.")],
    timeline: Annotated[Path | None, typer.Argument(help="JSON lines: a plan, events in order, an end.")] = None,
    picture: Annotated[Path | None, typer.Argument(metavar="[FILE.svg]", help="Where --diagram draws.")] = None,
    on: Annotated[Interpreter, typer.Option(help="Where to run it; both: and compare.")] = Interpreter.CPYTHON,
    as_json: Json = False,
    diagram: Annotated[
        bool, typer.Option("--diagram", help="Draw a picture (SVG): of the ladder, or of what a timeline leads to.")
    ] = False,
) -> None:
    """Play a timeline through a written procedure, without waiting: who does what, when, and by which clause.

    The same machines run as on pendant and hub. A timeline, one JSON object a line:

    {"plan": {"worker": "Ana", "tracker": "Ben", "manager": "Cora", "start": "2026-03-02T10:00Z",
    "end": "2026-03-02T11:00Z"}}

    {"at": "2026-03-02T10:00:00Z", "event": "arrived"}

    {"until": "2026-03-02T10:40:00Z"}

    docs/timelines.md has every key and event.
    """
    from ..picture.command import draw
    from ..rehearse import run

    if timeline is not None and timeline.suffix.lower() == ".svg" and picture is None:
        timeline, picture = None, timeline
    if diagram:
        if as_json or on is not Interpreter.CPYTHON:
            raise CommandRefused("rehearse: --diagram draws; leave out --json and --on, or leave out --diagram")
        _leave(draw(procedure, timeline, picture))
    if picture is not None:
        raise CommandRefused(f"rehearse: nothing draws {picture}: add --diagram")
    if timeline is None:
        raise CommandRefused(
            "rehearse: a timeline is missing (a file of JSON lines), or --diagram for the ladder alone"
        )
    _leave(run(procedure, timeline, on.value, as_json))


def check(
    procedure: Annotated[str, typer.Argument(metavar="FILE", help="A procedure file, or a built-in name.")],
    people: Annotated[Path | None, typer.Option(help="Who holds which role, when: a TOML file.")] = None,
    as_json: Json = False,
) -> None:
    """Prove what can be proved of a procedure file before anyone relies on it.

    Every rung opens in some run, every failure leads to somebody, no circle is without a person, no rung is later than
    it says, every role is held by somebody who can be reached; and how long help takes at the most.
    """
    from ..lint.check import run

    _leave(run(procedure, people, as_json))


def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and hyphens, as our-visits.")],
    to: Annotated[Path | None, typer.Option(help="Where to write it; NAME.toml here if left out.")] = None,
) -> None:
    """Write a commented starting file, to be filled in from your paper. A file that exists is never overwritten."""
    from ..new_procedure import NewProcedureError, write

    with one_line(NewProcedureError):
        path = write(name, to)
    print(f"{path}: fill in every ____ from your paper, then: watchword check {path}")


def _leave(status: int) -> None:
    raise typer.Exit(status)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command("rehearse")(rehearse)
    app.command("check")(check)
    procedure = typer.Typer(help="Write a procedure of your own.", no_args_is_help=True, rich_markup_mode=None)
    procedure.command("new")(new)
    procedure.callback()(lambda: None)  # so that `new` is said, also while it is the only one
    app.add_typer(procedure, name="procedure")
