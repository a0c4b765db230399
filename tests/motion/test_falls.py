"""Recorded falls and daily activity through the pendant's own detector, on MicroPython: found often, rarely wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner
from watchword_hub.cli.refusal import CommandRefused
from watchword_sim import falls
from watchword_sim.replay import replay

FALLS = Path(__file__).resolve().parents[3] / "shared" / "data" / "falls"
here = pytest.mark.skipif(not FALLS.exists(), reason="../shared/data is not here")

Scores = dict[tuple[str, str], falls.Score]


@pytest.fixture(scope="module")
def at_50_hz() -> Scores:
    return falls.scored(falls.replayed(falls.trials_in(FALLS), 50))


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
def test_the_command_prints_a_line_for_each_trial_and_a_last_one() -> None:
    ran = CliRunner().invoke(replay, ["motion", str(FALLS / "assist_stairs" / "develop"), "--rate", "25", "--json"])
    *trials, last = map(json.loads, ran.stdout.splitlines())
    assert ran.exit_code == 0 and all(set(each) == {"trial", "position", "alarms", "samples"} for each in trials)
    assert last["trials"] == len(trials) == 10 and last["wall_s"] > 0
    assert trials[0]["samples"] == 8650 // 2


@here
def test_the_curve_falls_with_the_points() -> None:
    ran = CliRunner().invoke(replay, ["score", str(FALLS / "umafall"), "--curve", "--json"])
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    chest = [row["found"] for row in rows if row["position"] == "chest"]
    assert ran.exit_code == 0 and len(chest) == 9 and chest == sorted(chest, reverse=True)


def test_a_sample_s_cost_is_told__and_that_it_allocates_nothing() -> None:
    ran = CliRunner().invoke(replay, ["cost", "--json"])
    rows = {row["story"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert ran.exit_code == 0 and set(rows) == {"lying", "walking", "falling every 10 s"}
    assert all(row["us"] > 0 for row in rows.values())
    assert rows["lying"]["allocated_bytes"] == rows["walking"]["allocated_bytes"] == 0


def test_a_folder_without_trials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match=r"no trials\.csv"):
        CliRunner().invoke(replay, ["motion", str(tmp_path)], catch_exceptions=False)
    with pytest.raises(CommandRefused, match="50 and 25"):
        CliRunner().invoke(replay, ["motion", str(tmp_path), "--rate", "40"], catch_exceptions=False)


def test_alarms_within_ten_seconds_are_one() -> None:
    assert falls.merged([falls.Alarm(at_s, at_s + 3, 160) for at_s in (1.0, 9.0, 18.0, 40.0)]) == 2


def test_intervals_are_those_of_the_books() -> None:
    assert falls.wilson(9, 10) == pytest.approx((0.596, 0.982), abs=0.001)
    assert falls.poisson(0) == pytest.approx((0.0, 3.689), abs=0.001)
    assert falls.poisson(4) == pytest.approx((1.090, 10.242), abs=0.001)
