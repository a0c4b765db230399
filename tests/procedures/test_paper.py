"""A procedure file lists its text's clauses: each that a rule names stands there, each other says why none does."""

import pytest
from watchword_hub.procedure_paper import EVERY
from watchword_hub.procedures import ProcedureError, built_in_names, compile_text, load

FILE = """[procedure]
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
  clause = "2"
[[paper]]
clause = "1"
says = "Tell us when you leave."
[[paper]]
clause = "2"
says = "Call the worker."
[[paper]]
clause = "3"
says = "Fill in the form."
note = "Paper, beforehand."
"""


def test_a_complete_list_says_which_rules_carry_each_clause() -> None:
    left, called, form = compile_text("x.toml", FILE).paper
    assert "close" in left.rules
    assert (called.clause, called.says, called.rules, called.note) == ("2", "Call the worker.", ("call",), "")
    assert (form.rules, form.note) == ((), "Paper, beforehand.")


def test_a_file_without_the_list_is_taken() -> None:
    assert compile_text("x.toml", FILE.split("[[paper]]")[0]).paper == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('[[paper]]\nclause = "2"\nsays = "Call the worker."\n', "", 19, "call names clause '2', which no [[paper]]"),
        ('note = "Paper, beforehand."\n', "", 25, "no rule names clause '3': say in `note`"),
        ('[[paper]]\nclause = "3"', '[[paper]]\nclause = "2"', 25, "clause '2' is listed twice"),
        ('says = "Call the worker."', "", 21, "'says' is missing"),
        ('note = "', 'notes = "', 27, "unknown key 'notes'"),
    ],
)
def test_an_incomplete_list_is_refused_with_line_and_reason(old: str, new: str, line: int, reason: str) -> None:
    assert old in FILE
    with pytest.raises(ProcedureError) as refused:
        compile_text("x.toml", FILE.replace(old, new))
    assert reason in refused.value.reason
    assert refused.value.line == line


def test_the_list_changes_nothing_of_what_runs() -> None:
    assert compile_text("x.toml", FILE).version == compile_text("x.toml", FILE.split("[[paper]]")[0]).version


@pytest.mark.parametrize("name", [*built_in_names(), "general"])
def test_each_built_in_procedure_lists_its_text(name: str) -> None:
    procedure = load(name)
    listed = {paper.clause for paper in procedure.paper}
    assert listed
    every = {paper.clause for paper in load("general").paper}
    assert {c for c in procedure.clauses.values() if c} <= listed | every
    assert name == "general" or not any(clause.startswith(EVERY) for clause in listed)


NORTHAMPTONSHIRE = "1.3, 2, 3.2, 3.3, 4.5, 4.6, 4.7, 4.8, App. 1, App. 2, App. 3"
HOMEMAKER = "1, 2, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 4, 4.1, 5.2, 5.3, 6.1, 6.2, 6.3, 6.4, 7, 8.1, 8.2, 8.3, 12, 13"
TEXTS = {
    "northamptonshire": NORTHAMPTONSHIRE,
    "northamptonshire-strengthening-families": NORTHAMPTONSHIRE,
    "derbyshire": "Tracking, High risk, Out of hours, Acorn Partnership",
    "clarendon": "Responsibilities, Home visit 2, Following 3, Following 4",
    "homemaker-standard": HOMEMAKER,
    "homemaker-enhanced": f"{HOMEMAKER}, 4.2.1, 4.2.2, 4.2.3, 5.1.1, 5.1.2, 5.1.3",
    "hertfordshire": "4.1, 6.1, 6.2, 7.1, 8.1",
    "general": ", ".join(str(n) for n in range(1, 11)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_clause_of_a_text_is_left_out(name: str) -> None:
    listed = {paper.clause.removeprefix("For every procedure, ") for paper in load(name).paper}
    assert set(TEXTS[name].split(", ")) <= listed
