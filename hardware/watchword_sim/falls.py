"""Folders of recorded trials through the firmware's fall detector, and how often it was right (docs/man-down.md)."""

from __future__ import annotations

import csv
import gzip
import json
import math
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from watchword_hub.cli.refusal import CommandRefused, one_line

from watchword_sim.board_model import REPOSITORY
from watchword_sim.checkout import by_firmware

LIST = "trials.csv"
COLUMNS = ("subject", "trial", "label", "position", "rate_hz", "file", "offset", "n", "quality")
LABELS = ("FALL", "ADL")
PARTS = ("develop", "held-out", "held_out", "heldout")  # of a set: its name is the folder's above
NEAR_S = 2.0  # an alarm's impact lies so near a fall's largest peak, or the fall wasn't found
ONE_ALARM_S = 10.0  # alarms within this are one
LEFT_OUT = "clip2g"  # recordings that saturate at 2 g; kept as a robustness case, not scored
SAMPLE_BYTES = 6
SAMPLE_MS = 20
Z_95 = 1.959964
STILL = 0  # points of an alarm that is no fall: she moves no more
CURVE_STEP, CURVE_STEPS = 5, 4  # points between two rows, and rows on either side of what ships

# Reads a list of trials (number, offset in samples, samples, file), at half the rate if so told. Prints a line for each
# alarm: number, impact's sample, this moment's sample, points; of one for stillness, which has no impact, this moment's
# twice and 0; and a line "number -" when a trial is over. The last argument is for the curve: with how many points it
# alarms, 0: as it ships.
_MOTION = """
import sys
from array import array
from pendant import fall
from pendant.fall import SLOT_MS, Detector
from pendant.stillness import LIES_STILL, Stillness
rate = int(sys.argv[2])
block = rate * SLOT_MS // 1000
step = 50 // rate
fall.ALARM_POINTS = int(sys.argv[3]) or fall.ALARM_POINTS
raw = array("h", bytes(6 * step * block))
few = array("h", bytes(6 * block))
with open(sys.argv[1]) as trials:
    for line in trials:
        index, offset, samples, name = line.rstrip().split(" ", 3)
        left = int(samples)
        stillness = Stillness()
        detector = Detector(rate, stillness)
        with open(name, "rb") as recording:
            recording.seek(6 * int(offset))
            while left > 0:
                got = min(left, len(raw) // 3)
                recording.readinto(memoryview(raw)[: 3 * got])
                left -= got
                brought = raw
                if step == 2:
                    got = (got + 1) // 2
                    for i in range(got):
                        few[3 * i], few[3 * i + 1], few[3 * i + 2] = raw[6 * i], raw[6 * i + 1], raw[6 * i + 2]
                    brought = few
                if detector.feed(brought, got):
                    print(index, detector.impact, detector.samples - 1, detector.points)
                if stillness.taken() == LIES_STILL:
                    print(index, detector.samples - 1, detector.samples - 1, 0)
        print(index, "-")
"""


@dataclass(frozen=True)
class Trial:
    """One line of trials.csv, in the set that its folder names."""

    set_name: str
    name: str
    subject: str
    position: str
    is_fall: bool
    quality: str
    recording: Path
    offset: int
    samples: int

    @property
    def hours(self) -> float:
        return self.samples / 50 / 3600


@dataclass(frozen=True)
class Alarm:
    """Of one trial; seconds from its start.."""

    impact_s: float
    alarm_s: float
    points: int


def trials_in(folder: Path) -> list[Trial]:
    """Those of every trials.csv at or below `folder`. CommandRefused where there is none, or one can't be read."""
    lists = sorted(folder.resolve().rglob(LIST))
    if not lists:
        raise CommandRefused(f"{folder}: no {LIST} in it or below it")
    found = [trial for file in lists for trial in _listed(file)]
    if not found:
        raise CommandRefused(f"{folder}: its {LIST} names no trial")
    return found


def _listed(file: Path) -> Iterator[Trial]:
    with one_line(OSError), file.open(newline="", encoding="utf-8-sig") as opened:
        rows = csv.DictReader(opened)
        try:
            lacking = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if lacking:
                raise CommandRefused(f"{file}: not a list of trials: it has no column {', '.join(lacking)}")
            for row in rows:
                yield _trial(file.parent, row)
        except (ValueError, csv.Error) as e:
            raise CommandRefused(f"{file}, line {rows.line_num}: {e}") from e


def _trial(folder: Path, row: dict[str, Any]) -> Trial:
    """Raises ValueError."""
    short = [column for column in COLUMNS if row[column] is None]
    if short:
        raise ValueError(f"it ends before {short[0]}")
    if int(row["rate_hz"]) != 50:
        raise ValueError(f"trial {row['trial']} has {row['rate_hz']} Hz, not 50")
    if row["label"] not in LABELS:
        raise ValueError(f"trial {row['trial']} is {row['label']!r}, neither of {' and '.join(LABELS)}")
    offset, samples = int(row["offset"]), int(row["n"])
    if offset < 0 or samples < 1:
        raise ValueError(f"trial {row['trial']} can't be {samples} samples from {offset} on")
    recording = folder / row["file"]
    if not recording.is_file():
        raise ValueError(f"{recording} is not there")
    set_name = folder.parent.name if folder.name in PARTS else folder.name
    is_fall = row["label"] == LABELS[0]
    return Trial(
        set_name, row["trial"], row["subject"], row["position"], is_fall, row["quality"], recording, offset, samples
    )


def later(trials: list[Trial], skip_ms: int) -> list[Trial]:
    """The same, each begun so much later, so that the detector's slots fall otherwise. Raises CommandRefused."""
    if skip_ms not in range(0, 1000, SAMPLE_MS):
        raise CommandRefused(f"--skip-ms {skip_ms}: one of 0, {SAMPLE_MS}, {2 * SAMPLE_MS}, ... 980")
    skip = skip_ms // SAMPLE_MS
    short = [trial.name for trial in trials if trial.samples <= skip]
    if short:
        raise CommandRefused(f"--skip-ms {skip_ms}: nothing would be left of trial {short[0]}")
    return [replace(trial, offset=trial.offset + skip, samples=trial.samples - skip) for trial in trials]


def replayed(trials: list[Trial], rate_hz: int, least_points: int = 0) -> Iterator[tuple[Trial, list[Alarm]]]:
    """Each trial with the detector's alarms, which started afresh for it. CommandRefused where MicroPython stopped.

    `least_points` that make an alarm; 0: as shipped.
    """
    with tempfile.TemporaryDirectory() as scratch:
        plan = Path(scratch) / "trials"
        with one_line(OSError):
            unpacked = _unpacked(trials, Path(scratch))
            lines = [f"{i} {t.offset} {t.samples} {unpacked[t.recording]}\n" for i, t in enumerate(trials)]
            plan.write_text("".join(lines))
        alarms: list[Alarm] = []
        for line in by_firmware(_MOTION, "detector", plan, str(rate_hz), str(least_points)):
            index, *found = line.split()
            if found == ["-"]:
                yield trials[int(index)], alarms
                alarms = []
            else:
                impact, sample, points = map(int, found)
                alarms.append(Alarm(impact / rate_hz, sample / rate_hz, points))


def _unpacked(trials: list[Trial], scratch: Path) -> dict[Path, Path]:
    """A plain file for each recording. CommandRefused for one that can't be read or ends before its last trial."""
    plain: dict[Path, Path] = {}
    for trial in trials:
        content = _whole(trial.recording)
        there = len(content) // SAMPLE_BYTES
        if trial.offset + trial.samples > there:
            raise CommandRefused(
                f"{trial.recording}: {there} samples; trial {trial.name} would end at {trial.offset + trial.samples}"
            )
        if trial.recording not in plain:
            plain[trial.recording] = scratch / str(len(plain))
            plain[trial.recording].write_bytes(content)
    return plain


# -- scoring


@dataclass
class Score:
    """Of one set at one place on the body."""

    falls: int = 0
    found: int = 0
    false_alarms: int = 0
    hours: float = 0.0

    @property
    def sensitivity(self) -> float:
        return self.found / self.falls if self.falls else 0.0


Scores = dict[tuple[str, str], Score]  # by (set, position)


@cache
def largest_peak_s(trial: Trial) -> float:
    """Where the acceleration is greatest, in seconds from the trial's start."""
    raw = memoryview(_samples(trial)).cast("h")
    squares = [raw[i] ** 2 + raw[i + 1] ** 2 + raw[i + 2] ** 2 for i in range(0, len(raw), 3)]
    return squares.index(max(squares)) / 50


def _samples(trial: Trial) -> bytes:
    first = trial.offset * SAMPLE_BYTES
    return _whole(trial.recording)[first : first + trial.samples * SAMPLE_BYTES]


@cache
def _whole(recording: Path) -> bytes:
    try:
        return gzip.decompress(recording.read_bytes())
    except (OSError, EOFError, zlib.error) as e:
        raise CommandRefused(f"{recording}: not a gzip file that can be read: {e}") from e


def merged(alarms: Iterable[Alarm]) -> int:
    """How many alarms a person would have counted: one covers what comes within ONE_ALARM_S of it."""
    count, counted_s = 0, -math.inf
    for alarm in alarms:
        if alarm.impact_s - counted_s > ONE_ALARM_S:
            count, counted_s = count + 1, alarm.impact_s
    return count


def curve(trials: list[Trial], rate_hz: int) -> Iterator[tuple[int, Scores]]:
    """The scores with more and fewer points asked for than ship, fewest first."""
    shipped = shipped_points()
    results = list(replayed(trials, rate_hz, shipped - CURVE_STEPS * CURVE_STEP))
    for step in range(-CURVE_STEPS, CURVE_STEPS + 1):
        least = shipped + step * CURVE_STEP
        kept = [(trial, [a for a in alarms if a.points >= least or a.points == STILL]) for trial, alarms in results]
        yield least, scored(kept)


def shipped_points() -> int:
    """ALARM_POINTS of the firmware."""
    source = (REPOSITORY / "firmware" / "pendant" / "fall_points.py").read_text()
    return int(source.rsplit("ALARM_POINTS = ", 1)[1])


def scored(results: Iterable[tuple[Trial, list[Alarm]]]) -> Scores:
    """By (set, position), as FACTS counts: LEFT_OUT recordings are in none of it."""
    scores: Scores = {}
    for trial, alarms in results:
        if trial.quality == LEFT_OUT:
            continue
        score = scores.setdefault((trial.set_name, trial.position), Score())
        if trial.is_fall:
            score.falls += 1
            peak_s = largest_peak_s(trial)
            score.found += any(abs(alarm.impact_s - peak_s) <= NEAR_S for alarm in alarms)
        else:
            score.hours += trial.hours
            score.false_alarms += merged(alarms)
    return scores


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95% interval of a proportion (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    share, spread = found / of, Z_95**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / of + spread / of / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson(count: int) -> tuple[float, float]:
    """The 95% interval of a count's expectation (exact, by bisection of the Poisson sum)."""

    def at_most(limit: int, mean: float) -> float:
        return sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(limit + 1))

    def bisected(limit: int, wanted: float) -> float:
        low, high = 0.0, 10.0 + 3.0 * (limit + 1)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(limit, middle) > wanted else (low, middle)
        return low

    return (bisected(count - 1, 0.975) if count else 0.0), bisected(count, 0.025)


def row(where: tuple[str, str], score: Score) -> dict[str, Any]:
    """A row of the table, for people and programs."""
    low, high = wilson(score.found, score.falls)
    few, many = poisson(score.false_alarms)
    counts: dict[str, Any] = {"set": where[0], "position": where[1], "falls": score.falls, "found": score.found}
    if score.falls:
        counts |= {"sensitivity": round(score.sensitivity, 4), "sensitivity_95": [round(low, 4), round(high, 4)]}
    hours = round(score.hours, 2)
    counts |= {"false_alarms": score.false_alarms, "hours": hours}
    if score.hours:
        counts["false_per_hour"] = round(score.false_alarms / score.hours, 2)
        counts["false_per_hour_95"] = [round(few / score.hours, 2), round(many / score.hours, 2)]
    return counts


def table(scores: Scores) -> list[dict[str, Any]]:
    """Its rows."""
    return [row(where, scores[where]) for where in sorted(scores)]


def curve_table(steps: Iterable[tuple[int, Scores]]) -> list[dict[str, Any]]:
    """The curve's rows."""
    return [{"points": points} | each for points, scores in steps for each in table(scores)]


def as_text(rows: list[dict[str, Any]]) -> str:
    """The table, in Markdown."""
    lines = ["| set, place | falls found | sensitivity (95%) | false alarms | a hour of daily activity (95%) |"]
    lines.append("|---|---|---|---|---|")
    for each in rows:
        share = "–"
        if each["falls"]:
            low, high = each["sensitivity_95"]
            share = f"{each['sensitivity']:.3f} ({low:.3f}–{high:.3f})"
        rate = "–"
        if "false_per_hour" in each:
            few, many = each["false_per_hour_95"]
            rate = f"{each['false_per_hour']:.2f} ({few:.2f}–{many:.2f})"
        lines.append(
            f"| {each['set']} {each['position']} | {each['found']} of {each['falls']} | {share} "
            f"| {each['false_alarms']} in {each['hours']:.1f} h | {rate} |"
        )
    return "\n".join(lines)


def curve_as_text(rows: list[dict[str, Any]]) -> str:
    """The curve in Markdown: a line for each number of points, a column for each set and place."""
    places = list(dict.fromkeys((row["set"], row["position"]) for row in rows))
    lines = ["| points | " + " | ".join(" ".join(place) for place in places) + " |", "|---" * (len(places) + 1) + "|"]
    for points in dict.fromkeys(row["points"] for row in rows):
        there = [row for row in rows if row["points"] == points]
        lines.append(f"| {points} | " + " | ".join(map(_cell, there)) + " |")
    return "\n".join(lines)


def _cell(row: dict[str, Any]) -> str:
    share = [f"{row['sensitivity']:.3f}"] if row["falls"] else []
    return ", ".join(share + ([f"{row['false_per_hour']:.2f}/h"] if "false_per_hour" in row else []))


def as_json(trial: Trial, alarms: list[Alarm], rate_hz: int) -> str:
    """A trial's line as CONTRACTS has it."""
    told = [{"impact_s": round(a.impact_s, 2), "alarm_s": round(a.alarm_s, 2)} for a in alarms]
    samples = -(-trial.samples * rate_hz // 50)
    return json.dumps({"trial": trial.name, "position": trial.position, "alarms": told, "samples": samples})
