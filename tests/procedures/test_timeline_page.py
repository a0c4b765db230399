"""docs/timelines.md leaves out no key, event or word that `watchword rehearse` reads, and its example plays."""

import re
from pathlib import Path

from watchword_hub import rehearse as r
from watchword_hub.procedure_words import VERBS, VIA
from watchword_hub.procedures import load

PAGE = Path(__file__).parents[2] / "docs" / "timelines.md"


def test_the_page_leaves_nothing_out() -> None:
    said = set(re.findall(r"`([a-z_0-9]+)`", PAGE.read_text(encoding="utf-8")))
    read = {"until", *r._PLAN_WORDS, *r._PLAN_FLAGS, *r._PLAN_NAMES, *r._PLAN_OTHERS, "joint", *r._EVENT_KEYS}
    read |= {*r._KINDS, *r._RESULTS, *r._ABOUT, *r._DECISIONS, *VERBS, *VIA}
    assert read - said == set()


def test_the_example_plays(tmp_path: Path) -> None:
    example = PAGE.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    path = tmp_path / "example.jsonl"
    path.write_text(example, encoding="utf-8")
    procedure = load("homemaker-enhanced")
    assert len(r.play(procedure, r.read_timeline(path, procedure))) == 7
