"""Who may use the console: one-time links, then a session cookie that outlives a restart of the hub.

A link's token is spent by a POST, never by opening the link, so that a chat program that previews it spends nothing.
Tokens and session ids are kept as hashes, in memory and on disk: neither holds anything to log in with.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from watchword_hub.clock import Clock

LINK_MS = 15 * 60_000
SESSION_MS = 12 * 3_600_000  # a long shift
MAX_LINKS = 16  # not yet used; the oldest goes
MAX_SESSIONS = 64  # the oldest goes
COOKIE = "watchword_session"
NOTICE_MS = 10_000
REFUSED_NOTICE_MS = 30_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Operator:
    """The person that a session acts for."""

    person: int
    name: str


@dataclass(frozen=True)
class Notice:
    """What became of an act, for its operator; with what they had typed if it was refused."""

    text: str
    refused: bool = False
    draft: dict[str, str] = field(default_factory=dict)


@dataclass
class Session:
    """One browser."""

    operator: Operator
    ends_ms: int
    csrf: str = ""
    _notice: Notice | None = None
    _shown_ms: int | None = None

    def tell(self, notice: Notice) -> None:
        """Shown from the next page on, for long enough to be read although the page refreshes itself."""
        self._notice, self._shown_ms = notice, None

    def notice(self, now_ms: int, alarm_ms: int = 0) -> Notice | None:
        """`alarm_ms`: when the last alarm was raised that nobody has. What was recorded before it, "Call: safe", must
        not stand above it."""
        if self._notice is None:
            return None
        if self._shown_ms is None:
            self._shown_ms = now_ms
        lasts_ms = REFUSED_NOTICE_MS if self._notice.refused else NOTICE_MS
        outdated = not self._notice.refused and self._shown_ms < alarm_ms
        if outdated or now_ms - self._shown_ms > lasts_ms:
            self._notice = None
        return self._notice


class Login:
    """Thread-safe: links are also made by the command line's thread. `path` None: sessions in memory only."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._path = path
        self._lock = threading.Lock()
        self._links: dict[str, tuple[int, Operator]] = {}
        self._sessions = _read(path)
        self.refused = 0  # tokens that were wrong, used or too old

    def new_token(self, operator: Operator) -> str:
        """A token for one login within LINK_MS."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._links[_hashed(token)] = (self._clock.now_ms() + LINK_MS, operator)
            while len(self._links) > MAX_LINKS:
                del self._links[next(iter(self._links))]
        return token

    def spend(self, token: str) -> str | None:
        """The id of a new session, or None for a token that is wrong, used or too old."""
        with self._lock:
            ends_ms, operator = self._links.pop(_hashed(token), (0, None))
            if operator is None or ends_ms < self._clock.now_ms():
                self.refused += 1
                return None
            session_id = secrets.token_urlsafe(32)
            self._sessions[_hashed(session_id)] = Session(operator, self._clock.now_ms() + SESSION_MS)
            while len(self._sessions) > MAX_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            self._write()
            return session_id

    def session(self, session_id: str | None) -> Session | None:
        """The session of a cookie's value, or None."""
        if not session_id:
            return None
        with self._lock:
            found = self._sessions.get(_hashed(session_id))
            if found is None or found.ends_ms < self._clock.now_ms():
                return None
            found.csrf = _hashed("form " + session_id)
            return found

    def end(self, session_id: str) -> None:
        with self._lock:
            if self._sessions.pop(_hashed(session_id), None) is not None:
                self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        rows = {key: {**asdict(s.operator), "ends_ms": s.ends_ms} for key, s in self._sessions.items()}
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(rows, file)
        part.replace(self._path)


def same_secret(given: str, expected: str) -> bool:
    """Compares without telling by its duration where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _read(path: Path | None) -> dict[str, Session]:
    if path is None or not path.exists():
        return {}
    try:
        rows = json.loads(path.read_text())
        return {key: Session(Operator(row["person"], row["name"]), row["ends_ms"]) for key, row in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        log.warning("console sessions in %s can't be read (%s): everybody logs in again", path, e)
        return {}


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
