"""Random timelines of every procedure, played on CPython and on the pendant's MicroPython: equal to the millisecond.

Seeds are fixed. A difference leaves its timeline in build/timelines and names the command that plays it again.
"""

from pathlib import Path

import pytest
from play import second_interpreter
from timelines import as_lines, timeline
from watchword_hub import rehearse as r
from watchword_hub.procedures import built_in_names, load
from watchword_hub.second_interpreter import MicroPython, MicroPythonError

LEFT_IN = Path(__file__).resolve().parents[2] / "build" / "timelines"
AT_ONCE = 1_000  # seeds a test, so that both cores have work


def compare(seeds, folder):
    """How many actions both interpreters asked for; fails at the first timeline in which they differ."""
    procedures = [load(name) for name in built_in_names()]
    path, asked = folder / "timeline.jsonl", 0
    for seed in seeds:
        procedure = procedures[seed % len(procedures)]
        path.write_text(as_lines(timeline(seed)), encoding="utf-8")
        played = r.read_timeline(path, procedure)
        one = r.play(procedure, played)
        asked += len(one)
        if r.play_on_micropython(procedure, played, second_interpreter()) != one:
            pytest.fail(_left(path, procedure.name, seed))
    return asked


def _left(path, procedure, seed):
    LEFT_IN.mkdir(parents=True, exist_ok=True)
    kept = path.rename(LEFT_IN / f"{seed}.jsonl")
    return f"the interpreters differ: watchword rehearse {procedure} {kept} --on both"


def test_a_hundred_random_timelines(tmp_path):
    asked = compare(range(100), tmp_path)
    print(f"100 timelines, {asked} actions, the same on both interpreters")
    assert asked > 1_000


@pytest.mark.soak
@pytest.mark.parametrize("first", range(100, 10_100, AT_ONCE))
def test_ten_thousand_random_timelines(first, tmp_path):
    asked = compare(range(first, first + AT_ONCE), tmp_path)
    print(f"seeds {first} to {first + AT_ONCE - 1}: {asked} actions, the same on both interpreters")


def test_a_week_in_which_nobody_reports(tmp_path):
    rows = [
        {"plan": {"worker": "Ana", "manager": "Cora", "start": "2026-11-23T10:00Z", "end": "2026-11-23T11:00Z"}},
        {"at": "2026-11-23T10:05Z", "event": "sos"},
        {"until": "2026-11-30T10:00Z"},
    ]
    path = tmp_path / "timeline.jsonl"
    path.write_text(as_lines(rows), encoding="utf-8")
    procedure = load("northamptonshire")
    actions, agreed = r.rehearse(procedure, r.read_timeline(path, procedure), "both")
    assert agreed and len(actions) > 2_000


def test_what_stops_the_second_interpreter_is_said():
    with MicroPython() as second, pytest.raises(MicroPythonError, match="IndexError"):
        second.play(load("derbyshire").table, 0, [0, 60_000, None, None, None], [[1]], 60_000)
