"""MicroPython beside CPython: one process plays many timelines, and whatever stops it is said."""

import sys
from pathlib import Path

import pytest
from play import Story
from watchword_hub import rehearse as r
from watchword_hub.second_interpreter import MicroPython, MicroPythonError

VISIT = {"start": "10:00", "end": "11:00", "risk": "identified"}


def told(folder: Path, procedure: str) -> tuple[Story, r.Timeline]:
    story = Story(folder, procedure, VISIT)
    story.rows("10:00 arrived", "11:30 restart", until="13:00")
    return story, r.read_timeline(story.path, story.procedure)


def test_one_process_plays_many_timelines_of_several_procedures(tmp_path: Path) -> None:
    with MicroPython() as second:
        for procedure in ("derbyshire", "northamptonshire", "derbyshire", "homemaker-enhanced"):
            story, timeline = told(tmp_path, procedure)
            for _ in range(20):
                assert r.play_on_micropython(story.procedure, timeline, second) == r.play(story.procedure, timeline)


def test_a_process_that_stopped_says_so_each_time(tmp_path: Path) -> None:
    story, timeline = told(tmp_path, "derbyshire")
    with MicroPython() as second:
        for _ in range(2):
            with pytest.raises(MicroPythonError, match="stopped"):
                second.play(story.procedure.table, 0, [None], [[0]], 0)  # a step has seven fields
        with pytest.raises(MicroPythonError, match="stopped"):
            r.play_on_micropython(story.procedure, timeline, second)


def test_where_it_is_not_installed_the_command_says_how_to_mend_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story, _ = told(tmp_path, "derbyshire")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert r.run("derbyshire", story.path, "both", as_json=True) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "install the simulator" in captured.err
    assert r.run("derbyshire", story.path, "cpython", as_json=True) == 0
