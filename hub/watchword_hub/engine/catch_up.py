"""After a downtime nobody gets a flood: each person is told at once, in one message, and in one of all that follows.

What fell due meanwhile may be more than one batch, and its first rung must not wait for its last. So the first message
to a person goes out with the batch that finds it. What later batches find for them gathers in a second row of the
outbox, written with each of their commits, which is not sent before HOLD_MS.
"""

from typing import TYPE_CHECKING

from ..store import hot
from .messages import Draft, add_message, by_person, joined

if TYPE_CHECKING:
    from .batch import Batch
    from .state import State

HOLD_MS = 20_000
GATHER_MS = 10_000  # of that: long before it is sent nothing is added any more, or what was added could miss it


class _Gathered:
    """A row of the outbox that is not sent yet."""

    def __init__(self, row: int, since_ms: int) -> None:
        self.row = row
        self.since_ms = since_ms
        self.drafts: list[Draft] = []


class CatchUp:
    """From the start of an engine that was away until what was due is done."""

    def __init__(self) -> None:
        self._told: set[int] = set()
        self._gathered: dict[int, _Gathered] = {}

    def combine(self, batch: "Batch", state: "State") -> None:
        """Leaves in the batch what is told at once. What did not fall due meanwhile, an SOS for one, never waits."""
        first = not self._told
        late, now = batch.drafts[: batch.overdue_drafts], batch.drafts[batch.overdue_drafts :]
        if first:  # then everything goes at once: each person has one message for all of it
            late, now = batch.drafts, []
        batch.drafts = []
        for person, drafts in by_person(late).items():
            if person in self._told:
                self._gather(person, drafts, batch, state)
            else:
                self._told.add(person)
                batch.drafts.append(joined(drafts))
        batch.drafts += now

    def forget(self) -> None:
        """A batch failed: rather one message more than a line that is in none."""
        self._told.clear()
        self._gathered.clear()

    def _gather(self, person: int, drafts: list[Draft], batch: "Batch", state: "State") -> None:
        known = self._gathered.get(person)
        if known is None or batch.now_ms - known.since_ms >= GATHER_MS:
            add_message(batch, state, joined(drafts), 0, HOLD_MS)
            known = self._gathered[person] = _Gathered(state.last_message, batch.now_ms)
            known.drafts += drafts
            return
        known.drafts += drafts
        whole = joined(known.drafts)
        batch.changes.add(hot.SET_MESSAGE_TEXT, (whole.subject, whole.body, known.row))
