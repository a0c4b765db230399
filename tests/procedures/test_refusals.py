"""An unreadable procedure or timeline is refused whole, with its line and the reason."""

import json
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


PLAN = {"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:00:00Z"}
AT = "2026-11-23T10:05:00Z"
SOS = {"at": AT, "event": "sos"}
END = {"until": "2026-11-23T12:00:00Z"}


def refusal(tmp_path: Path, *rows: object) -> str:
    """What is said of a timeline of these rows (text stands as it is)."""
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    with pytest.raises(r.TimelineError) as refused:
        r.read_timeline(path, load("homemaker-enhanced"))
    said = str(refused.value)
    assert said.startswith(str(path)) and "\n" not in said
    return said.removeprefix(str(path))


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], ":1: the last line is"),
        ([{"plan": PLAN}, SOS], ":2: the last line is"),
        (['{"plan": {}, "plan": {}}'], ":1: a key stands twice in an object: plan, plan"),
        ([{"plan": PLAN}, '{"at": 1, "event": "sos", "event": "duress"}'], ":2: a key stands twice"),
        ([{"plan": PLAN}, END | SOS], ":2: until stands alone"),
        (["{"], ":1: not JSON"),
        (["[1]"], ":1: a line is one JSON object"),
        ([{"plan": 3}], ":1: the first line is"),
        ([SOS, END], ":1: the first line is"),
        ([{"plan": PLAN}, {"plan": PLAN}, END], ":2: the event has 'plan'"),
        ([{"plan": PLAN}, {**SOS, "at": "2026-11-23T10:04:00Z"}, SOS], ":3: the last line is"),
        ([{"plan": PLAN}, SOS, "", {**SOS, "at": "2026-11-23T10:04:00Z"}], ":4: this is earlier"),
        ([{"plan": PLAN}, SOS, {"until": "2026-11-23T10:00:00Z"}], ":3: this is earlier"),
        ([{"plan": PLAN}, END, SOS], ":3: nothing may follow"),
        ([{"plan": PLAN}, {"until": 5}], ":2: until is 5; write a time"),
        ([{"plan": PLAN}, {"until": "2027-11-23T10:00:00Z"}], ":2: this is more than 31 days"),
        ([{"plan": PLAN}, {"until": "9999-11-23T10:00:00Z"}], ":2: until is '9999"),
    ],
)
def test_a_timeline_in_disorder_says_where(tmp_path: Path, rows: list[object], complaint: str) -> None:
    assert refusal(tmp_path, *rows).startswith(complaint)


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        ({"start": None}, "start is None; write a time"),
        ({"end": "2026-11-23T25:00:00Z"}, "end is '2026-11-23T25:00:00Z'; write a time"),
        ({"end": "2026-11-23T09:00:00Z"}, "the plan's end is before"),
        ({"check_in": "2026-11-23T09:00:00Z"}, "the plan's check_in is before"),
        ({"return_by": "2026-11-23T09:00:00Z"}, "the plan's return_by is before"),
        ({"check_in": "noon"}, "check_in is 'noon'; write a time"),
        ({"start": "0001-01-01T00:00:00"}, "start is '0001-01-01T00:00:00'; a visit is between 1971 and 2999"),
        ({"coverage": "bad"}, "coverage is 'bad'; it can be: good, poor"),
        ({"risk": ["none"]}, "risk is ['none']; it can be: none, identified"),
        ({"first_visit": "yes"}, "first_visit is 'yes'; it can be: true, false"),
        ({"joint": 1}, "joint is 1; it can be: true, false"),
        ({"worker": 7}, "worker is 7; write a name"),
        ({"Tracker": "Ben"}, "the plan has 'Tracker', which nobody reads"),
        ({"emergency_contacts": [""]}, "emergency_contacts is a list of names"),
        ({"emergency_contacts": {"Eli": 1}}, "emergency_contacts is a list of names"),
        ({"emergency_contacts": ["Eli"] * 8}, "8 emergency contacts; a plan holds 7"),
        ({"timezone": "Mars/Olympus"}, "timezone 'Mars/Olympus' is not known"),
        ({"timezone": "../passwd"}, "timezone '../passwd' is not known"),
        ({"timezone": 7}, "timezone 7 is not known"),
    ],
)
def test_an_impossible_plan_says_why(tmp_path: Path, plan: dict[str, object], complaint: str) -> None:
    assert refusal(tmp_path, {"plan": PLAN | plan}, END).startswith(f":1: {complaint}")


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ({"event": "sneezed"}, "event is 'sneezed'; it can be: confirmed"),
        ({"event": ["sos"]}, "event is ['sos']; it can be: confirmed"),
        ({"event": "sos", "at": None}, "at is None; write a time"),
        ({"event": "sos", "at": "10:05"}, "at is '10:05'; write a time"),
        ({"event": "extended", "finish": AT}, "the event has 'finish', which nobody reads"),
        ({"event": "extended", "end": "later"}, "end is 'later'; write a time"),
        ({"event": "spoke", "with": "postman"}, "with is 'postman'; it can be: worker, tracker"),
        ({"event": "spoke", "about": "weather"}, "about is 'weather'; it can be: arrival, departure, other"),
        ({"event": "acknowledged", "by": "next"}, "by is 'next'; it can be: worker, tracker"),
        ({"event": "call_result"}, "result is None; it can be: safe"),
        ({"event": "call_result", "result": "busy"}, "result is 'busy'; it can be: safe"),
        ({"event": "call_result", "result": "safe", "who": ["worker"]}, "who is ['worker']; it can be: worker"),
        ({"event": "call_result", "result": "safe", "via": "fax"}, "via is 'fax'; it can be: work_mobile"),
        ({"event": "call_result", "result": "safe", "via": [{}]}, "via is {}; it can be: work_mobile"),
        ({"event": "call_result", "result": "safe", "via": 3}, "via is 3; it can be: work_mobile"),
        ({"event": "done"}, "do is None; it can be: call"),
        ({"event": "decided", "what": "wait"}, "what is 'wait'; it can be: call_police, not_police"),
    ],
)
def test_an_impossible_event_says_why(tmp_path: Path, event: dict[str, object], complaint: str) -> None:
    assert refusal(tmp_path, {"plan": PLAN}, {"at": AT} | event, END).startswith(f":2: {complaint}")


def test_what_a_plan_leaves_out_as_null_is_left_out(tmp_path: Path) -> None:
    keys = ("tracker", "emergency_contacts", "check_in", "risk", "coverage", "first_visit", "joint", "client_phones")
    for key in (*keys, "meeting", "timezone"):
        said = told(tmp_path, {"plan": PLAN | {key: None}}, END)
        without = r.read_timeline(said, load("homemaker-enhanced"))
        assert without == r.read_timeline(told(tmp_path, {"plan": PLAN}, END), load("homemaker-enhanced"))


def test_too_many_events_are_refused(tmp_path: Path) -> None:
    assert "more than 10000 events" in refusal(tmp_path, {"plan": PLAN}, *[SOS] * (r.MAX_STEPS + 1), END)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    for unreadable in (path, tmp_path):
        path.write_bytes(b"\xff\xfe{}")
        with pytest.raises(r.TimelineError, match=f"^{unreadable}: not readable"):
            r.read_timeline(unreadable, load("homemaker-enhanced"))


def told(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_the_command_says_one_line_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = told(tmp_path, {"plan": PLAN}, SOS, END)
    for procedure, timeline in (("homemaker-enhanced", tmp_path / "none.jsonl"), (str(tmp_path / "none.toml"), good)):
        assert r.run(procedure, timeline) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.splitlines()) == 1


def test_the_command_exits_0_with_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = told(tmp_path, {"plan": PLAN}, SOS, END)
    traces = []
    for on in ("cpython", "micropython", "both"):
        assert r.run("clarendon", path, on, as_json=True) == 0
        said = capsys.readouterr()
        assert said.err == ""
        traces.append(said.out)
    assert traces[0] == traces[1] == traces[2]
    for line in traces[0].splitlines():
        assert list(json.loads(line))[:8] == ["at", "do", "by", "who", "name", "via", "rung", "clause"]


def test_a_file_that_begins_with_a_byte_order_mark_is_read_like_any(tmp_path: Path) -> None:
    path = told(tmp_path, {"plan": PLAN}, SOS, END)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert r.read_timeline(path, load("clarendon")).steps


def test_a_result_of_a_contact_whom_the_plan_does_not_name_is_refused(tmp_path: Path) -> None:
    called = {"at": SOS["at"], "event": "call_result", "who": "emergency_contact", "result": "no_answer", "name": "Zoe"}
    with pytest.raises(r.TimelineError, match="name is 'Zoe'; it can be: Eli, Eve"):
        r.read_timeline(
            told(tmp_path, {"plan": {**PLAN, "emergency_contacts": ["Eli", "Eve"]}}, called, END), load("clarendon")
        )


def test_interpreters_that_differ_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(r, "play", lambda procedure, timeline: [])
    assert r.run("clarendon", told(tmp_path, {"plan": PLAN}, SOS, END), "both", as_json=True) == 1
    said = capsys.readouterr()
    assert said.out and "decided differently" in said.err and len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    "line", ['{"plan":' + "[" * 100_000, '{"plan": ' + "9" * 5_000, '{"plan": {"worker": "\\ud800"}}']
)
def test_what_no_reader_can_take_is_refused_in_one_line(tmp_path: Path, line: str) -> None:
    timeline = tmp_path / "t.jsonl"
    timeline.write_text(line + "\n")
    with pytest.raises(r.TimelineError, match=r"t\.jsonl:1: "):
        r.read_timeline(timeline, load("clarendon"))
