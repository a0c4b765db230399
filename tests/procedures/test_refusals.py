"""An unreadable procedure or timeline is refused whole, with its line and the reason."""

from pathlib import Path

import pytest
from watchword_hub import rehearse as r
from watchword_hub.procedures import ProcedureError, built_in_names, compile_text, load

GOOD = """[procedure]
name = "x"
title = "X"
[end]
by = ["departed"]
clause = "1"
[[watch]]
id = "finish"
starts = "T_end"
answered_by = ["departed"]
  [[watch.rung]]
  id = "call"
  after = "5 min"
  do = "call"
  by = "tracker"
  who = "worker"
  limit = "10 min"
  clause = "2"
"""


def test_the_good_file_is_taken() -> None:
    assert compile_text("x.toml", GOOD).clause(load("general").table.rungs.__len__()) == "2"


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (('after = "5 min"', 'after = "soon"'), 13, "write a time such as"),
        (('limit = "10 min"', 'limits = "10 min"'), 17, "unknown key 'limits'"),
        (('by = "tracker"', 'by = "postman"'), 15, "postman"),
        (('starts = "T_end"', 'starts = "dawn"'), 9, "dawn"),
        (('after = "5 min"', 'if_failed = "nobody"'), 13, "no rung above it"),
        (("[end]", "[end"), 4, "TOML"),
        (('by = ["departed"]\nclause', "by = []\nclause"), 0, "nothing would ever end a visit"),
        (('after = "5 min"', 'after = "19 h"'), 13, "the longest is 18 h"),
        (('answered_by = ["departed"]', 'answered_by = "departed"'), 10, "must be a list"),
        (('clause = "2"', "clause = 2"), 0, "clause is 2; write text"),
        (('clause = "2"', 'clause = " "'), 0, "clause is ' '; write text"),
    ],
)
def test_an_unreadable_procedure_names_line_and_reason(change: tuple[str, str], line: int, reason: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    with pytest.raises(ProcedureError) as refused:
        compile_text("x.toml", text)
    assert reason in str(refused.value)
    if line:
        assert f"x.toml:{line}:" in str(refused.value)


def test_what_is_no_procedure_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(ProcedureError, match="homemaker-enhanced"):
        load(str(tmp_path / "none.toml"))


def test_every_built_in_procedure_compiles_at_any_pace() -> None:
    for name in built_in_names():
        assert load(name).version != load(name, 500).version


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "until"),
        (["{"], ":1: not JSON"),
        (['{"plan": 3}'], ":1:"),
        (['{"plan": {"start": "2026-11-23T10:00:00", "end": "2026-11-23T25:00:00Z"}}'], ":1: end is '2026"),
        (
            ['{"plan": {"start": "2026-11-23T11:00:00Z", "end": "2026-11-23T10:00:00Z"}}'],
            ":1: the plan's end is before",
        ),
        (['{"plan": {"coverage": "bad"}}'], ":1: coverage is 'bad'; it can be: good, poor"),
        (['{"plan": {"first_visit": "yes"}}'], ":1: first_visit is 'yes'"),
        (['{"plan": {"worker": 7}}'], ":1: worker is 7"),
        (["PLAN", '{"at": "2026-11-23T10:00:00Z", "event": "sneezed"}'], ":2: event is 'sneezed'"),
        (["PLAN", "SOS 10:05", "SOS 10:04"], ":3: this is earlier"),
        (["PLAN", '{"until": "2026-11-23T10:00:00Z"}', "SOS 10:04"], ":3: nothing may follow"),
        (["PLAN", "SOS 10:04"], "until"),
    ],
)
def test_an_unusable_timeline_says_where(tmp_path: Path, lines: list[str], complaint: str) -> None:
    path = tmp_path / "t.jsonl"
    plan = '{"plan": {"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:00:00Z"}}'
    full = []
    for line in lines:
        if line.startswith("SOS"):
            full.append(f'{{"at": "2026-11-23T{line[4:]}:00Z", "event": "sos"}}')
        else:
            full.append(plan if line == "PLAN" else line)
    path.write_text("\n".join(full))
    with pytest.raises(r.TimelineError) as refused:
        r.read_timeline(path, load("homemaker-enhanced"))
    assert complaint in str(refused.value)


def test_the_command_says_one_line_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert r.run("homemaker-enhanced", tmp_path / "none.jsonl") == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
