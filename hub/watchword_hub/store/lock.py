"""One engine a data directory: two would each believe that they own every deadline."""

import fcntl
import os
from pathlib import Path


class DirectoryInUse(Exception):
    """Another hub runs on this data directory."""


class DirectoryLock:
    """Held from construction until `release`, or until the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / "hub.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            holder = os.read(self._fd, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise DirectoryInUse(
                f"data directory {folder} is in use by another hub (process {holder}): "
                "stop that one, or give this one a directory of its own with --data"
            ) from e
        os.ftruncate(self._fd, 0)
        os.write(self._fd, str(os.getpid()).encode("ascii"))

    def release(self) -> None:
        os.close(self._fd)
