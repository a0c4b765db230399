"""The bridge's Bluetooth over two radios: the tests' own fake, and the simulator's with MicroPython behind it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest
from fake_radio import FakePendant, FakeRadio
from waiting import until_async
from watchword_bridge.clock import now_ms
from watchword_bridge.link import REST_MIN_MS, Backend, Links

sys.path.insert(0, str(Path(__file__).parents[1] / "radio"))
from radio_stage import PENDANT, Pendant, Stage

pytestmark = pytest.mark.anyio


class Rig(Protocol):
    """A phone's radio, and one pendant that notifies what is written to it after an "n"."""

    backend: Backend

    async def appear(self) -> None: ...

    async def vanish(self) -> None: ...

    async def close(self) -> None: ...


class FakeRig:
    def __init__(self, _folder: Path) -> None:
        self._pendant = FakePendant(PENDANT)
        self._pendant.in_range = False
        self.backend = FakeRadio(self._pendant).backend

    async def appear(self) -> None:
        self._pendant.in_range = True

    async def vanish(self) -> None:
        self._pendant.vanish()

    async def close(self) -> None:
        await self.vanish()


class BumbleRig:
    def __init__(self, folder: Path) -> None:
        self._stage = Stage(folder)
        self._pendant: Pendant | None = None

    async def appear(self) -> None:
        if not self._pendant:
            await self._stage.radio.start()
            self.backend = self._stage.phone()
        self._pendant = await self._stage.pendant()
        await self._pendant.says("up")

    async def vanish(self) -> None:
        assert self._pendant
        await self._pendant.kill()

    async def close(self) -> None:
        await self._stage.close()


RIGS: dict[str, Callable[[Path], Rig]] = {"fake": FakeRig, "bumble": BumbleRig}


class Listener:
    """A Carrier that writes what it is told to and keeps what it hears."""

    def __init__(self) -> None:
        self.to_write: list[bytes] = []
        self.frames: list[bytes] = []

    def heard(self, address: str, frame: bytes) -> None:
        assert address == PENDANT
        self.frames.append(frame)

    def next_down(self, address: str) -> bytes | None:
        return self.to_write.pop(0) if self.to_write else None

    def not_written(self, address: str, frame: bytes) -> None:
        self.to_write.insert(0, frame)


@pytest.fixture(params=list(RIGS))
async def rig(request: pytest.FixtureRequest, anyio_backend: str, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = RIGS[request.param](tmp_path)
    await rig.appear()
    yield rig
    await rig.close()


async def echo(links: Links, listener: Listener, payload: bytes) -> None:
    listener.to_write.append(b"n" + payload)
    links.wake(PENDANT)
    await until_async(lambda: payload in listener.frames, "the pendant's answer")


async def test_out_of_range_and_back__linked_and_subscribed_again(rig: Rig) -> None:
    listener = Listener()
    links = Links(rig.backend, listener, now_ms)
    running = asyncio.create_task(links.run())
    await until_async(lambda: links.connected == [PENDANT], "the link")
    await echo(links, listener, bytes(range(78)))
    await rig.vanish()
    await until_async(lambda: links.connected == [], "the loss to be noticed")
    waiting = b"written once it is back"
    listener.to_write.append(b"n" + waiting)
    await rig.appear()
    await until_async(lambda: waiting in listener.frames, "what waited to be written")
    await echo(links, listener, b"second")
    assert links.counters["linked"] == 2
    running.cancel()
    await asyncio.wait([running])
    assert links.connected == []


async def test_silent_for_too_long__disconnected_and_linked_again(rig: Rig) -> None:
    listener = Listener()
    links = Links(rig.backend, listener, now_ms, silence_ms=300)
    running = asyncio.create_task(links.run())
    await until_async(lambda: links.counters["silent"] >= 1, "silence to be noticed")
    await until_async(lambda: links.counters["linked"] >= 2, "the second link")
    running.cancel()
    await asyncio.wait([running])


async def test_let_go_of_before_a_frame_came__rests_before_it_connects_again(rig: Rig) -> None:
    links = Links(rig.backend, Listener(), now_ms)
    running = asyncio.create_task(links.run())
    await until_async(lambda: links.connected == [PENDANT], "the link")
    await rig.vanish()
    await until_async(lambda: links.counters["turned_away"] == 1, "that it was turned away")
    assert links._resting[PENDANT].wait_ms == REST_MIN_MS
    running.cancel()
    await asyncio.wait([running])
