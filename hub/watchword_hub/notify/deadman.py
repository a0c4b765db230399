"""The dead man's switch: an outside service that is told "still alive", and raises the alarm when it no longer is.

Only the engine says so, after a commit: a hub that answers web pages while its engine is frozen is not alive.
"""

import logging
import threading
import urllib.request
from collections import Counter

from .channel import DeliveryError
from .web import open_url

EVERY_MS = 10_000  # so that an outside grace of 20 s notices a frozen engine within 30 s

log = logging.getLogger(__name__)


class DeadManPing:
    """GETs `url` at most every EVERY_MS, while the engine calls `still_alive`. One try at a time."""

    def __init__(self, url: str) -> None:
        self.counters: Counter[str] = Counter()
        self._url = url
        self._last_ms: int | None = None
        self._under_way = threading.Lock()

    def still_alive(self, now_ms: int) -> None:
        """For the engine's thread: does not block."""
        if self._last_ms is not None and now_ms - self._last_ms < EVERY_MS:
            return
        if not self._under_way.acquire(blocking=False):
            self.counters["slow"] += 1
            return
        self._last_ms = now_ms
        threading.Thread(target=self._ping, name="deadman", daemon=True).start()

    def _ping(self) -> None:
        try:
            open_url(urllib.request.Request(self._url))  # noqa: S310 -- its scheme is checked there
            self.counters["pinged"] += 1
        except DeliveryError as e:
            self.counters["failed"] += 1
            log.warning("the outside service was not reached: %s", e)
        finally:
            self._under_way.release()
