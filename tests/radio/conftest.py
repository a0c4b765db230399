"""One stage a test: an air, and whatever the test puts on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from radio_stage import Stage


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stage(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    await stage.radio.start()
    try:
        yield stage
    finally:
        await stage.close()
