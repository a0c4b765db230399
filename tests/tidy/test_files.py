"""Files: short, portable, and each test module under a name of its own."""

import re
from collections import Counter
from pathlib import Path

import longest
from sources import complain, files, python, text

MAX_LINES = 500  # most should be under 200; 430 is where to think of splitting
MAX_COLUMNS = 120  # Python's too, but ruff sees to that
# Written in two parts, so that this file passes its own lint.
NOT_PORTABLE = re.compile(
    r"(?<![\w.])(/wor" r"k/|/hom" r"e/\w|/roo" r"t/|/Use" r"rs/\w)"
    r"|pypi\.or" r"g/simple|files\.pythonhosted\.or" r"g|registry\.npmjs\.or" r"g|--(extra-)?index-ur" r"l"
)  # fmt: skip
WRAPPED = {".toml", ".ini", ".cfg", ".sh"}
GENERATED = {"requirements.lock", "firmware/stubs.lock", "LICENSE"}
QUOTING = "shared/procedures/"  # a clause stays on its line
BINARY = {".png", ".jpg", ".ico", ".woff2", ".mp3", ".wav", ".db", ".sqlite", ".mpy", ".gz", ".pbf", ".pmtiles"}


def lines(path: str) -> list[str]:
    return text(path).splitlines()


def test_modules_are_short() -> None:
    long = [
        f"{p}: {n} lines" for p in python("shared", "hub", "hardware", "firmware") if (n := len(lines(p))) > MAX_LINES
    ]
    complain(long, f"split by what it knows; {MAX_LINES} lines is the most")


def test_lines_are_short() -> None:
    wrapped = [p for p in files() if (Path(p).suffix in WRAPPED or p in ("Makefile", ".ci/run")) and p not in GENERATED]
    wrapped = [p for p in wrapped if not p.startswith(QUOTING)]
    long = [f"{p}:{i}: {len(s)} columns" for p in wrapped for i, s in enumerate(lines(p), 1) if len(s) > MAX_COLUMNS]
    complain(long, f"wrap at {MAX_COLUMNS}")


def test_nothing_names_a_machine_or_a_registry_host() -> None:
    readable = [p for p in files() if Path(p).suffix not in BINARY]
    wrong = [
        f"{p}:{i}: {s.strip()[:80]}" for p in readable for i, s in enumerate(lines(p), 1) if NOT_PORTABLE.search(s)
    ]
    complain(wrong, "paths from the root of the project; registries come from each machine's own settings")


def test_each_module_of_tests_has_a_name_of_its_own() -> None:
    modules = [Path(path).name for path in python("tests") if "/firmware/" not in path]
    names = Counter(name for name in modules if name not in ("conftest.py", "__init__.py"))
    twice = [f"{name}: {n} times" for name, n in names.items() if n > 1]
    complain(twice, "pytest imports test modules by bare name: rename one after what it proves")


def test_the_tests_that_begin_first_are_there() -> None:
    gone = [f"tests/longest.py: {path}" for path in longest.FIRST if f"tests/{path}" not in python("tests")]
    complain(gone, "name the file that it has become, or drop it")


def test_the_rules_see_a_breach() -> None:
    assert NOT_PORTABLE.search("open('/wor" + "k/main/x')")
    assert NOT_PORTABLE.search("--index-ur" + "l https://example.org")
    assert not NOT_PORTABLE.search("docs/work/plan.md and homework/")
