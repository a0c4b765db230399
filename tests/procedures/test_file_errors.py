"""What is wrong with a procedure file is said with file, line and reason, key by key."""

from pathlib import Path

import pytest
from watchword_core import words as w
from watchword_hub.picture.plain import door
from watchword_hub.procedures import ProcedureError, compile_text, read

GOOD = """[procedure]
name = "x"
title = "X"
out_of_hours = "the manager tracks"

[clauses]
alarm-tracker = "App. 1"

[door]
needs = "nothing"
clause = "1"
  [[door.refuse]]
  when = ["no tracker"]
  clause = "2"
  why = "No tracker, no visit"

[end]
by = ["departed"]
clause = "3"

[end_of_day]
at = "18:30"
or_after_T_end = "1 h"

[extension]
cap = "2 h"
step = "15 min"
clause = "4"

[record]
abandoned = "5"

[[watch]]
id = "reminder"
starts = "T_end"
answered_by = ["report"]
reminds_only = true

  [[watch.rung]]
  id = "reminder-prompt"
  after = "0 min"
  do = "prompt"
  repeat = "60 min"
  clause = "6"

[[watch]]
id = "finish"
starts = "T_end"
answered_by = ["report", "departed"]
answered_early_by = ["departed"]
again = "60 min"
when = ["risk"]

  [[watch.rung]]
  id = "finish-call"
  after = "5 min"
  do = "call"
  by = "tracker"
  who = "worker"
  via = ["work_mobile"]
  limit = "10 min"
  no_later_than = "5 min"
  clause = "7"

  [[watch.rung]]
  id = "finish-999"
  if_failed_or_unreported = "finish-call"
  do = "dial_999"
  by = "manager"
  clause = "8"

[[watch]]
id = "signal"
starts = "no signal"
answered_by = ["speech"]

  [[watch.rung]]
  id = "signal-refuse"
  after = "0 min"
  do = "refuse"
  why = "No signal"
  clause = "9"
"""
FIRST = 'id = "reminder"'


def line_of(piece: str, text: str = GOOD) -> int:
    return text[: text.index(piece)].count("\n") + 1


def refused(text: str) -> ProcedureError:
    with pytest.raises(ProcedureError) as caught:
        compile_text("x.toml", text)
    return caught.value


def test_the_good_file_is_taken() -> None:
    procedure = compile_text("x.toml", GOOD)
    assert procedure.rung_places[-1] == ("signal-refuse", "x.toml", line_of('id = "signal-refuse"'))
    assert procedure.watch_places[-1] == ("signal", "x.toml", line_of('id = "signal"'))
    assert procedure.bounds_s[procedure.rung_names.index("finish-call")] == 300


WRONG = [
    # what is changed, into what, the line that is named (where it differs from the change's), the reason
    ("[clauses]\nalarm-tracker", '[clauses]\nalarm-trakcer = "1"\nx', "alarm-trakcer =", "no rung of general.toml"),
    ('alarm-tracker = "App. 1"', "alarm-tracker = 1", "", "write text"),
    ("[clauses]", "[clause]", "", "unknown key 'clause'"),
    ('at = "18:30"', 'at = "24:30"', "", "write a local time"),
    ('at = "18:30"', "at = 18:30:00", "", "write a local time"),
    ('at = "18:30"\n', "", "[end_of_day]", "'at' is missing"),
    ('or_after_T_end = "1 h"', 'or_after_T_end = "an hour"', "", "write a time such as"),
    ('or_after_T_end = "1 h"', 'or_after_tend = "1 h"', "", "unknown key 'or_after_tend'"),
    ('out_of_hours = "the manager tracks"', 'out_of_hours = "nobody"', "", "the manager tracks"),
    ('out_of_hours = "the manager tracks"', 'out_of_hours = ""', "", "the manager tracks"),
    ('title = "X"', 'title = " "', "", "write text"),
    ('title = "X"\n', "", "[procedure]", "'title' is missing"),
    ('name = "x"', 'name = "general"', "", "choose another"),
    ('answered_early_by = ["departed"]', 'answered_early_by = ["speech"]', "", "not in answered_by"),
    ('answered_early_by = ["departed"]', 'answered_early_by = "departed"', "", "must be a list"),
    ('answered_by = ["report", "departed"]', "answered_by = []", "", "nothing would ever end it"),
    ('answered_by = ["report", "departed"]', 'answered_by = [["report"]]', "", "it can be:"),
    ('again = "60 min"', 'again = "0 min"', "", "a time that passes"),
    ('again = "60 min"', "again = 60", "", "write a time such as"),
    ("reminds_only = true", 'reminds_only = "yes"', "", "write true"),
    ('repeat = "60 min"', 'repeat = "0 s"', "", "a time that passes"),
    ('limit = "10 min"', 'limit = "0 min"', "", "a time that passes"),
    ('limit = "10 min"', 'limit = "10 min"\nrepeat = "5 min"', "repeat = \"5", "has a limit and repeats"),
    ('no_later_than = "5 min"', 'no_later_than = "5"', "", "write a time such as"),
    ('  why = "No signal"\n', "", 'id = "signal-refuse"', "'why' is missing"),
    ('why = "No signal"', 'why = ""', "", "write text"),
    ('  why = "No tracker, no visit"\n', "", "[[door.refuse]]", "'why' is missing"),
    ('when = ["no tracker"]', "when = []", "", "every visit would be refused"),
    ('when = ["no tracker"]', 'when = ["no trakcer"]', "", "it can be:"),
    ("[[door.refuse]]", "[door.refuse]", "[door]", "headed [[door.refuse]]"),
    ('when = ["risk"]', 'when = ["risk"]\nunless = ["risk"]', 'unless = ["risk"]', "no plan is so"),
    ('abandoned = "5"', 'abandond = "5"', "", "unknown key 'abandond'"),
    ('abandoned = "5"', "abandoned = 5", "", "write text"),
    ('step = "15 min"\n', "", "[extension]", "'step' is missing"),
    ('by = ["departed"]', 'by = ["acknowledged"]', "", "it can be: departure spoken"),
    ("[end]\n", "[[end]]\n", "", "as a section [end]"),
    ('by = "tracker"', 'by = "client"', "", "it can be: tracker, manager, senior"),
    ('who = "worker"', 'who = "tracker"', "", "by and who are both tracker: nobody is to call themselves"),
    ('who = "worker"', 'who = "pendant"', "", "it can be: tracker, manager, senior, worker, client, emergency_contact"),
    ('who = "worker"', 'who = ["worker"]', "", "it can be: tracker"),
    ('who = "worker"', 'who = "emergency_services"', "", 'asked for by do = "dial_999"'),
    ('  who = "worker"\n', "", 'id = "finish-call"', "'who' is missing"),
    ('who = "worker"', 'who = "client"', 'via = ["work_mobile"]', "client can't be called by work_mobile: write cl"),
    ('via = ["work_mobile"]', 'via = ["home", "client_mobile"]', "", 'worker can\'t be called by client_mobile: write'),
    ('who = "worker"\n  via = ["work_mobile"]', 'who = "team"\n  via = ["client_landline"]', "via = [\"client",
     "team can't be called by client_landline"),
    ('do = "prompt"', 'do = "tell"', 'id = "reminder-prompt"', "'who' is missing"),
    ('do = "prompt"', 'do = "tell"\n  who = "worker"', 'who = "worker"', "it can be: tracker, manager, senior, em"),
    ('do = "prompt"', 'do = "tell"\n  who = "team"', 'who = "team"', "nothing but a person reaches team: say in"),
    ('do = "prompt"', 'do = "tell"\n  by = "senior"\n  who = "senior"', 'who = "senior"', "to tell themselves"),
    ('do = "prompt"', 'do = "prompt"\n  by = "tracker"', 'by = "tracker"', "by says nothing in a rung that is to"),
    ('do = "prompt"', 'do = "prompt"\n  limit = "5 min"', 'limit = "5 min"', "limit says nothing"),
    ('do = "dial_999"', 'do = "dial_999"\n  who = "worker"', 'who = "worker"\n  by', "who says nothing"),
    ('why = "No signal"', 'why = "No signal"\n  repeat = "5 min"', 'repeat = "5 min"', "repeat says nothing in a rung"),
    ('cap = "2 h"', 'cap = "10 min"', "", "cap is less than step"),
    ('do = "prompt"', 'do = "mark"', "", "it can be: call, tell"),
    ('id = "finish-999"', 'id = "finish-call"', "", "used twice"),
    ('id = "finish"', 'id = "reminder"', "", "used twice"),
    ('  id = "signal-refuse"\n', "", "[[watch.rung]]\n  after = \"0 min\"\n  do = \"refuse\"", "'id' is missing"),
    ('id = "finish"', "id = 7", "", "write text"),
    ('if_failed_or_unreported = "finish-call"', 'if_failed = "finish-999"', "", "no rung above it (a circle"),
    ('if_failed_or_unreported = "finish-call"', 'if_failed = "nobody"', "", "no rung above it"),
    ('if_failed_or_unreported = "finish-call"', 'if_failed = "reminder-prompt"', "", "stands in another watch"),
    ('if_failed_or_unreported = "finish-call"', 'if_failed = ["finish-call"]', "", "write text"),
    ('after = "0 min"\n  do = "refuse"', 'if_failed = "finish-call"\n  do = "refuse"', "", "stands in another watch"),
    ("[[watch]]\nid = \"signal\"",
     "[[watch]]\nid = \"none\"\nstarts = \"silent\"\nanswered_by = [\"seen\"]\nrung = []\n"
     "[[watch]]\nid = \"signal\"", "rung = []", "has no rungs"),
    ("[[watch]]\nid = \"reminder\"", "[watch]\nid = \"reminder\"", "TOML", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "reason"), WRONG)
def test_each_key_says_where_and_why(old: str, new: str, at: str, reason: str) -> None:
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1) if old != 'id = "finish-999"' else GOOD.replace(old, new)
    error = refused(text)
    assert reason in error.reason
    if at != "TOML":
        start = GOOD.index(old)
        expected = line_of(at, text) if at else text[: text.index(new.strip().splitlines()[0], start)].count("\n") + 1
        assert str(error).startswith(f"x.toml:{expected}: "), str(error)


def test_the_same_word_twice_is_that_word() -> None:
    doubled = GOOD.replace('when = ["risk"]', 'when = ["risk", "risk"]')
    assert compile_text("x.toml", doubled).version == compile_text("x.toml", GOOD).version


@pytest.mark.parametrize(
    ("old", "new", "at", "cure"),
    [
        ('do = "prompt"', "do = \u201cprompt\u201d", "do = \u201c", "curly quotation marks"),
        ('do = "prompt"', "do = prompt # \u201cso\u201d", "do = prompt", "words and times stand in straight quotation"),
        ('do = "prompt"', 'do = "prompt', 'do = "prompt\n', "no closing quotation mark"),
        ('["report", "departed"]', '["report" "departed"]', '["report" "departed"]', "a list needs a comma"),
        ('limit = "10 min"', 'limit: "10 min"', "limit:", "write key = value"),
        ('limit = "10 min"', 'limit = "10 min"\nlimit = "9 min"', 'limit = "9', "it stands twice"),
        ("[end]", "[procedure]", "[procedure]\nby", "it stands twice"),
        ("[end]", "[end] here", "[end] here", "compare it with the same line"),
        ("[[watch]]", "[[watch", "[[watch\n", "compare it with the same line"),
    ],
)
def test_what_is_no_toml_says_what_to_do_at_its_line(old: str, new: str, at: str, cure: str) -> None:
    text = GOOD.replace(old, new, 1)
    error = refused(text)
    assert str(error).startswith(f"x.toml:{line_of(at, text)}: not readable as TOML: ") and cure in error.reason


def test_the_end_of_an_unfinished_file_is_its_last_line() -> None:
    text = GOOD + 'why = """\nnever closed'
    assert refused(text).line == len(text.splitlines())
    assert refused("[").line == 1


def test_an_editors_mark_is_not_read_and_another_encoding_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read(str(path)).version == compile_text("x.toml", GOOD).version
    path.write_bytes(GOOD.replace('title = "X"', 'title = "X \u2013 Y"').encode("cp1252"))
    with pytest.raises(ProcedureError, match=rf"^{path}:3: not saved as UTF-8: choose that encoding") as caught:
        read(str(path))
    assert not caught.value.readable


def test_a_section_in_single_brackets_is_named_as_that() -> None:
    assert "rung is headed [watch.rung]; write" in refused(GOOD.replace("[[watch.rung]]", "[watch.rung]", 1)).reason
    assert "watch is 7; write" in refused("watch = 7\n" + GOOD[: GOOD.index("[[watch]]")]).reason


def test_a_close_without_a_risk_has_the_clause_of_any_unless_the_file_says_its_own() -> None:
    plain = compile_text("x.toml", GOOD)
    assert [plain.clause(rule) for rule in (w.RULE_CLOSE, w.RULE_CLOSE_NO_RISK, w.RULE_CANCEL)] == ["3", "3", "3"]
    own = compile_text("x.toml", GOOD.replace('clause = "3"', 'clause = "3"\nclause_without_risk = "3b"'))
    assert [own.clause(rule) for rule in (w.RULE_CLOSE, w.RULE_CLOSE_NO_RISK, w.RULE_CANCEL)] == ["3", "3b", "3"]
    assert "The visit is ended by: a report of leaving [3]; without a risk [3b]." in door(own)
    assert own.version == plain.version and own.rung_name(w.RULE_CLOSE_NO_RISK) == "close-no-risk"
    error = refused(GOOD.replace('clause = "3"', 'clause = "3"\nclause_without_risk = 4'))
    assert "clause_without_risk is 4; write text" in error.reason


def test_only_what_is_no_toml_or_no_file_is_unreadable() -> None:
    assert not refused("[end").readable
    assert refused(GOOD.replace('by = ["departed"]', "by = []")).readable
