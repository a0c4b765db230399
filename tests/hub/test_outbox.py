"""Delivered means delivered: told by real mail and webhooks, tried again, then another way, then another person."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from receivers import MailBox, mail_server, web_server
from stage import SECOND, Stage
from waiting import until
from watchword_core import words as w
from watchword_hub.commands import AssignWearer, ChangePerson, Contact, Delivered, Refusal, Undelivered
from watchword_hub.engine.messages import Message
from watchword_hub.notify.channel import Channel
from watchword_hub.notify.mail import MailChannel, MailServer
from watchword_hub.notify.web import WebhookChannel
from watchword_hub.notify.worker import NotifyWorker
from watchword_hub.store.changes import Changes
from watchword_hub.store.store import CannotWrite, Store


class Post:
    """The worker beside a stage whose steps the test takes."""

    def __init__(self, stage: Stage, channels: dict[str, Channel]) -> None:
        self.stage = stage
        self.worker = NotifyWorker(stage.store.path, channels, self._submit, stage.engine.feed)
        self._store = sqlite3.connect(f"file:{stage.store.path}?mode=ro", uri=True)
        self._answers: list[Future[Any]] = []

    def _submit(self, command: Any) -> "Future[Any]":
        answer = self.stage.engine.submit(command)
        self._answers.append(answer)
        return answer

    def round(self) -> int:
        """Delivers what is due and lets the engine record how it went; how many."""
        self._answers.clear()
        started = self.worker.look(self._store, self.stage.clock.at_ms)
        until(lambda: len(self._answers) >= started, "every delivery to end")
        self.stage.engine.step()
        return started

    def states(self) -> list[tuple[str, str, str]]:
        query = "SELECT p.name, o.kind, o.state FROM outbox o JOIN person p ON p.id = o.person ORDER BY o.id"
        return [tuple(row) for row in self.stage.rows(query)]

    def close(self) -> None:
        self.worker.stop()
        self._store.close()


@pytest.fixture
def mail() -> Iterator[tuple[MailBox, int]]:
    with mail_server() as server:
        yield server


@pytest.fixture
def post(stage: Stage, mail: tuple[MailBox, int]) -> Iterator[Post]:
    post = Post(stage, {"mail": MailChannel(MailServer("127.0.0.1", mail[1], "hub@example.org"))})
    yield post
    post.close()


def test_an_sos_reaches_ben_and_cora_by_mail_and_only_then_counts_as_delivered(
    post: Post, stage: Stage, mail: tuple[MailBox, int]
) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    assert post.states() == [("Ben", "mail", "queued"), ("Cora", "mail", "queued")]
    assert post.round() == 2
    assert sorted(str(got["To"]) for got in mail[0].mails) == ["ben@example.org", "cora@example.org"]
    assert post.states() == [("Ben", "mail", "delivered"), ("Cora", "mail", "delivered")]
    assert stage.kinds(ana.visit).count("delivered") == 2
    assert post.round() == 0


def test_a_hub_killed_before_it_recorded_delivers_again_with_the_same_key(
    post: Post, stage: Stage, mail: tuple[MailBox, int]
) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    post._answers.clear()
    post.worker.look(post._store, stage.clock.at_ms)
    until(lambda: len(post._answers) == 2, "both deliveries")
    assert post.states() == [("Ben", "mail", "queued"), ("Cora", "mail", "queued")]
    stage.restart(down_ms=SECOND)
    again = Post(stage, {"mail": MailChannel(MailServer("127.0.0.1", mail[1], "hub@example.org"))})
    assert again.round() == 2
    again.close()
    keys = [str(got["Idempotency-Key"]) for got in mail[0].mails]
    assert len(keys) == 4 and len(set(keys)) == 2


def test_a_message_under_way_is_not_started_twice(post: Post, stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    post._answers.clear()
    assert post.worker.look(post._store, stage.clock.at_ms) == 2
    assert post.worker.look(post._store, stage.clock.at_ms) == 0
    until(lambda: len(post._answers) == 2, "both deliveries")
    assert post.worker.look(post._store, stage.clock.at_ms) == 0  # the engine has not recorded them yet


def test_a_message_that_can_not_be_recorded_goes_out_once(
    make_stage: Callable[..., Stage], mail: tuple[MailBox, int]
) -> None:
    class FullStore(Store):
        full = False

        def write(self, changes: Changes) -> None:
            if FullStore.full:
                raise CannotWrite("disk is full")
            super().write(changes)

    stage = make_stage(store_class=FullStore)
    post = Post(stage, {"mail": MailChannel(MailServer("127.0.0.1", mail[1], "hub@example.org"))})
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    FullStore.full = True
    for _ in range(20):
        post.round()
        stage.later(SECOND)
    assert len(mail[0].mails) == 2
    FullStore.full = False
    stage.later(10 * SECOND)
    post.round()
    stage.later(SECOND)
    assert post.states() == [("Ben", "mail", "delivered"), ("Cora", "mail", "delivered")]
    assert len(mail[0].mails) == 2
    post.close()


def test_a_busy_server_is_tried_again_then_the_next_way_then_the_next_person(
    post: Post, stage: Stage, mail: tuple[MailBox, int]
) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.ACKNOWLEDGED)  # nothing to acknowledge: no message yet
    stage.carry(ana.frame(w.ARRIVED))
    mail[0].refuse += [451, 451, 451]
    assert post.round() == 1
    assert post.states() == [("Ben", "mail", "queued")]
    assert post.round() == 0  # not before its time
    stage.clock.at_ms += 5 * SECOND
    assert post.round() == 1
    stage.clock.at_ms += 10 * SECOND
    assert post.round() == 1
    assert post.states() == [("Ben", "mail", "failed"), ("Ben", "sms", "queued")]
    assert post.round() == 1  # nobody set up a way to send texts: at once the next person
    assert post.states()[2:] == [("Cora", "mail", "queued")]
    assert post.round() == 1
    assert post.states()[2:] == [("Cora", "mail", "delivered")]
    assert "Ben could not be reached" in str(mail[0].mails[-1].get_payload())


def test_an_address_that_does_not_exist_is_not_tried_again(post: Post, stage: Stage, mail: tuple[MailBox, int]) -> None:
    ana = stage.visit()
    mail[0].refuse_recipient |= {"cora@example.org", "dev@example.org"}
    stage.carry(ana.frame(w.SOS))
    while post.round():
        pass
    assert ("Cora", "mail", "failed") in post.states() and ("Dev", "mail", "failed") in post.states()
    assert stage.counter("nobody_told") == 1
    assert "nobody_told" in stage.kinds(ana.visit)


def test_news_of_a_message_twice_over_or_of_none_changes_nothing(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.do(Delivered(1))
    rows = stage.store.last_id("journal")
    stage.do(Delivered(1))
    stage.do(Undelivered(1, "late", permanent=True))
    stage.do(Delivered(99))
    assert stage.store.last_id("journal") == rows


def test_a_person_without_any_way_is_passed_over_and_counted(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.plan(ana, roles=stage.roles | {"tracker": stage.eli})
    stage.carry(ana.frame(w.ARRIVED))
    assert stage.messages()[-1][0] == "Cora"
    assert stage.counter("person_without_contact") == 1


def test_who_wears_the_pendant_is_never_told_of_their_own_alarm(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.do(AssignWearer(ana.id, stage.ben))  # Ben tracked its last visit
    stage.carry(ana.frame(w.DURESS, visit=0))
    assert {name for name, _ in stage.messages()} == {"Cora"}
    assert stage.rows("SELECT DISTINCT person FROM task") == [(stage.cora,)]


def test_nobody_watches_their_own_visit(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    for role in ("tracker", "manager", "senior"):
        with pytest.raises(Refusal, match="nobody watches their own visit"):
            stage.plan(ana, roles=stage.roles | {role: stage.ana})


class Broken:
    def deliver(self, message: Message) -> None:
        raise RuntimeError("a library's own surprise")


def test_a_channel_that_breaks_is_a_failure_like_another(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    post = Post(stage, {"mail": Broken()})
    assert post.round() == 1
    assert post.states() == [("Ben", "mail", "queued")]
    assert stage.rows("SELECT tries, reason FROM outbox") == [(1, "channel broke: RuntimeError")]
    post.close()


def test_what_is_told_from_memory_goes_out_by_the_same_channels(stage: Stage) -> None:
    with web_server() as hook:
        post = Post(stage, {"webhook": WebhookChannel(b"secret")})
        post.worker.tell_now([Message(0, "webhook", hook.url, "Ana: SOS", "", "k")])
        until(lambda: hook.requests, "the webhook")
        post.close()


def test_the_worker_and_the_engine_run_together_on_their_own_threads(stage: Stage, mail: tuple[MailBox, int]) -> None:
    ana = stage.visit()
    channel = MailChannel(MailServer("127.0.0.1", mail[1], "hub@example.org"))
    worker = NotifyWorker(stage.store.path, {"mail": channel}, stage.engine.submit, stage.engine.feed)
    threads = [threading.Thread(target=worker.run), threading.Thread(target=stage.engine.run)]
    for thread in threads:
        thread.start()
    stage.queue(ana.frame(w.SOS))
    until(lambda: worker.counters["delivered"] == 2, "both mails")
    added = stage.engine.submit(Delivered(99))
    assert added.result(timeout=10) is None
    worker.stop()
    stage.engine.feed.publish(0, stage.clock.now_ms())  # wakes it, as the service does
    stage.engine.stop()
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()
    assert {state for (state,) in stage.rows("SELECT state FROM outbox")} == {"delivered"}


class Shelf:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[Message] = []

    def deliver(self, message: Message) -> None:
        self.taken.append(message)


def test_a_store_that_can_not_be_read_now_is_read_again__people_are_told(stage: Stage, tmp_path: Path) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    path, shelf = tmp_path / "store.db", Shelf()
    worker = NotifyWorker(path, {"mail": shelf}, stage.engine.submit, stage.engine.feed)
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        until(lambda: worker.counters["look_failed"] > 0, "the first look to fail")
        path.symlink_to(stage.store.path)
        until(lambda: len(shelf.taken) == 2, "both messages")
    finally:
        worker.stop()
        stage.engine.feed.publish(0, stage.clock.at_ms)  # wakes it
        running.join()
    assert sorted(message.address for message in shelf.taken) == ["ben@example.org", "cora@example.org"]


def test_a_message_that_waits_goes_by_the_number_that_was_put_right(post: Post, stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.do(ChangePerson(stage.ben, "Ben", [Contact("home", "01604 1"), Contact("sms", "+442")], stage.cora))
    assert post.states() == [("Ben", "mail", "failed"), ("Cora", "mail", "queued"), ("Ben", "sms", "queued")]
    stage.restart()
    stage.carry(ana.frame(w.SOS))
    assert stage.rows("SELECT kind, address FROM contact_method WHERE person = ? ORDER BY position", (stage.ben,)) == [
        ("sms", "+442"),
        ("home", "01604 1"),
    ]
    assert post.states()[-2:] == [("Ben", "sms", "queued"), ("Cora", "mail", "queued")]


def test_who_loses_the_last_way_to_be_told_is_stood_in_for(post: Post, stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.do(ChangePerson(stage.ben, "Benjamin", [], stage.cora))
    assert post.states()[-1] == ("Cora", "mail", "queued")
    (told,) = stage.rows("SELECT body FROM outbox ORDER BY id DESC LIMIT 1")
    assert "Benjamin could not be reached" in told[0]
    with pytest.raises(Refusal, match="no person 99"):
        stage.do(ChangePerson(99, "Nobody", [], stage.cora))
    with pytest.raises(Refusal, match="needs a name"):
        stage.do(ChangePerson(stage.ben, " ", [], stage.cora))
