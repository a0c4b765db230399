"""`make help` lists every command that there is."""

import re
import subprocess

from sources import ROOT, complain, text


def test_help_lists_every_command() -> None:
    makefile = text("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony, "name the commands in one .PHONY line"
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[0] for line in shown.splitlines() if line}
    targets = {name for name in re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)}
    wrong = [f"{name}: not in make help" for name in (targets | set(phony[1].split())) - listed]
    wrong += [f"{name}: not in .PHONY" for name in targets - set(phony[1].split())]
    complain(wrong, "write `## what it does` behind the target and add it to .PHONY")


def test_continuous_integration_calls_the_same_commands() -> None:
    run = text(".ci/run")
    assert "make lint" in run and "make test" in run, "let .ci/run call make, so that CI and developers run the same"
