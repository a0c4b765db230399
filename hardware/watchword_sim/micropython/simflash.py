"""The simulated board's flash: littlefs over a file of the host.

Every write goes straight through to the file (the unix port's files have no buffer of their own), so that what was
closed before a SIGKILL is there afterwards. A loss of the host's own power is not modelled: nothing waits for its disk.
The board's own can be made to go in the middle of a write: WW_FLASH_CUT=N takes it away at the Nth.
Blocks can be worn: WW_FLASH_WORN=4,6 names some in which a bit of each byte is stuck once it is programmed anew.
"""

import os

import simlink
import simwire
import vfs

BLOCK_BYTES = 4096
BLOCKS = 256
ERASED = b"\xff" * 256  # a piece: an erasing board takes no memory from its firmware, so a whole block must not either


class FileBlocks:
    """Block device of the extended interface (with offsets) that littlefs needs."""

    def __init__(self, path, cut_after_writes=0, worn=()):
        self._file = open(path, "r+b")
        self._worn = worn
        self._writes_left = cut_after_writes  # 0: the power stays

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        self._file.seek(block * BLOCK_BYTES + offset)
        if block in self._worn:
            buffer = bytes([byte & 0xFE for byte in buffer])
        self._file.write(self._until_power_goes(buffer))
        if self._writes_left == 1:
            simlink.link.last_words(simwire.POWER_LOST)
        self._writes_left -= 1

    def _until_power_goes(self, buffer):
        """All of it, or the half that is programmed when the power goes in the middle."""
        return memoryview(buffer)[: len(buffer) // 2] if self._writes_left == 1 else buffer

    def ioctl(self, operation, argument):
        """4: number of blocks; 5: block size; 6: erase a block; init, deinit and sync (1, 2, 3) need nothing."""
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            self._file.seek(argument * BLOCK_BYTES)
            for _ in range(BLOCK_BYTES // len(ERASED)):
                self._file.write(ERASED)
        return 0


def mount(directory):
    """Mount the flash (file WW_FLASH) at `directory`, formatted first if it is blank; returns `directory`.

    Raises RuntimeError when WW_FLASH isn't set, OSError when the image is damaged: it is never wiped for that.
    """
    path = os.getenv("WW_FLASH")
    if path is None:
        raise RuntimeError("WW_FLASH is not set: this interpreter wasn't started by watchword_sim")
    if _is_blank(path):
        _format(path)
    worn = [int(block) for block in (os.getenv("WW_FLASH_WORN") or "").split(",") if block]
    blocks = FileBlocks(path, int(os.getenv("WW_FLASH_CUT") or 0), worn)
    vfs.mount(vfs.VfsLfs2(blocks), directory)
    return directory


def _is_blank(path):
    with open(path, "rb") as image:
        start = image.read(BLOCK_BYTES)
    return start == b"\xff" * BLOCK_BYTES


def _format(path):
    """As in a factory: all of it or nothing, whatever ends this process meanwhile."""
    with open(path + ".formatting", "wb") as image:
        for _ in range(BLOCKS):
            image.write(b"\xff" * BLOCK_BYTES)
    vfs.VfsLfs2.mkfs(FileBlocks(path + ".formatting"))
    os.rename(path + ".formatting", path)
