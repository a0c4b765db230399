"""The outputs of a board in the order in which they came, with a reading position as in a book."""

from collections import deque
from collections.abc import Callable
from typing import TypeVar

from .outputs import Output

KEPT_OUTPUTS = 20_000
OneKind = TypeVar("OneKind", bound=Output)


class OutputLog:
    """The newest KEPT_OUTPUTS; `find` reads on from where the last `find` succeeded."""

    def __init__(self) -> None:
        self.kept: deque[Output] = deque(maxlen=KEPT_OUTPUTS)
        self.count = 0
        self._cursor = 0
        self._latest: dict[type[object], Output] = {}

    def add(self, output: Output) -> None:
        """Append one; the oldest is dropped when the log is full."""
        self.kept.append(output)
        self._latest[type(output)] = output
        self.count += 1

    def find(self, predicate: Callable[[Output], bool]) -> Output | None:
        """The next output that fulfils `predicate`, None when none that has come does. What it passed is read."""
        oldest = self.count - len(self.kept)
        self._cursor = max(self._cursor, oldest)
        while self._cursor < self.count:
            output = self.kept[self._cursor - oldest]
            self._cursor += 1
            if predicate(output):
                return output
        return None

    def latest(self, kind: type[OneKind]) -> OneKind | None:
        """The newest output of that kind (what the motor does now, say), None before the first."""
        output = self._latest.get(kind)
        return output if isinstance(output, kind) else None

    def last(self, number: int) -> list[Output]:
        """The newest `number` outputs, for a message."""
        return list(self.kept)[-number:]
