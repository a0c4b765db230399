"""The many services that Apprise knows: pushes that wake someone, text gateways, chats."""

import apprise

from ..engine.messages import Message
from .channel import DeliveryError, reference


class AppriseChannel:
    """`template` makes an address into an Apprise URL, as "twilio://SID:TOKEN@FROM/{address}"; "{address}": it is one.

    Both hold secrets: neither is ever logged.
    """

    def __init__(self, template: str = "{address}") -> None:
        self._template = template

    def deliver(self, message: Message) -> None:
        service = apprise.Apprise()
        if not service.add(self._template.replace("{address}", message.address)):
            raise DeliveryError("no service that Apprise knows", permanent=True)
        title = f"{message.subject} [{reference(message)}]"
        if not service.notify(body=message.body, title=title, notify_type=apprise.NotifyType.WARNING):
            raise DeliveryError("the service did not take it")
