"""`watchword check --people`: every role that a rung names is held, by somebody who can be reached, at all hours."""

from pathlib import Path

import pytest
from watchword_hub.lint.check import check, run
from watchword_hub.procedures import load

PEOPLE = """timezone = "Europe/London"
hours = ["Mon-Fri 08:00-20:00"]

[[person]]
name = "Ben"
roles = ["tracker"]
hours = ["Mon-Fri 08:30-17:30"]
contacts = ["sms +44 20 7946 0001"]

[[person]]
name = "Cora"
roles = ["manager", "tracker"]
contacts = ["mail cora@example.org"]

[[person]]
name = "Dev"
roles = ["senior"]
contacts = ["push ntfys://push.example.org/dev"]

[[person]]
name = "Ana"
roles = ["worker"]
work_mobile = "+44 7700 900001"
personal_mobile = "+44 7700 900002"
home = "020 7946 0004"

[[person]]
name = "Eli"
roles = ["emergency_contact", "team", "partner_agencies"]
phone = "+44 7700 900003"
"""


def found(tmp_path: Path, text: str, procedure: str = "homemaker-enhanced") -> list[str]:
    path = tmp_path / "people.toml"
    path.write_text(text)
    return [str(each).replace(str(path), "people.toml") for each in check(procedure, path).findings]


@pytest.mark.parametrize("procedure", ["homemaker-enhanced", "northamptonshire", "clarendon"])
def test_a_full_list_passes(tmp_path: Path, procedure: str) -> None:
    assert found(tmp_path, PEOPLE, procedure) == []


def line_of(procedure: str, rung: str) -> int:
    return next(place.line for place in load(procedure).rung_places if place.name == rung)


def test_a_tracker_who_goes_home_leaves_hours_with_nobody(tmp_path: Path) -> None:
    text = PEOPLE.replace('["manager", "tracker"]', '["manager"]')
    line = line_of("homemaker-enhanced", "arrival-tracker")
    (only,) = found(tmp_path, text)
    assert only == (
        f"homemaker-enhanced.toml:{line}: arrival-tracker: nobody is tracker from Mon 08:00 to Mon 08:30, and at other "
        "times with a contact method (people.toml)"
    )


def test_out_of_hours_the_manager_tracks_where_the_file_says_so(tmp_path: Path) -> None:
    assert found(tmp_path, PEOPLE.replace('["manager", "tracker"]', '["manager"]'), "derbyshire") == []


def test_without_hours_every_hour_is_asked_for(tmp_path: Path) -> None:
    text = PEOPLE.replace('hours = ["Mon-Fri 08:00-20:00"]\n', "", 1).replace(
        'contacts = ["mail', 'hours = ["every day 17:30-08:29"]\ncontacts = ["mail'
    )
    said = " ".join(found(tmp_path, text, "hertfordshire"))
    assert "nobody is manager from Mon 08:29 to Mon 17:30, and at other times" in said


def test_nobody_at_all_in_a_role_is_said(tmp_path: Path) -> None:
    text = PEOPLE.replace('roles = ["senior"]', 'roles = ["team"]')
    assert any("nobody is senior at any hour with a contact method" in each for each in found(tmp_path, text))


def test_whoever_has_no_contact_method_holds_nothing(tmp_path: Path) -> None:
    text = PEOPLE.replace('contacts = ["push ntfys://push.example.org/dev"]\n', "")
    assert any("nobody is senior" in each for each in found(tmp_path, text))


def test_a_worker_without_the_number_that_a_rung_calls_is_named(tmp_path: Path) -> None:
    line = line_of("northamptonshire", "end-of-day-home")
    (only,) = found(tmp_path, PEOPLE.replace('home = "020 7946 0004"\n', ""), "northamptonshire")
    assert only.startswith(f"northamptonshire.toml:{line}: end-of-day-home: Ana: no home to be called on")


def test_an_emergency_contact_needs_a_phone(tmp_path: Path) -> None:
    text = PEOPLE.replace('roles = ["emergency_contact", "team"', 'roles = ["team"')
    (only,) = found(tmp_path, text, "northamptonshire")
    assert "nobody is emergency contact at any hour with a phone" in only


def test_one_person_as_every_layer_is_no_ladder(tmp_path: Path) -> None:
    text = PEOPLE.replace('["manager", "tracker"]', '["manager", "tracker", "senior"]')
    text = text.replace('roles = ["senior"]\n', 'roles = ["senior"]\nhours = ["Mon-Fri 09:00-17:00"]\n')
    (only,) = found(tmp_path, text)
    assert only.startswith("people.toml: one person is every layer from Mon 08:00 to Mon 08:30")


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('timezone = "Europe/London"', 'timezone = "Europe/Nowhere"', 1, "is not known"),
        ('hours = ["Mon-Fri 08:00-20:00"]', 'hours = ["Mo-Fr 8-20"]', 2, "Mon-Fri 08:30-17:30"),
        ('hours = ["Mon-Fri 08:30-17:30"]', 'hours = ["Mon-Fri 08:30-08:30"]', 7, "every day"),
        ('hours = ["Mon-Fri 08:30-17:30"]', 'hours = "Mon-Fri 08:30-17:30"', 7, "a list of texts"),
        ('roles = ["tracker"]', 'roles = ["postman"]', 6, "it can be: worker, tracker"),
        ('contacts = ["sms +44 20 7946 0001"]', 'contacts = ["sms Ben"]', 8, "no contact method"),
        ('contacts = ["mail cora@example.org"]', 'contacts = ["pigeon loft"]', 13, "no contact method"),
        ('home = "020 7946 0004"', 'home = "at home"', 25, "a telephone number"),
        ('name = "Dev"', 'nam = "Dev"', 16, "unknown key 'nam'"),
        ("[[person]]\nname", "[[person]\nname", 4, "TOML"),
    ],
)
def test_a_wrong_list_is_one_line_and_2(
    old: str, new: str, line: int, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.toml"
    assert old in PEOPLE
    path.write_text(PEOPLE.replace(old, new, 1))
    assert run("clarendon", path) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.splitlines()) == 1
    assert f"{path}:{line}: " in said.err and reason in said.err


def test_a_list_that_is_not_there_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("clarendon", tmp_path / "none.toml") == 2
    assert "none.toml: not readable" in capsys.readouterr().err
