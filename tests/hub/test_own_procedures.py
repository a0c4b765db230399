"""A site's own procedure files: offered beside the built-in ones, or refused with the reason while all else goes on."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from stage import MINUTE, Stage
from watchword_hub.engine import procedure_book
from watchword_hub.engine.procedure_book import SiteBook
from watchword_hub.procedures import built_in_names


def own_file(folder: Path, name: str, file: str | None = None, copied: str = "clarendon", **changed: str) -> Path:
    """A built-in procedure under the site's name, with each `changed` text in another's place."""
    text = resources.files("watchword_procedures").joinpath(f"{copied}.toml").read_text(encoding="utf-8")
    text = text.replace(f'name = "{copied}"', f'name = "{name}"', 1)
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / f"{file or name}.toml"
    path.write_text(text)
    return path


def test_ana_s_visit_is_watched_by_the_site_s_own_file(tmp_path: Path, make_stage: Callable[..., Stage]) -> None:
    own_file(tmp_path, "harbour")
    stage = make_stage(procedures=SiteBook(tmp_path))
    stage.cast()
    case = stage.plan(stage.provision(), procedure="harbour")
    stage.clock.at_ms += 21 * MINUTE  # clause 2: more than 20 minutes late
    stage.engine.step()
    assert "dial_999" in stage.kinds(case)
    assert SiteBook(tmp_path).names == sorted([*built_in_names(), "harbour"])


def test_a_file_with_a_mistake_is_not_offered__with_its_line__and_the_others_are(tmp_path: Path) -> None:
    own_file(tmp_path, "harbour")
    own_file(tmp_path, "pier", answered_by="answered_bye")
    book = SiteBook(tmp_path)
    assert "harbour" in book.names
    assert "pier" not in book.names
    (reason,) = book.refused
    assert reason.startswith(f"{tmp_path / 'pier.toml'}:")
    with pytest.raises(KeyError):
        book.get("pier")


@pytest.mark.parametrize("taken", ["clarendon", "harbour", "general"])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, taken: str) -> None:
    own_file(tmp_path, "harbour", file="a")
    own_file(tmp_path, taken, file="b")
    book = SiteBook(tmp_path)
    (reason,) = book.refused
    assert "choose another" in reason
    assert str(tmp_path / "b.toml") in reason


def test_no_folder_leaves_the_built_in_ones_and_says_so(tmp_path: Path) -> None:
    book = SiteBook(tmp_path / "gone")
    assert book.names == built_in_names()
    assert "procedures_dir" in book.refused[0]


def test_files_beyond_the_most_are_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure_book, "MAX_OWN", 1)
    own_file(tmp_path, "harbour")
    own_file(tmp_path, "pier")
    assert "pier.toml" in SiteBook(tmp_path).refused[0]
