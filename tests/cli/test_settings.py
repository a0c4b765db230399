"""Settings: flags before environment before file before defaults; secrets never in the file."""

import json
import logging
import stat

import pytest
from watchword_hub import logs, settings
from watchword_hub.settings import SettingsError


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHWORD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def write(here, text: str) -> None:
    (here / "watchword.toml").write_text(text)


def test_flags_come_before_environment_before_file(here, monkeypatch):
    assert settings.load().console_port == 8470
    write(here, "console_port = 1111\n")
    assert settings.load().console_port == 1111
    monkeypatch.setenv("WATCHWORD_CONSOLE_PORT", "2222")
    assert settings.load().console_port == 2222
    assert settings.load({"console_port": 3333, "timezone": None}).console_port == 3333


def test_a_file_is_named_by_flag_or_environment(here, monkeypatch):
    (here / "other.toml").write_text('timezone = "Europe/Dublin"\n')
    assert settings.load(config=here / "other.toml").timezone == "Europe/Dublin"
    monkeypatch.setenv("WATCHWORD_CONFIG", "other.toml")
    assert settings.load().timezone == "Europe/Dublin"


@pytest.mark.parametrize("name", settings.SECRETS)
def test_a_secret_in_the_file_is_refused_and_not_repeated(here, name):
    write(here, f'{name} = "hunter2"\n')
    with pytest.raises(SettingsError, match=f"holds {name}.*WATCHWORD_{name.upper()}") as refused:
        settings.load()
    assert "hunter2" not in str(refused.value)


def test_a_secret_comes_by_environment(monkeypatch):
    monkeypatch.setenv("WATCHWORD_SMTP_PASSWORD", "hunter2")
    found = settings.load()
    assert found.smtp_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(found)


def test_a_secret_comes_by_a_file_that_the_environment_names(here, monkeypatch):
    (here / "mounted").write_text("hunter2\n")
    monkeypatch.setenv("WATCHWORD_SMTP_PASSWORD_FILE", str(here / "mounted"))
    assert settings.load().smtp_password.get_secret_value() == "hunter2"


def test_a_secret_comes_by_a_file_of_the_data_directory_that_is_private(here):
    folder = here / "data" / "secrets"
    folder.mkdir(parents=True)
    secret = folder / "webhook_secret"
    secret.write_text("hunter2")
    secret.chmod(0o600)
    assert settings.load().webhook_secret.get_secret_value() == "hunter2"
    secret.chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by others"):
        settings.load()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o644  # not changed behind anybody's back


def test_a_secret_file_that_is_named_and_absent_is_refused(monkeypatch):
    monkeypatch.setenv("WATCHWORD_SMTP_PASSWORD_FILE", "/nowhere")
    with pytest.raises(SettingsError, match="/nowhere can't be read"):
        settings.load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("console_port = 99999\n", "console_port .watchword.toml."),
        ("timezone = 'Mars/Olympus'\n", "'Mars/Olympus' is no time zone"),
        ("consol_port = 1\n", "there is no setting 'consol_port'"),
        ("console_port = \n", "line 1"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(here, text, said):
    write(here, text)
    with pytest.raises(SettingsError, match=said):
        settings.load()


def test_a_bad_environment_is_named(monkeypatch):
    monkeypatch.setenv("WATCHWORD_MINUTE_MS", "soon")
    with pytest.raises(SettingsError, match="WATCHWORD_MINUTE_MS"):
        settings.load()


def test_a_list_in_the_environment_that_is_no_json_is_refused_with_its_name(monkeypatch):
    monkeypatch.setenv("WATCHWORD_CONSOLE_NAMES", "desk.example.org")
    with pytest.raises(SettingsError, match=r"console_names.*write a list as JSON") as refused:
        settings.load()
    assert "desk.example.org" not in str(refused.value)
    monkeypatch.setenv("WATCHWORD_CONSOLE_NAMES", '["hub.example"]')
    assert settings.load().console_names == ("hub.example",)


@pytest.fixture
def root_logger():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_logs_are_json_lines_with_their_fields(capsys, root_logger):
    logs.set_up("info", "json")
    log = logging.getLogger("watchword_hub.test")
    log.info("case %s", "opened", extra={"case": 7})
    try:
        raise ValueError("bad")
    except ValueError:
        log.exception("step failed")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["level"], first["message"], first["case"]) == ("info", "case opened", 7)
    assert first["time"].endswith("Z")
    assert "ValueError: bad" in second["error"]


def test_logs_are_plain_lines_for_people(capsys, root_logger):
    logs.set_up("warning", "text")
    log = logging.getLogger("watchword_hub.test")
    log.info("not shown")
    log.warning("broker died", extra={"port": 1883})
    line = capsys.readouterr().err
    assert "warning hub.test: broker died port=1883" in line
    assert line.count("\n") == 1
