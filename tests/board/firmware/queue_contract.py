"""asyncio's task queue, by what a program can see of it. Prints one line per case.

Runs on the interpreter's own `_asyncio` and on the simulator's: a fake is held to the same suite as the real part.
"""

import asyncio


async def say(seen, word, after_ms):
    await asyncio.sleep_ms(after_ms)
    seen.append(word)


async def order_of_equals():
    seen = []
    await asyncio.gather(*[say(seen, number, 10) for number in range(8)])
    return seen


async def order_by_time():
    seen = []
    await asyncio.gather(*[say(seen, after_ms, after_ms) for after_ms in (30, 10, 20, 0, 15, 5)])
    return seen


async def cancel_sleeping():
    seen = []
    task = asyncio.create_task(say(seen, "late", 10000))
    await asyncio.sleep_ms(1)
    cancelled = task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        seen.append("cancelled")
    return cancelled, seen, task.done(), task.cancel()


async def cancel_what_waits_for_a_task():
    seen = []

    async def outer():
        await inner

    inner = asyncio.create_task(say(seen, "inner", 10000))
    waiting = asyncio.create_task(outer())
    await asyncio.sleep_ms(1)
    waiting.cancel()
    for task in (waiting, inner):
        try:
            await task
        except asyncio.CancelledError:
            seen.append("cancelled")
    return seen


async def cancel_self():
    try:
        asyncio.current_task().cancel()
    except RuntimeError as error:
        return str(error)


async def result_and_exception():
    async def fail():
        raise ValueError("x")

    async def give():
        return 7

    given = asyncio.create_task(give())
    failed = asyncio.create_task(fail())
    await asyncio.sleep_ms(1)
    try:
        await failed
    except ValueError as error:
        return await given, await given, str(error)


async def wait_for_times_out():
    try:
        await asyncio.wait_for_ms(say([], "late", 100), 5)
    except asyncio.TimeoutError:
        return "timeout"


async def event_and_lock():
    seen = []
    event = asyncio.Event()
    lock = asyncio.Lock()

    async def waiter(number):
        await event.wait()
        async with lock:
            await asyncio.sleep_ms(1)
            seen.append(number)

    tasks = [asyncio.create_task(waiter(number)) for number in range(4)]
    await asyncio.sleep_ms(1)
    event.set()
    await asyncio.gather(*tasks)
    return seen


async def gather_returns_exceptions():
    async def fail():
        raise ValueError("y")

    results = await asyncio.gather(fail(), say([], "y", 1), return_exceptions=True)
    return [repr(result) for result in results]


CASES = (
    order_of_equals,
    order_by_time,
    cancel_sleeping,
    cancel_what_waits_for_a_task,
    cancel_self,
    result_and_exception,
    wait_for_times_out,
    event_and_lock,
    gather_returns_exceptions,
)
for case in CASES:
    print("case", case.__name__, asyncio.run(case()))
print("case of Python's queue:", hasattr(asyncio.core.TaskQueue(), "_tasks"))
