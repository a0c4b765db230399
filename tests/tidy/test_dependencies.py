"""What a part imports is installed with it: whoever only runs it has no development tools."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata

import pytest
from sources import ROOT, complain, python, tree

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Commands of the Makefile, never of `watchword`: they may use what only developers have.
FOR_DEVELOPERS = ("hardware/watchword_sim/footprint.py", "hardware/watchword_sim/firmware_coverage.py")
ON_THE_BOARD = "hardware/watchword_sim/micropython/"


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-").replace(".", "-")


def installed_with(requirements: Iterable[str]) -> set[str]:
    """The distributions that these bring, by name."""
    found: set[str] = set()
    waiting = [name_of(requirement) for requirement in requirements]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # of another platform
        waiting += [name_of(need) for need in needs if "extra ==" not in need]
    return found


def libraries(path: str) -> list[tuple[int, str]]:
    """(line, top-level name) of each import, relative ones left out."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name.split(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.append((node.lineno, node.module.split(".")[0]))
    return [(line, name) for line, name in found if name not in sys.stdlib_module_names]


@pytest.mark.parametrize(
    ("folder", "requirements"),
    [
        ("hub", PROJECT["dependencies"]),
        ("hardware/watchword_sim", [*PROJECT["dependencies"], *EXTRAS["sim"]]),
    ],
)
def test_what_is_imported_is_installed(folder: str, requirements: list[str]) -> None:
    there, owners = installed_with([*requirements, "watchword"]), metadata.packages_distributions()
    wrong = [
        f"{path}:{line}: imports {name}"
        for path in python(folder)
        if not path.startswith(ON_THE_BOARD) and path not in FOR_DEVELOPERS
        for line, name in libraries(path)
        if name in owners and not {name_of(owner) for owner in owners[name]} & there
    ]
    complain(wrong, "move it from the extra `dev` in pyproject.toml to where it is needed, then make lock")


def test_the_rule_sees_a_breach() -> None:
    assert "starlette" in installed_with(["fastapi>=0.1"])
    assert "playwright" not in installed_with(PROJECT["dependencies"])
