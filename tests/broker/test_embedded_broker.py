"""The broker that the hub starts: who may read its files, what its failures say, and how it comes back."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import waiting
from watchword_bridge.mqtt import BrokerAddress, BrokerAddressError, BrokerRefused, Credentials, MqttBroker, SessionPlan
from watchword_hub.broker import BrokerError, EmbeddedBroker, PortInUse


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path) as broker:
        yield broker


def lets_in(broker: EmbeddedBroker, credentials: Credentials) -> bool:
    session = MqttBroker(broker.address).session(SessionPlan("visitor", credentials, (), lambda message: None))
    session.start()
    try:
        session.wait_ready(5)
    except BrokerRefused as e:
        assert "refused user" in str(e)
        return False
    finally:
        session.stop()
    return True


def test_secrets_are_readable_by_the_owner_alone(broker: EmbeddedBroker, tmp_path: Path) -> None:
    broker.bridge_credentials("ana-phone")
    assert stat.S_IMODE((tmp_path / "broker").stat().st_mode) == 0o700
    for name in ("nats.conf", "hub.password", "bridges/ana-phone.password"):
        assert stat.S_IMODE((tmp_path / "broker" / name).stat().st_mode) == 0o600, name


def test_bridge_made_while_the_broker_runs_is_let_in_and_kept(broker: EmbeddedBroker, tmp_path: Path) -> None:
    credentials = broker.bridge_credentials("ana-phone")
    assert lets_in(broker, credentials)
    assert broker.bridge_credentials("ana-phone") == credentials
    assert credentials.password not in repr(credentials)


@pytest.mark.parametrize("bridge_id", ["", "hub", "a/b", "a.b", "+", "#", "..", "A", "x" * 33])
def test_bridge_id_that_could_reach_beyond_its_topics_is_refused(tmp_path: Path, bridge_id: str) -> None:
    with pytest.raises(ValueError, match="bridge id"):
        EmbeddedBroker(tmp_path).bridge_credentials(bridge_id)


def test_port_in_use_says_so(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} is in use"):
            EmbeddedBroker(tmp_path, port).start()


def test_broker_that_cannot_start_says_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "store").write_text("a file where a folder should be")
    with pytest.raises(BrokerError, match=r"ended while starting: .*JetStream"):
        EmbeddedBroker(tmp_path).start()


def test_killed_broker_is_noticed_and_comes_back_on_its_port(broker: EmbeddedBroker) -> None:
    port = broker.port
    assert broker.poll() is False
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    os.waitid(os.P_PID, broker.pid, os.WEXITED | os.WNOWAIT)
    assert not broker.is_alive()
    assert broker.poll() is True
    assert (broker.port, broker.restarts) == (port, 1)
    assert lets_in(broker, broker.hub_credentials())


def test_next_start_takes_the_same_port_and_passwords(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path) as first:
        seen = (first.port, first.hub_credentials(), first.bridge_credentials("ana-phone"))
    with EmbeddedBroker(tmp_path) as second:
        assert (second.port, second.hub_credentials(), second.bridge_credentials("ana-phone")) == seen


def test_broker_left_by_a_killed_hub_is_replaced(tmp_path: Path) -> None:
    hub = "import sys, signal, pathlib; from watchword_hub.broker import EmbeddedBroker as B; "
    hub += "b = B(pathlib.Path(sys.argv[1])); b.start(); print(b.pid, b.port, flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", hub, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        orphan, port = map(int, process.stdout.readline().split())
        process.kill()
    with EmbeddedBroker(tmp_path, port) as broker:
        assert broker.pid != orphan
        assert lets_in(broker, broker.hub_credentials())


def test_frames_are_sent_at_once_and_not_gathered(broker: EmbeddedBroker) -> None:
    session = MqttBroker(broker.address).session(SessionPlan("hub", broker.hub_credentials(), (), lambda message: None))
    session.start()
    session.wait_ready(5)
    connection = session._client.socket()
    assert connection is not None
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "else an SOS may wait 40 ms for a TCP ack"
    session.stop()


def test_nobody_else_is_let_in(broker: EmbeddedBroker) -> None:
    assert not lets_in(broker, Credentials("hub", "guess"))


def test_nothing_listens_beyond_loopback(broker: EmbeddedBroker) -> None:
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    rows = [row.split()[1] for row in listening.splitlines() if row.split()[3] == "0A"]
    assert [row for row in rows if row.endswith(f":{broker.port:04X}")] == [f"0100007F:{broker.port:04X}"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://127.0.0.1", BrokerAddress("127.0.0.1", 1883)),
        ("mqtt://[::1]:1884", BrokerAddress("::1", 1884)),
        ("mqtt://localhost:1885", BrokerAddress("localhost", 1885)),
        ("mqtts://broker.example.org", BrokerAddress("broker.example.org", 8883, tls=True)),
    ],
)
def test_broker_url_is_read(url: str, expected: BrokerAddress) -> None:
    assert BrokerAddress.parse(url) == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mqtt://10.0.0.7", "write mqtts://"),
        ("mqtt://localhost.example.org", "write mqtts://"),
        ("http://127.0.0.1", "write mqtt://host:port"),
        ("127.0.0.1:1883", "write mqtt://host:port"),
        ("mqtts://hub:secret@broker", "leave user and password out"),
        ("mqtts://broker/topic", "only scheme, host and port"),
        ("mqtts://broker:99999", "Port out of range"),
    ],
)
def test_broker_url_that_cannot_be_used_says_what_to_write(url: str, says: str) -> None:
    with pytest.raises(BrokerAddressError, match=says) as e:
        BrokerAddress.parse(url)
    assert "secret" not in str(e.value)


def test_a_bridge_that_is_forgotten_is_cut_off_and_not_let_in_again(broker: EmbeddedBroker, tmp_path: Path) -> None:
    other = broker.bridge_credentials("dev-phone")
    credentials = broker.bridge_credentials("pendant-00c0ffee")
    session = MqttBroker(broker.address).session(SessionPlan("pendant", credentials, (), lambda message: None))
    session.start()
    try:
        session.wait_ready(5)
        assert broker.forget_bridge("pendant-00c0ffee")
        waiting.until(lambda: session.counters["disconnected"] > 0, "the end of its connection", 10)
    finally:
        session.stop()
    assert not lets_in(broker, credentials)
    assert lets_in(broker, other)
    assert not broker.forget_bridge("pendant-00c0ffee")
    assert broker.bridge_credentials("pendant-00c0ffee").password != credentials.password


def test_a_forgotten_bridge_stays_forgotten_over_a_restart(broker: EmbeddedBroker) -> None:
    credentials = broker.bridge_credentials("pendant-00c0ffee")
    broker.stop()
    assert broker.forget_bridge("pendant-00c0ffee")
    broker.start()
    assert not lets_in(broker, credentials)
