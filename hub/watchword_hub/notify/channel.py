"""The one shape of every channel, and what the kinds of contact methods go by."""

import hashlib
from typing import Protocol

from ..engine.messages import Message

TIMEOUT_S = 10.0  # of one try; the worker has several at once


class DeliveryError(Exception):
    """The message was not taken. `permanent`: the same address can't work another time either."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Channel(Protocol):
    """Blocks until the service has taken the message, at most about TIMEOUT_S; raises DeliveryError if it has not."""

    def deliver(self, message: Message) -> None: ...


def reference(message: Message) -> str:
    """A short mark of the message's key, for services that carry no headers: the same text twice is the same news."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:8]
