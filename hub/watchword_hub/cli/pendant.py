"""`watchword pendant`: what a technician does with pendants. The hub must run: it makes and keeps the keys."""

import base64
import json
import secrets
from typing import Annotated

import typer

from .. import control
from ..broker import pendant_user
from ..settings import Settings
from .hub import Config, Data, settings_of
from .provision import ProvisionError, check_board, let_pair, write_key
from .refusal import CommandRefused, one_line
from .second_path import files_for, have_second_path

MAX_LABEL = 40
PAIR_NOW = "For two minutes it makes the next new phone known: bring the phone near, with its bridge running."

Id = Annotated[str, typer.Argument(help="The pendant's id: 1 to 8 hexadecimal digits.", metavar="ID")]


def pendant_number(text: str) -> int:
    """The id that `text` writes in hexadecimal; raises CommandRefused."""
    try:
        number = int(text, 16)
    except ValueError:
        number = 0
    if not 0 < number < 1 << 32:
        raise CommandRefused(f"pendant id {text!r}: write 1 to 8 hexadecimal digits, as 00c0ffee")
    return number


def provision(
    port: Annotated[str, typer.Argument(help="Serial port of the pendant, as /dev/ttyACM0.", metavar="PORT")],
    label: Annotated[str, typer.Option(help="What is written on the pendant, as 'Pendant 3'.")],
    id_: Annotated[str | None, typer.Option("--id", help="Its id, to give an old pendant a new key.")] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Give a pendant its key over the serial line and register it. The key is made by the hub and never shown.

    A pendant that had a key gets a new one, and is no longer revoked. Where the setting pendant_broker_url is given, it
    is also given a second path, for when no phone answers. Examples:

    watchword pendant provision /dev/ttyACM0 --label "Pendant 3"

    watchword pendant provision /dev/ttyACM0 --label "Pendant 3" --id 00c0ffee
    """
    found = settings_of(config, data_dir=data)
    label = label.strip()
    if not 0 < len(label) <= MAX_LABEL:
        raise CommandRefused(f"label: write 1 to {MAX_LABEL} characters")
    number = pendant_number(id_) if id_ else secrets.randbelow((1 << 32) - 1) + 1
    with one_line(control.NoHub, control.ControlError, ProvisionError, OSError):
        provision_pendant(found, port, number, label)
    typer.echo(f"{label} is provisioned as {number:08x}. Assign its wearer in the console.")
    typer.echo(PAIR_NOW)


def pair(
    port: Annotated[str, typer.Argument(help="Serial port of the pendant, as /dev/ttyACM0.", metavar="PORT")],
) -> None:
    """Make one more phone known to a pendant: for two minutes, with the pendant on the cable. It knows up to four.

    watchword pendant pair /dev/ttyACM0
    """
    with one_line(ProvisionError, OSError):
        check_board(port)
        let_pair(port)
    typer.echo(PAIR_NOW)


def provision_pendant(found: Settings, port: str, number: int, label: str) -> None:
    """The steps; raises NoHub, ControlError, ProvisionError. Nothing is registered unless the key arrived."""
    control.ask(found.data_dir, "pendants")  # a hub must be there before the board is touched
    check_board(port)
    have_second_path(found)
    keys = base64.b64decode(control.ask(found.data_dir, "make_key", pendant=number))
    write_key(port, keys, number, beside=files_for(found, number))
    control.ask(found.data_dir, "register", pendant=number, label=label)


def revoke(
    id_: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Revoke a lost pendant: nothing it says counts any more. An SOS from it is still shown, as suspect."""
    found = settings_of(config, data_dir=data)
    number = pendant_number(id_)
    if not yes:
        typer.confirm(f"Revoke pendant {number:08x}? It must be provisioned again to be used", abort=True)
    with one_line(control.NoHub, control.ControlError):
        control.ask(found.data_dir, "revoke", pendant=number)
    typer.echo(f"{number:08x} is revoked.")
    if found.broker_url is not None and found.pendant_broker_url is not None:
        typer.echo(f"Its second path: remove the user {pendant_user(number)} from your broker.")


def list_pendants(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """List the pendants that the running hub knows, and those that it hears but does not know."""
    found = settings_of(config, data_dir=data)
    with one_line(control.NoHub, control.ControlError):
        pendants = control.ask(found.data_dir, "pendants")
    for pendant in pendants:
        if as_json:
            typer.echo(json.dumps(pendant, ensure_ascii=False))
        elif pendant["unknown"]:
            typer.echo(f"{pendant['id']}  unknown: heard {pendant['frames']} times, never provisioned here")
        else:
            wearer = "revoked" if pendant["revoked"] else pendant["wearer"] or "no wearer"
            typer.echo(f"{pendant['id']}  {pendant['label']}  {wearer}")
    if not pendants and not as_json:
        typer.echo("No pendant yet: watchword pendant provision PORT --label 'Pendant 1'")


def add_to(app: typer.Typer) -> None:
    """Registers `pendant` with its commands."""
    pendant = typer.Typer(help="Provision, pair, revoke, list pendants.", no_args_is_help=True, rich_markup_mode=None)
    pendant.command("provision")(provision)
    pendant.command("pair")(pair)
    pendant.command("revoke")(revoke)
    pendant.command("list")(list_pendants)
    app.add_typer(pendant, name="pendant")
