"""One stage a test: an air, and whatever the test puts on it."""

from collections.abc import AsyncIterator

import pytest
from radio_stage import Stage


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stage(anyio_backend: str) -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.radio.start()
    try:
        yield stage
    finally:
        await stage.close()
