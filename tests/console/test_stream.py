"""Events for consoles: nothing missed, nothing twice, and no life but the engine's."""

import asyncio
import json

import pytest
from console_fakes import START_MS, FakeHub
from watchword_core import words as w
from watchword_hub.console import stream as s


class Listener:
    """Collects one console's events."""

    def __init__(self, stream: s.Stream, after: int) -> None:
        self.events: list[dict[str, str]] = []
        self._source = stream.events(after)

    async def read(self, n: int) -> list[dict[str, str]]:
        """Until n events came; fails after 5 s."""
        async with asyncio.timeout(5):
            while len(self.events) < n:
                self.events += _parse(await anext(self._source))
        return self.events

    async def close(self) -> None:
        await self._source.aclose()


def _parse(text: str) -> list[dict[str, str]]:
    blocks = [dict(line.split(": ", 1) for line in block.split("\n") if line) for block in text.split("\n\n") if block]
    return [block for block in blocks if "event" in block]


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


def run(hub: FakeHub, story) -> None:
    async def bound() -> None:
        stream = s.Stream(hub)
        stream.bind(asyncio.get_running_loop())
        await story(stream)
        stream.bind(None)

    asyncio.run(bound())


def test_a_row_reaches_the_console_with_its_number(hub):
    async def story(stream):
        console = Listener(stream, 0)
        await anext(console._source)
        hub.add_line(w.ARRIVED, text="at the door")
        stream.publish(1, START_MS)
        row, tick = await console.read(2)
        assert (row["id"], row["event"]) == ("1", "change")
        assert json.loads(row["data"]) == {"seq": 1, "case": 7, "kind": w.ARRIVED, "text": "at the door"}
        assert tick["event"] == "tick"
        assert json.loads(tick["data"]) == {"now_ms": START_MS, "seq": 1}
        assert "id" not in tick

    run(hub, story)


@pytest.mark.parametrize("kind", [w.SOS, w.MAN_DOWN, w.DURESS, w.CALL_DURESS])
def test_an_alarm_is_called_an_alarm(hub, kind):
    async def story(stream):
        hub.add_line(kind)
        assert (await Listener(stream, 0).read(1))[0]["event"] == "alarm"

    run(hub, story)


def test_a_console_that_was_away_gets_what_it_missed_once(hub):
    async def story(stream):
        for _ in range(5):
            hub.add_line(w.SPOKE)
        stream.publish(5, START_MS)  # not yet sent when the console joins
        console = Listener(stream, 2)
        await console.read(3)
        hub.add_line(w.SPOKE)
        stream.publish(6, START_MS)
        events = await console.read(5)
        assert [e["id"] for e in events if "id" in e] == ["3", "4", "5", "6"]

    run(hub, story)


def test_a_console_that_missed_too_much_is_told_to_start_again(hub, monkeypatch):
    monkeypatch.setattr(s, "MAX_REPLAY", 3)

    async def story(stream):
        for _ in range(5):
            hub.add_line(w.SPOKE)
        assert [e["event"] for e in await Listener(stream, 0).read(1)] == ["reset"]

    run(hub, story)


def test_a_console_that_knows_more_than_a_restored_store_is_told_to_start_again(hub):
    async def story(stream):
        hub.add_line(w.SPOKE)
        (event,) = await Listener(stream, 900).read(1)
        assert (event["event"], event["id"]) == ("reset", "1")

    run(hub, story)


def test_without_the_engine_there_is_no_tick(hub):
    async def story(stream):
        console = Listener(stream, 0)
        await anext(console._source)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(console._source)

    run(hub, story)


def test_a_busy_engine_ticks_once_a_second(hub):
    async def story(stream):
        console = Listener(stream, 0)
        await anext(console._source)
        for ms in (0, 10, 500, 999, 1000, 1500):
            stream.publish(0, START_MS + ms)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        hub.add_line(w.SPOKE)
        stream.publish(1, START_MS + 1600)
        events = await console.read(3)
        assert [e["event"] for e in events] == ["tick", "tick", "change"]

    run(hub, story)


def test_a_slow_console_is_cut_off_and_the_others_go_on(hub, monkeypatch):
    monkeypatch.setattr(s, "MAX_WAITING", 2)

    async def story(stream):
        slow, quick = Listener(stream, 0), Listener(stream, 0)
        await anext(slow._source)
        await anext(quick._source)
        for n in range(1, 5):
            hub.add_line(w.SPOKE)
            stream.publish(n, START_MS)
            await quick.read(n)
        assert stream.dropped == 1
        assert stream.consoles == 1
        with pytest.raises(StopAsyncIteration):
            await slow.read(9)
        back = Listener(stream, 0)
        assert len(await back.read(4)) == 4

    run(hub, story)


def test_a_console_that_leaves_is_forgotten(hub):
    async def story(stream):
        console = Listener(stream, 0)
        await anext(console._source)
        await console.close()
        assert stream.consoles == 0

    run(hub, story)


def test_only_so_many_consoles_are_served(hub, monkeypatch):
    monkeypatch.setattr(s, "MAX_CONSOLES", 1)

    async def story(stream):
        first = Listener(stream, 0)
        await anext(first._source)
        with pytest.raises(s.TooManyConsoles):
            await Listener(stream, 0).read(1)

    run(hub, story)


def test_publishing_before_and_after_the_server_runs_is_harmless(hub):
    stream = s.Stream(hub)
    stream.publish(0, START_MS)
    run(hub, lambda _stream: asyncio.sleep(0))
    stream.publish(0, START_MS)
