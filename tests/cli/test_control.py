"""The socket between command line and hub: private, and honest about what is not known."""

import socket

import pytest
from watchword_hub.commands import Refusal
from watchword_hub.control import ControlError, ControlServer, NoHub, ask


def refuse(_asked):
    raise Refusal("no such pendant")


def hang(_asked):
    raise TimeoutError


@pytest.fixture
def server(tmp_path):
    served = ControlServer(tmp_path, {"echo": lambda asked: asked["text"], "refuse": refuse, "hang": hang})
    served.start()
    yield served
    served.stop()


def test_it_answers_and_only_its_own_user_may_ask(server, tmp_path):
    assert ask(tmp_path, "echo", text="é\n") == "é\n"
    assert (tmp_path / "control").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("do", "said"), [("refuse", "no such pendant"), ("hang", "not known"), ("other", "same version"), ("echo", "same")]
)
def test_it_says_why_not(server, tmp_path, do, said):
    with pytest.raises(ControlError, match=said):
        ask(tmp_path, do)


@pytest.mark.parametrize("raw", [b"\n", b"{\n", b"[]\n", b"\xff\n", b'{"do": []}\n'])
def test_it_survives_nonsense(server, tmp_path, raw):
    with socket.socket(socket.AF_UNIX) as talk:
        talk.connect(str(tmp_path / "control"))
        talk.sendall(raw)
        assert b"error" in talk.recv(4096)
    assert ask(tmp_path, "echo", text="still here") == "still here"


def test_no_hub_is_said_so(tmp_path):
    with pytest.raises(NoHub, match="watchword hub"):
        ask(tmp_path, "echo")


def test_what_a_killed_hub_left_is_in_nobodys_way(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "control"))
    with pytest.raises(NoHub):
        ask(tmp_path, "echo")
    served = ControlServer(tmp_path, {"echo": lambda asked: 1})
    served.start()
    assert ask(tmp_path, "echo") == 1
    served.stop()


def test_a_path_too_long_for_a_socket_is_said_so(tmp_path):
    with pytest.raises(ControlError, match="too long"):
        ask(tmp_path / ("x" * 120), "echo")
