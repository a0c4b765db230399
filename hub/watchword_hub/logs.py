"""Logs: one JSON object a line for machines, one plain line for a person at a terminal. Never a secret, never a name.

What a call gives as `extra` becomes fields of the line: `log.info("case closed", extra={"case": 7})`.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

_OURS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
_QUIET = ("httpx", "httpcore", "alembic", "uvicorn.access")  # say more than anybody reads
_MUTE = ("apprise", "urllib3")  # name numbers and addresses even in its warnings; what failed, the channel says


def set_up(level: str, style: Literal["auto", "json", "text"]) -> None:
    """Sends every logger's lines to standard error; replaces what was set up before."""
    as_text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Text() if as_text else _Json())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        fields = "".join(f" {key}={value}" for key, value in _fields(record).items())
        name = record.name.removeprefix("watchword_")
        line = f"{at} {record.levelname.lower():7} {name}: {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _OURS}
