"""What the board gets compiles, runs from .mpy in the heap that stands for the board's, and leaves room."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from watchword_core.table import MAX_TABLE_BYTES
from watchword_sim.footprint import (
    FREE_BLOCK_BYTES,
    HEAP,
    Compiled,
    Heap,
    NoRoom,
    as_facts,
    compile_firmware,
    procedure_sizes,
    visit_heap,
)


@dataclass(frozen=True)
class Shipped:
    """The firmware as .mpy in `folder`."""

    folder: Path
    modules: list[Compiled]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    folder = tmp_path_factory.mktemp("mpy")
    return Shipped(folder, compile_firmware(folder))


def test_a_whole_visit_with_an_sos_and_a_table_leaves_a_free_block(shipped: Shipped, tmp_path: Path) -> None:
    modules = {module.path for module in shipped.modules}
    assert {"watchword_core/frames.mpy", "pendant/wearable.mpy", "main.mpy"} <= modules
    heap = visit_heap(shipped.folder, tmp_path, HEAP)  # with a block of that size kept from it all the while
    assert heap.least_free_block_bytes >= FREE_BLOCK_BYTES
    assert 0 < heap.after_boot_bytes <= heap.worst_bytes


def test_a_heap_that_is_too_small_is_noticed(shipped: Shipped, tmp_path: Path) -> None:
    with pytest.raises(NoRoom, match="MemoryError"):
        visit_heap(shipped.folder, tmp_path, "200K")


def test_the_simulated_board_is_not_shipped(shipped: Shipped) -> None:
    assert not [module.path for module in shipped.modules if module.path.startswith("boards/sim")]


def test_the_facts_for_programs_name_every_module(shipped: Shipped) -> None:
    facts = json.loads(json.dumps(as_facts(shipped.modules, Heap(1, 2, 3, 4), [])))
    assert facts["mpy_bytes"] == sum(facts["modules"].values()) and len(facts["modules"]) == len(shipped.modules)
    assert (facts["after_boot_bytes"], facts["worst_bytes"], facts["least_free_block_bytes"]) == (1, 2, 3)


def test_the_visit_is_measured_under_the_largest_procedure() -> None:
    sizes = procedure_sizes()
    assert sizes[0].name == "homemaker-enhanced", "footprint.play_visit plays another one"
    assert all(0 < size.flash_bytes <= MAX_TABLE_BYTES and size.heap_bytes > size.flash_bytes for size in sizes)
