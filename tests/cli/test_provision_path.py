"""What `watchword pendant provision` writes for the second path, and what it refuses before a key is made."""

import json

import pytest
from test_provision import KEYS, Board
from watchword_hub import control, settings
from watchword_hub.cli import app as cli
from watchword_hub.cli import second_path
from watchword_hub.cli.provision import check_board, write_key
from watchword_hub.cli.second_path import files_for

PENDANT = 0x00C0FFEE
BROKER = "mqtts://127.0.0.1:8884"


@pytest.fixture
def authority(tmp_path):
    """A file that has the form of a certificate; whether it is one, the pendant's TLS will say."""
    file = tmp_path / "authority.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\nREVS\n-----END CERTIFICATE-----\n")
    return file


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub's side of the command line, and a board; `asked` in order."""
    board, asked = Board(), []
    for function in (check_board, write_key):
        monkeypatch.setattr(function, "__defaults__", (board.run,))

    def answer(what, said=None):
        def note(request):
            asked.append(what)
            return said

        return note

    told = {"user": "pendant-00c0ffee", "password": "made by the hub"}
    answers = {
        "pendants": answer("pendants", []),
        "make_key": answer("make_key", __import__("base64").b64encode(KEYS).decode()),
        "second_path": answer("second_path", told),
        "register": answer("register"),
        "revoke": answer("revoke"),
    }
    server = control.ControlServer(tmp_path, answers)
    server.start()
    monkeypatch.setenv("WATCHWORD_DATA_DIR", str(tmp_path))
    yield board, asked
    server.stop()


def provision():
    return cli.run(cli.app, ["pendant", "provision", "/dev/ttyACM0", "--label", "Pendant 3", "--id", f"{PENDANT:08x}"])


def test_the_pendant_is_given_broker_user_and_network_and_no_secret_is_shown(hub, authority, monkeypatch, capsys):
    board, asked = hub
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_URL", BROKER)
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_CA_FILE", str(authority))
    monkeypatch.setenv("WATCHWORD_PENDANT_NETWORK", "Office")
    monkeypatch.setenv("WATCHWORD_PENDANT_NETWORK_PASSWORD", "hunter2")
    assert provision() == 0
    assert json.loads(board.flash["path"]) == {
        "address": "127.0.0.1",
        "port": 8884,
        "name": "127.0.0.1",
        "user": "pendant-00c0ffee",
        "password": "made by the hub",
        "network": "Office",
        "network_password": "hunter2",
    }
    assert board.flash["path-ca"] == b"DER"
    assert asked == ["pendants", "make_key", "second_path", "register"]  # the new key ends the old one's user
    out, err = capsys.readouterr()
    shown = out + err + str(board.asked)
    assert "hunter2" not in shown and "made by the hub" not in shown
    assert all(not file.exists() for file in board.temporary)


def test_a_pendant_provisioned_without_one_loses_the_one_it_had(hub):
    board, asked = hub
    board.flash["path"] = b"of before"
    assert provision() == 0
    assert board.flash["path"] == b""
    assert "second_path" not in asked


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mqtt://broker.example", "write mqtts://"),
        (BROKER, "pendant_broker_ca_file: name the authority"),
    ],
)
def test_what_can_not_be_is_refused_before_a_key_is_made(hub, monkeypatch, capsys, url, why):
    _, asked = hub
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_URL", url)
    assert provision() == 2
    assert why in capsys.readouterr().err
    assert "make_key" not in asked


def test_a_file_that_is_no_certificate_is_refused(hub, tmp_path, monkeypatch, capsys):
    (tmp_path / "authority.pem").write_text("not one")
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_URL", BROKER)
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_CA_FILE", str(tmp_path / "authority.pem"))
    assert provision() == 2
    assert "no certificate in PEM" in capsys.readouterr().err


def of_another_broker(monkeypatch, **more):
    monkeypatch.setenv("WATCHWORD_BROKER_URL", "mqtt://127.0.0.1:1884")
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_URL", "mqtt://127.0.0.1:1884")
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    return settings.load()


def test_at_a_broker_of_ones_own_the_technician_makes_the_user(monkeypatch):
    found = of_another_broker(monkeypatch)
    with pytest.raises(second_path.ProvisionError, match="make the user pendant-00c0ffee"):
        files_for(found, PENDANT)
    found = of_another_broker(monkeypatch, WATCHWORD_PENDANT_BROKER_PASSWORD="made there")
    assert json.loads(files_for(found, PENDANT)["path"])["password"] == "made there"


def test_a_revoked_pendants_user_at_such_a_broker_is_named_to_be_removed(hub, monkeypatch, capsys):
    of_another_broker(monkeypatch)
    assert cli.run(cli.app, ["pendant", "revoke", "c0ffee", "--yes"]) == 0
    assert "remove the user pendant-00c0ffee" in capsys.readouterr().out


def test_a_text_that_the_pendant_would_refuse_is_refused_here(monkeypatch):
    found = of_another_broker(monkeypatch, WATCHWORD_PENDANT_BROKER_PASSWORD="p" * 65)
    with pytest.raises(second_path.ProvisionError, match="its password is longer than the 64"):
        files_for(found, PENDANT)
