"""Mail by SMTP (RFC 5321)."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid

from ..engine.messages import Message
from .channel import TIMEOUT_S, DeliveryError, reference

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class MailServer:
    """Where to hand mail in. Beyond this machine it goes by STARTTLS, always; `password` is never shown."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, sender={self.sender}, user={self.user!r}, password=…)"


class MailChannel:
    """One connection a message: alarms are few, and a kept connection is the one that has died."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def deliver(self, message: Message) -> None:
        try:
            with smtplib.SMTP(self._server.host, self._server.port, timeout=TIMEOUT_S) as smtp:
                if self._server.host not in _LOOPBACK:
                    smtp.starttls(context=ssl.create_default_context())
                if self._server.user:
                    smtp.login(self._server.user, self._server.password)
                smtp.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as e:
            codes = [code for code, _ in e.recipients.values()]
            raise DeliveryError(f"recipient refused ({codes})", all(code >= 500 for code in codes)) from e
        except smtplib.SMTPResponseException as e:
            # The server's own trouble, or ours with it (log-in, sender): not the address's.
            raise DeliveryError(f"mail server said {e.smtp_code}") from e
        except (smtplib.SMTPException, OSError) as e:
            raise DeliveryError(f"mail server not usable: {type(e).__name__}") from e

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._server.sender
        mail["To"] = message.address
        mail["Subject"] = message.subject.replace("\n", " ")
        mail["Message-ID"] = make_msgid(reference(message), "watchword.invalid")
        mail["Idempotency-Key"] = message.key
        mail["X-Priority"] = "1"
        mail.set_content(message.body)
        return mail
