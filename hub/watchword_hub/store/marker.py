"""How far the store had come, kept beside it: a store that is behind its marker is an older copy that was put back.

One line, `epoch seq`, written after commits and never ahead of what the disk has, so that a crash is no restore. It is
written over the old one: within a sector a crash leaves one or the other, where a rename would have the engine wait for
the disk. Only a copy of the whole directory has its own marker with it: nobody but who put it back can know
(`hub --restored`).
"""

import logging
import os
from pathlib import Path

FILE_NAME = "newest"
LINE_BYTES = 64  # two numbers of SQLite's largest, in a length that is always the same

log = logging.getLogger(__name__)


class Marker:
    """The marker of one data directory."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self.failed = 0  # writes, since start

    def put(self, epoch: int, seq: int) -> None:
        """Replaces it. What can't be written is counted: an older marker only notices less."""
        line = f"{epoch} {seq}".ljust(LINE_BYTES - 1) + "\n"
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.write(fd, line.encode())
            finally:
                os.close(fd)
        except OSError as e:
            if not self.failed:
                log.warning("%s can't be written (%s): a copy put back may go unnoticed", self._path, e)
            self.failed += 1

    def is_ahead_of(self, epoch: int, seq: int) -> bool:
        """Whether a store in this state lacks what was here before. No marker, or none that can be read: False."""
        try:
            known_epoch, known_seq = (int(word) for word in self._path.read_text().split())
        except FileNotFoundError:
            return False
        except (OSError, ValueError) as e:
            log.warning("%s can't be read (%s): if this store was put back from a copy, say --restored", self._path, e)
            return False
        return known_epoch != epoch or known_seq > seq
