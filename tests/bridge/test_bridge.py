"""The whole bridge between a fake radio and a broker: what a phone may lose, repeat and hold."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_radio import FakePendant, FakeRadio
from sealed import ANA, DEV, down, up
from waiting import until_async
from watchword_bridge import link
from watchword_bridge.bridge import Bridge
from watchword_bridge.link import MAX_PENDANTS
from watchword_bridge.mqtt import Credentials, Message, SessionPlan
from watchword_core.frames import PRESS, ROUTINE, UP_BYTES, split
from watchword_sim.memory_broker import MemoryBroker, Permissions

pytestmark = pytest.mark.anyio

BRIDGE = Credentials("ana-phone", "secret")
HUB = Credentials("hub", "secret")
ANA_ADDRESS = "C0:00:00:00:00:07"
DEV_ADDRESS = "C0:00:00:00:00:08"


class World:
    """A phone with its pendants, a broker, and a hub that acknowledges when told."""

    def __init__(self, folder: Path, may_publish: bool = True) -> None:
        self.folder = folder
        self.now_ms = 1_000_000
        self.ana, self.dev = FakePendant(ANA_ADDRESS), FakePendant(DEV_ADDRESS)
        self.radio = FakeRadio(self.ana, self.dev)
        topics = ("ww/up/ana-phone/press", "ww/up/ana-phone/routine") if may_publish else ()
        self.broker = MemoryBroker(
            {
                "ana-phone": Permissions("secret", topics, ("ww/down/ana-phone",)),
                "hub": Permissions("secret", ("ww/down/+",), ("ww/up/+/press", "ww/up/+/routine")),
            }
        )
        self.at_hub: list[tuple[str, bytes]] = []
        plan = SessionPlan("hub", HUB, ("ww/up/+/press", "ww/up/+/routine"), self._at_hub)
        self.hub = self.broker.session(plan)
        self.hub.start()
        self.broker.deliver(0)

    def _at_hub(self, message: Message) -> None:
        message.ack()
        self.at_hub += [(message.topic, frame) for frame in split(message.payload, UP_BYTES)]

    def frames(self) -> list[bytes]:
        return [frame for _, frame in self.at_hub]

    def answer(self, *frames: bytes) -> None:
        assert self.hub.publish("ww/down/ana-phone", b"".join(frames))

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        def settled() -> bool:
            self.broker.deliver(0)
            return condition()

        await until_async(settled, what)

    @asynccontextmanager
    async def bridge(self, linked: int = 2) -> AsyncIterator[Bridge]:
        bridge = Bridge(
            "ana-phone", self.broker, BRIDGE, self.folder / "spool.db", self.radio.backend, lambda: self.now_ms
        )
        running = asyncio.create_task(bridge.run())
        try:
            await self.until(lambda: bridge.ready or running.done(), "the broker")
            await self.until(lambda: len(bridge.connected) == linked, "the links")
            yield bridge
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield World(tmp_path)


async def test_a_press_is_published_as_it_is_heard_and_kept_until_the_hub_has_it(world: World) -> None:
    async with world.bridge() as bridge:
        world.ana.notify(up(1))
        assert bridge.counters["broker.published"] == 1, "in the very call that brought it"
        world.ana.notify(up(1, lane=ROUTINE))
        await world.until(lambda: len(world.at_hub) == 2, "the frames")
        assert world.at_hub == [
            ("ww/up/ana-phone/press", up(1)),
            ("ww/up/ana-phone/routine", up(1, lane=ROUTINE)),
        ]
        assert bridge.kept == 2
        world.answer(down(1, ack=(PRESS, 1)), down(2, ack=(ROUTINE, 1)))
        await world.until(lambda: bridge.kept == 0, "the acknowledgements")
        await world.until(lambda: world.ana.written == [down(1, ack=(PRESS, 1)), down(2, ack=(ROUTINE, 1))], "answers")


async def test_publish_denied_by_the_broker__the_frame_is_kept_and_repeated(tmp_path: Path) -> None:
    world = World(tmp_path, may_publish=False)
    async with world.bridge() as bridge:
        world.ana.notify(up(1))
        assert bridge.counters["broker.published"] == 1, "the broker said yes"
        for _ in range(3):
            world.now_ms += 60_000
            repeated = bridge.counters["bridge.repeated"]
            await world.until(lambda before=repeated: bridge.counters["bridge.repeated"] > before, "a repeat")
        assert world.at_hub == []
        assert bridge.kept == 1


async def test_broker_away__the_frame_waits_and_goes_at_once_when_it_is_back(world: World) -> None:
    async with world.bridge() as bridge:
        world.broker.kill()
        world.ana.notify(up(1))
        world.dev.notify(up(1, DEV, ROUTINE))
        world.ana.notify(up(2))
        assert bridge.kept == 3
        world.broker.restart()
        await world.until(lambda: len(world.at_hub) >= 3, "the frames")
        assert world.frames()[:3] == [up(1), up(2), up(1, DEV, ROUTINE)], "PRESS first, and the clock stood still"


async def test_bridge_ends_before_the_hub_answers__the_next_one_carries_it_on(world: World) -> None:
    async with world.bridge():
        world.broker.kill()
        world.ana.notify(up(1))
    world.broker.restart()
    async with world.bridge() as bridge:
        await world.until(lambda: world.frames() == [up(1)], "the frame of the bridge before")
        world.answer(down(1, ack=(PRESS, 1)))
        await world.until(lambda: bridge.kept == 0, "the acknowledgement")
    async with world.bridge() as bridge:
        assert bridge.kept == 0


async def test_pendant_repeats__published_once_more_only_when_due(world: World) -> None:
    async with world.bridge() as bridge:
        for _ in range(5):
            world.ana.notify(up(1))
        assert bridge.counters["broker.published"] == 1
        assert bridge.counters["spool.duplicates"] == 4


async def test_answers_reach_their_own_pendant_also_when_it_comes_back_later(world: World) -> None:
    async with world.bridge() as bridge:
        world.ana.notify(up(1))
        world.dev.notify(up(1, DEV))
        world.dev.vanish()
        await world.until(lambda: bridge.connected == [ANA_ADDRESS], "the loss")
        world.answer(down(1, ANA), down(1, DEV))
        await world.until(lambda: world.ana.written == [down(1, ANA)], "Ana's answer")
        assert world.dev.written == []
        world.dev.in_range = True
        await world.until(lambda: world.dev.written == [down(1, DEV)], "Dev's answer, without his asking again")
        world.dev.notify(up(2, DEV))
        await world.until(lambda: up(2, DEV) in world.frames(), "his next frame: subscribed again")


async def test_write_that_hangs__link_is_given_up_and_the_frame_written_on_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "WRITE_TIMEOUT_S", 0.05)
    async with world.bridge() as bridge:
        world.ana.notify(up(1))
        world.ana.deaf = True
        world.answer(down(1))
        await world.until(lambda: bridge.counters["link.link_failed"] == 1, "the write to time out")
        world.ana.deaf = False
        world.now_ms += link.REST_MIN_MS
        await world.until(lambda: world.ana.written == [down(1)], "the frame")


async def test_connection_fails__tried_again_after_a_rest_that_grows(world: World) -> None:
    world.ana.refuses = 2
    async with world.bridge(linked=1) as bridge:
        await world.until(lambda: bridge.counters["link.link_failed"] == 1, "the first attempt")
        world.now_ms += link.REST_MIN_MS
        await world.until(lambda: bridge.counters["link.link_failed"] == 2, "the second")
        world.now_ms += 2 * link.REST_MIN_MS
        await world.until(lambda: len(bridge.connected) == 2, "the third")
        assert world.ana.attempts == 3


async def test_more_pendants_than_a_phone_can_hold__the_rest_is_counted(world: World) -> None:
    for i in range(MAX_PENDANTS):
        address = f"C1:00:00:00:00:{i:02X}"
        world.radio.pendants[address] = FakePendant(address)
    async with world.bridge(linked=MAX_PENDANTS) as bridge:
        await world.until(lambda: bridge.counters["link.over_limit"] > 0, "the limit")
        assert len(bridge.connected) == MAX_PENDANTS


async def test_somebody_elses_device_is_left_alone(world: World) -> None:
    world.dev.service = "0000180d-0000-1000-8000-00805f9b34fb"
    async with world.bridge(linked=1):
        world.ana.notify(up(1))
        await world.until(lambda: world.frames() == [up(1)], "Ana's frame")
        assert world.dev.attempts == 0


async def test_rubbish_from_either_side_is_counted_and_harms_nothing(world: World) -> None:
    async with world.bridge() as bridge:
        for rubbish in (b"", b"x" * UP_BYTES, up(1)[:-1], down(1)):
            world.ana.notify(rubbish)
        world.hub.publish("ww/down/ana-phone", b"x")
        world.answer(b"y" * len(down(1)))
        await world.until(lambda: bridge.counters["bridge.not_a_frame"] == 6, "all to be counted")
        world.ana.notify(up(1))
        await world.until(lambda: world.frames() == [up(1)], "the genuine frame")


async def test_bluetooth_off__says_so_once_and_goes_on_trying(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "SCAN_RETRY_S", 0.01)
    world.radio.off = True
    async with world.bridge(linked=0) as bridge:
        await world.until(lambda: bridge.counters["link.scan_failed"] >= 2, "two attempts")
        assert caplog.text.count("is Bluetooth on?") == 1
        world.radio.off = False
        await world.until(lambda: len(bridge.connected) == 2, "the links")
