"""The command line: help that explains, bad input answered by one clear line, nothing half done."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from inspect import cleandoc

import pytest
import typer
from watchword_bridge.spool import Spool
from watchword_hub.cli import app as cli
from watchword_hub.cli import tools as cli_tools
from watchword_hub.store.store import Store

COMMANDS = [
    (),
    ("hub",),
    ("login",),
    ("bridge",),
    ("settings",),
    ("rehearse",),
    ("check",),
    ("procedure",),
    ("procedure", "new"),
    ("pendant",),
    ("pendant", "provision"),
    ("pendant", "revoke"),
    ("pendant", "list"),
]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No settings but the test's own."""
    monkeypatch.chdir(tmp_path)
    for name in ("WATCHWORD_CONFIG", "WATCHWORD_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_installed_command_answers_and_loads_nothing_that_only_a_running_part_needs():
    program = "import sys\nfrom watchword_hub.cli import main\n"
    program += "try:\n    main(['--help'])\nfinally:\n    print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True)
    assert done.returncode == 0
    for command in ("hub", "bridge", "pendant", "rehearse", "check", "procedure", "bench", "demo", "sim"):
        assert f"  {command} " in done.stdout
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "typer" in loaded and not loaded & {"apprise", "bleak", "bumble", "fastapi", "httpx", "sqlalchemy"}


@pytest.mark.parametrize(
    ("arguments", "joining"), [(["hub", "--port", "0"], []), (["pendant", "list"], []), (["demo"], ["demo"])]
)
def test_a_command_loads_no_other_parts_command(arguments, joining):
    assert [point.name for point in cli.asked_for(arguments)] == joining


@pytest.mark.parametrize("arguments", [[], ["--help"], ["frob"]])
def test_what_lists_or_seeks_a_command_loads_them_all(arguments):
    assert {"bench", "demo", "power", "replay", "sim"} <= {point.name for point in cli.asked_for(arguments)}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(capsys, command):
    assert cli.run(cli.app, [*command, "--help"]) == 0
    assert "Usage: watchword" in capsys.readouterr().out


@pytest.mark.parametrize("command", [(), ("pendant",)])
def test_a_group_alone_shows_its_help(capsys, command):
    assert cli.run(cli.app, command) == 0
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frob"], "No such command 'frob'"),
        (["hub", "--port", "x"], "--port"),
        (["hub", "--port", "70000"], "console_port"),
        (["hub", "--config", "absent.toml"], "absent.toml can't be read"),
        (["hub", "--broker", "http://example.org", "--port", "0"], "mqtt://host:port"),
        (["hub", "--broker", "mqtt://example.org", "--port", "0"], "mqtts://"),
        (["login"], "no hub runs on"),
        (["bridge"], "no hub runs on"),
        (["bridge", "--name", "Hub/#"], "bridge id"),
        (["bridge", "--broker", "mqtts://example.org"], "WATCHWORD_BROKER_PASSWORD"),
        (["pendant", "list"], "no hub runs on"),
        (["pendant", "revoke"], "ID"),
        (["pendant", "revoke", "xyz", "--yes"], "hexadecimal"),
        (["pendant", "revoke", "0", "--yes"], "hexadecimal"),
        (["pendant", "provision", "/dev/null", "--label", " "], "label"),
        (["pendant", "provision", "/dev/null", "--label", "P", "--id", "1ffffffff"], "hexadecimal"),
        (["pendant", "provision", "/dev/null", "--label", "Pendant 3"], "no hub runs on"),
        (["rehearse", "no-such-procedure", "x.jsonl"], "no-such-procedure"),
        (["rehearse", "homemaker-enhanced", "x.jsonl"], "x.jsonl"),
        (["rehearse", "homemaker-enhanced", "x.jsonl", "--on", "abacus"], "--on"),
    ],
)
def test_bad_input_gets_one_clear_line_and_status_2(capsys, tmp_path, monkeypatch, arguments, said):
    monkeypatch.setenv("WATCHWORD_DATA_DIR", str(tmp_path / "data"))
    assert cli.run(cli.app, arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("watchword")
    assert said in err
    assert err.count("\n") == 1


def refusal(capsys, *arguments: str, app: typer.Typer = cli.app) -> str:
    """The one line that a command is refused with."""
    assert cli.run(app, arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("watchword") and err.count("\n") == 1
    return err


def test_a_hub_on_the_store_of_a_newer_one_says_so(capsys, tmp_path):
    store = Store(tmp_path / "data")
    store.connection.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    assert "run the newer Watchword" in refusal(capsys, "hub", "--data", str(tmp_path / "data"), "--port", "0")


def test_a_second_bridge_of_one_name_says_so(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHWORD_BROKER_PASSWORD", "hunter2")
    first = Spool(tmp_path / "bridge-bridge-1.spool")
    said = refusal(capsys, "bridge", "--data", str(tmp_path), "--broker", "mqtt://127.0.0.1:1")
    first.close()
    assert "another bridge uses" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--data", "a-file"], "a-file"), (["--port", "65535"], "--port"), (["--minute", "61"], "--minute")],
)
def test_a_demo_that_can_not_be_set_up_says_why(capsys, tmp_path, more, said):
    (tmp_path / "a-file").write_text("")
    app = typer.Typer()
    app.command("other")(hello)
    cli.add_entry_points(app, cli.asked_for(["demo"]))
    assert said in refusal(capsys, "demo", "--check", *more, app=app)


def test_settings_are_listed_and_secrets_are_not_shown(capsys, monkeypatch):
    monkeypatch.setenv("WATCHWORD_SMTP_PASSWORD", "hunter2")
    assert cli.run(cli.app, ["settings"]) == 0
    out = capsys.readouterr().out
    assert "smtp_password = set" in out
    assert "webhook_secret = not set" in out
    assert "console_port = 8470" in out
    assert "hunter2" not in out


def hello(name: str = "you") -> None:
    """Says hello."""
    print("hello", name)


GREETINGS = typer.Typer()
GREETINGS.command("hello")(hello)
GREETINGS.command("bye")(hello)


def test_another_part_adds_its_command(capsys):
    app = typer.Typer()
    app.command("other")(hello)
    cli.add_entry_points(app, [EntryPoint("hello", f"{__name__}:hello", cli.GROUP)])
    assert cli.run(app, ["hello", "--name", "Ben"]) == 0
    assert capsys.readouterr().out == "hello Ben\n"


def test_another_part_adds_a_group_of_commands(capsys):
    app = typer.Typer()
    app.command("other")(hello)
    cli.add_entry_points(app, [EntryPoint("greet", f"{__name__}:GREETINGS", cli.GROUP)])
    assert cli.run(app, ["greet", "hello", "--name", "Ben"]) == 0
    assert capsys.readouterr().out == "hello Ben\n"


@pytest.mark.parametrize("more", [[], ["--check", "--minute", "0.5"], ["extra"]])
def test_a_part_that_is_not_installed_says_how_to_get_it(capsys, more):
    app = typer.Typer()
    app.command("other")(hello)
    cli.add_entry_points(app, [EntryPoint("demo", "no_such_part:demo", cli.GROUP)])
    assert cli.run(app, ["demo", *more]) == 2
    err = capsys.readouterr().err
    assert "pip install -e '.[sim]'" in err
    assert err.count("\n") == 1


def test_the_timeline_in_the_help_of_rehearse_can_be_played(capsys, tmp_path):
    example = cleandoc(cli_tools.rehearse.__doc__).split("\n\n")
    timeline = tmp_path / "visit.jsonl"
    timeline.write_text("".join(" ".join(row.split()) + "\n" for row in example if row.startswith("{")))
    assert cli.run(cli.app, ["rehearse", "homemaker-enhanced", str(timeline)]) == 0
    assert "Ben (tracker) is alerted" in capsys.readouterr().out


def test_a_rehearsal_runs(capsys, tmp_path):
    timeline = tmp_path / "visit.jsonl"
    rows = [
        {
            "plan": {
                "worker": "Ana",
                "tracker": "Ben",
                "manager": "Cora",
                "senior": "Dev",
                "start": "2026-03-02T10:00:00Z",
                "end": "2026-03-02T11:00:00Z",
            }
        },
        {"at": "2026-03-02T10:00:00Z", "event": "arrived"},
        {"until": "2026-03-02T10:01:00Z"},
    ]
    timeline.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert cli.run(cli.app, ["rehearse", "homemaker-enhanced", str(timeline), "--json"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["at"], first["do"]) == ("2026-03-02T10:00:00Z", "tell")
