"""A pendant gets its key over the serial line: whole, never shown, and registered only then."""

import hashlib
from pathlib import Path

import pytest
from watchword_hub import control
from watchword_hub.cli import app as cli
from watchword_hub.cli import provision
from watchword_hub.cli.provision import ProvisionError, check_board, key_file, let_pair, write_key

KEYS = bytes(range(64))


class Board:
    """What mpremote does, on a folder for a flash."""

    def __init__(self) -> None:
        self.flash: dict[str, bytes] = {}
        self.temporary: list[Path] = []
        self.asked: list[list[str]] = []
        self.cut = 0

    def run(self, arguments) -> str:
        self.asked.append(list(arguments))
        connect, port, *rest = arguments
        assert (connect, port) == ("connect", "/dev/ttyACM0")
        match rest:
            case ["eval", "1+1"]:
                return "2\n"
            case ["fs", "cp", source, target]:
                assert Path(source).stat().st_mode & 0o077 == 0
                self.temporary.append(Path(source))
                content = Path(source).read_bytes()
                self.flash[target[1:]] = content[: len(content) - self.cut]
                return "cp\n"
            case ["fs", "sha256sum", name]:
                return f"sha256sum {name}\n{hashlib.sha256(self.flash[name[1:]]).hexdigest()}\n"
            case ["fs", "touch", name, "+", "reset"]:
                self.flash[name[1:]] = b""
                return f"touch {name}\n"
        raise AssertionError(f"mpremote has no {rest}")


def test_the_key_arrives_whole_and_leaves_no_file_behind():
    board = Board()
    write_key("/dev/ttyACM0", KEYS, 0xC0FFEE, board.run)
    assert board.flash["key"] == KEYS + b"\x00\xc0\xff\xee"
    assert not board.temporary[0].exists()
    assert board.flash["pairing"] == b""  # its phone is made known when it is near
    assert board.asked[-1][-1] == "reset"


def test_a_key_that_arrives_cut_short_is_noticed():
    board = Board()
    board.cut = 1
    with pytest.raises(ProvisionError, match="did not arrive whole"):
        write_key("/dev/ttyACM0", KEYS, 1, board.run)
    assert not board.temporary[0].exists()


def test_what_is_no_board_is_noticed_before_a_key_is_made():
    with pytest.raises(ProvisionError, match="is no MicroPython"):
        check_board("/dev/ttyACM0", lambda _: "modem\n")


def test_a_port_that_is_not_there_is_told_by_mpremote_itself():
    with pytest.raises(ProvisionError, match="mpremote"):
        provision.mpremote(["connect", "/dev/no-such-port", "eval", "1+1"])


def test_the_key_file_is_as_the_firmware_reads_it():
    from pathlib import Path as P

    layout = (P(__file__).parents[2] / "firmware" / "pendant" / "identity.py").read_text()
    assert '">%ds%dsI"' in layout
    assert len(key_file(KEYS, 1)) == 68


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A running hub's side of the command line, and a board."""
    board, asked = Board(), []
    monkeypatch.setattr(provision, "mpremote", board.run)
    for function in (check_board, write_key, let_pair):
        monkeypatch.setattr(function, "__defaults__", (board.run,))
    answers = {
        "pendants": lambda _: [],
        "make_key": lambda _: __import__("base64").b64encode(KEYS).decode(),
        "register": asked.append,
        "revoke": asked.append,
    }
    server = control.ControlServer(tmp_path, answers)
    server.start()
    monkeypatch.setenv("WATCHWORD_DATA_DIR", str(tmp_path))
    yield board, asked
    server.stop()


def test_a_technician_provisions_a_pendant_and_no_key_is_shown(hub, capsys, caplog):
    board, asked = hub
    arguments = ["pendant", "provision", "/dev/ttyACM0", "--label", "Pendant 3", "--id", "00c0ffee"]
    assert cli.run(cli.app, arguments) == 0
    out, err = capsys.readouterr()
    assert "Pendant 3 is provisioned as 00c0ffee" in out
    assert (asked[0]["pendant"], asked[0]["label"]) == (0xC0FFEE, "Pendant 3")
    assert KEYS.hex()[:16] not in out + err + caplog.text
    assert not any(str(KEYS[:4]) in " ".join(call) for call in board.asked)


def test_a_technician_makes_one_more_phone_known(hub, capsys):
    board, asked = hub
    assert cli.run(cli.app, ["pendant", "pair", "/dev/ttyACM0"]) == 0
    assert "For two minutes" in capsys.readouterr().out
    assert board.flash == {"pairing": b""} and board.asked[-1][-1] == "reset" and asked == []


def test_a_pendant_whose_key_did_not_arrive_is_not_registered(hub, capsys):
    board, asked = hub
    board.cut = 1
    assert cli.run(cli.app, ["pendant", "provision", "/dev/ttyACM0", "--label", "Pendant 3"]) == 2
    assert "provision it again" in capsys.readouterr().err
    assert asked == []


def test_revoking_is_one_act(hub, capsys):
    _board, asked = hub
    assert cli.run(cli.app, ["pendant", "revoke", "c0ffee", "--yes"]) == 0
    assert asked[0]["pendant"] == 0xC0FFEE
    assert "revoked" in capsys.readouterr().out


def test_a_pendant_that_nobody_provisioned_is_listed(tmp_path, monkeypatch, capsys):
    stranger = {"id": "0badf00d", "unknown": True, "last_seen_ms": 1, "frames": 12}
    server = control.ControlServer(tmp_path, {"pendants": lambda _: [stranger]})
    server.start()
    monkeypatch.setenv("WATCHWORD_DATA_DIR", str(tmp_path))
    try:
        assert cli.run(cli.app, ["pendant", "list"]) == 0
    finally:
        server.stop()
    assert capsys.readouterr().out == "0badf00d  unknown: heard 12 times, never provisioned here\n"
