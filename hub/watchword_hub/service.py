"""The whole hub in one process: broker, intake, engine, notify, console, and the command line's socket.

Started in this order, so that nothing is taken from the broker before there is somebody to keep it:

1. The data directory and the console's port are taken: what can be refused is refused before anything runs.
2. The broker, unless one is given.
3. The engine's thread; from here on deadlines run.
4. Notify, then the console, so that people can be told and can see.
5. Intake: frames come in.
"""

import base64
import logging
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from watchword_bridge.mqtt import BrokerAddress, Credentials, MqttBroker

from .broker import BrokerError, EmbeddedBroker, pendant_user
from .clock import SystemClock
from .commands import AddPerson, RegisterPendant, RevokePendant
from .console.app import create_app
from .console.login import Login, Operator
from .console.server import ConsoleServer, listen
from .console.stream import Stream
from .control import ANSWER_S, ControlError, ControlServer
from .engine.engine import Engine
from .engine.procedure_book import SiteBook
from .feed import Feed
from .intake import Intake
from .keyring import KeyRing
from .notify.channel import Channel
from .notify.deadman import DeadManPing
from .notify.mail import MailChannel, MailServer
from .notify.services import AppriseChannel
from .notify.web import WebhookChannel
from .notify.worker import NotifyWorker
from .reader import StoreReader
from .settings import Settings
from .store.store import Store

BROKER_WAIT_S = 10.0  # for the first connect; the sessions go on trying afterwards
BROKER_CHECK_S = 1.0
STOP_S = 10.0
SWITCH_S = (
    0.001  # one thread's turn while another waits: at Python's 5 ms an alarm stood behind the answer to its pendant
)
BOOTSTRAP_NAME = "Operator"

log = logging.getLogger(__name__)


class HubService:
    """`with HubService(settings) as hub: hub.wait()`. `start` raises what can't be: DirectoryInUse, ConsolePortInUse,
    BrokerError, BrokerRefused."""

    def __init__(self, settings: Settings, clock: SystemClock | None = None, restored: bool = False) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.restored = restored
        self.broker: EmbeddedBroker | None = None
        self._parts = ExitStack()  # what was started, to be stopped in the opposite order
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends everything in the opposite order; may be called twice."""
        self._ending.set()
        self._parts.close()

    def wait(self) -> None:
        """Until `stop`, or `end` from a signal handler; starts the hub's own broker again if it dies."""
        while not self._ending.wait(BROKER_CHECK_S):
            if self.broker is None:
                continue
            try:
                self.broker.poll()
            except BrokerError as e:
                log.error("broker can't be started again: %s", e)

    def end(self) -> None:
        """Makes `wait` return."""
        self._ending.set()

    # -- for people and programs beside it

    @property
    def console_url(self) -> str:
        return self._console.url

    def login_link(self, person: int | None = None) -> str:
        """A link that logs one person in, once; without one, the first person that the hub knows."""
        people = self.reader.people()
        chosen = next((p for p in people if person is None or p.id == person), None)
        if chosen is None:
            raise ControlError(f"there is no person {person}: see the console's page of people")
        return f"{self.console_url}/login?token={self.login.new_token(Operator(chosen.id, chosen.name))}"

    def bridge_credentials(self, bridge_id: str) -> Credentials:
        """Of a bridge at the hub's own broker; raises ControlError where the broker is another's."""
        if self.broker is None:
            raise ControlError("this hub uses a broker of yours: make the bridge's user there")
        try:
            return self.broker.bridge_credentials(bridge_id)
        except (ValueError, BrokerError) as e:
            raise ControlError(str(e)) from e

    def ask(self, command: Any) -> Any:
        """The engine's answer to a command; raises Refusal, StoreFailed or TimeoutError."""
        return self.submit(command).result(ANSWER_S)

    def submit(self, command: Any) -> Future[Any]:
        """Hands a command to the engine. A pendant that it revokes loses its user at the hub's own broker, too."""
        answer = self.engine.submit(command)
        if isinstance(command, RevokePendant):
            answer.add_done_callback(lambda done: self._end_second_path(command.pendant, done))
        return answer

    # -- starting

    def _start(self) -> None:
        settings = self.settings
        sys.setswitchinterval(SWITCH_S)
        self.store = Store(settings.data_dir)
        self._parts.callback(self.store.close)
        taken = listen(settings.console_host, settings.console_port)
        self._parts.callback(taken.close)
        self.address, credentials = self._start_broker()
        self._start_engine()
        self._forget_revoked()
        self._start_notify()
        self._start_console(taken)
        self._start_control()
        self._start_intake(credentials)
        log.info("hub is up", extra={"console": self.console_url, "broker": str(self.address)})

    def _start_broker(self) -> tuple[BrokerAddress, Credentials]:
        settings = self.settings
        if settings.broker_url is not None:
            password = settings.broker_password.get_secret_value() if settings.broker_password else ""
            address = BrokerAddress.parse(settings.broker_url, settings.broker_ca_file)
            return address, Credentials(settings.broker_user, password)
        self.broker = EmbeddedBroker(settings.data_dir, settings.broker_port)
        self._parts.callback(self.broker.stop)
        self.broker.start()
        return self.broker.address, self.broker.hub_credentials()

    def _start_engine(self) -> None:
        self.keyring = KeyRing(self.settings.data_dir / "keys")
        self.feed = Feed()
        self.book = SiteBook(self.settings.procedures_dir, self.settings.minute_ms)
        url = self.settings.still_alive_url
        ping = DeadManPing(url.get_secret_value()).still_alive if url else _ignore
        self.engine = Engine(
            self.store,
            self.keyring,
            self.book,
            self.clock,
            lambda bridge, frames, lane: self.intake.publish_down(bridge, frames, lane),
            feed=self.feed,
            tell_now=lambda messages: self.notify.tell_now(messages),
            still_alive=ping,
            zone=ZoneInfo(self.settings.timezone),
            machine=self.clock.machine,
            restored=self.restored,
        )
        self.intake: Intake | _NoIntake = _NoIntake()
        self.reader = StoreReader(self.store.path)
        self.stream = Stream(self.reader)
        self.feed.also(self.stream.publish)
        self._channels = channels(self.settings)
        self.notify = NotifyWorker(self.store.path, self._channels, self.engine.submit, self.feed)
        self._parts.callback(self.reader.close)
        self._thread("engine", self.engine.run, self.engine.stop)

    def _start_notify(self) -> None:
        def stop() -> None:
            self.notify.stop()
            last = self.feed.latest
            self.feed.publish(last.last_seq, last.now_ms, last.banners)  # wakes it; consoles are gone by now

        self._thread("notify", self.notify.run, stop)

    def _start_console(self, taken: socket.socket) -> None:
        # The engine's time, which goes on from the journal even where the machine's clock went back.
        self.login = Login(self.engine, self.settings.data_dir / "console-sessions.json")
        if not self.reader.people():
            self.ask(AddPerson(BOOTSTRAP_NAME))
        app = create_app(
            self.reader,
            self.submit,
            self.stream,
            self.settings,
            self.login,
            self.engine,
            procedures=self.book.names,
            book=self.book,
            refused=self.book.refused,
            kinds=tuple(self._channels),
        )
        self._console = ConsoleServer(app, taken, self.stream)
        self._parts.callback(self._console.stop)
        self._console.start()

    def _start_control(self) -> None:
        control = ControlServer(self.settings.data_dir, self._handlers())
        control.start()
        self._parts.callback(control.stop)

    def _start_intake(self, credentials: Credentials) -> None:
        intake = Intake(MqttBroker(self.address), credentials, self.engine.put)
        self.intake = intake
        self._parts.callback(intake.stop)
        intake.start()
        try:
            intake.wait_ready(BROKER_WAIT_S)
        except TimeoutError:
            log.error("no answer from broker %s yet: trying on; pendants are not heard meanwhile", self.address)

    def _thread(self, name: str, run: Callable[[], None], stop: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)

        def end() -> None:
            stop()
            thread.join(STOP_S)
            if thread.is_alive():
                log.error("%s did not end within %s s", name, STOP_S)

        self._parts.callback(end)
        thread.start()

    # -- what the command line asks

    def _handlers(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {
            "login": lambda asked: self.login_link(asked.get("person")),
            "bridge": self._for_bridge,
            "make_key": self._make_key,
            "second_path": self._for_second_path,
            "register": lambda asked: self.ask(RegisterPendant(int(asked["pendant"]), str(asked["label"]))),
            "revoke": lambda asked: self.ask(RevokePendant(int(asked["pendant"]), self.reader.people()[0].id)),
            "pendants": lambda _asked: self._list_pendants(),
        }

    def _for_bridge(self, asked: Mapping[str, Any]) -> dict[str, str]:
        credentials = self.bridge_credentials(str(asked["bridge"]))
        return {"url": str(self.address), "user": credentials.user, "password": credentials.password}

    def _make_key(self, asked: Mapping[str, Any]) -> str:
        """New keys, for the technician's process to write to the pendant and forget."""
        pendant = int(asked["pendant"])
        if not 0 < pendant < 1 << 32:
            raise ControlError(f"pendant id {pendant:x}: write 1 to 8 hexadecimal digits, not all zero")
        known = next((p for p in self.reader.pendants() if p.id == pendant), None)
        if known is not None and known.case is not None:
            raise ControlError(f"pendant {known.label} is in use in case {known.case}: end that first")
        self._forget_second_path(pendant)  # of whoever had the old key
        return base64.b64encode(self.keyring.make(pendant)).decode()

    def _for_second_path(self, asked: Mapping[str, Any]) -> dict[str, str]:
        """A pendant's own user at the hub's own broker, new after each `make_key`."""
        credentials = self.bridge_credentials(pendant_user(int(asked["pendant"])))
        return {"user": credentials.user, "password": credentials.password}

    def _end_second_path(self, pendant: int, revoked: Future[Any]) -> None:
        """Called by the engine's thread, which must not wait for a disk."""
        if revoked.exception() is None:
            threading.Thread(target=self._forget_second_path, args=(pendant,), name="revoked").start()

    def _forget_second_path(self, pendant: int) -> None:
        if self.broker is not None and self.broker.forget_bridge(pendant_user(pendant)):
            log.info("pendant %08x: its user at the broker is gone", pendant)

    def _forget_revoked(self) -> None:
        """Those whose revocation was the last that an earlier run did."""
        for pendant in self.reader.pendants():
            if pendant.revoked_ms is not None:
                self._forget_second_path(pendant.id)

    def _list_pendants(self) -> list[dict[str, Any]]:
        known = [
            {
                "id": f"{p.id:08x}",
                "label": p.label,
                "wearer": p.wearer.name if p.wearer else None,
                "revoked": p.revoked_ms is not None,
                "unknown": False,
                "last_seen_ms": p.last_seen_ms,
                "battery_mv": p.battery_mv,
            }
            for p in self.reader.pendants()
        ]
        strangers = [
            {"id": f"{s.pendant:08x}", "unknown": True, "last_seen_ms": s.seen_ms, "frames": s.frames}
            for s in self.reader.strangers()
        ]
        return [*known, *strangers]


class _NoIntake:
    """Before intake runs: answers can't be sent, and need not be, since the next status says the same and more."""

    def publish_down(self, bridge: str, payload: bytes, lane: int) -> bool:
        return False


def channels(settings: Settings) -> dict[str, Channel]:
    """The channels that the settings allow, by kind of contact method."""
    found: dict[str, Channel] = {"apprise": AppriseChannel()}
    if settings.smtp_host and settings.smtp_from:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
        server = MailServer(
            settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_user or "", password
        )
        found["mail"] = MailChannel(server)
    for kind, template in (("sms", settings.sms_url), ("push", settings.push_url)):
        if template is not None:
            found[kind] = AppriseChannel(template.get_secret_value())
    if settings.webhook_secret is not None:
        found["webhook"] = WebhookChannel(settings.webhook_secret.get_secret_value().encode())
    return found


def _ignore(_now_ms: int) -> None:
    """Nobody outside is told that we live."""
