"""The pendants' keys: one file a pendant, readable by the hub's user alone, never logged or shown.

Each pendant has two 32-byte AES-SIV keys, one a direction, made here from the system's randomness.
"""

import os
import secrets
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from watchword_core.seal import KEY_BYTES, TAG_BYTES, SealError

MAX_READY = 131_072  # pendants whose keys are ready to seal with, some 9 kB each: others' are read again


class NoKey(KeyError):
    """The pendant was never provisioned on this hub."""

    def __str__(self) -> str:
        return f"pendant {self.args[0]:08x} has no key here: provision it with `watchword pendant provision`"


class KeyFileError(Exception):
    """A key file that can't be used as it is; says which and why."""


class Sealer(Protocol):
    """What core's frames ask of a seal."""

    def seal(self, header: bytes, body: bytes) -> bytes: ...

    def open(self, header: bytes, sealed: bytes) -> bytes: ...


class LibrarySiv:
    """AES-SIV by `cryptography`, with the interface of core's own."""

    def __init__(self, key: bytes) -> None:
        self._siv = AESSIV(key)

    def seal(self, header: bytes, body: bytes) -> bytes:
        return self._siv.encrypt(body, [header])

    def open(self, header: bytes, sealed: bytes) -> bytes:
        if len(sealed) <= TAG_BYTES:
            raise SealError(f"sealed part has {len(sealed)} bytes; it needs more than {TAG_BYTES}")
        try:
            return self._siv.decrypt(sealed, [header])
        except InvalidTag as e:
            raise SealError("seal does not match") from e


class KeyRing:
    """Keys in `folder`, kept as sealers from their first use. `chance` is the system's, but in a simulation."""

    def __init__(self, folder: Path, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._folder = folder
        self._chance = chance
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._sealers: OrderedDict[int, tuple[Sealer, Sealer]] = OrderedDict()

    def make(self, pendant: int) -> bytes:
        """New keys for a pendant: up then down, 64 bytes, to be written to it and nowhere else.

        They count from `adopt` on; until then its old ones do, since the cable may be pulled before it has the new.
        """
        keys = self._chance(2 * KEY_BYTES)
        fresh = self._fresh(pendant)
        fresh.unlink(missing_ok=True)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(keys)
            file.flush()
            os.fsync(file.fileno())
        return keys

    def adopt(self, pendant: int) -> None:
        """The pendant has the keys that were made for it last: they count from now on. Raises OSError."""
        if self._fresh(pendant).exists():
            self._fresh(pendant).replace(self._path(pendant))
            self._sync_folder()
            self._sealers.pop(pendant, None)

    def has(self, pendant: int) -> bool:
        """Whether the pendant was provisioned here."""
        return pendant in self._sealers or self._path(pendant).exists()

    def up(self, pendant: int) -> Sealer:
        """For frames from the pendant; raises NoKey or KeyFileError."""
        return self._pair(pendant)[0]

    def down(self, pendant: int) -> Sealer:
        """For frames to the pendant; raises NoKey or KeyFileError."""
        return self._pair(pendant)[1]

    def _pair(self, pendant: int) -> tuple[Sealer, Sealer]:
        pair = self._sealers.get(pendant)
        if pair is None:
            pair = self._sealers[pendant] = self._read(pendant)
            if len(self._sealers) > MAX_READY:
                self._sealers.popitem(last=False)
        return pair

    def _read(self, pendant: int) -> tuple[Sealer, Sealer]:
        path = self._path(pendant)
        try:
            mode = path.stat().st_mode & 0o777
            keys = path.read_bytes()
        except FileNotFoundError as e:
            raise NoKey(pendant) from e
        if mode & 0o077:
            raise KeyFileError(f"{path} can be read by others (mode {mode:o}): chmod 600 it, and provision anew")
        if len(keys) != 2 * KEY_BYTES:
            raise KeyFileError(f"{path} has {len(keys)} bytes, not {2 * KEY_BYTES}: provision the pendant anew")
        return LibrarySiv(keys[:KEY_BYTES]), LibrarySiv(keys[KEY_BYTES:])

    def _path(self, pendant: int) -> Path:
        return self._folder / f"{pendant:08x}.key"

    def _fresh(self, pendant: int) -> Path:
        return self._path(pendant).with_suffix(".new")

    def _sync_folder(self) -> None:
        fd = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
