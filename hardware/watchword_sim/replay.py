"""`watchword replay`: recorded traces through the firmware's own code, on MicroPython (CONTRACTS: replay)."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from watchword_hub.cli.refusal import CommandRefused, one_line

from watchword_sim import falls, motion_cost
from watchword_sim.checkout import by_firmware, need_checkout

replay = typer.Typer(help="Recorded traces through the firmware's own code.", no_args_is_help=True)

STDIN = Path("-")

# What it prints, a line each: time ms, lat and lon in 1e-7 degrees, speed mm/s, valid; "-" where there is none. At last
# how many sentences were whole, and how many were refused. The receiver gets pieces as a serial port would bring them.
_GNSS = """
import sys
from pendant.gnss import READ_BYTES, Receiver
receiver = Receiver()
with open(sys.argv[1], "rb") as log:
    while True:
        data = log.read(READ_BYTES)
        if not data:
            break
        for fix in receiver.feed(data):
            print(*["-" if x is None else int(x) for x in fix])
print(receiver.lines.sentences, receiver.lines.bad)
"""


@replay.callback()
def _group() -> None:
    """Recorded traces through the firmware's own code, on the pendant's interpreter."""


@replay.command()
def gnss(
    file: Annotated[Path, typer.Argument(help="Raw bytes of a GNSS receiver, as it sent them; - is standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What the pendant makes of a GNSS receiver's log: a line for each change of fix, then what was counted.

    Example: watchword replay gnss receiver.log
    """
    need_checkout()
    with _on_disk(file) as log:
        for row in changes_of_fix(log):
            print(json.dumps(row) if as_json else " ".join(f"{key}={value}" for key, value in row.items()))


@contextmanager
def _on_disk(file: Path) -> Iterator[Path]:
    """A copy, which another process can open whatever the file is. CommandRefused where it can't be read."""
    with tempfile.TemporaryDirectory(prefix="watchword-") as folder:
        copy = Path(folder) / "log"
        with one_line(OSError), copy.open("wb") as kept:
            if file == STDIN:
                shutil.copyfileobj(sys.stdin.buffer, kept)
            else:
                kept.write(file.read_bytes())
        yield copy


Folder = Annotated[Path, typer.Argument(help="Trials in the format of trials.csv, here or in folders below.")]
Rate = Annotated[int, typer.Option(help="Samples a second: 50, or 25 (every second one).")]


@replay.command()
def motion(
    folder: Folder,
    rate: Rate = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What the pendant makes of recorded trials: a line each with its alarms, then how many and how long it took.

    Example: watchword replay motion falls/develop --rate 25
    """
    started = time.monotonic()
    trials = _trials(folder, rate)
    for trial, alarms in falls.replayed(trials, rate):
        line = falls.as_json(trial, alarms, rate)
        if as_json:
            print(line)
        elif alarms:
            told = ", ".join(f"{a.impact_s:.2f} s (told at {a.alarm_s:.2f} s)" for a in alarms)
            print(f"{trial.name} {trial.position}: {told}")
    last = {"trials": len(trials), "wall_s": round(time.monotonic() - started, 2)}
    print(json.dumps(last) if as_json else " ".join(f"{key}={value}" for key, value in last.items()))


@replay.command()
def score(
    folder: Folder,
    rate: Rate = 50,
    curve: Annotated[bool, typer.Option(help="More and fewer points asked for than ship.")] = False,
    skip_ms: Annotated[int, typer.Option(help="Begin each recording so much later: 0, 20, ... 980.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """How often the fall detector was right on recorded trials, with counts and 95% intervals.

    Example: watchword replay score falls --curve
    """
    trials = falls.later(_trials(folder, rate), skip_ms)
    if curve:
        rows = falls.curve_table(falls.curve(trials, rate))
    else:
        rows = falls.table(falls.scored(falls.replayed(trials, rate)))
    if as_json:
        print("\n".join(json.dumps(row) for row in rows))
    else:
        print(falls.curve_as_text(rows) if curve else falls.as_text(rows))


@replay.command()
def cost(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """What a sample of the accelerometer costs the pendant's detectors: microseconds on this machine, and bytes.

    Example: watchword replay cost
    """
    need_checkout()
    found = motion_cost.costs()
    print("\n".join(json.dumps(asdict(each)) for each in found) if as_json else motion_cost.as_text(found))


def _trials(folder: Path, rate_hz: int) -> list[falls.Trial]:
    need_checkout()
    if rate_hz not in (25, 50):
        raise CommandRefused(f"--rate {rate_hz}: the detector knows 50 and 25")
    if not folder.is_dir():
        raise CommandRefused(f"{folder}: there is no such folder")
    return falls.trials_in(folder)


def changes_of_fix(file: Path) -> Iterator[dict[str, Any]]:
    """Each change as CONTRACTS prints it; the last is the counts. Raises CommandRefused where MicroPython stopped."""
    *changes, counts = by_firmware(_GNSS, "receiver", file)
    for change in changes:
        time_ms, lat_e7, lon_e7, speed_mm_s, valid = (None if x == "-" else int(x) for x in change.split())
        yield {
            "time": None if time_ms is None else _iso(time_ms),
            "lat": None if lat_e7 is None else lat_e7 / 1e7,
            "lon": None if lon_e7 is None else lon_e7 / 1e7,
            "speed_mps": None if speed_mm_s is None else speed_mm_s / 1000,
            "valid": bool(valid),
        }
    sentences, bad = counts.split()
    yield {"sentences": int(sentences), "bad": int(bad)}


def _iso(time_ms: int) -> str:
    at = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return at.replace(".000Z", "Z")
