"""The pendant's own MQTT client, on MicroPython itself, before nats-server, mosquitto and a broker behind TLS."""

import datetime
import ipaddress
import json
import re
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import waiting
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from rigs import Client, Rig, _free_port, until
from second_path import ROOT, WITHIN_S, SecondPath, up_frame
from watchword_bridge.mqtt import BrokerAddress, Credentials, MqttBroker, SessionPlan
from watchword_core.frames import DOWN_BYTES, PRESS, ROUTINE

UP_TOPICS = ("ww/up/+/press", "ww/up/+/routine")
NAME = "broker.example"


# Not the simulator's own broker, which has no socket.
served = pytest.mark.parametrize("rig", ["nats", "mosquitto"], indirect=True)


def port_of(rig: Rig) -> int:
    assert isinstance(rig.factory, MqttBroker)
    return rig.factory.address.port


@served
def test_a_press_goes_up_and_the_answers_come_down_each_frame_by_itself(rig: Rig, tmp_path: Path) -> None:
    with (
        Client(rig, "hub-press", "hub", UP_TOPICS) as hub,
        SecondPath(tmp_path, port_of(rig), rig.credentials("ana-phone")) as pendant,
    ):
        until(rig, lambda: len(hub.received) == 2)
        assert sorted((m.topic, m.payload) for m in hub.received) == [
            ("ww/up/ana-phone/press", up_frame(PRESS, 1)),
            ("ww/up/ana-phone/routine", up_frame(ROUTINE, 1)),
        ]
        frames = [bytes((n,)) * DOWN_BYTES for n in range(1, 40)]
        for first, last in ((0, 1), (1, 39)):
            assert hub.session.publish("ww/down/ana-phone", b"".join(frames[first:last]))
        pendant.says("received", len(frames))
        assert pendant.received() == frames


@served
def test_the_broker_is_killed_and_comes_back__it_connects_again_and_is_told_anew(rig: Rig, tmp_path: Path) -> None:
    with (
        Client(rig, "hub-press", "hub", UP_TOPICS) as hub,
        SecondPath(tmp_path, port_of(rig), rig.credentials("ana-phone")) as pendant,
    ):
        until(rig, lambda: up_frame(PRESS, 1) in hub.payloads())
        rig.kill()
        pendant.says("cut off")
        pendant.says("left")
        rig.restart()
        until(rig, lambda: up_frame(PRESS, 2) in hub.payloads())


@served
def test_a_wrong_password_is_told_to_the_technician_and_nothing_is_sent(rig: Rig, tmp_path: Path) -> None:
    with SecondPath(tmp_path, port_of(rig), Credentials("ana-phone", "guessed")) as pendant:
        pendant.says("second path: ")
        assert "linked" not in pendant.lines


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path, bytes]]:
    """Makes an authority, self-signed, and with it (certificate, key, the authority as DER)."""
    folder = tmp_path_factory.mktemp("certificates")

    def make(name: str) -> tuple[Path, Path, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
        now = datetime.datetime.now(datetime.UTC)
        names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem, key_pem = folder / f"{name}.pem", folder / f"{name}.key"
        pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return pem, key_pem, certificate.public_bytes(serialization.Encoding.DER)

    return make


@pytest.fixture
def tls_broker(
    certificates: Callable[[str], tuple[Path, Path, bytes]], tmp_path: Path
) -> Iterator[tuple[BrokerAddress, bytes]]:
    """nats-server behind TLS with one user; its address and the authority."""
    pem, key, authority = certificates("broker")
    port = _free_port()
    config = tmp_path / "tls.conf"
    config.write_text(
        f"""server_name: tls
host: 127.0.0.1
port: -1
jetstream {{ store_dir: {json.dumps(str(tmp_path / "store"))} }}
mqtt {{ host: 127.0.0.1, port: {port}, tls {{ cert_file: {json.dumps(str(pem))}, key_file: {json.dumps(str(key))} }} }}
authorization {{ users: [ {{ user: "ana-phone", password: "secret" }} ] }}
"""
    )
    nats = Path(sysconfig.get_path("scripts")) / "nats-server"
    process = subprocess.Popen([nats, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = BrokerAddress("127.0.0.1", port, tls=True, ca_file=pem)
    yield address, authority
    process.kill()
    process.wait()


def test_over_tls_it_carries_where_the_certificate_is_the_brokers(
    tls_broker: tuple[BrokerAddress, bytes], tmp_path: Path
) -> None:
    address, authority = tls_broker
    got: list[bytes] = []
    plan = SessionPlan("hub", Credentials("ana-phone", "secret"), UP_TOPICS, lambda m: got.append(m.payload))
    hub = MqttBroker(address).session(plan)
    hub.start()
    try:
        waiting.until(lambda: hub.ready, "the broker behind TLS", WITHIN_S)
        with SecondPath(tmp_path, address.port, Credentials("ana-phone", "secret"), NAME, authority) as pendant:
            waiting.until(lambda: up_frame(PRESS, 1) in got, "a press over TLS", WITHIN_S)
            assert hub.publish("ww/down/ana-phone", bytes(2 * DOWN_BYTES))
            pendant.says("received", 2)
    finally:
        hub.stop()


@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_over_tls_a_stranger_gets_neither_user_nor_password(
    tls_broker: tuple[BrokerAddress, bytes],
    certificates: Callable[[str], tuple[Path, Path, bytes]],
    wrong: str,
    tmp_path: Path,
) -> None:
    address, authority = tls_broker
    if wrong == "authority":
        _, _, authority = certificates("stranger")
    name = "another.example" if wrong == "name" else NAME
    with SecondPath(tmp_path, address.port, Credentials("ana-phone", "secret"), name, authority) as pendant:
        pendant.says("second path: not connected", 2)
        assert "linked" not in pendant.lines


def test_the_limits_on_the_page_are_those_of_the_firmware() -> None:
    pendant = ROOT / "firmware" / "pendant"
    sources = "\n".join((pendant / f"{name}.py").read_text() for name in ("carriers", "second_path", "mqtt"))
    declared = {name: value.replace("_", "") for name, value in re.findall(r"^([A-Z_]+) = ([\d_]+)", sources, re.M)}
    declared["MAX_PUBLISH_BYTES"] = str(64 * 1024)  # written as a product
    page = (ROOT / "docs" / "second-path.md").read_text()
    rows = re.findall(r"^\| ([A-Z_, ]+) \| ([\d, ]+) \|", page, re.M)
    told = {name: n for names, ns in rows for name, n in zip(names.split(", "), ns.split(", "), strict=True)}
    assert len(told) > 10
    assert {name: declared.get(name) for name in told} == told
