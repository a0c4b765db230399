"""How the command line talks to a running hub on the same machine: a socket in the data directory.

Only the hub's own user can open it, and that user could read the keys anyway. One JSON object a line, one answer each:
`{"do": "login"}` gives `{"ok": ...}` or `{"error": "one line for the person"}`.
"""

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .commands import Refusal, StoreFailed

SOCKET_NAME = "control"
MAX_LINE_BYTES = 64 * 1024
ANSWER_S = 15.0
MAX_PATH_BYTES = 100  # of a socket's path, by the system

Handler = Callable[[Mapping[str, Any]], Any]

log = logging.getLogger(__name__)


class NoHub(Exception):
    """No hub answers on this data directory."""


class ControlError(Exception):
    """The hub refused; the message is for the person."""


class ControlServer:
    """Serves `handlers` by the name that `do` gives, until `stop`. Each call has a thread of its own."""

    def __init__(self, data_dir: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = _path(data_dir)
        self._path.unlink(missing_ok=True)  # of a hub that was killed; the data directory's lock says it is gone
        self._server = _Server(str(self._path), _Talk)
        self._path.chmod(0o600)
        self._server.handlers = handlers
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="control", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    handlers: Mapping[str, Handler]


class _Talk(socketserver.StreamRequestHandler):
    server: _Server
    timeout = ANSWER_S

    def handle(self) -> None:
        line = self.rfile.readline(MAX_LINE_BYTES)
        try:
            request = json.loads(line)
            answer = {"ok": self.server.handlers[request["do"]](request)}
        except (Refusal, StoreFailed, ControlError) as e:
            answer = {"error": str(e)}
        except TimeoutError:
            answer = {"error": "the hub's engine gave no answer: it is not known whether this was done"}
        except (ValueError, KeyError, TypeError) as e:
            answer = {"error": f"the hub does not understand this request ({e!r}): use the same version of watchword"}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def ask(data_dir: Path, do: str, **fields: Any) -> Any:
    """The running hub's answer; raises NoHub or ControlError."""
    path = _path(data_dir)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as talk:
            talk.settimeout(2 * ANSWER_S)
            talk.connect(str(path))
            talk.sendall(json.dumps({"do": do, **fields}).encode() + b"\n")
            with talk.makefile("rb") as answers:
                line = answers.readline(MAX_LINE_BYTES)
    except (FileNotFoundError, ConnectionError) as e:
        raise NoHub(f"no hub runs on {data_dir}: start it with `watchword hub`, or give its directory by --data") from e
    except TimeoutError as e:
        raise ControlError("the hub gave no answer: it is not known whether this was done") from e
    answer = json.loads(line) if line else {"error": "the hub ended before it answered"}
    if "error" in answer:
        raise ControlError(answer["error"])
    return answer["ok"]


def _path(data_dir: Path) -> Path:
    path = data_dir.resolve() / SOCKET_NAME
    if len(str(path).encode()) > MAX_PATH_BYTES:
        raise ControlError(f"data directory {data_dir}: its path is too long for a socket; choose a shorter one")
    return path
