"""Numbers that don't fit a table. CPython only: there the hub compiles; MicroPython's struct takes what doesn't fit."""

import pytest
from watchword_core.table import Forbid, Rung, TableError, Watch, pack

WATCH = (0,) * 8
RUNG = (0,) * 12


@pytest.mark.parametrize(
    "arguments",
    [
        (300, 60_000, 0, 0, 0, [], [], []),
        (0, 60_000, 0, 70_000, 0, [], [], []),
        (0, 60_000, 0, 0, 0, [Watch(256, *WATCH[1:])], [], []),
        (0, 60_000, 0, 0, 0, [], [Rung(*RUNG[:3], 120_000, *RUNG[4:])], []),
        (0, 60_000, 0, 0, 0, [], [], [Forbid(-1, 0, 0)]),
        (0, 60_000, 0, 0, 0, [], [], [], 0, 70_000),
    ],
)
def test_a_number_that_does_not_fit_is_refused(arguments):  # type: ignore[no-untyped-def]
    with pytest.raises(TableError, match="does not fit"):
        pack(*arguments)
