"""docs/procedures/: a page and a picture for each procedure, all written from its file."""

import re
from collections.abc import Iterator
from functools import cache

import this_checkout  # noqa: F401 -- before anything reads a procedure
from watchword_hub.picture import ladder, plain
from watchword_hub.procedures import GENERAL, Procedure, built_in_names, load

FOLDER = "procedures"
MARK = "<!-- Written by `make docs` from"
FILES = "../../shared/procedures"
_HEADER = re.compile(r"\s*\[\[?([\w.]+)\]\]?\s*(?:# (.*))?$")
_ID = re.compile(r'\s*id = "([^"]+)"')
_BESIDE = re.compile(r'\s*(\w+) = (?:"[^"]*"|\[[^\]]*\]|[^"\[#]+?)\s+# (.*)$')


def readings(source: str) -> dict[str, list[str]]:
    """The file's comments by what they stand at: "" for its head, a section's name, or the id of a watch or a rung."""
    found: dict[str, list[str]] = {}
    block: list[str] = []
    place = ""
    for line in source.splitlines():
        header, beside, named = _HEADER.match(line), _BESIDE.match(line), _ID.match(line)
        if line.strip().startswith("# "):
            block.append(line.strip()[2:])
        elif header:
            place = header[1]
            if header[2]:
                block.append(header[2])
        elif named:
            place = named[1]
        elif not line.strip() and place == "":
            found.setdefault("", []).extend([" ".join(block)] if block else [])
            block = []
        if beside:
            found.setdefault(place, []).append(f"`{beside[1]}`: {beside[2]}")
        if block and line.strip() and not line.strip().startswith("#") and (named or not _waits_for_id(place)):
            found.setdefault(place, []).insert(0, " ".join(block))
            block = []
    return found


def _waits_for_id(place: str) -> bool:
    return place in ("watch", "watch.rung")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _then(procedure: Procedure, i: int) -> str:
    """What follows a rung that gets no answer or no report."""
    followers = [f"`{procedure.rung_name(n)}`: {plain.opens(procedure, n)}" for n in procedure.table.after[i]]
    return "<br>".join(followers) or ("the next layer" if procedure.table.rungs[i].limit_s else "")


def _bound(procedure: Procedure, i: int) -> str:
    """What the text promises of rung i."""
    bound_s = procedure.bounds_s.get(i)
    return f" (no later than {plain.seconds(bound_s)} from the start)" if bound_s else ""


def _rung_rows(procedure: Procedure, of: plain.OfWatch) -> Iterator[str]:
    yield "| rung | when | who does what | by which means | limit | then | clause |"
    yield "|---|---|---|---|---|---|---|"
    for i in of.rungs:
        r = procedure.table.rungs[i]
        does = plain.does(procedure, i)
        where = plain.condition(r.when_set, r.when_clear)
        cells = [
            f"`{procedure.rung_name(i)}`",
            plain.opens(procedure, i) + _bound(procedure, i),
            f"{does}, {where}" if where else does,
            plain.means(procedure, i),
            plain.limit(procedure, i).removeprefix("limit "),
            _then(procedure, i),
            procedure.clause(i),
        ]
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _watch(procedure: Procedure, of: plain.OfWatch, notes: dict[str, list[str]]) -> Iterator[str]:
    yield from ("", f"### {plain.title(of)}", "")
    where = plain.condition(of.watch.when_set, of.watch.when_clear)
    starts = f"From: {plain.starts(of.watch)}{', ' + where if where else ''}."
    yield " ".join([starts, *([] if plain.only_tells(procedure, of) else plain.answered(procedure, of.watch))])
    yield ""
    for said in notes.get(of.name, []):
        yield from (f"> {said}", "")
    for i in of.rungs:
        for said in notes.get(procedure.rung_name(i), []):
            yield from (f"> `{procedure.rung_name(i)}`: {said}", "")
    yield from _rung_rows(procedure, of)


_SECTIONS = {
    "door": "At the door",
    "door.refuse": "Refused",
    "end": "The end of a visit",
    "end_of_day": "The end of the day",
    "extension": "A later finish",
    "record": "The record",
    "procedure": "The file",
}


def _plans(procedure: Procedure, notes: dict[str, list[str]]) -> Iterator[str]:
    yield from ("", "## What it suits, and what it refuses", "")
    yield from (f"- {line}" for line in plain.door(procedure))
    conditions = [
        (plain.title(of), plain.condition(of.watch.when_set, of.watch.when_clear))
        for of in plain.watches(procedure)[1]
        if of.watch.when_set or of.watch.when_clear
    ]
    yield from (f"- **{title}** runs {where}." for title, where in conditions)
    for section, title in _SECTIONS.items():
        for said in notes.get(section, []):
            yield from ("", f"> {title}: {said}")


_BY_CLAUSE = (
    "What becomes of each clause of the text. `clear`, `refuse-…`, `close`, `extension` and `mark-…` are the door, the "
    "end of a visit, a later finish and the record; the other rules are rungs."
)


def _paper(procedure: Procedure) -> Iterator[str]:
    yield from ("", "## Clause by clause", "", _BY_CLAUSE)
    yield from ("", "| clause | the text | carried by | |", "|---|---|---|---|")
    for paper in procedure.paper:
        rules = ", ".join(f"`{rule}`" for rule in paper.rules)
        yield "| " + " | ".join(map(_cell, (paper.clause, paper.says, rules, paper.note))) + " |"


def _general(procedure: Procedure) -> Iterator[str]:
    yield from ("", "## In every procedure", "")
    yield f"These hold here too; [the page about them]({GENERAL}.md) has their rungs. The number is the rule's; where"
    yield "the text has a clause of its own for it, that stands instead."
    yield ""
    yield from (f"- {line}" for line in [*plain.general_lines(procedure), plain.RULE_5, plain.RULE_7])


def _head(name: str, procedure: Procedure, notes: dict[str, list[str]]) -> Iterator[str]:
    table = procedure.table
    general = plain.watches(procedure)[0]
    text = procedure_text(procedure)
    counts = f"{len(table.watches)} watches, {len(table.rungs)} rungs"
    counts += f", {sum(len(of.rungs) for of in general)} of them of every procedure" if general else ""
    yield from (
        f"# {procedure.title}",
        "",
        f"{MARK} shared/procedures/{name}.toml: change that file, not this page. -->",
    )
    yield f"Text: *{text}*." if text else "What each of the other files is compiled together with."
    yield f"File: [`{name}.toml`]({FILES}/{name}.toml)."
    yield f"Version `{procedure.version.hex()}`: {len(table.compiled)} bytes, {counts}."
    for said in notes.get("", []):
        yield from ("", said)
    yield from ("", f"![The ladder of {procedure.title}: who does what, when, by which clause]({name}.svg)", "")
    yield f"`watchword rehearse {name} --diagram ladder.svg` draws it, to print on A4. The tables below say the same."


def page(name: str) -> str:
    """One procedure's page."""
    procedure = load(name)
    notes = readings(procedure.source)
    general, own = plain.watches(procedure)
    lines = list(_head(name, procedure, notes))
    if general:
        lines += _plans(procedure, notes)
    lines += ["", "## Rungs", "", "Quoted: how we read the text, as the file has it beside the rule."]
    for of in own:
        lines += _watch(procedure, of, notes)
    if general:
        lines += _general(procedure)
    if procedure.paper:
        lines += _paper(procedure)
    return "\n".join(lines) + "\n"


def procedure_text(procedure: Procedure) -> str:
    """The title of the paper."""
    found = re.search(r'^text = "(.*)"$', procedure.source, re.MULTILINE)
    return found[1] if found else ""


INDEX = """# Procedures

{mark} shared/procedures/: change those files, not this page. -->
A page for each procedure that comes with the product: what it asks of whom, when and by which clause; how we read the
text where it is loose; and, clause by clause, what becomes of the text. Written from the files that run, so that a page
can't say something else than the product does.

| procedure | text | version | bytes | |
|---|---|---|---|---|
{rows}

A *version* is the hash of the compiled table that hub and pendant both run; a comment changes none.
"""


def index() -> str:
    """docs/procedures/README.md."""
    rows = []
    for name in [*built_in_names(), GENERAL]:
        procedure = load(name)
        rows.append(
            f"| [{procedure.title}]({name}.md) | {procedure_text(procedure) or '–'} | "
            f"`{procedure.version.hex()}` | {len(procedure.table.compiled)} | [picture]({name}.svg) |"
        )
    return INDEX.format(mark=MARK, rows="\n".join(rows))


@cache
def files() -> dict[str, str]:
    """What belongs into docs/, by path."""
    written = {f"{FOLDER}/README.md": index()}
    for name in [*built_in_names(), GENERAL]:
        written[f"{FOLDER}/{name}.md"] = page(name)
        written[f"{FOLDER}/{name}.svg"] = ladder.picture(load(name))
    return written
