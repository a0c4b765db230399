"""`watchword procedure new`: the starting file, filled in, compiles, passes `check` and can be rehearsed."""

import re
from pathlib import Path

import pytest
from watchword_hub import rehearse
from watchword_hub.cli import app as cli
from watchword_hub.lint.check import run

LATE = """{"plan": {"worker": "Ana", "tracker": "Ben", "manager": "Cora", "senior": "Dev", \
"emergency_contacts": ["Eli"], "start": "2026-11-23T10:00Z", "end": "2026-11-23T11:00Z"}}
{"at": "2026-11-23T10:01Z", "event": "arrived"}
{"until": "2026-11-23T11:45Z"}
"""


def command(*arguments: str) -> int:
    return cli.run(cli.app, list(arguments))


def filled(text: str) -> str:
    """As somebody would from their paper."""
    text = re.sub(r'(after|no_later_than) = "____"', r'\1 = "20 min"', text)
    return text.replace('"____"', '"1.1"')


def test_filled_in_it_passes_and_can_be_rehearsed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ours.toml"
    assert command("procedure", "new", "our-visits", "--to", str(path)) == 0
    assert run(str(path)) == 1
    blanks = [n for n, line in enumerate(path.read_text().splitlines(), 1) if '= "____"' in line]
    said = capsys.readouterr().out
    assert f"{path}:{blanks[0]}: still to be filled in" in said and f"{blanks[-2]}, {blanks[-1]}" in said

    path.write_text(filled(path.read_text()))
    assert run(str(path)) == 0, capsys.readouterr().out
    (tmp_path / "late.jsonl").write_text(LATE)
    capsys.readouterr()
    assert rehearse.run(str(path), tmp_path / "late.jsonl") == 0
    out = capsys.readouterr().out
    assert re.search(r"11:20:00 +Ben \(tracker\) must phone Ana", out)
    assert re.search(r"11:40:00 +Cora \(manager\) must dial 999", out)


def test_a_file_that_exists_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ours.toml"
    path.write_text("mine")
    assert command("procedure", "new", "our-visits", "--to", str(path)) == 2
    assert path.read_text() == "mine"
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_a_place_it_is_written_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("procedure", "new", "our-visits") == 0
    assert (tmp_path / "our-visits.toml").exists()
    assert "watchword check our-visits.toml" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Our Visits", "../ours", "-x", "", "general", "derbyshire", "x" * 61])
def test_a_name_that_is_none_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("procedure", "new", "--", name) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1 and not list(tmp_path.iterdir())


def test_a_place_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("procedure", "new", "our-visits", "--to", str(tmp_path / "none" / "x.toml")) == 2
    assert "can't be written" in capsys.readouterr().err
