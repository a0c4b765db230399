"""In CI a skipped test fails, with its reason; elsewhere it is only skipped."""

import os
import subprocess
import sys
from pathlib import Path

from sources import ROOT

SKIPS = """
import pytest

def test_needs_a_part():
    pytest.skip("no mosquitto here")

@pytest.mark.skip(reason="tired")
def test_marked():
    pass

@pytest.mark.xfail(strict=True, reason="known")
def test_known_to_fail():
    assert False
"""


def run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    for name in ("conftest.py", "longest.py"):
        (folder / name).write_text((ROOT / "tests" / name).read_text())
    (folder / "test_it.py").write_text(SKIPS)
    (folder / "test_whole.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-ra",
        "--continue-on-collection-errors",
        str(folder),
    ]
    return subprocess.run(command, cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, text=True)


def test_a_skip_fails_in_ci(tmp_path: Path) -> None:
    ran = run(tmp_path, "true")
    assert ran.returncode != 0
    assert "no mosquitto here" in ran.stdout and "tired" in ran.stdout and "no_such_module" in ran.stdout
    assert "skipped" not in ran.stdout.splitlines()[-1]


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    ran = run(tmp_path, "")
    assert ran.returncode == 0, ran.stdout
    assert "3 skipped" in ran.stdout
