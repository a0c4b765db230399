"""What the board gets compiles, is loaded from .mpy, and leaves room."""

from pathlib import Path

from watchword_sim.footprint import FREE_BLOCK_BYTES, compile_firmware, core_heap


def test_the_core_as_mpy_leaves_a_free_block(tmp_path: Path) -> None:
    compiled = compile_firmware(tmp_path)
    assert {"watchword_core/frames.mpy", "watchword_core/case.mpy"} <= {module.path for module in compiled}
    assert core_heap(tmp_path).largest_free_block_bytes >= FREE_BLOCK_BYTES


def test_the_simulated_board_is_not_shipped(tmp_path: Path) -> None:
    assert not [module.path for module in compile_firmware(tmp_path) if module.path.startswith("boards/sim")]
