"""`watchword check`: each thing that it proves has a small file that breaks it, and is refused at its line."""

import json
from pathlib import Path

import pytest
from watchword_hub.lint.check import check, run
from watchword_hub.procedures import built_in_names, load

HEAD = """[procedure]
name = "x"
title = "X"
[end]
by = ["departed"]
clause = "1"
"""
FINISH = """[[watch]]
id = "finish"
starts = "T_end"
answered_by = ["report", "speech", "departed"]
again = "60 min"

  [[watch.rung]]
  id = "finish-worker"
  after = "0 min"
  do = "call"
  by = "tracker"
  who = "worker"
  via = ["work_mobile", "personal_mobile"]
  clause = "2"

  [[watch.rung]]
  id = "finish-contact"
  if_failed_or_unreported = "finish-worker"
  do = "call"
  by = "manager"
  who = "emergency_contact"
  clause = "2"

  [[watch.rung]]
  id = "finish-999"
  if_failed_or_unreported = "finish-contact"
  do = "dial_999"
  by = "manager"
  clause = "2"
"""
GOOD = HEAD + FINISH

_REMINDER = """[[watch]]
id = "reminder"
starts = "T_end"
answered_by = ["report"]

  [[watch.rung]]
  id = "reminder-prompt"
  after = "0 min"
  do = "prompt"
  repeat = "30 min"
  clause = "3"
"""
_DAY = """[[watch]]
id = "day"
starts = "end of day"
answered_by = ["report", "speech"]

  [[watch.rung]]
  id = "day-tell"
  after = "0 min"
  do = "tell"
  who = "manager"
  clause = "4"
"""
_DEPARTED = _DAY.replace("end of day", "departed").replace('"report", ', "")
_CLEARED = _DAY.replace('"end of day"', '"cleared"\nwhen = ["no tracker"]')
_FORBID = """[door]
needs = "nothing"
clause = "5"
  [[door.refuse]]
  when = ["no tracker"]
  clause = "5"
  why = "No tracker, no visit"
"""
_CLIENT = """
  [[watch.rung]]
  id = "finish-client"
  if_failed = "finish-worker"
  do = "call"
  by = "tracker"
  who = "client"
  unless = ["no client phones"]
  clause = "6"
"""
_CALL = FINISH[: FINISH.index('\n  [[watch.rung]]\n  id = "finish-contact"')]
_NAG = """
  [[watch.rung]]
  id = "finish-prompt"
  after = "0 min"
  do = "prompt"
  repeat = "30 min"
  clause = "6"
"""
_TELL = """
  [[watch.rung]]
  id = "finish-manager"
  if_failed_or_unreported = "finish-worker"
  do = "tell"
  who = "manager"
  clause = "6"
"""
_DECIDE = _TELL.replace('"tell"\n  who', '"decide"\n  by').replace('manager"\n  if', 'decide"\n  if')

BROKEN = {
    # what breaks: (the file, what the named line holds, the proof, a piece of the reason)
    "its watch starts at a moment that the file does not have": (GOOD + _DAY, "day-tell", "reach", "no [end_of_day]"),
    "the visit has ended when its watch would start": (GOOD + _DEPARTED, "day-tell", "reach", "comes to that"),
    "the door refuses all visits that it is for": (HEAD + _FORBID + FINISH + _CLEARED, "day-tell", "reach", "the door"),
    "its condition contradicts its watch's": (
        GOOD.replace('again = "60 min"', 'unless = ["risk"]').replace(
            'do = "dial_999"', 'do = "dial_999"\n  when = ["risk"]'
        ),
        "finish-999",
        "reach",
        "when and unless",
    ),
    "it waits for a no that nobody can give": (
        GOOD + _DECIDE + _TELL.replace('if_failed_or_unreported = "finish-worker', 'if_failed = "finish-decide'),
        "finish-manager",
        "reach",
        "no call",
    ),
    "a call with nothing after it": (HEAD + _CALL, "finish-worker", "failure", "only be asked again"),
    "a call with nothing after it in some visits": (
        HEAD + _CALL + _CLIENT,
        "finish-worker",
        "failure",
        "be asked again",
    ),
    "a call after which somebody is only told": (HEAD + _CALL + _TELL, "finish-worker", "failure", "nobody has a task"),
    "a call that ends nothing when it is answered": (
        GOOD.replace('"report", "speech", ', ""),
        "finish-worker",
        "failure",
        "would end nothing",
    ),
    "a door where nobody knows of the worker": (
        HEAD + _FORBID.replace('"nothing"', '"speech"') + FINISH,
        "needs =",
        "failure",
        "nobody is told",
    ),
    "a reminder for ever": (GOOD + _REMINDER, 'id = "reminder"', "circle", "without a person"),
    "after a failure only the pendant goes on": (HEAD + _CALL + _NAG, "finish-worker", "circle", "finish-prompt"),
    "a reminder that asks somebody": (
        GOOD.replace("again =", "reminds_only = true\nagain ="),
        'id = "finish"',
        "circle",
        "leave reminds_only out",
    ),
    "a rung after its bound": (
        GOOD.replace('after = "0 min"', 'after = "15 min"\n  no_later_than = "10 min"'),
        "finish-worker",
        "late",
        "opens only at 15 min",
    ),
    "a rung behind slow answers": (
        GOOD.replace('do = "dial_999"', 'do = "dial_999"\n  no_later_than = "20 min"'),
        "finish-999",
        "late",
        "20 min after its watch's start",
    ),
    "a rung that nobody's silence opens": (
        GOOD.replace(
            'if_failed_or_unreported = "finish-worker"\n', 'if_failed = "finish-worker"\n  no_later_than = "30 min"\n'
        ),
        "finish-contact",
        "late",
        "nobody reports",
    ),
    "a key that nobody reads": (GOOD.replace("again =", "agian ="), "agian", "form", "unknown key"),
    "rungs in a circle": (
        GOOD.replace('after = "0 min"', 'if_failed = "finish-999"'),
        'if_failed = "finish-999"',
        "form",
        "a circle of rungs",
    ),
}


def line_of(text: str, piece: str) -> int:
    piece = piece if "=" in piece or piece == "agian" else f'id = "{piece}"'
    return next(n for n, line in enumerate(text.splitlines(), 1) if piece in line)


def test_the_good_file_passes(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD)
    assert [str(found) for found in check(str(path)).findings] == []


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found_at_its_line(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, piece, rule, reason = BROKEN[what]
    assert text != GOOD
    path = tmp_path / "x.toml"
    path.write_text(text)
    assert run(str(path), as_json=True) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [row for row in rows if "finding" in row and reason in row["reason"]]
    assert found, [row for row in rows if "finding" in row]
    assert (found[0]["finding"], found[0]["file"], found[0]["line"]) == (rule, str(path), line_of(text, piece))
    assert rows[-1]["ok"] is False
    assert run(str(path)) == 1
    assert f"{path}:{line_of(text, piece)}: " in capsys.readouterr().out


@pytest.mark.parametrize("name", built_in_names())
def test_what_ships_passes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name) == 0, capsys.readouterr().out
    out = capsys.readouterr().out
    assert "alarm, from SOS or man-down: 1 min if nobody reports; 1 min if everybody says no; 1 min at the most" in out
    assert "duress, from duress: 1 min if nobody reports; 0 min if everybody says no; 1 min at the most" in out
    assert "People: not checked" in out


def times(name: str, watch: str) -> list[tuple[int | None, int | None, int | None, str]]:
    return [(w.nobody_reports_s, w.answered_no_s, w.longest_s, w.instead) for w in check(name).ways if w.watch == watch]


def test_how_long_help_takes_is_said_for_each_way_through() -> None:
    minute = 60
    assert times("clarendon", "late-to-leave") == [(20 * minute, 20 * minute, 20 * minute, "")]
    none, one, most = times("northamptonshire", "overdue")
    assert none[:2] == (70 * minute, 60 * minute)
    assert one[:2] == (80 * minute, 60 * minute)
    assert most[:2] == (140 * minute, 60 * minute)
    assert all(
        way[2] is not None and way[2] > way[0] for way in (none, one, most) if way[0]
    )  # slower than silence: "no"
    (decided,) = times("hertfordshire", "check-in")
    assert decided == (None, None, None, "a person decides: the manager, asked at 10 min")


def test_bounds_of_the_texts_are_proved() -> None:
    stated = {load(name).rung_names[i]: s // 60 for name in built_in_names() for i, s in load(name).bounds_s.items()}
    assert stated["call-back-worker"] == 20 and stated["call-back-manager"] == 30 and stated["finish-manager"] == 10
    assert stated["overdue-worker"] == 60 and stated["end-of-day-home"] == 60 and stated["late-to-leave-999"] == 20


@pytest.mark.parametrize("content", [b"[procedure", b"\xff\xfe", None])
def test_what_is_unreadable_is_one_line_and_2(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    assert run(str(path)) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1 and str(path) in said.err


def test_the_same_file_gives_the_same_answer() -> None:
    assert check("northamptonshire") == check("northamptonshire")
