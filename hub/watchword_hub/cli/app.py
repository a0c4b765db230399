"""`watchword`: one command line for everything. Exit status: 0 well, 1 checked and found wrong, 2 unusable input.

Commands that need a part which may not be installed (the simulated board, the measurements) join by entry points of
the group `watchword.commands`: each loads to a function that Typer can make a command of, or to a Typer of commands,
named by its entry point.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

import typer

from . import hub as cli_hub
from . import pendant as cli_pendant
from . import tools as cli_tools
from .refusal import CommandRefused

GROUP = "watchword.commands"
USAGE_STATUS = 2

# The simulated board runs a checkout's own firmware, so a package alone can't have it.
_ABSENT = """Not installed here: {reason}. In a checkout: make setup, or pip install -e '.[sim]'"""
_ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}  # its options aren't known here

app = typer.Typer(
    name="watchword",
    help="A pendant that a lone worker wears on a visit, and a hub that carries out the written procedure with it.",
    epilog="Start with: watchword demo (everything on this machine), or watchword hub.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli_hub.add_to(app)
cli_pendant.add_to(app)
cli_tools.add_to(app)


def asked_for(arguments: Sequence[str]) -> list[metadata.EntryPoint]:
    """The entry points to load for this command line: help needs all of them, a command at most its own."""
    name = next(iter(arguments), "")
    groups = {group.name for group in app.registered_groups}
    if name in groups | {command.name for command in app.registered_commands}:
        return []
    found = list(metadata.entry_points(group=GROUP))
    return [point for point in found if point.name == name] or found


def add_entry_points(to: typer.Typer, found: Sequence[metadata.EntryPoint]) -> None:
    """Registers each entry point's command; one that can't be loaded becomes a command that says what is missing."""
    for point in found:
        try:
            command: Callable[..., Any] | typer.Typer = point.load()
        except (ImportError, AttributeError) as e:
            absent = to.command(point.name, help=_ABSENT.format(reason=e), context_settings=_ANYTHING)
            absent(_absent(point.name, str(e)))
        else:
            if isinstance(command, typer.Typer):
                to.add_typer(command, name=point.name)
            else:
                to.command(point.name)(command)


def _absent(name: str, reason: str) -> Callable[[], None]:
    def missing() -> None:
        raise CommandRefused(f"{name}: {_ABSENT.format(reason=reason)}")

    return missing


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: every error is one line on standard error."""
    add_entry_points(app, asked_for(sys.argv[1:] if arguments is None else arguments))
    sys.exit(run(app, arguments))


def run(what: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """The exit status of one command line."""
    try:
        status = typer.main.get_command(what)(
            args=list(arguments) if arguments is not None else None, prog_name="watchword", standalone_mode=False
        )
    except typer.TyperException as e:
        said = str(e.format_message() if isinstance(e, typer.BadParameter) else e)
        if said.startswith("Usage:"):  # a group without a command
            print(said)
            return 0
        print(f"watchword: {said}", file=sys.stderr)
        return USAGE_STATUS
    except typer.Abort:
        print("watchword: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141
    return status if isinstance(status, int) else 0
