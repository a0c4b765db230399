"""Bridge, nats-server and the hub's intake, each the real one, with a fake radio before them."""

import asyncio
import os
import queue
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fake_radio import FakePendant, FakeRadio
from sealed import down, up
from waiting import until_async
from watchword_bridge.bridge import Bridge
from watchword_bridge.mqtt import MqttBroker
from watchword_core.frames import UP_BYTES, read_header, split
from watchword_hub.broker import EmbeddedBroker
from watchword_hub.intake import Arrival, Intake

pytestmark = pytest.mark.anyio


class Hub:
    """The intake, and an engine that commits and answers what it is told to."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self.seen: list[bytes] = []
        self.intake = Intake(MqttBroker(broker.address), broker.hub_credentials(), self.arrivals.put)

    def commit(self) -> list[bytes]:
        """Make durable, acknowledge to the broker, answer the pendant; all frames ever seen, each once."""
        while not self.arrivals.empty():
            arrival = self.arrivals.get()
            frames = split(arrival.payload, UP_BYTES)
            self.seen += [frame for frame in frames if frame not in self.seen]
            arrival.ack()
            for header in map(read_header, frames):
                answer = down(header.count, header.pendant, (header.lane, header.count))
                self.intake.publish_down(arrival.bridge, answer, arrival.lane)
        return self.seen


class World:
    def __init__(self, folder: Path, broker: EmbeddedBroker) -> None:
        self.broker = broker
        self.ana = FakePendant("C0:00:00:00:00:07")
        self.hub = Hub(broker)
        self.hub.intake.start()
        self.hub.intake.wait_ready(10)
        self.bridge = Bridge(
            "ana-phone",
            MqttBroker(broker.address),
            broker.bridge_credentials("ana-phone"),
            folder / "spool.db",
            FakeRadio(self.ana).backend,
        )


@pytest.fixture
async def world(anyio_backend: str, tmp_path: Path) -> AsyncIterator[World]:
    with EmbeddedBroker(tmp_path) as broker:
        world = World(tmp_path, broker)
        running = asyncio.create_task(world.bridge.run())
        await until_async(lambda: world.bridge.ready and world.bridge.connected, "bridge and pendant")
        yield world
        running.cancel()
        await asyncio.wait([running])
        world.hub.intake.stop()


async def test_press_to_hub_and_answer_to_pendant(world: World) -> None:
    world.ana.notify(up(1))
    await until_async(lambda: world.hub.commit() == [up(1)], "the press")
    await until_async(lambda: world.ana.written == [down(1, ack=(1, 1))], "the answer")
    assert world.bridge.kept == 0


async def test_broker_killed_with_an_sos_in_it__the_hub_gets_it_and_the_pendant_its_answer(world: World) -> None:
    world.ana.notify(up(1))
    await until_async(lambda: not world.hub.arrivals.empty(), "the press at the hub")
    assert world.broker.pid is not None
    os.kill(world.broker.pid, signal.SIGKILL)
    await until_async(lambda: not world.bridge.ready and not world.hub.intake.ready, "the death to be noticed")
    world.ana.notify(up(2))
    await until_async(world.broker.poll, "the broker to be started again")
    await until_async(lambda: world.bridge.ready and world.hub.intake.ready, "both to be back")
    await until_async(lambda: sorted(world.hub.commit()) == sorted([up(1), up(2)]), "both presses")
    await until_async(lambda: world.hub.commit() and world.bridge.kept == 0, "both acknowledgements")
    assert {down(1, ack=(1, 1)), down(2, ack=(1, 2))} <= set(world.ana.written)
