"""A procedure's own text, clause by clause: which rules carry each, or why none does.

A file that lists its clauses ([[paper]]) lists all: a rule that names one which isn't there is refused, and so is a
clause that no rule names and that doesn't say why. A file without the list is taken as it is.
"""

from collections.abc import Mapping
from typing import NamedTuple

from .procedure_file import ProcedureFile

EVERY = "For every procedure"  # those of general.toml, which lists them for all


class Paper(NamedTuple):
    """One clause of the text."""

    clause: str
    says: str
    rules: tuple[str, ...]  # rungs by id, and "door", "end", ...
    note: str  # what the product does with it beside these rules, or why there are none


def read_paper(f: ProcedureFile, rules: Mapping[str, str], general: bool) -> tuple[Paper, ...]:
    """The file's list, checked against `rules` (name -> clause); empty where the file has none."""
    f.restart()
    found: dict[str, Paper] = {}
    for row in f.rows(f.tree, "paper", "paper"):
        f.enter("paper")
        f.known(row, ("clause", "says", "note"), ("clause", "says"))
        clause = f.text(row, "clause")
        if clause in found:
            raise f.error(f"clause {clause!r} is listed twice", "clause")
        carried = tuple(name for name, of in rules.items() if of == clause)
        note = f.text(row, "note") if "note" in row else ""
        if not carried and not note:
            raise f.error(f"no rule names clause {clause!r}: say in `note` what becomes of it", "clause")
        found[clause] = Paper(clause, f.text(row, "says"), carried, note)
    for name, clause in rules.items():
        if found and clause not in found and clause and (general or not clause.startswith(EVERY)):
            f.restart()
            f.enter("paper")
            reason = f"{name} names clause {clause!r}, which no [[paper]] lists: add it with what the text says"
            raise f.error(reason, "clause")
    return tuple(found.values())
