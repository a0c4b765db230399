"""What the engine holds in memory of the store: each thing read when it is first asked for, and kept for the next time.

So a start costs nothing but what is due, and a hundred thousand open visits cost the batch that touches one nothing.
The store is the truth. What a batch may have changed stays until its commit; a failed batch takes it away with itself.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from ..store.store import MAX_ROW

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """Things by number; `read` fetches one from the store, None where there is none. At most `most` outlast a batch.

    Beyond that the ones longest unused go, each to `let_go`. Whatever is asked for counts as changed.
    """

    def __init__(
        self, read: Callable[[int], Thing | None], most: int, let_go: Callable[[Thing], None] = lambda thing: None
    ) -> None:
        self._read = read
        self._most = most
        self._let_go = let_go
        self._things: OrderedDict[int, Thing] = OrderedDict()
        self._used: set[int] = set()  # since the last commit

    def get(self, number: int) -> Thing | None:
        if not 0 <= number <= MAX_ROW:
            return None
        self._used.add(number)
        found = self._things.get(number)
        if found is None:
            found = self._read(number)
            if found is not None:
                self._things[number] = found
        return found

    def __getitem__(self, number: int) -> Thing:
        found = self.get(number)
        if found is None:
            raise KeyError(number)
        return found

    def __contains__(self, number: int) -> bool:
        return self.get(number) is not None

    def __setitem__(self, number: int, thing: Thing) -> None:
        """A new one: the store has it with the batch's commit."""
        self._used.add(number)
        self._things[number] = thing

    def drop(self, number: int) -> None:
        """The store has it no more, from the batch's commit on."""
        self._things.pop(number, None)

    def used(self) -> dict[int, Thing]:
        """What this batch has asked for or made, by number."""
        return {number: self._things[number] for number in sorted(self._used) if number in self._things}

    def settle(self) -> int:
        """The batch was committed; how many had to go."""
        for number in self._used:
            if number in self._things:
                self._things.move_to_end(number)
        self._used.clear()
        over = max(0, len(self._things) - self._most)
        for _ in range(over):
            _, thing = self._things.popitem(last=False)
            self._let_go(thing)
        return over

    def forget(self) -> None:
        """The batch failed: what it may have changed is read anew."""
        for number in self._used:
            self._things.pop(number, None)
        self._used.clear()

    def __len__(self) -> int:
        return len(self._things)
