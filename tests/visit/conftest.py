"""The pendant's logic and the hub's stage side by side."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
for folder in (TESTS / "hub", TESTS.parent / "firmware", TESTS / "visit"):
    sys.path.insert(0, str(folder))

from side_by_side import SideBySide  # noqa: E402 -- these folders are on the path only now
from stage import Stage  # noqa: E402
from watchword_hub.store.store import Store  # noqa: E402


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    Store(folder).close()
    return folder


@pytest.fixture
def make_pair(tmp_path: Path, template: Path) -> Iterator[Callable[[int], SideBySide]]:
    made: list[SideBySide] = []

    def make(seed: int = 1) -> SideBySide:
        made.append(SideBySide(Stage(tmp_path / f"data{len(made)}", template), seed))
        return made[-1]

    yield make
    for pair in made:
        pair.stage.close()


@pytest.fixture
def pair(make_pair: Callable[[int], SideBySide]) -> SideBySide:
    return make_pair(1)
