"""Each channel against a real receiver: what it takes, what it refuses, and that a failure says which kind it is."""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator

import pytest
from receivers import Hook, MailBox, mail_server, web_server
from waiting import until
from watchword_hub import logs
from watchword_hub.engine.messages import Message
from watchword_hub.notify.channel import Channel, DeliveryError
from watchword_hub.notify.deadman import EVERY_MS, DeadManPing
from watchword_hub.notify.mail import MailChannel, MailServer
from watchword_hub.notify.services import AppriseChannel
from watchword_hub.notify.web import WebhookChannel

SECRET = b"shared with the receiver"


@pytest.fixture
def mail() -> Iterator[tuple[MailBox, int]]:
    with mail_server() as server:
        yield server


@pytest.fixture
def web() -> Iterator[Hook]:
    with web_server() as hook:
        yield hook


def message(address: str) -> Message:
    return Message(1, "any", address, "Ana: SOS", "Acknowledge it on the console.", "frame-1/7/2/0")


def failure(channel: Channel, address: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.deliver(message(address))
    return caught.value


def test_mail_arrives_with_its_key(mail: tuple[MailBox, int]) -> None:
    box, port = mail
    MailChannel(MailServer("127.0.0.1", port, "hub@example.org")).deliver(message("ben@example.org"))
    (got,) = box.mails
    assert (got["To"], got["Subject"], got["Idempotency-Key"]) == ("ben@example.org", "Ana: SOS", "frame-1/7/2/0")
    assert "Acknowledge it" in str(got.get_payload())


def test_a_refused_recipient_is_permanent_and_a_busy_server_is_not(mail: tuple[MailBox, int]) -> None:
    box, port = mail
    channel = MailChannel(MailServer("127.0.0.1", port, "hub@example.org"))
    box.refuse_recipient.add("gone@example.org")
    assert failure(channel, "gone@example.org").permanent
    box.refuse.append(451)
    assert not failure(channel, "ben@example.org").permanent
    assert not failure(MailChannel(MailServer("127.0.0.1", 1, "hub@example.org")), "ben@example.org").permanent


def test_a_mail_servers_password_is_not_shown() -> None:
    assert "hunter2" not in repr(MailServer("mail.example.org", 587, "hub@example.org", "hub", "hunter2"))


def test_a_webhook_is_signed_and_names_its_key(web: Hook) -> None:
    WebhookChannel(SECRET).deliver(message(web.url + "/alarms"))
    ((path, headers, body),) = web.requests
    assert path == "/alarms" and headers["Idempotency-Key"] == "frame-1/7/2/0"
    assert headers["X-Watchword-Signature"] == "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    assert json.loads(body)["subject"] == "Ana: SOS"


@pytest.mark.parametrize(("code", "permanent"), [(404, True), (410, True), (429, False), (500, False), (503, False)])
def test_a_webhooks_refusal_says_whether_to_try_again(web: Hook, code: int, permanent: bool) -> None:
    web.refuse.append(code)
    assert failure(WebhookChannel(SECRET), web.url).permanent == permanent


@pytest.mark.parametrize("address", ["http://example.org/alarms", "ftp://127.0.0.1/", "nonsense"])
def test_a_webhook_beyond_this_machine_needs_https(address: str) -> None:
    assert failure(WebhookChannel(SECRET), address).permanent


def test_apprise_reaches_a_service_and_its_refusal_is_noticed(web: Hook) -> None:
    address = web.url.removeprefix("http://")
    channel = AppriseChannel("json://{address}/")
    channel.deliver(message(address))
    assert "Ana: SOS" in json.loads(web.requests[0][2])["title"]
    web.refuse.append(500)
    assert not failure(channel, address).permanent
    assert failure(AppriseChannel(), "no-such-service://x").permanent


def test_where_a_message_went_stands_in_no_log(web: Hook, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.set_up("debug", "json")
    try:
        address = web.url.removeprefix("http://")
        web.refuse.append(500)
        failure(AppriseChannel("json://{address}/"), address)
        failure(AppriseChannel("json://{address}/"), "127.0.0.1:1")
        failure(AppriseChannel(), "no-such-service://07700900001")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    said = capsys.readouterr().err
    assert address not in said and "127.0.0.1:1" not in said and "07700900001" not in said


def test_the_outside_is_pinged_only_as_often_as_it_must_be(web: Hook) -> None:
    ping = DeadManPing(web.url + "/alive")
    ping.still_alive(0)
    until(lambda: ping.counters["pinged"] == 1, "the first ping")
    ping.still_alive(EVERY_MS - 1)
    ping.still_alive(EVERY_MS)
    until(lambda: ping.counters["pinged"] == 2, "the second ping")
    web.refuse.append(500)
    ping.still_alive(2 * EVERY_MS)
    until(lambda: ping.counters["failed"] == 1, "the failed ping")
    assert len(web.requests) == 3
