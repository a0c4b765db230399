"""A technician at the bench: a running hub, a simulated board on a serial port, the real mpremote between them."""

import pytest
from watchword_hub import settings
from watchword_hub.cli import app as cli
from watchword_hub.cli.provision import mpremote
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
    (kept,) = (tmp_path / "hub" / "keys").glob("*.key")
    assert written == (kept.read_bytes() + PENDANT.to_bytes(4, "big")).hex()
    (pendant,) = hub.reader.pendants()
    assert (pendant.id, pendant.label) == (PENDANT, "Pendant 3")
    shown = capsys.readouterr()
    assert kept.read_bytes().hex() not in shown.out + shown.err


def test_a_board_that_is_not_there_costs_no_key(hub, tmp_path, capsys):
    assert cli.run(cli.app, ["pendant", "provision", str(tmp_path / "tty"), "--label", "Pendant 3"]) == 2
    assert "mpremote" in capsys.readouterr().err
    assert list((tmp_path / "hub" / "keys").glob("*.key")) == []
