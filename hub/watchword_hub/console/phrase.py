"""The site's duress phrase: shown in an open task to phone the worker or the client, and nowhere else.

It comes from the environment or a file of its own (settings.py), is never stored, and what people write is kept free of
it: a note goes into the journal, and from there into reports.
"""

import re

from pydantic import SecretStr
from watchword_core import words as w

from .views import Task

TAKEN_OUT = "[the duress phrase]"


class DuressPhrase:
    """`secret` None: the site has none."""

    def __init__(self, secret: SecretStr | None) -> None:
        self._secret = secret
        words = secret.get_secret_value().split() if secret else []
        self._written = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE) if words else None

    def __bool__(self) -> bool:
        return self._written is not None

    def in_task(self, task: Task) -> str:
        """The phrase, for whoever looks at a task to phone the worker or the client; "" in every other task."""
        wanted = task.verb == w.CALL and task.who_role in (w.WORKER, w.CLIENT)
        return self._secret.get_secret_value() if self._secret and wanted else ""

    def taken_out(self, text: str) -> str:
        """What somebody wrote, without it."""
        return self._written.sub(TAKEN_OUT, text) if self._written else text
