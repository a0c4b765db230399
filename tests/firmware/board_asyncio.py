"""What MicroPython's asyncio has and CPython's lacks, so that the firmware's tasks run under both."""

import asyncio

if not hasattr(asyncio, "sleep_ms"):

    async def _wait_for_ms(awaitable, ms):
        return await asyncio.wait_for(awaitable, ms / 1000)

    asyncio.sleep_ms = lambda ms: asyncio.sleep(ms / 1000)
    asyncio.wait_for_ms = _wait_for_ms

    class _ThreadSafeFlag(asyncio.Event):
        async def wait(self):
            await super().wait()
            self.clear()

    asyncio.ThreadSafeFlag = _ThreadSafeFlag
