"""Time is an argument: one file a side reads a clock, and tests wait for conditions, never for a while."""

import ast
from pathlib import Path

from sources import complain, python, tree

CLOCK_FILES = {
    "hub/watchword_hub/clock.py",
    "hub/watchword_bridge/clock.py",
    "firmware/pendant/clock.py",
}
# Each with its reason; a module of tests is never among them.
MAY_SLEEP = {
    "tests/firmware/board_asyncio.py": "gives CPython's asyncio the names that MicroPython's has",
    "tests/waiting.py": "waits for a condition, with a bound",
    "tests/radio/peripheral.py": "firmware on the simulated board, where time is simulated too",
    "tests/radio/radio_stage.py": "does again what a lossy radio may have lost, until the stage closes",
}
CLOCK_READS = {
    "time": {
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "clock_gettime",
        "clock_gettime_ns", "ticks_ms", "ticks_us", "localtime", "gmtime",
    },
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}  # fmt: skip


def clock_reads(module: ast.Module) -> list[tuple[int, str]]:
    """(line, what) of each read of a clock: `time.monotonic()`, `datetime.now()`, `from time import ticks_ms`."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in CLOCK_READS.get(owner.removeprefix("u"), ()):
                found.append((node.lineno, f"{owner}.{node.attr}"))
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "utime"):
            named = [alias.name for alias in node.names if alias.name in CLOCK_READS["time"]]
            found += [(node.lineno, f"from time import {name}") for name in named]
    return found


def sleeps(module: ast.Module) -> list[int]:
    """The lines that sleep for more than no time; `asyncio.sleep(0)` only lets others run."""
    lines = []
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("sleep", "sleep_ms")
        ):
            owner = getattr(node.func.value, "id", "")
            for_no_time = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
            if owner in ("time", "asyncio", "anyio") and not for_no_time:
                lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "time" and any(a.name == "sleep" for a in node.names):
            lines.append(node.lineno)
    return lines


def may_read_clocks(path: str) -> bool:
    """A bench measures, and the simulated board *is* a clock to the firmware on it."""
    return path in CLOCK_FILES or "/bench" in path or path.startswith("firmware/boards/sim/")


def test_one_file_a_side_reads_a_clock() -> None:
    wrong = [
        f"{path}:{line}: {what}"
        for path in python("shared", "hub", "firmware")
        if not may_read_clocks(path)
        for line, what in clock_reads(tree(path))
    ]
    complain(wrong, "take `now_ms` or a clock as an argument; the clock is read in " + ", ".join(sorted(CLOCK_FILES)))


def test_no_test_sleeps() -> None:
    # Firmware written for a test runs on the simulated board, where its sleeping is simulated too.
    paths = [path for path in python("tests") if path not in MAY_SLEEP and "/firmware/" not in path[6:]]
    wrong = [f"{path}:{line}: sleeps" for path in paths for line in sleeps(tree(path))]
    wrong += [f"{path}: in MAY_SLEEP" for path in MAY_SLEEP if Path(path).name.startswith("test_")]
    complain(wrong, "wait for what the test is about with `from waiting import until`, or use virtual time")


def test_the_rules_see_a_breach() -> None:
    reads = "import time, datetime\ntime.monotonic()\ndatetime.datetime.now()\nfrom time import ticks_ms\n"
    assert [line for line, _ in clock_reads(ast.parse(reads))] == [4, 2, 3]
    assert clock_reads(ast.parse("clock.now()\nevent.time\n")) == []
    assert sleeps(ast.parse("import asyncio\nasyncio.sleep(0)\nasyncio.sleep(0.1)\ntime.sleep(1)\n")) == [3, 4]
