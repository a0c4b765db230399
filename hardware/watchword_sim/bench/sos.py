"""`watchword bench sos`: from the lanyard's edge to durable, to the console's stream, to felt; beside the bare parts.

Each press is an alarm of its own, resolved before the next. After each press the floor is measured once, so that both
have met the same machine: a bare notify and a bare write over the same air, a bare publish through the same broker, one
bare commit on the same disk. Presses and notifies come at all moments of the connection interval alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchword_core.frames import UP_BYTES
from watchword_core.gestures import LANYARD_SLIP_MS
from watchword_hub import control
from watchword_hub.broker import EmbeddedBroker

from watchword_sim.bench import taps
from watchword_sim.bench.bare_radio import BareRadio
from watchword_sim.bench.figures import over, spread
from watchword_sim.bench.floors import BarePublish, BareStore
from watchword_sim.bench.processes import end_phase, tapped_child
from watchword_sim.stage import Stage
from watchword_sim.visitor import Heard, Visitor
from watchword_sim.wearer import Wearer

GOLDEN = 0.618_034  # its multiples, modulo 1, fill an interval evenly
SEEN_WITHIN_S = 15.0
REST_S = LANYARD_SLIP_MS / 1000 + 0.05
AIM_P50 = 1.5
AIM_P99 = 3.0
BRIDGE = "bench-1"

Milliseconds = dict[str, list[float]]


async def measure(
    folder: Path, presses: int, intervals_ms: Sequence[int], told: Callable[[str], None]
) -> dict[str, Any]:
    """All intervals; the object that `--json` prints."""
    runs = {}
    for interval_ms in intervals_ms:
        told(f"{presses} presses at a connection interval of {interval_ms} ms ...")
        runs[f"{interval_ms}_ms"] = await _at_interval(folder / f"interval-{interval_ms}", interval_ms, presses)
    return {"bench": "sos", "presses": presses, "aim_p50": AIM_P50, "aim_p99": AIM_P99, "intervals": runs}


async def _at_interval(folder: Path, interval_ms: float, presses: int) -> dict[str, Any]:
    data_dir, stamps = folder / "hub", folder / "taps"
    for made in (data_dir, stamps):
        made.mkdir(parents=True)
    stage = Stage(data_dir, interval_ms=interval_ms)
    stage.hub = tapped_child(stamps, data_dir, {})
    async with stage, Visitor(stage.login_link("tracker")) as visitor, Wearer(stage.board) as wearer:
        visitor.listen()
        async with BareRadio(stage.air, folder / "bare", interval_ms) as radio:
            floor = Floor(stage, radio, interval_ms)
            try:
                pressing = Pressing(stage, visitor, wearer, interval_ms)
                await pressing.settle()
                for _ in range(presses):
                    await pressing.press_once()
                    await floor.measure_once()
                await asyncio.to_thread(end_phase, stage.hub, stamps, 0)
            finally:
                await asyncio.to_thread(floor.close)
    commits = list(taps.COMMIT.iter_unpack((stamps / "phase-0.commits").read_bytes()))
    return report(pressing.milliseconds(commits), floor.milliseconds)


@dataclass
class Pressing:
    """Ana pulls the lanyard, Ben resolves."""

    stage: Stage
    visitor: Visitor
    wearer: Wearer
    interval_ms: float
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)  # pressed us, journal row, heard us, felt us
    released_us: int = 0

    async def settle(self) -> None:
        """The first alarm waits for the link and for the boot to be known; it is not counted."""
        await self.press_once()
        self.rows.clear()

    async def press_once(self) -> None:
        await self._let_slip()
        await off_beat(len(self.rows), self.interval_ms)
        pressed_us = self.stage.now_us()
        self.stage.board.pull_lanyard()
        felt = await self.wearer.until_felt("at the hub", pressed_us, SEEN_WITHIN_S)
        heard = await self.visitor.until_heard(lambda event: _is_alarm(event, pressed_us), SEEN_WITHIN_S)
        self.stage.board.release("lanyard")
        self.released_us = self.stage.now_us()
        self.rows.append((pressed_us, heard.seq, heard.at_us, felt.at_us))
        form = {"text": "A drill.", "sure": "yes"}
        await self.visitor.submit(f"/case/{heard.content['case']}/resolve", form)
        await self.wearer.until_felt("resolved", felt.at_us, SEEN_WITHIN_S)
        self.wearer.felt.clear()

    async def _let_slip(self) -> None:
        """Sooner, the next pull would be the same one, fluttering; the floor is measured meanwhile."""
        slack_s = REST_S - (self.stage.now_us() - self.released_us) / 1e6
        await asyncio.sleep(max(0.0, slack_s))

    def milliseconds(self, commits: list[tuple[int, int]]) -> Milliseconds:
        """What each press took; `commits` are (done ns, newest journal row) in order."""
        durable_us = [_durable_us(commits, seq) for _, seq, _, _ in self.rows]
        return {
            "durable": [(at - row[0]) / 1000 for at, row in zip(durable_us, self.rows, strict=True)],
            "console": [(heard - pressed) / 1000 for pressed, _, heard, _ in self.rows],
            "felt": [(felt - pressed) / 1000 for pressed, _, _, felt in self.rows],
        }


class Floor:
    """The bare parts, on the stage's own air, broker and disk."""

    def __init__(self, stage: Stage, radio: BareRadio, interval_ms: float) -> None:
        told = control.ask(stage.data_dir, "bridge", bridge=BRIDGE)
        hub = EmbeddedBroker(stage.data_dir).hub_credentials()
        self._radio = radio
        self._interval_ms = interval_ms
        self._publish = BarePublish(told["url"], (told["user"], told["password"]), (hub.user, hub.password))
        self._store = BareStore(stage.data_dir / "bare.db")
        self.milliseconds: Milliseconds = {"notify": [], "write": [], "publish": [], "commit": []}

    async def measure_once(self) -> None:
        await off_beat(len(self.milliseconds["notify"]), self._interval_ms)
        hops = await self._radio.round()
        publish_ms = await asyncio.to_thread(self._publish.round_ms, bytes(UP_BYTES))
        commit_ms = await asyncio.to_thread(self._store.commit_ms)
        round_ms = {"notify": hops.up_ms, "write": hops.down_ms, "publish": publish_ms, "commit": commit_ms}
        for name, ms in round_ms.items():
            self.milliseconds[name].append(ms)

    def close(self) -> None:
        self._publish.close()
        self._store.close()


async def off_beat(number: int, interval_ms: float) -> None:
    """Waits a part of the interval, another for each number: what came before ended on a connection event."""
    await asyncio.sleep(number * GOLDEN % 1 * interval_ms / 1000)


def report(measured: Milliseconds, floor: Milliseconds) -> dict[str, Any]:
    """Percentiles of both, and how many floors each step took.

    To durable and to the console the floor is notify + publish + commit; to felt, a publish and a write back beside it.
    """
    parts = {name: spread(values) for name, values in floor.items()}
    there = ("notify", "publish", "commit")
    ways = {"durable": there, "console": there, "felt": (*there, "publish", "write")}
    result: dict[str, Any] = {"floor": parts}
    for step, way in ways.items():
        taken = spread(measured[step])
        sums = {p: round(sum(parts[name][p] for name in way), 3) for p in ("p50_ms", "p99_ms")}
        ratios = {f"{p[:3]}_ratio": over(taken[p], sums[p]) for p in sums}
        result[step] = {**taken, "floor_p50_ms": sums["p50_ms"], "floor_p99_ms": sums["p99_ms"], **ratios}
    return result


def _durable_us(commits: list[tuple[int, int]], seq: int) -> float:
    return next(done_ns for done_ns, newest in commits if newest >= seq) / 1000


def _is_alarm(event: Heard, pressed_us: int) -> bool:
    return event.name == "alarm" and event.at_us >= pressed_us
