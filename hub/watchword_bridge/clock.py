"""The bridge's only look at a clock; everything else is given `now_ms`."""

import time


def now_ms() -> int:
    """Milliseconds of a clock that no one sets; good for durations alone."""
    return time.monotonic_ns() // 1_000_000
