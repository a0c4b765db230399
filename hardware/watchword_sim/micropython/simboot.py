"""The simulated board's boot: connect to the simulator, make asyncio keep its time, then run boot.py and the program.

Started as `micropython simboot.py MODULE` with MICROPYPATH naming this folder first. As on a board, the program's end
or an exception that it doesn't catch leaves a board that does nothing, until its watchdog bites.
"""

import gc
import sys


def _exists(module):
    import os

    for folder in sys.path:
        for ending in (".py", ".mpy"):
            try:
                os.stat(folder + "/" + module + ending)
                return True
            except OSError:
                continue
    return False


class _CollectorWhenFull:
    """`gc` with a heap that stands for no board's, in virtual time.

    Collecting every few KB, as a board must, would take two thirds of a run and show nothing.
    """

    collect = gc.collect
    mem_alloc = gc.mem_alloc
    mem_free = gc.mem_free

    @staticmethod
    def threshold(*_bytes):
        return


def _prepare():
    import os

    sys.path.pop(0)  # this file's own folder, which MICROPYPATH names in its due place
    if os.getenv("WW_ROOMY"):
        sys.modules["gc"] = _CollectorWhenFull
    import simlink

    simlink.connect()
    if simlink.link.virtual:
        import random

        random.seed(int.from_bytes(simlink.link.seed[:4], "little"))
    # asyncio takes its queue from a module of this name; simtasks imports asyncio.core itself, when it exists
    sys.modules["_asyncio"] = _QueueModule
    import asyncio.core

    import simtasks

    asyncio.core.TaskQueue = asyncio.TaskQueue = simtasks.TaskQueue
    asyncio.core.Task = asyncio.Task = simtasks.Task
    import simpoll

    simpoll.install()
    gc.collect()
    simlink.own_heap_bytes = gc.mem_alloc()


class _QueueModule:
    TaskQueue = object
    Task = object


def _run(module):
    import simlink
    import simwire

    try:
        if _exists("boot"):
            __import__("boot")
        __import__(module)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  the top: a board prints it and stops
        sys.print_exception(error)
        simlink.link.last_words(simwire.ENDED, 1)
    simlink.link.last_words(simwire.ENDED, 0)


_prepare()
_run(sys.argv[1] if len(sys.argv) > 1 else "main")
