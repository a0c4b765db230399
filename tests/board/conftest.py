"""Boards that run the small programs in `firmware/`, each on a flash of its own."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from board_programs import program
from watchword_sim.board import SimBoard
from watchword_sim.virtual_board import VirtualBoard


@pytest.fixture
def make_board(tmp_path: Path) -> Callable[..., SimBoard]:
    def make(module: str, **settings: object) -> SimBoard:
        return SimBoard(tmp_path / "board", **{"firmware": program(module), **settings})

    return make


@pytest.fixture
def make_virtual_board(tmp_path: Path) -> Callable[..., VirtualBoard]:
    number = count()

    def make(module: str, **settings: object) -> VirtualBoard:
        return VirtualBoard(tmp_path / f"board{next(number)}", **{"firmware": program(module), **settings})

    return make
