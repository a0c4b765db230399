"""On disk before anyone is told: the system calls of a hub that takes an SOS, since a kill can't show it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from durable_hub import ACKNOWLEDGED

HERE = Path(__file__).parent
CALLS = "openat,close,write,pwrite64,fsync,fdatasync"
_CALL = re.compile(r"^\d*\s*(\w+)\((\d+)(?:<([^>]*)>)?(.*)$")


def calls_of(log: str) -> list[tuple[str, str, str]]:
    """(call, file, rest) of each line of the trace."""
    found = (_CALL.match(line) for line in log.splitlines())
    return [(m[1], m[3] or m[2], m[4]) for m in found if m]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_fsync_precedes_the_acknowledgement(tmp_path: Path, template: Path) -> None:
    shutil.copytree(template, tmp_path / "data")
    log = tmp_path / "calls"
    trace = ["strace", "-f", "-y", "-e", f"trace={CALLS}", "-o", str(log)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    command = [*trace, sys.executable, str(HERE / "durable_hub.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=60)
    assert done.stdout.endswith(ACKNOWLEDGED), done.stderr.decode()
    calls = calls_of(log.read_text())
    ready = next(i for i, (call, _, rest) in enumerate(calls) if call == "write" and "READY" in rest)
    acked = next(i for i, (call, _, rest) in enumerate(calls) if call == "write" and "ACKNOWLEDGED" in rest)
    between = [(call, file) for call, file, _ in calls[ready:acked] if "watchword.db" in file]
    written = [i for i, (call, file) in enumerate(between) if call in ("write", "pwrite64") and file.endswith("-wal")]
    synced = [i for i, (call, file) in enumerate(between) if call in ("fsync", "fdatasync") and file.endswith("-wal")]
    assert written, "the SOS was not written to the log before it was acknowledged"
    assert synced and max(synced) > max(written), "the last write to the log was not synced before the acknowledgement"
