"""docs/procedures/ says of each procedure what its file says: rungs, readings and clauses."""

import sys

import pytest
from sources import ROOT

sys.path.append(str(ROOT / "docs"))

import procedure_pages as pages
from watchword_hub.picture import plain
from watchword_hub.procedures import built_in_names, load

FILE = """# About the whole file,
# on two lines.

[procedure]
name = "x"
out_of_hours = "the manager tracks" # "A duty manager takes the calls"

# The door's reading.
[door]
needs = "nothing"

[clauses] # beside a header

# The watch's reading.
[[watch]]
id = "overdue"

  # The rung's reading.
  [[watch.rung]]
  id = "overdue-call"
  clause = "4.6" # as "4.6 #2" is read
"""


def test_comments_are_found_where_they_stand() -> None:
    assert pages.readings(FILE) == {
        "": ["About the whole file, on two lines."],
        "procedure": ['`out_of_hours`: "A duty manager takes the calls"'],
        "door": ["The door's reading."],
        "clauses": ["beside a header"],
        "overdue": ["The watch's reading."],
        "overdue-call": ["The rung's reading.", '`clause`: as "4.6 #2" is read'],
    }


@pytest.mark.parametrize("name", [*built_in_names(), "general"])
def test_a_page_has_every_rung_reading_and_clause(name: str) -> None:
    page, procedure = pages.page(name), load(name)
    for of in plain.watches(procedure)[1]:
        for i in of.rungs:
            (row,) = [line for line in page.splitlines() if line.startswith(f"| `{procedure.rung_name(i)}` |")]
            for said in (plain.opens(procedure, i), plain.does(procedure, i), procedure.clause(i)):
                assert said in row
    for place, said in pages.readings(procedure.source).items():
        assert place in ("clauses", "paper") or all(reading in page for reading in said), place
    for paper in procedure.paper:
        assert f"\n| {paper.clause} | {paper.says} |" in page


def test_every_procedure_has_a_page_and_a_picture() -> None:
    names = [*built_in_names(), "general"]
    wanted = {f"procedures/{name}.{kind}" for name in names for kind in ("md", "svg")}
    assert set(pages.files()) == wanted | {"procedures/README.md"}
    assert all(f"({name}.md)" in pages.index() for name in names)
