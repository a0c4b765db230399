"""Runs mutmut over a copy of the core and its tests, and says what became of each mutant.

The copy keeps the working tree as it is: mutmut writes the mutants beside the source. Only its command line is used.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "mutation"
EXPLAINED = Path(__file__).with_name("explained.toml")
FIRST = "watchword_core.moments.*"  # a few, for the list of all that the first run writes
TOO_LONG = "test_case_for_months.py"  # each mutant that it meets would take its whole months
SETTINGS = """[mutmut]
source_paths=watchword_core/
pytest_add_cli_args_test_selection=tests/
pytest_add_cli_args=-p no:cacheprovider
timeout_multiplier=4
"""

PROCESSES = 2
KILLED = ("killed", "timeout", "segfault")  # what a test noticed: it failed, hung or crashed


@dataclass(frozen=True)
class Mutant:
    """One changed place: `name` is mutmut's, `function` such as "ladder.Ladder.fail", lines as before and after."""

    name: str
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.function}\n    - {self.before}\n    + {self.after}"


@dataclass(frozen=True)
class Explanation:
    """Why a mutant that lives is no mistake that a test could notice; the texts are matched whole, as patterns."""

    function: str
    before: str
    after: str
    why: str

    def fits(self, mutant: Mutant) -> bool:
        pairs = ((self.function, mutant.function), (self.before, mutant.before), (self.after, mutant.after))
        return all(re.fullmatch(pattern, text) for pattern, text in pairs)


def explanations() -> list[Explanation]:
    """The file's, each with a reason."""
    rows = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["mutant"]
    return [Explanation(row["in"], row.get("from", ".*"), row.get("to", ".*"), row["why"]) for row in rows]


def prepare() -> list[str]:
    """A fresh copy with its mutants written; the names of all of them."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", TOO_LONG)
    shutil.copytree(ROOT / "shared" / "watchword_core", PLACE / "watchword_core", ignore=ignored)
    shutil.copytree(ROOT / "tests" / "core", PLACE / "tests", ignore=ignored)
    (PLACE / "setup.cfg").write_text(SETTINGS, encoding="utf-8")
    run([FIRST])
    return sorted(results())


def run(names: list[str]) -> None:
    """Tests these mutants, each by the tests that pass through it; no names: all that are left."""
    done = mutmut("run", "--max-children", str(PROCESSES), *names)
    if done.returncode:
        raise RuntimeError(f"mutmut stopped: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def results() -> dict[str, str]:
    """What became of every mutant so far, by name: "killed", "survived", "timeout", "not checked"."""
    rows = re.findall(r"^\s+(\S+__mutmut_\d+): (.+)$", mutmut("results", "--all", "true").stdout, re.MULTILINE)
    return {name: became.strip() for name, became in rows}


def look_at(name: str) -> Mutant:
    """The mutant's changed lines."""
    shown = mutmut("show", name).stdout.splitlines()
    changed = [line for line in shown if line[:1] in "+-" and not line.startswith(("---", "+++"))]
    before = " ".join(line[1:].strip() for line in changed if line[0] == "-")
    after = " ".join(line[1:].strip() for line in changed if line[0] == "+")
    _, module, function = name.rpartition("__mutmut_")[0].split(".", 2)
    plain = function.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return Mutant(name, f"{module}.{plain}", before, after)


def mutmut(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "mutmut", *arguments], cwd=PLACE, capture_output=True, text=True, check=False
    )


def count(became: dict[str, str]) -> Counter[str]:
    """How many were killed, and how many of each other kind there are."""
    return Counter("killed" if kind in KILLED else kind for kind in became.values())
