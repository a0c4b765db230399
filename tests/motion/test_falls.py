"""Recorded falls and daily activity through the pendant's own detector, on MicroPython: found often, rarely wrong."""

import errno
import gzip
import json
from array import array
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from watchword_hub.cli.refusal import CommandRefused
from watchword_sim import falls
from watchword_sim.replay import replay

REPOSITORY = Path(__file__).resolve().parents[2]
FALLS = REPOSITORY.parent / "shared" / "data" / "falls"
here = pytest.mark.skipif(not FALLS.exists(), reason="../shared/data is not here")

Scores = falls.Scores


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, Scores]]:
    return list(falls.curve(falls.trials_in(FALLS), 50))


@pytest.fixture(scope="module")
def at_50_hz(steps: list[tuple[int, Scores]]) -> Scores:
    return dict(steps)[falls.shipped_points()]


@pytest.fixture(scope="module")
def at_25_hz() -> Scores:
    return falls.scored(falls.replayed(falls.trials_in(FALLS), 25))


@here
def test_falls_at_the_waist_are_found__with_few_false_alarms(at_50_hz: Scores) -> None:
    sisfall = at_50_hz["sisfall", "waist"]
    assert sisfall.falls == 1050 and sisfall.sensitivity >= 0.97 and sisfall.false_alarms <= 4
    assert at_50_hz["umafall", "waist"].sensitivity >= 0.95


@here
def test_falls_at_the_chest_are_found(at_50_hz: Scores) -> None:
    assert at_50_hz["umafall", "chest"].sensitivity >= 0.95


@here
def test_a_day_at_the_chest_and_stairs_alarm_nobody(at_50_hz: Scores, at_25_hz: Scores) -> None:
    for scores in (at_50_hz, at_25_hz):
        assert scores["chestadl", "chest"].false_alarms == scores["assist_stairs", "belt"].false_alarms == 0


@here
def test_half_the_rate_costs_little(at_50_hz: Scores, at_25_hz: Scores) -> None:
    for where, score in at_50_hz.items():
        assert at_25_hz[where].sensitivity >= score.sensitivity - 0.015, where


@here
def test_docs_man_down_quotes_what_the_command_prints(
    steps: list[tuple[int, Scores]], at_50_hz: Scores, at_25_hz: Scores
) -> None:
    page = (REPOSITORY / "docs" / "man-down.md").read_text(encoding="utf-8")
    for scores in (at_50_hz, at_25_hz):
        assert falls.as_text(falls.table(scores)) in page, "put the output of `watchword replay score` there"
    assert falls.curve_as_text(falls.curve_table(steps)) in page, "put the output of `--curve` there"


@here
def test_the_command_prints_a_line_for_each_trial_and_a_last_one() -> None:
    ran = CliRunner().invoke(replay, ["motion", str(FALLS / "assist_stairs" / "develop"), "--rate", "25", "--json"])
    *trials, last = map(json.loads, ran.stdout.splitlines())
    assert ran.exit_code == 0 and all(set(each) == {"trial", "position", "alarms", "samples"} for each in trials)
    assert last["trials"] == len(trials) == 10 and last["wall_s"] > 0
    assert trials[0]["samples"] == 8650 // 2


@here
def test_the_curve_falls_with_the_points(steps: list[tuple[int, Scores]]) -> None:
    chest = [scores["umafall", "chest"].found for _, scores in steps]
    assert len(chest) == 9 and chest == sorted(chest, reverse=True) and chest[0] > chest[-1]


def test_a_sample_s_cost_is_told__and_that_it_allocates_nothing() -> None:
    ran = CliRunner().invoke(replay, ["cost", "--json"])
    rows = {row["story"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert ran.exit_code == 0 and set(rows) == {"lying", "walking", "falling every 10 s"}
    assert all(row["us"] > 0 for row in rows.values())
    assert rows["lying"]["allocated_bytes"] == rows["walking"]["allocated_bytes"] == 0


def recorded(folder: Path, samples: list[tuple[int, int, int]], **said: object) -> Path:
    """One trial of these samples in `folder`, whose line in trials.csv says what it should but for `said`."""
    row = {"subject": "A", "trial": "T", "label": "ADL", "position": "waist", "rate_hz": 50, "file": "A.i16.gz"}
    row |= {"offset": 0, "n": len(samples), "quality": ""} | said
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "A.i16.gz").write_bytes(gzip.compress(array("h", [x for one in samples for x in one]).tobytes()))
    (folder / "trials.csv").write_text(f"{','.join(row)}\n{','.join(map(str, row.values()))}\n")
    return folder


def asked(command: str, *arguments: object) -> list[dict[str, Any]]:
    ran = CliRunner().invoke(replay, [command, *map(str, arguments), "--json"], catch_exceptions=False)
    return [json.loads(line) for line in ran.stdout.splitlines()]


FEW = [(0, 1000, 0)] * 100
LYING = [(5, 80, 1000 + abs(slot % 20 - 10) * 2) for slot in range(500) for _ in range(10)]  # breathes, for 100 s


def test_a_folder_without_trials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match=r"no trials\.csv"):
        asked("motion", tmp_path)
    with pytest.raises(CommandRefused, match="50 and 25"):
        asked("motion", tmp_path, "--rate", 40)
    (tmp_path / "trials.csv").write_text("")
    with pytest.raises(CommandRefused, match="no column subject, trial"):
        asked("motion", tmp_path)
    (tmp_path / "trials.csv").write_text(",".join(falls.COLUMNS))
    with pytest.raises(CommandRefused, match="names no trial"):
        asked("motion", tmp_path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"rate_hz": 25}, "line 2: trial T has 25 Hz"),
        ({"label": "fell"}, "neither of FALL and ADL"),
        ({"n": "many"}, "line 2: invalid literal"),
        ({"n": 0}, "can't be 0 samples"),
        ({"offset": -1}, "can't be 100 samples from -1"),
        ({"offset": 1}, "100 samples; trial T would end at 101"),
        ({"n": 10**12}, "would end at 1000000000000"),
        ({"file": "B.i16.gz"}, "is not there"),
        ({"file": "trials.csv"}, "not a gzip file"),
    ],
)
def test_a_trial_that_can_not_be_is_refused(tmp_path: Path, said: dict[str, object], why: str) -> None:
    with pytest.raises(CommandRefused, match=why):
        asked("motion", recorded(tmp_path, FEW, **said))


def test_a_recording_that_is_damaged_or_a_line_that_is_too_short_is_refused(tmp_path: Path) -> None:
    whole = (recorded(tmp_path / "whole", FEW) / "A.i16.gz").read_bytes()
    for number, damaged in enumerate((b"", whole[:-9], whole[:12] + bytes([whole[12] ^ 0xFF]) + whole[13:])):
        folder = recorded(tmp_path / str(number), FEW)
        (folder / "A.i16.gz").write_bytes(damaged)
        with pytest.raises(CommandRefused, match=r"A\.i16\.gz"):
            asked("motion", folder)
    (folder / "trials.csv").write_text(",".join(falls.COLUMNS) + "\nA,T,ADL\n")
    with pytest.raises(CommandRefused, match="line 2: it ends before position"):
        asked("motion", folder)


def test_no_room_to_unpack_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = recorded(tmp_path, FEW)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CommandRefused, match="No space left"):
        asked("motion", folder)


def test_the_folder_itself_or_dot_names_the_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recorded(tmp_path / "mine" / "held-out", FEW))
    assert [row["set"] for row in asked("score", ".")] == ["mine"]


def test_falls_alone_have_no_rate_of_false_alarms(tmp_path: Path) -> None:
    folder = recorded(tmp_path, FEW, label="FALL")
    assert all(row["falls"] == 1 and "false_per_hour" not in row for row in asked("score", folder, "--curve"))
    table = CliRunner().invoke(replay, ["score", str(folder)], catch_exceptions=False).stdout
    assert table.endswith("| 0 of 1 | 0.000 (0.000–0.793) | 0 in 0.0 h | – |\n")
    curve = CliRunner().invoke(replay, ["score", str(folder), "--curve"], catch_exceptions=False).stdout
    assert curve.endswith(f"| {falls.shipped_points() + 20} | 0.000 |\n")


def test_a_question_about_stillness_counts_however_many_points_a_fall_needs(tmp_path: Path) -> None:
    folder = recorded(tmp_path, LYING)
    (line, _) = asked("motion", folder)
    assert [round(alarm["alarm_s"]) for alarm in line["alarms"]] == [90]
    assert [row["false_alarms"] for row in asked("score", folder, "--curve")] == [1] * 9


def test_recordings_begin_later_if_told_so(tmp_path: Path) -> None:
    folder = recorded(tmp_path, [*FEW[:20], (0, 3000, 0), *FEW])
    (trial,) = falls.trials_in(folder)
    (begun_later,) = falls.later([trial], 60)
    assert falls.largest_peak_s(trial) == pytest.approx(0.4) and falls.largest_peak_s(begun_later) == pytest.approx(
        0.34
    )
    assert asked("score", folder, "--skip-ms", 60)[0]["hours"] == 0
    for wrong in (10, -20, 1000):
        with pytest.raises(CommandRefused, match="one of 0, 20, 40"):
            asked("score", folder, "--skip-ms", wrong)
    with pytest.raises(CommandRefused, match="nothing would be left of trial T"):
        asked("score", recorded(tmp_path, FEW[:20]), "--skip-ms", 400)


def test_alarms_within_ten_seconds_are_one() -> None:
    assert falls.merged([falls.Alarm(at_s, at_s + 3, 160) for at_s in (1.0, 9.0, 18.0, 40.0)]) == 3


def test_intervals_are_those_of_the_books() -> None:
    assert falls.wilson(9, 10) == pytest.approx((0.596, 0.982), abs=0.001)
    assert falls.poisson(0) == pytest.approx((0.0, 3.689), abs=0.001)
    assert falls.poisson(4) == pytest.approx((1.090, 10.242), abs=0.001)
