"""What is wrong with a procedure file is said with file, line and reason, key by key."""

import pytest
from watchword_hub.procedures import ProcedureError, compile_text

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


def test_only_what_is_no_toml_or_no_file_is_unreadable() -> None:
    assert not refused("[end").readable
    assert refused(GOOD.replace('by = ["departed"]', "by = []")).readable
