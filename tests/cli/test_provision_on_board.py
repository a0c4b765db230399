"""A technician at the bench: a running hub, a simulated board on a serial port, the real mpremote between them."""

import json

import pytest
import waiting
from watchword_hub import settings
from watchword_hub.cli import app as cli
from watchword_hub.cli.provision import mpremote
from watchword_hub.commands import RegisterPendant, RevokePendant
from watchword_hub.service import HubService

sim = pytest.importorskip("watchword_sim.serial", reason="the simulated board is not installed")

PENDANT = 0x00C0FFEE


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHWORD_DATA_DIR", str(tmp_path / "hub"))
    with HubService(settings.load({"console_port": 0})) as hub:
        yield hub


def test_a_board_is_given_the_key_that_the_hub_keeps(hub, tmp_path, capsys):
    with sim.serial_board(tmp_path / "board") as port:
        arguments = ["pendant", "provision", str(port), "--label", "Pendant 3", "--id", f"{PENDANT:08x}"]
        assert cli.run(cli.app, arguments) == 0, capsys.readouterr().err
        # After the reset: what counts is in flash.
        read = "import binascii; print(binascii.hexlify(open('key', 'rb').read()).decode())"
        written = mpremote(["connect", str(port), "exec", read]).strip()
        files = mpremote(["connect", str(port), "exec", "import os; print(os.listdir())"])
    (kept,) = (tmp_path / "hub" / "keys").glob("*.key")
    assert written == (kept.read_bytes() + PENDANT.to_bytes(4, "big")).hex()
    assert "'pairing'" in files
    (pendant,) = hub.reader.pendants()
    assert (pendant.id, pendant.label) == (PENDANT, "Pendant 3")
    shown = capsys.readouterr()
    assert kept.read_bytes().hex() not in shown.out + shown.err


def test_a_board_that_is_not_there_costs_no_key(hub, tmp_path, capsys):
    assert cli.run(cli.app, ["pendant", "provision", str(tmp_path / "tty"), "--label", "Pendant 3"]) == 2
    assert "mpremote" in capsys.readouterr().err
    assert list((tmp_path / "hub" / "keys").glob("*.key")) == []


def test_a_pendants_second_path_comes_with_its_key_and_ends_with_it(hub, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WATCHWORD_PENDANT_BROKER_URL", str(hub.address))
    with sim.serial_board(tmp_path / "board") as port:
        arguments = ["pendant", "provision", str(port), "--label", "Pendant 3", "--id", f"{PENDANT:08x}"]
        assert cli.run(cli.app, arguments) == 0, capsys.readouterr().err
        told = json.loads(mpremote(["connect", str(port), "exec", "print(open('path').read())"]))
    assert told["user"] == "pendant-00c0ffee"
    kept = tmp_path / "hub" / "broker" / "bridges" / "pendant-00c0ffee.password"
    assert kept.read_text() == told["password"]

    hub.submit(RevokePendant(PENDANT, hub.reader.people()[0].id)).result(10)  # as the console does
    waiting.until(lambda: not kept.exists(), "the end of its user")


def test_a_hub_that_ended_right_after_a_revocation_ends_the_user_at_its_next_start(hub, tmp_path):
    hub.keyring.make(PENDANT)
    hub.ask(RegisterPendant(PENDANT, "Pendant 3"))
    hub.ask(RevokePendant(PENDANT, hub.reader.people()[0].id))
    hub.stop()
    kept = tmp_path / "hub" / "broker" / "bridges" / "pendant-00c0ffee.password"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("left")
    with HubService(settings.load({"console_port": 0})):
        assert not kept.exists()
