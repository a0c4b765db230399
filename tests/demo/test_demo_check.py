"""`watchword demo --check`, as CONTRACTS has it: real parts, one visit with an SOS, and a check that can fail."""

import asyncio
import json
import os
import subprocess
import sys

import httpx
import pytest
from watchword_sim.check import STEPS, Check, StepFailed

RUN = [
    sys.executable,
    "-c",
    "from watchword_hub.cli import main; main()",
    "demo",
    "--check",
    "--json",
    "--minute",
    "0.5",
]
FIGURES = {"sos_to_hub_ms", "sos_to_console_ms", "sos_to_felt_hub_ms", "ack_to_felt_person_ms"}
PARTS = {"firmware", "radio", "bridge", "broker", "store"}


def check(*more: str) -> tuple[int, dict[str, object], str]:
    """Exit status, the last line's object, what went to standard error."""
    ran = subprocess.run([*RUN, *more], capture_output=True, text=True, timeout=200, env=dict(os.environ))
    if not ran.returncode:  # whoever waits sees how far it is
        assert [f"{step}: seen" for step in STEPS] == [line for line in ran.stdout.splitlines() if "seen" in line]
    return ran.returncode, json.loads(ran.stdout.splitlines()[-1]), ran.stderr


@pytest.mark.timeout(240)
def test_a_whole_visit_is_seen() -> None:
    status, said, complaint = check()
    assert status == 0 and said["ok"] is True, complaint
    assert set(said) >= FIGURES
    assert set(said["parts"]) == PARTS and all(said["parts"].values())  # type: ignore[call-overload, attr-defined]


@pytest.mark.timeout(240)
def test_a_step_left_out_is_missed() -> None:
    status, said, complaint = check("--break", "arrive")
    assert status == 1 and said["ok"] is False
    assert "arrive" in complaint and len(complaint.splitlines()) == 1


@pytest.mark.soak
@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_left_out_is_missed(step: str) -> None:
    status, said, complaint = check("--break", step)
    assert status == 1 and said["ok"] is False and step in complaint


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_ten_in_ten() -> None:
    for n in range(10):
        status, _, complaint = check()
        assert status == 0, f"run {n + 1}: {complaint}"


def test_an_unknown_step_is_refused() -> None:
    ran = subprocess.run([*RUN, "--break", "sneeze"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2 and len(ran.stderr.splitlines()) == 1 and not ran.stdout


class ConsoleGone(Check):
    """The hub ends between two steps."""

    async def _plan(self) -> None:
        """Planned."""

    async def _arrive(self) -> None:
        raise httpx.ConnectError("nobody listens")


def test_a_hub_that_ends_on_the_way_is_a_step_that_was_not_seen() -> None:
    with pytest.raises(StepFailed, match="'arrive' was not seen: nobody listens"):
        asyncio.run(ConsoleGone(None, None, None).play())  # type: ignore[arg-type]
