"""One stage of real parts for this folder's tests, of which each plays a visit of its own on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from ana_at_work import AnaAtWork
from outside import Outside


class SharedStage:
    """Set once, and anew after a test that left its visit open: a failure must not pull the next test down."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._parts = AsyncExitStack()
        self._ana: AnaAtWork | None = None

    async def ready(self) -> AnaAtWork:
        if self._ana is None or self._ana.record.open_cases():
            await self.close()
            outside = await self._parts.enter_async_context(Outside())
            self._ana = await self._parts.enter_async_context(AnaAtWork(self._new_folder(), outside))
        return self._ana

    async def close(self) -> None:
        self._ana = None
        await self._parts.aclose()


@pytest.fixture(scope="package")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="package")
async def shared_stage(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedStage]:
    stage = SharedStage(lambda: tmp_path_factory.mktemp("hub"))
    yield stage
    await stage.close()


@pytest.fixture
async def ana(shared_stage: SharedStage) -> AsyncIterator[AnaAtWork]:
    """Ana, inside on a visit; afterwards nothing that she felt was untrue, nothing counted twice, and no time moved."""
    ana = await shared_stage.ready()
    await ana.begin_visit()
    times = ana.visit_times()
    yield ana
    ana.counted_once()
    assert ana.visit_times() == times
    assert ana.lies == []
    await ana.end_visit()
