"""Which way knowledge flows: ARCHITECTURE.md's table of folders, held."""

import ast
import sys
from pathlib import Path

import pytest
from sources import complain, python, tree

OURS = {"watchword_core", "watchword_procedures", "watchword_hub", "watchword_bridge", "watchword_sim"}
STDLIB = set(sys.stdlib_module_names)

CORE_MAY = {"struct", "binascii", "hashlib", "collections.namedtuple", "watchword_core"}
BRIDGE_MAY = {"watchword_core.frames", "watchword_bridge"}
# Both talk MQTT to the same broker by the same session.
HUB_MAY = {"watchword_core", "watchword_procedures", "watchword_hub", "watchword_bridge.mqtt"}
# The command line starts the bridge; no other part of the hub knows of it.
HUB_STARTS_BRIDGE = "hub/watchword_hub/cli/"
PROCEDURES_MAY = {"watchword_core", "watchword_procedures"}
# What MicroPython on an ESP32-S3 has built in or frozen.
MICROPYTHON = set(
    [
        "_asyncio",
        "array",
        "asyncio",
        "binascii",
        "bluetooth",
        "collections",
        "cryptolib",
        "deflate",
        "errno",
        "esp",
        "esp32",
        "gc",
        "hashlib",
        "io",
        "json",
        "machine",
        "math",
        "micropython",
        "network",
        "os",
        "random",
        "re",
        "select",
        "socket",
        "ssl",
        "struct",
        "sys",
        "time",
        "tls",
        "uctypes",
        "vfs",
    ]
)
# What the simulated board has beside them, on its MICROPYPATH; for firmware/boards/sim alone.
SIM_MODULES = {Path(p).stem for p in python("hardware/watchword_sim/micropython", "firmware/boards/sim")}


def imported(path: str) -> list[tuple[int, str]]:
    """(line, dotted name) of each import, `from a import b` as "a.b", relative ones from the file's own package."""
    found = []
    package = path.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found


def allows(allowed: set[str], name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in allowed for n in range(1, len(parts) + 1))


def strays(path: str, allowed: set[str], only_ours: bool) -> list[str]:
    """The imports of `path` outside `allowed`; `only_ours`: others' libraries are free."""
    wrong = []
    for line, name in imported(path):
        for folder in ("shared.", "hub.", "hardware.", "firmware."):
            name = name.removeprefix(folder)
        if only_ours and name.split(".")[0] not in OURS:
            continue
        if not allows(allowed, name):
            wrong.append(f"{path}:{line}: imports {name}")
    return wrong


def test_core_imports_next_to_nothing() -> None:
    wrong = [stray for path in python("shared/watchword_core") for stray in strays(path, CORE_MAY, only_ours=False)]
    complain(wrong, "core runs on the board and performs nothing: pass in what it needs, as the cipher and now_ms are")


def test_procedures_import_core_and_the_standard_library_only() -> None:
    allowed = PROCEDURES_MAY | STDLIB
    wrong = [stray for path in python("shared/procedures") for stray in strays(path, allowed, only_ours=False)]
    complain(wrong, "let the hub bring what a procedure's compiler needs")


def test_bridge_cannot_open_a_frame() -> None:
    wrong = [stray for path in python("hub/watchword_bridge") for stray in strays(path, BRIDGE_MAY, only_ours=True)]
    complain(wrong, "a bridge is an untrusted carrier: read the clear header with watchword_core.frames, nothing more")


def test_hub_imports_core_and_itself() -> None:
    wrong = []
    for path in python("hub/watchword_hub"):
        allowed = HUB_MAY | {"watchword_bridge"} if path.startswith(HUB_STARTS_BRIDGE) else HUB_MAY
        wrong += strays(path, allowed, only_ours=True)
    complain(wrong, "the hub knows frames, not carriers; what only the simulator can do joins by `watchword.commands`")


def test_firmware_imports_core_and_micropython_only() -> None:
    paths = python("firmware")
    own = {path.split("/")[1].removesuffix(".py") for path in paths}
    allowed = MICROPYTHON | own | {"watchword_core", "board"}  # `board`: of firmware/boards/<name>/
    wrong = []
    for path in paths:
        sim = SIM_MODULES if path.startswith("firmware/boards/sim/") else set()
        wrong += strays(path, allowed | sim, only_ours=False)
    complain(wrong, "the board has only MicroPython's modules; a chip's driver belongs in firmware/pendant/drivers/")


@pytest.mark.parametrize("folder", ["shared", "hub", "firmware", "hardware/boards"])
def test_nothing_that_ships_imports_the_simulator(folder: str) -> None:
    wrong = [
        f"{path}:{line}: imports {name}"
        for path in python(folder)
        for line, name in imported(path)
        if "watchword_sim" in name.split(".")
    ]
    complain(wrong, "pass the simulated part in, or add a command by the entry point group `watchword.commands`")


def test_the_rules_see_a_breach() -> None:
    assert not allows(CORE_MAY, "time")
    assert not allows(CORE_MAY, "collections.OrderedDict")
    assert allows(CORE_MAY, "watchword_core.seal.Siv")
    assert not allows(BRIDGE_MAY, "watchword_core.seal.Siv")
    assert allows(BRIDGE_MAY, "watchword_core.frames.read_header")
