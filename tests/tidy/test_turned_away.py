"""What review turns away, as far as a program can see it."""

import ast

from sources import complain, python, tree

SHIPS = ("shared", "hub", "firmware")


def silent_handlers(module: ast.Module) -> list[int]:
    """Lines of `except` whose whole body is `pass`, for more than one named error."""
    lines = []
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
            broad = node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException")
            if broad:
                lines.append(node.lineno)
    return lines


def endless_queues(module: ast.Module) -> list[int]:
    """Lines that make a queue with no limit."""
    lines = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            limited = node.args or any(keyword.arg == "maxsize" for keyword in node.keywords)
            if name in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue") and not limited:
                lines.append(node.lineno)
    return lines


def plain_tick_differences(module: ast.Module) -> list[int]:
    """Lines that subtract from `ticks_ms()`, which wraps at 2^30."""
    lines = []
    for node in ast.walk(module):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            for side in (node.left, node.right):
                if isinstance(side, ast.Call) and getattr(side.func, "attr", "") in ("ticks_ms", "ticks_us"):
                    lines.append(node.lineno)
    return lines


def mocks(module: ast.Module) -> list[int]:
    """Lines that import from unittest.mock."""
    lines = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {f"{getattr(node, 'module', '')}.{alias.name}".strip(".") for alias in node.names}
            if any(name.startswith("unittest.mock") for name in names):
                lines.append(node.lineno)
    return lines


def test_no_error_is_swallowed() -> None:
    paths = python(*SHIPS, "hardware")
    wrong = [f"{path}:{line}: swallowed" for path in paths for line in silent_handlers(tree(path))]
    complain(wrong, "name the error, and count it or say it")


def test_every_queue_has_a_limit() -> None:
    wrong = [f"{path}:{line}: endless queue" for path in python(*SHIPS) for line in endless_queues(tree(path))]
    complain(wrong, "give it a named limit, and a counter of what is dropped")


def test_ticks_are_compared_as_what_wraps() -> None:
    wrong = [
        f"{path}:{line}: ticks subtracted" for path in python(*SHIPS) for line in plain_tick_differences(tree(path))
    ]
    complain(wrong, "ticks wrap at 2^30 ms: use ticks_diff, or watchword_core.ticks")


def test_fakes_are_not_mocks() -> None:
    wrong = [f"{path}:{line}: unittest.mock" for path in python("tests") for line in mocks(tree(path))]
    complain(wrong, "write a fake, and hold it to the contract suite of the real part")


def test_the_rules_see_a_breach() -> None:
    assert silent_handlers(ast.parse("try: f()\nexcept Exception: pass\n")) == [2]
    assert silent_handlers(ast.parse("try: f()\nexcept FileNotFoundError: pass\n")) == []
    assert endless_queues(ast.parse("queue.Queue()\nqueue.Queue(LIMIT)\n")) == [1]
    assert plain_tick_differences(ast.parse("x = time.ticks_ms() - last\n")) == [1]
    assert mocks(ast.parse("from unittest.mock import MagicMock\nfrom unittest import mock\nimport unittest\n")) == [
        1,
        2,
    ]
