"""asyncio's task queue in Python, in place of the built-in `_asyncio`, which compares ticks of the host's period.

Same interface as the built-in one. A sorted list: a pendant has some twenty tasks, and equal times stay in order.
"""

from asyncio import core


class TaskQueue:
    """Tasks by the ticks (ms) at which they are due; first in, first out among equals."""

    def __init__(self):
        self._tasks = []

    def peek(self):
        """The task due first, or None."""
        return self._tasks[0] if self._tasks else None

    def push(self, task, due=None):
        """Queue a task for `due` (ticks, None: now)."""
        task.data = None
        task.ph_key = core.ticks() if due is None else due
        tasks = self._tasks
        at = len(tasks)
        while at and core.ticks_diff(tasks[at - 1].ph_key, task.ph_key) > 0:
            at -= 1
        tasks.insert(at, task)

    def pop(self):
        """Take the task due first. Raises IndexError when there is none."""
        return self._tasks.pop(0)

    def remove(self, task):
        """Take a task out, wherever it stands. Raises ValueError when it isn't queued here."""
        self._tasks.remove(task)


class Task:
    """A coroutine that runs on its own. `ph_key`, `data` and `state` are asyncio.core's to read and write.

    `state`: True while it runs unawaited, a TaskQueue of those that wait for it, a callable to call at its end,
    None when it is over and nobody has asked for its result, False when somebody has.
    """

    def __init__(self, coro, globals=None):
        self.coro = coro
        self.data = None  # what it waits on: a queue, a Task; or, when it is over, the exception that ended it
        self.state = True
        self.ph_key = 0

    def __iter__(self):
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue()
        elif not isinstance(self.state, TaskQueue):
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        if not self.state:
            raise self.data
        self.state.push(core.cur_task)
        core.cur_task.data = self

    def done(self):
        """Whether it has come to its end."""
        return not self.state

    def cancel(self):
        """Have CancelledError raised in it. False if it is over already."""
        if not self.state:
            return False
        if self is core.cur_task:
            raise RuntimeError("can't cancel self")
        waiter = self
        while isinstance(waiter.data, Task):
            waiter = waiter.data
        if hasattr(waiter.data, "remove"):
            waiter.data.remove(waiter)
            core._task_queue.push(waiter)
        elif core.ticks_diff(waiter.ph_key, core.ticks()) > 0:
            core._task_queue.remove(waiter)
            core._task_queue.push(waiter)
        waiter.data = core.CancelledError
        return True
