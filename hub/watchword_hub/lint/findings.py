"""What the linter has to say."""

from collections.abc import Iterable
from typing import NamedTuple

from ..procedures import Place, Procedure


class Finding(NamedTuple):
    """Something that has to be changed before anyone relies on the file. `rule`: which proof failed."""

    rule: str
    place: Place
    reason: str

    def __str__(self) -> str:
        name, source, line = self.place
        where = f"{source}:{line}" if line else source
        return f"{where}: {name}: {self.reason}" if name else f"{where}: {self.reason}"


class Way(NamedTuple):
    """How long one watch takes, from its start, until somebody is asked to dial 999. Seconds; None: never."""

    watch: str
    starts: str
    plan: str  # the visits that it is so for; "": all
    nobody_reports_s: int | None
    answered_no_s: int | None
    longest_s: int | None  # over every run in which nothing answers the watch
    instead: str  # what happens where 999 is never asked for; "": it always is


def in_order(procedure: Procedure, findings: Iterable[Finding]) -> list[Finding]:
    """The file's own first, in the order of their lines; each rung once for each proof."""
    own = procedure.watch_places[-1].source
    first: dict[tuple[str, Place], Finding] = {}
    for found in findings:
        first.setdefault((found.rule, found.place), found)
    return sorted(first.values(), key=lambda found: (found.place.source != own, found.place.line, found))
