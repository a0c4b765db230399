"""After a fall was found: the wearer is asked, more and more urgently, and silence is an answer.

Only who can press OK says that all is well. WINDOW_MS is the field's usual half minute: long enough to find the button
with a glove on, and short beside the time in which anybody can come.
"""

WINDOW_MS = 30_000
CALLS_MS = (0, 6_000, 11_000, 15_000, 18_000, 21_000, 24_000, 27_000)  # after its start: felt again, ever sooner


class Prealarm:
    """One at a time. In memory alone: a reset ends it, and docs/man-down.md says so."""

    def __init__(self):
        self._began_ms = None
        self._calls = 0  # felt of CALLS_MS

    def on(self):
        """Whether the wearer is being asked."""
        return self._began_ms is not None

    def begin(self, now_ms):
        """A fall was found; one more while she is being asked changes nothing."""
        if self._began_ms is None:
            self._began_ms = now_ms
            self._calls = 0

    def end(self):
        """She answered, or the time is over."""
        self._began_ms = None

    def next_ms(self):
        """When she is to be asked again, or the time is over; None: it is not on."""
        if self._began_ms is None:
            return None
        return self._began_ms + (CALLS_MS[self._calls] if self._calls < len(CALLS_MS) else WINDOW_MS)

    def call(self, now_ms):
        """Whether she is to be asked now; however late this comes, once."""
        due = False
        while self._began_ms is not None and self._calls < len(CALLS_MS) and self.next_ms() <= now_ms:
            self._calls += 1
            due = True
        return due

    def is_over(self, now_ms):
        """Whether she has not answered in time."""
        return self._began_ms is not None and now_ms - self._began_ms >= WINDOW_MS
