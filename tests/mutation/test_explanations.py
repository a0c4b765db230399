"""Every explanation is about a function that is still there, and says why."""

import ast
from collections.abc import Iterator

import mutants
import pytest


def functions() -> Iterator[str]:
    """All that a mutant can be in: "module.function" and "module.Class.method"."""
    for path in sorted((mutants.ROOT / "shared" / "watchword_core").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                yield f"{path.stem}.{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from (f"{path.stem}.{node.name}.{x.name}" for x in node.body if isinstance(x, ast.FunctionDef))


@pytest.mark.parametrize("reason", mutants.explanations(), ids=lambda reason: reason.function)
def test_an_explanation_is_about_a_function_of_the_core(reason: mutants.Explanation) -> None:
    assert reason.why.endswith(".")
    like = mutants.Explanation(reason.function, ".*", ".*", reason.why)
    assert any(like.fits(mutants.Mutant("", name, "", "")) for name in functions()), "drop it, or name what it is about"


def test_an_explanation_fits_whole_lines_of_its_function_only() -> None:
    reason = mutants.Explanation(r"a\.b", r"x = 1", r"x = \d", "because.")
    assert reason.fits(mutants.Mutant("", "a.b", "x = 1", "x = 2"))
    assert not reason.fits(mutants.Mutant("", "a.bc", "x = 1", "x = 2"))
    assert not reason.fits(mutants.Mutant("", "a.b", "x = 1", "x = 22"))
