"""What Watchword needs of any broker, run against each of rigs.py."""

import pytest
from rigs import Client, Rig, until
from watchword_bridge.mqtt import BrokerRefused


def hub(rig: Rig, lane: str = "press", acking: bool = True) -> Client:
    return Client(rig, f"hub-{lane}", "hub", [f"ww/up/+/{lane}"], acking)


def bridge(rig: Rig, name: str = "ana-phone") -> Client:
    return Client(rig, f"bridge-{name}", name, [f"ww/down/{name}"])


def test_a_frame_goes_up_and_its_answer_comes_down(rig: Rig) -> None:
    with hub(rig) as at_hub, bridge(rig) as ana, bridge(rig, "dev-phone") as dev:
        assert ana.session.publish("ww/up/ana-phone/press", b"sos")
        until(rig, lambda: at_hub.payloads() == [b"sos"])
        assert at_hub.received[0].topic == "ww/up/ana-phone/press"
        assert at_hub.session.publish("ww/down/ana-phone", b"durable")
        until(rig, lambda: ana.payloads() == [b"durable"])
        assert dev.payloads() == []


@pytest.mark.parametrize("topic", ["ww/up/dev-phone/press", "ww/down/dev-phone", "ww/up/ana-phone/other", "ww"])
def test_a_bridge_publishes_to_its_own_topics_only_and_is_not_told(rig: Rig, topic: str) -> None:
    with hub(rig) as at_hub, bridge(rig) as ana, bridge(rig, "dev-phone") as dev:
        assert ana.session.publish(topic, b"forged"), "a denied publish looks like a good one"
        assert dev.session.publish("ww/up/dev-phone/press", b"genuine")
        until(rig, lambda: b"genuine" in at_hub.payloads())
        assert ana.session.publish("ww/up/ana-phone/press", b"after")
        until(rig, lambda: b"after" in at_hub.payloads())
        assert sorted(at_hub.payloads()) == [b"after", b"genuine"]
        assert dev.payloads() == []


@pytest.mark.parametrize("topic", ["ww/down/dev-phone", "ww/down/+", "ww/up/ana-phone/press"])
def test_a_bridge_that_asks_for_more_than_its_own_is_refused_and_knows_it(rig: Rig, topic: str) -> None:
    nosy = Client(rig, "nosy", "ana-phone", [topic])
    nosy.session.start()
    until(rig, lambda: nosy.session.counters["refused"] > 0)
    with pytest.raises(BrokerRefused, match="check permissions of ana-phone"):
        nosy.session.wait_ready(5)
    assert not nosy.session.ready
    nosy.session.stop()


def test_a_session_that_left_without_acknowledging_is_given_the_message_again(rig: Rig) -> None:
    with bridge(rig) as ana:
        with hub(rig, acking=False) as before:
            assert ana.session.publish("ww/up/ana-phone/press", b"sos")
            until(rig, lambda: before.payloads() == [b"sos"])
        with hub(rig) as after:
            until(rig, lambda: after.payloads() == [b"sos"])


def test_an_acknowledged_message_is_not_given_again(rig: Rig) -> None:
    with bridge(rig) as ana:
        with hub(rig) as before:
            assert ana.session.publish("ww/up/ana-phone/press", b"first")
            until(rig, lambda: before.session.counters["acked"] == 1)
        with hub(rig) as after:
            assert ana.session.publish("ww/up/ana-phone/press", b"second")
            until(rig, lambda: b"second" in after.payloads())
            assert after.payloads() == [b"second"]


def test_what_is_published_while_the_hub_is_away_waits_for_it(rig: Rig) -> None:
    with hub(rig):
        pass
    with bridge(rig) as ana:
        assert ana.session.publish("ww/up/ana-phone/press", b"sos")
        with hub(rig) as back:
            until(rig, lambda: back.payloads() == [b"sos"])


def test_broker_killed__messages_kept_and_sessions_subscribed_again(rig: Rig) -> None:
    with hub(rig, acking=False) as at_hub, bridge(rig) as ana:
        assert ana.session.publish("ww/up/ana-phone/press", b"sos")
        until(rig, lambda: at_hub.payloads() == [b"sos"])
        rig.kill()
        until(rig, lambda: not at_hub.session.ready and not ana.session.ready)
        assert not ana.session.publish("ww/up/ana-phone/press", b"into the void"), "nothing is kept unsaid"
        rig.restart()
        until(rig, lambda: at_hub.times_ready == 2 and ana.times_ready == 2)
        if rig.durable:
            until(rig, lambda: at_hub.payloads() == [b"sos", b"sos"])
            at_hub.received[1].ack()
        assert at_hub.session.publish("ww/down/ana-phone", b"durable")
        until(rig, lambda: ana.payloads() == [b"durable"])


def test_an_acknowledgement_that_comes_after_a_reconnect_acknowledges_nothing(rig: Rig) -> None:
    with hub(rig, acking=False) as at_hub, bridge(rig) as ana:
        assert ana.session.publish("ww/up/ana-phone/press", b"sos")
        until(rig, lambda: len(at_hub.received) == 1)
        rig.end()
        until(rig, lambda: not at_hub.session.ready)
        rig.restart()
        until(rig, lambda: len(at_hub.received) == 2)
        at_hub.received[0].ack()
        assert at_hub.session.counters["stale_acks"] == 1
        assert at_hub.session.counters["acked"] == 0


def test_unacknowledged_messages_fill_one_lane_and_leave_the_other_open(rig: Rig) -> None:
    surplus = 10
    with hub(rig, "routine", acking=False) as routine, hub(rig) as press, bridge(rig) as ana:
        for i in range(rig.window + surplus):
            until(rig, lambda i=i: ana.session.publish("ww/up/ana-phone/routine", b"heartbeat %d" % i))
        until(rig, lambda: len(routine.received) == rig.window)
        assert ana.session.publish("ww/up/ana-phone/press", b"sos")
        until(rig, lambda: press.payloads() == [b"sos"])
        assert len(routine.received) == rig.window, "the broker waits"
        routine.acking = True
        for message in list(routine.received):
            message.ack()
        until(rig, lambda: len(routine.received) == rig.window + surplus)
