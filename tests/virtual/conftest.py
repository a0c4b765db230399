"""The two airs, and the whole pendant and hub in virtual time."""

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from phones import BumblePhone, MemoryPhone, Phone
from watchword_sim.virtual_stage import VirtualStage

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "firmware"))  # what it writes is read by its own code


@pytest.fixture(params=[MemoryPhone, BumblePhone], ids=["memory", "bumble"])
def phone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Phone]:
    """The module's PROGRAM runs on the pendant."""
    phone = request.param(tmp_path, request.module.PROGRAM)
    yield phone
    phone.close()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., VirtualStage]:
    """A pendant and a hub of their own for each call."""
    made = itertools.count()
    return lambda **how: VirtualStage(tmp_path / f"stage{next(made)}", **how)
