"""Space kept back, so that a full disk can still take an SOS: the file is removed when a commit fails."""

import logging
import os
from pathlib import Path

RESERVE_BYTES = 4 * 1024 * 1024

log = logging.getLogger(__name__)


class Reserve:
    """The reserve file of one data directory."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "reserve"

    def keep(self) -> bool:
        """Takes the space if it is not taken yet; False: there is none to take."""
        if self._path.exists():
            return True
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(bytes(RESERVE_BYTES))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as e:
            log.warning("no room for the reserve of %d bytes: %s", RESERVE_BYTES, e)
            fresh.unlink(missing_ok=True)
            return False
        return True

    def free(self) -> bool:
        """Gives the space back; False: it was given before."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        log.warning("reserve of %d bytes freed; make room on this disk", RESERVE_BYTES)
        return True
