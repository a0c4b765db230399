"""What a command line command raises to end with one line on standard error and exit status 2."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer


class CommandRefused(typer.TyperException):
    """The command can't be done as it was asked for; the message is one line for the person."""


@contextmanager
def one_line(*errors: type[Exception]) -> Iterator[None]:
    """Turns these errors into CommandRefused."""
    try:
        yield
    except errors as e:
        raise CommandRefused(" ".join(str(e).split())) from e
