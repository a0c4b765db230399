"""The whole firmware on the simulated board and radio, worn by Ana."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from worn import Worn, worn


@pytest.fixture
def wear(tmp_path: Path) -> Callable[..., contextlib.AbstractAsyncContextManager[Worn]]:
    return lambda **how: worn(tmp_path / "board", **how)
