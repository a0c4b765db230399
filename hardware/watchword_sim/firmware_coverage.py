"""`make coverage-firmware`: which lines of the firmware its tests run, on MicroPython itself.

MicroPython has no `sys.settrace`, so a copy of the firmware gets a marker before each statement, and what the markers
say comes from two sources: every module of tests/firmware, and one story of the whole firmware in virtual time. Lines
that begin a statement are counted, docstrings aside. What runs only against real parts (TLS, a broker, pairing) is
tested elsewhere and counts as not run here.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from watchword_core import words as w

from .board_model import REPOSITORY
from .firmware_process import Firmware, find_micropython
from .footprint import NO_BROKER
from .virtual_stage import PROGRAMS, VirtualStage

FIRMWARE = REPOSITORY / "firmware"
TESTS = REPOSITORY / "tests/firmware"
CORE_TESTS = REPOSITORY / "tests/core"
MARKER = "_ran"
SECOND, MINUTE = 1_000, 60_000
MODULE_SECONDS = 300


class Broken(RuntimeError):
    """The marked firmware's tests fail; their output."""


def marked(source: str, number: int) -> tuple[str, set[int]]:
    """The source with a marker before each statement, and the lines that have one."""
    tree = ast.parse(source)
    lines: set[int] = set()
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                setattr(node, field, list(_with_markers(body, number, lines)))
    head = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    tree.body.insert(head, ast.parse(f"from _coverage import ran as {MARKER}").body[0])
    return ast.unparse(ast.fix_missing_locations(tree)), lines


def _with_markers(body: Sequence[ast.stmt], number: int, lines: set[int]) -> Iterable[ast.stmt]:
    for i, statement in enumerate(body):
        text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (i == 0 and text and isinstance(statement.value.value, str)):  # type: ignore[attr-defined]
            lines.add(statement.lineno)
            yield ast.parse(f"{MARKER}({number}, {statement.lineno})").body[0]
        yield statement


class Coverage:
    """A marked copy of the firmware in `folder`, and what of it ran."""

    def __init__(self, folder: Path) -> None:
        self.firmware = folder / "firmware"
        self._hits = folder / "hits"
        self._lines: list[tuple[str, set[int]]] = []
        sources = [FIRMWARE / "main.py", *sorted((FIRMWARE / "pendant").rglob("*.py"))]
        for number, path in enumerate(sources):
            name = path.relative_to(FIRMWARE).as_posix()
            text, lines = marked(path.read_text(), number)
            (self.firmware / name).parent.mkdir(parents=True, exist_ok=True)
            (self.firmware / name).write_text(text)
            self._lines.append((name, lines))

    def run_module(self, module: str) -> None:
        """One module of tests/firmware. Raises Broken."""
        folders = (self.firmware, PROGRAMS, REPOSITORY / "shared", TESTS, CORE_TESTS)
        env = {"PATH": os.environ["PATH"], "MICROPYPATH": ":".join([*map(str, folders), ".frozen"])}
        ran = subprocess.run(
            [find_micropython(), "-X", "heapsize=8M", CORE_TESTS / "run_on.py", module],
            env={**env, "WW_COVERAGE": str(self._hits)},
            capture_output=True,
            text=True,
            timeout=MODULE_SECONDS,
            check=False,
        )
        if ran.returncode:
            raise Broken(f"{module}: {(ran.stdout + ran.stderr)[-2000:]}")

    def run_story(self, folder: Path) -> None:
        """The whole firmware: a visit, an SOS, a lost link, asleep. Raises TimeoutError if it goes wrong."""
        plain = Firmware()
        folders = (plain.folders[0], self.firmware, *plain.folders[2:])
        with_markers = Firmware(folders, heap="8M", overlays=(PROGRAMS,))
        stage = VirtualStage(folder, firmware=with_markers, path_settings=NO_BROKER)
        stage.board.env["WW_COVERAGE"] = str(self._hits)
        with stage:
            _story(stage)

    def by_file(self) -> dict[str, tuple[int, int, list[int]]]:
        """(lines that ran, lines, those that did not) of each file."""
        hits: dict[int, set[int]] = {}
        if self._hits.exists():
            for row in self._hits.read_text().splitlines():
                number, line = map(int, row.split())
                hits.setdefault(number, set()).add(line)
        found = {}
        for number, (name, lines) in enumerate(self._lines):
            missing = sorted(lines - hits.get(number, set()))
            found[name] = (len(lines) - len(missing), len(lines), missing)
        return found


def _story(stage: VirtualStage) -> None:
    stage.run(5 * SECOND)
    stage.hub.plan_visit()
    stage.run(15 * SECOND)
    stage.until_felt("at the hub", 15 * SECOND, stage.tap_ok())
    stage.hub.record(w.SPOKE_ARRIVAL)
    stage.run(15 * SECOND)
    stage.radio.down = True
    sos = stage.hold_sos()
    stage.run(MINUTE)
    stage.radio.down = False
    stage.until_felt("at the hub", 30 * SECOND, sos)
    stage.hub.record(w.ACKNOWLEDGED, w.MANAGER)
    stage.hub.record(w.RESOLVED, w.MANAGER)
    stage.until_felt("resolved", 15 * SECOND, sos)
    left = stage.hold_ok()
    stage.until_felt("at the hub", 15 * SECOND, left)
    stage.hub.record(w.SPOKE_DEPARTURE)
    stage.until_felt("closed", 15 * SECOND, left)
    stage.radio.down = True
    stage.run(31 * MINUTE)
    stage.until_felt("nobody watching", 5 * SECOND, stage.tap_ok())


def told(found: dict[str, tuple[int, int, list[int]]], missing: bool) -> Iterable[str]:
    """A line for each file, worst first, and one for all."""
    ran_of_all, all_lines = sum(ran for ran, _, _ in found.values()), sum(lines for _, lines, _ in found.values())
    rows = sorted(found.items(), key=lambda item: item[1][0] / max(1, item[1][1]))
    for name, (ran, lines, without) in [*rows, ("all", (ran_of_all, all_lines, []))]:
        yield f"{name:<32}{ran:5} of {lines:4}  {100 * ran / max(1, lines):5.1f} %"
        if missing and without:
            yield "    not: " + ", ".join(map(str, without))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Lines of the firmware that its tests run, on MicroPython.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--missing", action="store_true", help="name the lines that did not run")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="watchword-") as folder:
        coverage = Coverage(Path(folder))
        try:
            for module in sorted(path.stem for path in TESTS.glob("test_*.py")):
                coverage.run_module(module)
            coverage.run_story(Path(folder) / "stage")
        except (Broken, TimeoutError) as e:
            sys.exit(f"coverage: {e}")
        found = coverage.by_file()
    if chosen.json:
        print(json.dumps({name: {"ran": ran, "lines": lines} for name, (ran, lines, _) in found.items()}))
    else:
        print("\n".join(told(found, chosen.missing)))


if __name__ == "__main__":
    main()
