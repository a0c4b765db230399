"""The hub's side of a broker: what reaches the engine's queue, and what waits when the engine is slow."""

import queue

import pytest
from rigs import Client, Rig, until
from watchword_bridge.mqtt import Credentials, Message, SessionPlan
from watchword_core.frames import PRESS, ROUTINE
from watchword_hub import intake
from watchword_hub.intake import Arrival, Intake
from watchword_sim.memory_broker import MemoryBroker, MemorySession


def take(engine: "queue.SimpleQueue[Arrival]") -> list[Arrival]:
    arrivals = []
    while not engine.empty():
        arrivals.append(engine.get())
    return arrivals


def test_frames_of_both_lanes_reach_the_engine_and_answers_go_down(rig: Rig) -> None:
    engine: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
    hub = Intake(rig.factory, rig.credentials("hub"), engine.put)
    hub.start()
    until(rig, lambda: hub.ready)
    with Client(rig, "bridge-ana-phone", "ana-phone", ["ww/down/ana-phone"]) as ana:
        assert ana.session.publish("ww/up/ana-phone/press", b"sos")
        assert ana.session.publish("ww/up/ana-phone/routine", b"heartbeat")
        until(rig, lambda: engine.qsize() == 2)
        arrivals = sorted(take(engine), key=lambda arrival: arrival.lane)
        assert [(a.bridge, a.lane, a.payload) for a in arrivals] == [
            ("ana-phone", PRESS, b"sos"),
            ("ana-phone", ROUTINE, b"heartbeat"),
        ]
        for arrival in arrivals:
            arrival.ack()
            arrival.ack()
        assert hub.publish_down("ana-phone", b"durable")
        assert hub.publish_down("ana-phone", b"alive", ROUTINE)
        until(rig, lambda: sorted(ana.payloads()) == [b"alive", b"durable"])
    hub.stop()
    assert not hub.publish_down("ana-phone", b"too late")
    assert hub.counters["down_dropped"] == 1


def test_hub_killed_before_its_commit__the_next_one_is_given_the_frame(rig: Rig) -> None:
    with Client(rig, "bridge-ana-phone", "ana-phone") as ana:
        for _ in ("killed", "restarted"):
            engine: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
            hub = Intake(rig.factory, rig.credentials("hub"), engine.put)
            hub.start()
            until(rig, lambda hub=hub: hub.ready)
            if not ana.session.counters["published"]:
                assert ana.session.publish("ww/up/ana-phone/press", b"sos")
            until(rig, lambda engine=engine: engine.qsize() == 1)
            hub.stop()
        assert engine.get().payload == b"sos"


class FrozenEngine:
    """Lanes fed by hand, and an engine that acknowledges only when told."""

    def __init__(self) -> None:
        self.queue: list[Arrival] = []
        self.acked: list[bytes] = []
        self.sessions: dict[str, SessionPlan] = {}
        self.plans: list[SessionPlan] = []
        self.intake = Intake(self, Credentials("hub", "unused"), self.queue.append)

    def session(self, plan: SessionPlan) -> MemorySession:
        self.plans.append(plan)
        self.sessions[plan.client_id.rpartition("-")[0]] = plan
        return MemorySession(MemoryBroker({}), plan)

    def arrive(self, lane: str, payload: bytes, topic: str | None = None) -> None:
        topic = topic or f"ww/up/ana-phone/{lane}"
        self.sessions[f"hub-{lane}"].on_message(Message(topic, payload, lambda: self.acked.append(payload)))


def test_routine_waits_unacknowledged_while_press_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "ROUTINE_WINDOW", 2)
    engine = FrozenEngine()
    for i in range(5):
        engine.arrive("routine", b"%d" % i)
    engine.arrive("press", b"sos")
    assert [arrival.payload for arrival in engine.queue] == [b"0", b"1", b"sos"]
    assert engine.acked == []
    engine.queue[0].ack()
    assert [arrival.payload for arrival in engine.queue] == [b"0", b"1", b"sos", b"2"]
    for arrival in engine.queue:  # grows while it runs, as what waited moves up
        arrival.ack()
    assert engine.acked == [b"0", b"1", b"sos", b"2", b"3", b"4"]


def test_delivered_again_while_the_engine_is_slow__queued_once_and_acknowledged_for_both() -> None:
    engine = FrozenEngine()
    for _ in range(3):
        engine.arrive("press", b"sos")
    assert len(engine.queue) == 1
    assert engine.intake.counters["delivered_again"] == 2
    engine.queue[0].ack()
    assert engine.acked == [b"sos"] * 3
    engine.arrive("press", b"sos")
    assert len(engine.queue) == 2, "after the commit it is the engine that knows it"


def test_a_broker_without_a_window_meets_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_OUTSTANDING", 2)
    engine = FrozenEngine()
    for i in range(4):
        engine.arrive("press", b"%d" % i)
    assert [arrival.payload for arrival in engine.queue] == [b"0", b"1"]
    assert engine.acked == [b"2", b"3"]
    assert engine.intake.counters["over_limit"] == 2


def test_a_bridge_cannot_tell_the_hubs_client_ids__so_it_cannot_take_over_its_sessions() -> None:
    plans = [
        {plan.client_id for plan in _plans_of(Credentials("hub", password))} for password in ("one", "one", "another")
    ]
    assert len(plans[0]) == 2
    assert plans[0] == plans[1], "the same at the next start, or what waits for it would never come"
    assert not plans[0] & plans[2]


def _plans_of(credentials: Credentials) -> list[SessionPlan]:
    engine = FrozenEngine()
    Intake(engine, credentials, engine.queue.append)
    return list(engine.plans[2:])


def test_a_message_under_no_bridge_is_counted_and_forgotten() -> None:
    engine = FrozenEngine()
    engine.arrive("press", b"what", topic="ww/up")
    assert engine.queue == []
    assert engine.intake.counters["not_a_topic"] == 1
