"""docs/writing-a-procedure.md: its examples make up one procedure, which passes; and it leaves no key or word out."""

import re
from pathlib import Path

import pytest
from watchword_hub import rehearse
from watchword_hub.lint.check import check
from watchword_hub.procedure_words import ANSWERS, PLAN, RECORDS, RUNG_VERBS, STARTS, VIA
from watchword_hub.procedures import KEYS

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-procedure.md"
TEXT = PAGE.read_text(encoding="utf-8")
FENCED = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
BLOCKS = FENCED.findall(TEXT)
INLINE = re.findall(r"`([^`]+)`", FENCED.sub("", TEXT))
WORDS = {*KEYS, *(key for keys in KEYS.values() for key in keys), *ANSWERS, *PLAN, *STARTS, *RUNG_VERBS, *VIA, *RECORDS}


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """The files that the page writes, side by side."""
    parts = blocks("toml")
    people = [part for part in parts if part.startswith("# people.toml")]
    (tmp_path / "harbour.toml").write_text("\n".join(part for part in parts if part not in people))
    (tmp_path / "people.toml").write_text("\n".join(people))
    (tmp_path / "late.jsonl").write_text("".join(blocks("json")))
    return tmp_path


def test_the_examples_are_one_procedure_that_passes_with_its_people(harbour: Path) -> None:
    checked = check(str(harbour / "harbour.toml"), harbour / "people.toml")
    assert [str(found) for found in checked.findings] == []
    assert checked.procedure is not None and len(checked.procedure.bounds_s) > 3


def test_the_rehearsal_prints_what_the_page_shows(harbour: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rehearse.run(str(harbour / "harbour.toml"), harbour / "late.jsonl") == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[2:] == blocks("text")[0].splitlines(), "put what rehearse prints now into the page"


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_key_and_word_is_told(word: str) -> None:
    written = re.compile(rf"""(?<![\w-]){re.escape(word)}(?![\w-])""")
    assert any(written.search(code) for code in [*blocks("toml"), *INLINE]), word
