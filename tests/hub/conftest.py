"""A stage for each story; the schema is migrated once and copied."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stage import Stage
from watchword_hub.store.store import Store


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "data"
    Store(folder).close()
    return folder


@pytest.fixture
def make_stage(tmp_path: Path, template: Path) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(name: str = "data", **fields: Any) -> Stage:
        made.append(Stage(tmp_path / name, template, **fields))
        return made[-1]

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage()
