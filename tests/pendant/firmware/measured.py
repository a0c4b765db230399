"""The whole firmware, with a task beside it that says every second what the heap looks like."""

import asyncio
import gc

import micropython
import simlink


async def watch():
    while True:
        gc.collect()
        print("heap", gc.mem_alloc() - simlink.own_heap_bytes, gc.mem_free())
        micropython.mem_info()
        await asyncio.sleep_ms(1000)


watching = asyncio.create_task(watch())  # noqa: RUF006 (ends with the program)
__import__("main")
