"""The pendant's interpreter, MicroPython, beside this one: plays timelines on it, so that both can be compared."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import watchword_core
from watchword_core.events import Action
from watchword_core.table import Table

ANSWER_TIMEOUT_S = 120
HEAP = "64m"  # a rehearsal holds all its actions at once, and a day that nobody reports in has thousands

_DRIVER = """
import sys, json
from watchword_core.case import Case
from watchword_core.table import Table
from watchword_core.timeline import Player
tables = {}
while True:
    line = sys.stdin.readline()
    if not line:
        break
    name, plan, times, steps, until = json.loads(line)
    if name not in tables:
        tables[name] = Table(bytes.fromhex(name))
    print(json.dumps([list(a) for a in Player(Case(tables[name], plan, 1, *times)).play(steps, until)]))
"""


class MicroPythonError(Exception):
    """It is not installed, or it stopped: says which and what to do."""


class MicroPython:
    """One process that plays any number of timelines, one after another; a context manager."""

    def __init__(self) -> None:
        """Starts it; raises MicroPythonError where it is not installed."""
        beside = Path(sys.executable).with_name("micropython")
        program = str(beside) if beside.exists() else shutil.which("micropython")
        if program is None:
            raise MicroPythonError("micropython is not installed here: install the simulator, watchword[sim]")
        self._process = subprocess.Popen(
            [program, "-X", f"heapsize={HEAP}", "-c", _DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "MICROPYPATH": str(Path(watchword_core.__file__).parent.parent)},
        )

    def play(
        self, table: Table, plan: int, times: Sequence[int | None], steps: Sequence[Sequence[int]], until_ms: int
    ) -> list[Action]:
        """The actions of one timeline; raises MicroPythonError if it stopped or did not answer in ANSWER_TIMEOUT_S."""
        give_up = threading.Timer(ANSWER_TIMEOUT_S, self._process.kill)
        give_up.start()
        try:
            answer = self._ask(json.dumps([table.compiled.hex(), plan, times, steps, until_ms]))
        finally:
            give_up.cancel()
        return [Action(*row) for row in json.loads(answer)]

    def _ask(self, line: str) -> str:
        process = self._process
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise MicroPythonError("micropython was started without its pipes")
        with contextlib.suppress(BrokenPipeError):  # it has ended: the empty answer says so
            process.stdin.write(line + "\n")
            process.stdin.flush()
        answer = process.stdout.readline()
        if not answer.startswith("["):  # it prints the error that it stopped at where the answer would stand
            said = (answer + process.stdout.read() + process.stderr.read()).strip().splitlines()
            raise MicroPythonError(f"micropython stopped: {said[-1:]}")
        return answer

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> MicroPython:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
