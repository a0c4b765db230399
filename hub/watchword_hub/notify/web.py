"""Signed webhooks: JSON by POST, so that a receiver can tell ours from a forgery and a repeat from news.

`X-Watchword-Signature: sha256=` HMAC-SHA256 of the body by the shared secret; `Idempotency-Key` as on every channel.
"""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from ..engine.messages import Message
from .channel import TIMEOUT_S, DeliveryError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PASSING = (408, 409, 425, 429)  # of the 4xx, these may go another time


def open_url(request: urllib.request.Request) -> None:
    """Sends it and reads nothing of the answer; raises DeliveryError. https only, but for this machine itself."""
    parts = urlsplit(request.full_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise DeliveryError("webhook address must be https", permanent=True)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 -- scheme checked above
            return
    except urllib.error.HTTPError as e:
        e.close()
        permanent = 400 <= e.code < 500 and e.code not in _PASSING
        raise DeliveryError(f"receiver said {e.code}", permanent) from e
    except (urllib.error.URLError, OSError, ValueError) as e:
        raise DeliveryError(f"receiver not reached: {type(e).__name__}") from e


class WebhookChannel:
    """`secret` is shared with the receivers; made by the site, given by file or environment."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def deliver(self, message: Message) -> None:
        body = json.dumps({"subject": message.subject, "body": message.body, "key": message.key}).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "X-Watchword-Signature": f"sha256={signature}",
        }
        try:
            request = urllib.request.Request(message.address, body, headers, method="POST")  # noqa: S310 -- checked
        except ValueError as e:
            raise DeliveryError("webhook address is no URL", permanent=True) from e
        open_url(request)
