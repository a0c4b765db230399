"""Writes the parts of docs/ that the code decides: `make docs`; with --check, fails if any is not current.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; the words around it are written by hand.
docs/procedures/ is written whole, from the procedure files (procedure_pages.py), and so is the card of what the wearer
presses and feels (wearing_page.py).
"""

import ast
import re
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import procedure_pages
import wearing_page
from watchword_core import alarm, frames, snapshots, table, visit, words

DOCS = Path(__file__).parent
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = {"B": "u8", "H": "u16", "I": "u32", "Q": "u64", "i": "i32", "q": "i64", "2s": "2 bytes"}


def comments(class_name: str, module: ModuleType = frames) -> dict[str, str]:
    """Field -> the comment beside it, of one namedtuple of frames.py or table.py."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == class_name:
            block = ast.get_source_segment(source, node) or ""
            return dict(re.findall(r'^        "(\w+)",(?:  # (.*))?', block, re.MULTILINE))
    raise SystemExit(f"{module.__name__} has no {class_name}: mend docs/generate.py")


def layout_table(layout: str, fields: list[str], says: dict[str, str], start: int) -> list[str]:
    """A row a field; `start` is the offset of the first."""
    rows = ["| offset | field | type | |", "|---|---|---|---|"]
    for code, field in zip(re.findall(r"\d*\D", layout[1:]), fields, strict=True):
        meaning = says.get(field, "").replace("|", "\\|")
        rows.append(f"| {start} | {field} | {TYPES[code]} | {meaning} |")
        start += struct.calcsize(">" + code)
    return rows


HEADER_SAYS = {
    "version": f"{frames.VERSION}",
    "lane": f"{frames.PRESS} press, {frames.ROUTINE} routine, {frames.DOWN} down",
    "pendant": "its number, given when it is provisioned",
    "boot": "random, new at each start of the pendant",
    "count": "of this lane in this boot",
    "ack_lane": "lane of the frame that is durable now, 0: none",
    "ack_count": "its count",
}


def header(layout: str, fields: list[str]) -> list[str]:
    return layout_table(layout, fields, HEADER_SAYS, 0)


def sizes() -> list[str]:
    up = f"{frames.UP_HEADER_BYTES} header + {frames.TAG_BYTES} seal + {frames.REPORT_BYTES} report"
    down = f"{frames.DOWN_HEADER_BYTES} header + {frames.TAG_BYTES} seal + {frames.DOWN_BODY_BYTES} body"
    return [
        f"- up, pendant to hub: **{frames.UP_BYTES} bytes** = {up}",
        f"- down, hub to pendant: **{frames.DOWN_BYTES} bytes** = {down}",
    ]


def body(layout: str, class_name: str, before: list[str], after: list[str]) -> list[str]:
    """Offsets count from the start of the sealed body."""
    says = comments(class_name)
    names = [*before, *[f for f in says if f not in ("snapshot", "table")], *after]
    return layout_table(layout, names, says | {"length": "of what follows; zeros fill the rest"}, 0)


def events() -> list[str]:
    """What a report can say: words.py, from HEARTBEAT up to the first that no frame carries."""
    source = Path(words.__file__).read_text(encoding="utf-8")
    carried = source[source.index("\nHEARTBEAT") : source.index("\nCONFIRMED")]
    rows = re.findall(r"^(\w+) = (\d+)(?:  # (.*))?$", carried, re.MULTILINE)
    named = [f"| {number} | {name.lower().replace('_', ' ')} | {comment} |" for name, number, comment in rows]
    return ["| event | | |", "|---|---|---|", *named]


def diagram(machine: ModuleType, states: tuple[str, ...]) -> list[str]:
    """Mermaid, one arrow for each pair of states, with the events that take it; what changes nothing is left out."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    s{i} : {name}" for i, name in enumerate(states)]
    for i, row in enumerate(machine.TABLE):
        taken: dict[int, list[str]] = {}
        for event, (to, _) in zip(machine.EVENTS, row, strict=True):
            if to != i:
                taken.setdefault(to, []).append(event)
        lines += [f"    s{i} --> s{to} : {', '.join(events)}" for to, events in taken.items()]
    return [*lines, "```"]


def effects(machine: ModuleType, states: tuple[str, ...], names: set[str]) -> list[str]:
    """The whole table: next state and effect of every (state, event)."""
    named = {v: k.lower().replace("_", " ") for k, v in vars(machine).items() if k in names}
    rows = ["| | " + " | ".join(machine.EVENTS) + " |", "|---" * (len(machine.EVENTS) + 1) + "|"]
    for state, row in zip(states, machine.TABLE, strict=True):
        cells = [f"{states[to]}: {named[effect]}" if effect else states[to] for to, effect in row]
        rows.append(f"| **{state}** | " + " | ".join(cells) + " |")
    return rows


def effect_names(machine: ModuleType) -> set[str]:
    """The constants from NOTHING to TABLE, as the module writes them."""
    names = [name for name in vars(machine) if name.isupper()]
    return set(names[names.index("NOTHING") : names.index("TABLE")])


def machine_part(machine: ModuleType, states: tuple[str, ...]) -> list[str]:
    return [*diagram(machine, states), "", *effects(machine, states, effect_names(machine))]


TABLE_HEAD_SAYS = {
    "magic": f"`{table.MAGIC.decode()}`",
    "engine": f"{table.ENGINE_VERSION}: a table of another engine is refused",
    "watches": f"how many; at most {table.MAX_WATCHES}",
    "rungs": f"how many; at most {table.MAX_RUNGS}",
    "forbids": "how many forbidden plans",
    "gate": "1: the door needs speech",
    "minute_ms": "ms a minute; 60000 but for demonstrations",
    "ends": "BY_* bits that end the visit",
    "cap_s": "how much later than planned T_end can get",
    "step_s": "how much one press extends",
    "flags": f"{table.MANAGER_TRACKS}: out of hours the manager tracks",
    "day_ends_min": f"end of day, minutes after local midnight; {table.NO_END_OF_DAY}: none",
    "late_s": "with T_end after that, how long after T_end it is instead",
}
WATCH_SAYS = {"flags": f"{table.AGAIN}: after an answer it starts once more, while the visit is open"}
RUNG_SAYS = {
    "watch": "index",
    "start": "0 by time, 1 source failed, 2 nobody reported on it, 3 either",
    "after_s": "since the watch's start",
    "via": "means, as bits; the lowest is tried first",
    "when_set": "plan bits that must all be set",
    "when_clear": "plan bits that must all be clear",
}
FORBID_SAYS = {"when_set": "plan bits", "when_clear": "plan bits", "rule": "200 and more: its clause is in the file"}
SNAPSHOT_SAYS = {
    "visit": "visit id, 0: none",
    "plan": "PLAN_* bits",
    "state": "of the visit ([states](states.md))",
    "known": "bit for each of the eight times that is known",
    "base_ms": "Unix ms that all other times count from",
    "stage": "of the alarm ([states](states.md))",
    "kind": "event that raised it",
    "owner": "role that acknowledged it, 0: nobody",
    "ref": "the pendant's raising count",
}


def rows(class_name: str, layout: str, says: dict[str, str]) -> list[str]:
    """The layout of one of the table's rows."""
    beside = comments(class_name, table)
    return layout_table(layout, list(beside), beside | says, 0)


def table_limits() -> list[str]:
    return [
        f"At most {table.MAX_WATCHES} watches, {table.MAX_RUNGS} rungs and {table.MAX_TABLE_BYTES} bytes; a fragment",
        f"carries {frames.MAX_FRAGMENT_BYTES} of them, a status {frames.MAX_SNAPSHOT_BYTES} bytes of snapshot.",
    ]


UP_FIELDS = ["version", "lane", "pendant", "boot", "count"]
PARTS: dict[str, Callable[[], list[str]]] = {
    "sizes": sizes,
    "up_header": lambda: header(frames._UP_HEADER, UP_FIELDS),
    "down_header": lambda: header(frames._DOWN_HEADER, [*UP_FIELDS, "ack_lane", "ack_count"]),
    "events": events,
    "report": lambda: body(frames._REPORT, "Report", [], []),
    "status": lambda: body(frames._STATUS, "Status", ["kind"], ["length"]),
    "fragment": lambda: body(frames._FRAGMENT, "Fragment", ["kind"], ["length"]),
    "find": lambda: body(frames._FIND, "Find", ["kind"], []),
    "table_limits": table_limits,
    "table_head": lambda: layout_table(table._HEAD, list(TABLE_HEAD_SAYS), TABLE_HEAD_SAYS, 0),
    "table_watch": lambda: rows("Watch", table._WATCH, WATCH_SAYS),
    "table_rung": lambda: rows("Rung", table._RUNG, RUNG_SAYS),
    "table_forbid": lambda: layout_table(table._FORBID, list(FORBID_SAYS), FORBID_SAYS, 0),
    "snapshot_head": lambda: layout_table(snapshots.HEAD, list(SNAPSHOT_SAYS)[:5], SNAPSHOT_SAYS, 0),
    "snapshot_slot": lambda: layout_table(snapshots.SLOT, list(SNAPSHOT_SAYS)[5:], SNAPSHOT_SAYS, 0),
    "visit": lambda: machine_part(visit, visit.STATES),
    "alarm": lambda: machine_part(alarm, alarm.STAGES),
    "gestures": wearing_page.gestures_part,
    "duress": wearing_page.duress_part,
    "answers": wearing_page.answers_part,
}


def current(page: str) -> str:
    """`page` with every generated part written again."""
    return PART.sub(lambda part: part[1] + "\n".join(PARTS[part[2]]()) + "\n" + part[3], page)


def wanted() -> dict[Path, str]:
    """Every page that has something written from the code, as it should be."""
    pages = {DOCS / path: text for path, text in procedure_pages.files().items()}
    pages[DOCS / wearing_page.CARD] = wearing_page.card()
    for path in sorted(DOCS.rglob("*.md")):
        if path not in pages:
            pages[path] = current(path.read_text(encoding="utf-8"))
    return pages


def left_over(pages: dict[Path, str]) -> list[Path]:
    """Pages and pictures of procedures that are no more."""
    folder = DOCS / procedure_pages.FOLDER
    old = [path for path in folder.glob("*.md") if procedure_pages.MARK in pages[path]]
    return [
        path for path in [*old, *folder.glob("*.svg")] if str(path.relative_to(DOCS)) not in procedure_pages.files()
    ]


def main(check: bool) -> int:
    """Exit status: 1 when `check` and a page is not current."""
    pages = wanted()
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    gone = left_over(pages)
    for path in [*stale, *gone]:
        if check:
            print(f"docs/{path.relative_to(DOCS)} is not what the code says")
        elif path in gone:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages[path], encoding="utf-8")
    return int(check and bool(stale or gone))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
