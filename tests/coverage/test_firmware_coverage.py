"""The markers that stand in for `sys.settrace`: where they are, and that what they say is what ran."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from watchword_sim.firmware_coverage import Broken, Coverage, marked, told

SOURCE = '''"""A docstring."""

import sys


def sign(x):
    """Of a number."""
    if x < 0:
        return -1
    elif x == 0:
        return 0
    for _ in range(2):
        x += 1
    try:
        x = 1 // (x - x)
    except ZeroDivisionError:
        return 1
    finally:
        sys.modules
'''


def lines_run(monkeypatch: pytest.MonkeyPatch, x: int) -> tuple[set[int], set[int]]:
    """(those that ran, all that are marked)."""
    ran: set[int] = set()
    coverage = ModuleType("_coverage")
    coverage.__dict__["ran"] = lambda number, line: ran.add(line) if number == 7 else None
    monkeypatch.setitem(sys.modules, "_coverage", coverage)
    text, lines = marked(SOURCE, 7)
    names: dict[str, object] = {}
    exec(text, names)
    names["sign"](x)  # type: ignore[operator]
    assert names["__doc__"] == "A docstring."
    return ran, lines


def test_every_statement_is_marked_and_no_docstring(monkeypatch: pytest.MonkeyPatch) -> None:
    _, lines = lines_run(monkeypatch, 0)
    assert lines == {3, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19}


@pytest.mark.parametrize(("x", "without"), [(-1, {10, 11, 12, 13, 14, 15, 17, 19}), (0, {9, 12, 13, 14, 15, 17, 19})])
def test_what_did_not_run_is_missing(monkeypatch: pytest.MonkeyPatch, x: int, without: set[int]) -> None:
    ran, lines = lines_run(monkeypatch, x)
    assert lines - ran == without


def test_a_module_of_tests_on_micropython_covers_what_it_tests(tmp_path: Path) -> None:
    coverage = Coverage(tmp_path)
    before = coverage.by_file()["pendant/boots.py"]
    coverage.run_module("test_boots")
    found = coverage.by_file()
    assert before[0] == 0 and found["pendant/boots.py"][0] == found["pendant/boots.py"][1] > 20
    assert found["pendant/radio.py"][0] == 0
    assert "pendant/boots.py" in "\n".join(told(found, missing=True))


def test_tests_that_fail_are_no_coverage(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="no_such_tests"):
        Coverage(tmp_path).run_module("no_such_tests")
