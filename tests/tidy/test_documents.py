"""Documents are checked: hazards name tests that exist, links lead somewhere, generated parts are current."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from sources import ROOT, complain, files, text, tree

HAZARDS = "docs/hazards.md"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
TWO_MINUTES_WORDS = 500  # a grown-up reads about 250 a minute


def table_rows(markdown: str) -> list[list[str]]:
    """The cells of each row of the tables in `markdown`, headings and rules left out."""
    rows = [line.strip().strip("|").split("|") for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for row in cells if row[0].lower() not in ("#", "hazard") and not set("".join(row)) <= set(":- ")]


def defines(path: str, name: str) -> bool:
    if not (ROOT / path).is_file():
        return False
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) and node.name == name for node in ast.walk(tree(path)))


def untested(markdown: str) -> list[str]:
    """What is wrong with the hazards' rows."""
    wrong = []
    for row in table_rows(markdown):
        tests = NAMED_TEST.findall(row[-1])
        if not tests:
            wrong.append(f"{row[0]}: names no test")
        wrong += [f"{row[0]}: no test {path}::{name}" for path, name in tests if not defines(path, name)]
    return wrong


def dead_links(path: str) -> list[str]:
    targets = [first or second for first, second in LINK.findall(text(path))]
    local = [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    return [f"{path}: {target}" for target in local if not ((ROOT / path).parent / target).exists()]


def test_every_hazard_has_a_test_that_exists() -> None:
    complain(untested(text(HAZARDS)), "write `tests/path.py::test_name` in the last column, of a test that would fail")


def test_every_relative_link_resolves() -> None:
    dead = [link for path in files() if path.endswith(".md") for link in dead_links(path)]
    complain(dead, "mend the path, or write the page")


def test_generated_documents_are_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr + "To mend: make docs"


def test_what_the_wearer_has_to_read_takes_two_minutes() -> None:
    shown = re.sub(r"<!--.*?-->|`[^`]*`|\]\([^)]*\)", "", text("docs/wearing.md"), flags=re.DOTALL)
    words = re.findall(r"[\w.']*\w", shown)
    assert len(words) <= TWO_MINUTES_WORDS, f"{len(words)} words: put what can wait into docs/wearing-more.md"


def test_decisions_are_numbered_and_weigh_alternatives() -> None:
    decisions = [p for p in files() if p.startswith("docs/decisions/") and Path(p).name[0].isdigit()]
    numbers = [Path(path).name[:4] for path in decisions]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)], "number them 0001, 0002, ... without a gap"
    wrong = [p for p in decisions for part in ("## Decision", "## Alternatives") if part not in text(p)]
    complain(wrong, "a decision without an alternative is not one: sections Context, Decision, Alternatives")


def test_the_rules_see_a_breach() -> None:
    table = "| hazard | control | test |\n|---|---|---|\n| lost | kept | `tests/tidy/test_documents.py::defines` |\n"
    assert untested(table) == []
    assert untested(table.replace("::defines", "::gone")) == ["lost: no test tests/tidy/test_documents.py::gone"]
    assert untested("| lost | kept | soon |\n") == ["lost: names no test"]
