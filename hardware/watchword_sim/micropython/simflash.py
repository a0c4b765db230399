"""The simulated board's flash: littlefs over a file of the host.

Every write goes straight through to the file (the unix port's files have no buffer of their own), so that what was
closed before a SIGKILL is there afterwards. A loss of the host's own power is not modelled: nothing waits for its disk.
"""

import os

import vfs

BLOCK_BYTES = 4096
BLOCKS = 256


class FileBlocks:
    """Block device of the extended interface (with offsets) that littlefs needs."""

    def __init__(self, path):
        self._file = open(path, "r+b")

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        """4: number of blocks; 5: block size; 6: erase a block; init, deinit and sync (1, 2, 3) need nothing."""
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            self._file.seek(argument * BLOCK_BYTES)
            self._file.write(b"\xff" * BLOCK_BYTES)
        return 0


def mount(directory):
    """Mount the flash (file WW_FLASH) at `directory`, formatted first if it is blank; returns `directory`.

    Raises RuntimeError when WW_FLASH isn't set, OSError when the image is damaged: it is never wiped for that.
    """
    path = os.getenv("WW_FLASH")
    if path is None:
        raise RuntimeError("WW_FLASH is not set: this interpreter wasn't started by watchword_sim")
    blocks = FileBlocks(path)
    if _is_blank(blocks):
        vfs.VfsLfs2.mkfs(blocks)
    vfs.mount(vfs.VfsLfs2(blocks), directory)
    return directory


def _is_blank(blocks):
    start = bytearray(2 * 64)
    view = memoryview(start)
    blocks.readblocks(0, view[:64])
    blocks.readblocks(1, view[64:])
    return start == b"\xff" * len(start)
