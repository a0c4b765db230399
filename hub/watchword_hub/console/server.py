"""Serves the console from a thread of its own, on a port that is taken before anything else starts."""

import contextlib
import logging
import os
import socket
import threading

import uvicorn
from fastapi import FastAPI
from watchword_bridge.mqtt import is_loopback

from .stream import Stream

START_S = 10.0
STOP_S = 5.0


log = logging.getLogger(__name__)


class ConsolePortInUse(Exception):
    """Another process listens there."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises ConsolePortInUse. Beyond this machine it says what that means."""
    if not is_loopback(host):
        log.warning(
            "console listens on %s, without TLS: whoever is on the way reads names and sessions. Leave console_host at "
            "127.0.0.1 and put a TLS proxy before it (docs/console.md)",
            host,
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as e:
        raise ConsolePortInUse(
            f"console port {port} on {host} can't be used ({os.strerror(e.errno or 0)}): give another --port"
        ) from e


class ConsoleServer:
    """uvicorn over `taken`. `start` returns when it answers."""

    def __init__(self, app: FastAPI, taken: socket.socket, stream: Stream) -> None:
        self._socket = taken
        self._stream = stream
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=int(STOP_S)
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)
        self._up = threading.Event()

    @property
    def url(self) -> str:
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Raises TimeoutError if it does not come up."""
        self._thread.start()
        for _ in range(int(START_S / 0.02)):
            if self._server.started:
                return
            self._up.wait(0.02)
        raise TimeoutError(f"the console did not come up within {START_S:.0f} s")

    def stop(self) -> None:
        self._stream.close()
        self._server.should_exit = True
        self._thread.join(2 * STOP_S)
        with contextlib.suppress(OSError):
            self._socket.close()

    def _run(self) -> None:
        self._server.run([self._socket])
