"""The brokers under one contract: nats-server as the hub starts it, Debian's mosquitto, and the simulator's own."""

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import waiting
from watchword_bridge.mqtt import BrokerAddress, Credentials, Message, MqttBroker, Session, SessionFactory, SessionPlan
from watchword_hub.broker import MAX_ACK_PENDING, EmbeddedBroker
from watchword_sim.memory_broker import MemoryBroker, Permissions

DEADLINE_S = 20.0
BRIDGES = ("ana-phone", "dev-phone")
WINDOW = 64  # where we may choose; nats-server has the embedded broker's own


class Rig(Protocol):
    """One broker with the users `hub` and BRIDGES."""

    factory: SessionFactory
    window: int  # messages delivered without an acknowledgement
    durable: bool  # what it acknowledged outlives kill -9, at once; else the bridge's repeats must carry it

    def credentials(self, user: str) -> Credentials: ...

    def settle(self) -> None:
        """Let happen what does not happen by itself."""

    def kill(self) -> None: ...

    def end(self) -> None:
        """As an administrator would."""

    def restart(self) -> None: ...

    def close(self) -> None: ...


class Client:
    """A session of the rig and what it received; `acking`: acknowledge at once."""

    def __init__(self, rig: Rig, client_id: str, user: str, topics: Sequence[str] = (), acking: bool = True) -> None:
        self.rig = rig
        self.acking = acking
        self.received: list[Message] = []
        self.times_ready = 0
        plan = SessionPlan(client_id, rig.credentials(user), tuple(topics), self._keep, self._count_ready)
        self.session: Session = rig.factory.session(plan)

    def __enter__(self) -> "Client":
        self.session.start()
        until(self.rig, lambda: self.session.ready)
        return self

    def __exit__(self, *_: object) -> None:
        self.session.stop()

    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.received]

    def _keep(self, message: Message) -> None:
        self.received.append(message)
        if self.acking:
            message.ack()

    def _count_ready(self) -> None:
        self.times_ready += 1


def until(rig: Rig, condition: Callable[[], bool]) -> None:
    def settled() -> bool:
        rig.settle()
        return condition()

    waiting.until(settled, "the broker", DEADLINE_S)


class NatsRig:
    window = MAX_ACK_PENDING
    durable = True

    def __init__(self, folder: Path) -> None:
        self.broker = EmbeddedBroker(folder)
        self.broker.start()
        for bridge in BRIDGES:
            self.broker.bridge_credentials(bridge)
        self.factory = MqttBroker(self.broker.address)

    def credentials(self, user: str) -> Credentials:
        return self.broker.hub_credentials() if user == "hub" else self.broker.bridge_credentials(user)

    def settle(self) -> None:
        pass

    def kill(self) -> None:
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.broker.pid, os.WEXITED | os.WNOWAIT)

    def end(self) -> None:
        self.broker.stop()

    def restart(self) -> None:
        assert self.broker.poll()

    def close(self) -> None:
        self.broker.stop()


MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
MOSQUITTO_SECURITY = Path("/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so")


class MosquittoRig:
    """Any broker by URL, here mosquitto 2.0 with users and topics by its dynamic security plug-in."""

    window = WINDOW
    durable = False  # autosave runs between its loops: a kill within milliseconds of the publish loses it

    def __init__(self, folder: Path) -> None:
        assert MOSQUITTO
        self._folder = folder
        self._passwords = {user: secrets.token_hex(8) for user in ("hub", *BRIDGES)}
        self._port = _free_port()
        (folder / "security.json").write_text(json.dumps(self._security()))
        (folder / "mosquitto.conf").write_text(
            f"listener {self._port} 127.0.0.1\nallow_anonymous false\nuser root\n"
            f"plugin {MOSQUITTO_SECURITY}\nplugin_opt_config_file {folder / 'security.json'}\n"
            f"persistence true\npersistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1\n"
            f"max_inflight_messages {WINDOW}\nmax_queued_messages 10000\n"
        )
        self._run()
        self.factory = MqttBroker(BrokerAddress("127.0.0.1", self._port))

    def credentials(self, user: str) -> Credentials:
        return Credentials(user, self._passwords[user])

    def settle(self) -> None:
        pass

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()

    def restart(self) -> None:
        self._run()

    def close(self) -> None:
        self.end()

    def _run(self) -> None:
        log = (self._folder / "mosquitto.log").open("wb")
        command = [str(MOSQUITTO), "-c", str(self._folder / "mosquitto.conf")]
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self, self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def _security(self) -> dict[str, object]:
        roles = [_role("hub", ["ww/down/+"], ["ww/up/+/press", "ww/up/+/routine"])]
        for bridge in BRIDGES:
            roles.append(_role(bridge, [f"ww/up/{bridge}/press", f"ww/up/{bridge}/routine"], [f"ww/down/{bridge}"]))
        nothing = dict.fromkeys(("publishClientSend", "publishClientReceive", "subscribe"), False)
        return {
            "defaultACLAccess": {**nothing, "unsubscribe": True},
            "clients": [_client(user, password) for user, password in self._passwords.items()],
            "roles": roles,
        }


def _role(name: str, publish: list[str], subscribe: list[str]) -> dict[str, object]:
    acls = [("publishClientSend", topic) for topic in publish]
    for topic in subscribe:
        acls += [("subscribePattern", topic), ("publishClientReceive", topic)]
    return {"rolename": name, "acls": [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in acls]}


def _client(user: str, password: str) -> dict[str, object]:
    salt, iterations = secrets.token_bytes(12), 101
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)
    return {
        "username": user,
        "password": base64.b64encode(hashed).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": iterations,
        "roles": [{"rolename": user}],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MemoryRig:
    window = WINDOW
    durable = True

    def __init__(self, folder: Path) -> None:
        self.now_ms = 0
        self._users = {"hub": Permissions("hub-password", ("ww/down/+",), ("ww/up/+/press", "ww/up/+/routine"))}
        for bridge in BRIDGES:
            up = (f"ww/up/{bridge}/press", f"ww/up/{bridge}/routine")
            self._users[bridge] = Permissions(f"{bridge}-password", up, (f"ww/down/{bridge}",))
        self.factory = MemoryBroker(self._users, max_ack_pending=WINDOW)

    def credentials(self, user: str) -> Credentials:
        return Credentials(user, self._users[user].password)

    def settle(self) -> None:
        self.factory.deliver(self.now_ms)

    def kill(self) -> None:
        self.factory.kill()

    def end(self) -> None:
        self.factory.kill()

    def restart(self) -> None:
        self.factory.restart()

    def close(self) -> None:
        pass


RIGS: dict[str, Callable[[Path], Rig]] = {"nats": NatsRig, "mosquitto": MosquittoRig, "memory": MemoryRig}
