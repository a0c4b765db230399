"""`watchword procedure new`: a starting file that a safety lead fills in from their paper."""

import re
from importlib import resources
from pathlib import Path

from .procedures import GENERAL, built_in_names

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME = 60


class NewProcedureError(Exception):
    """The file can't be written; says why, and what to do instead."""


def starting_file(name: str) -> str:
    """The text of a new procedure file; raises NewProcedureError for a name that can't be one."""
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise NewProcedureError(f"{name!r} is no name: write small letters, digits and single hyphens, as our-visits")
    if name in (GENERAL, *built_in_names()):
        raise NewProcedureError(f"{name} comes with the product: give yours a name of its own")
    text = resources.files(__package__).joinpath("starting-procedure.toml").read_text(encoding="utf-8")
    return text.replace("NAME", name)


def write(name: str, to: Path | None = None) -> Path:
    """Writes it to a file that must not exist yet, NAME.toml here if none is given; where it is."""
    text = starting_file(name)
    path = to or Path(f"{name}.toml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as e:
        raise NewProcedureError(f"{path} is there already, and is left as it is: choose another with --to") from e
    except OSError as e:
        raise NewProcedureError(f"{path} can't be written: {e.strerror}") from e
    return path
