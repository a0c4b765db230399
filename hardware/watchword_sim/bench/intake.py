"""`watchword bench intake`: frames made durable a second by one hub, as in service, through its own broker.

Phases, on the same hub, broker and disk: heartbeats alone, and with each tenth a press, as fast as is sustained; the
same with MANY frames a message, as a bridge repeats them after an outage; presses alone; then the mix at half of what
was sustained, for the time from frame to durable. Beside them what paho receives with nobody to handle it, and what the
store takes with nothing to decide.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchword_core.frames import UP_HEADER_BYTES
from watchword_hub import control
from watchword_hub.broker import EmbeddedBroker

from watchword_sim.bench import fleet, taps
from watchword_sim.bench.figures import over, spread
from watchword_sim.bench.floors import BareStore
from watchword_sim.bench.load import SENT, Task
from watchword_sim.bench.processes import PHASE_S, Counter, Helper, TappedHub, until

WANTED_PER_S = 8000
MANY = 16
PRESS_EVERY = 10
WINDOW = 4096  # frames on their way: more than the broker delivers unacknowledged, so that the hub is never idle
BRIDGE = "bench-1"
STORE_S = 2.0
_NOT_BRIEF = ("whole_per_s", "stages_s", "to_durable", "in_hub")
EDGE = 0.1  # of a phase's frames at each end, which a sustained rate leaves out


def measure(folder: Path, seconds: float, pendants: int, told: Callable[[str], None]) -> dict[str, Any]:
    """All phases of about `seconds` each; the object that `--json` prints."""
    told(f"enrolling {pendants} pendants ...")
    for name in ("service", "stages"):
        (folder / name).mkdir(parents=True)
        fleet.enrol(folder / name, pendants)
    with TappedHub(folder / "service") as hub, Helper("watchword_sim.bench.load") as helper:
        load = Load(hub, helper, told)
        warm = load.run("warm", 10 * pendants)
        number = max(pendants, round(seconds * warm["whole_per_s"]))
        beats = load.run("heartbeats", number)
        mixed = load.run("mixed", number, press_every=PRESS_EVERY)
        many = load.run("many a message", number, frames_per_message=MANY)
        many_mixed = load.run("many a message, mixed", number, frames_per_message=MANY, press_every=PRESS_EVERY)
        presses = load.run("presses", max(pendants, number // 4), press_every=1)
        rate = min(mixed["frames_per_s"], mixed["whole_per_s"]) / 2
        half = load.run("half", max(pendants, round(seconds * rate)), rate=rate, press_every=PRESS_EVERY)
    with TappedHub(folder / "stages", stages=True) as hub, Helper("watchword_sim.bench.load") as helper:
        where = Load(hub, helper, told).run("stages", number, press_every=PRESS_EVERY)
    bare_per_s = bare_receive(folder / "service", number)
    store = BareStore(folder / "bare.db", pendants)
    store_per_s = store.rows_per_s(min(seconds, STORE_S))
    store.close()
    sustained = {
        "heartbeats": beats,
        "mixed": mixed,
        "heartbeats_16_a_message": many,
        "mixed_16_a_message": many_mixed,
        "presses": presses,
    }
    return {
        "bench": "intake",
        "pendants": pendants,
        "durable_frames_per_s": beats["frames_per_s"],
        "durable_frames_per_s_mixed": mixed["frames_per_s"],
        "wanted_per_s": WANTED_PER_S,
        "frame_to_durable_at_half": {"frames_per_s": half["frames_per_s"], **half["to_durable"]},
        "hub_receipt_to_durable_at_half": half["in_hub"],
        "bare_receive_per_s": bare_per_s,
        "bare_store_rows_per_s": round(store_per_s),
        "of_bare_receive": over(beats["frames_per_s"], bare_per_s),
        "of_bare_store": over(beats["frames_per_s"], store_per_s),
        "press_costs_heartbeats": over(presses["hub_us_per_frame"], beats["hub_us_per_frame"]),
        "sustained": {name: _brief(phase) for name, phase in sustained.items()},
        "engine_us_per_frame": {
            stage: round(spent * 1e6 / where["frames"], 1) for stage, spent in where["stages_s"].items()
        },
    }


class Load:
    """Phases of frames from one bridge to one hub."""

    def __init__(self, hub: TappedHub, helper: Helper, told: Callable[[str], None]) -> None:
        self._hub = hub
        self._told = told
        self._helper = helper
        given = {"data": str(hub.data_dir), "count_file": str(hub.durable.path)}
        given |= control.ask(hub.data_dir, "bridge", bridge=BRIDGE)
        helper.ask(json.dumps(given))

    def run(
        self, name: str, number: int, *, rate: float = 0, frames_per_message: int = 1, press_every: int = 0
    ) -> dict[str, Any]:
        """One phase; raises BenchError when not all frames became durable."""
        self._told(f"{name}: {number} frames ...")
        sent_file = self._hub.folder / "sent"
        self._helper.ask(Task(number, rate, WINDOW, frames_per_message, press_every, str(sent_file)).line())
        self._hub.begin()
        sent = json.loads(self._helper.ask("go"))
        until(f"{name}: {number} durable frames", lambda: self._hub.durable.value >= number, PHASE_S)
        told = self._hub.end()
        frames = _stamps(self._hub.frames_file)
        sent_at = {header: at for at, header in SENT.iter_unpack(sent_file.read_bytes())}
        to_durable = [(durable - sent_at[frame[:UP_HEADER_BYTES]]) / 1e6 for _, durable, frame in frames]
        threads, last_ns = told["threads_s"], max(durable for _, durable, _ in frames)
        return {
            "frames": number,
            "frames_per_s": sustained_per_s([durable for _, durable, _ in frames]),
            "whole_per_s": number * 1e9 / (last_ns - min(sent_at.values())),
            "to_durable": spread(to_durable),
            "in_hub": spread([(durable - came) / 1e6 for came, durable, _ in frames]),
            "hub_us_per_frame": round(sum(threads.values()) * 1e6 / number, 1),
            "threads_us_per_frame": {t: round(s * 1e6 / number, 1) for t, s in sorted(threads.items()) if s},
            "broker_us_per_frame": round(told["broker_s"] * 1e6 / number, 1),
            "sender_us_per_frame": round(sent["cpu_s"] * 1e6 / number, 1),
            "stages_s": told["stages_s"],
        }


def _stamps(path: Path) -> list[tuple[int, int, bytes]]:
    return list(taps.FRAME.iter_unpack(path.read_bytes()))


def sustained_per_s(durable_ns: list[int]) -> float:
    """The rate between EDGE and 1 - EDGE of all frames."""
    in_order = sorted(durable_ns)
    first, last = round(EDGE * len(in_order)), round((1 - EDGE) * len(in_order)) - 1
    return round((last - first) / max(1, in_order[last] - in_order[first]) * 1e9)


def bare_receive(data_dir: Path, number: int) -> float:
    """Messages a second that the same broker and sender bring to a paho session that only counts them."""
    count = Counter(data_dir / "taps" / "received")
    with EmbeddedBroker(data_dir) as broker:
        hub, bridge = broker.hub_credentials(), broker.bridge_credentials(BRIDGE)
        url = str(broker.address)
        topic = f"ww/up/{BRIDGE}/routine"
        receiver = "watchword_sim.bench.receiver", url, hub.user, hub.password, str(count.path), topic
        with Helper(*receiver) as receiving, Helper("watchword_sim.bench.load") as helper:
            receiving.answer()
            given = {"data": str(data_dir), "count_file": str(count.path), "url": url}
            helper.ask(json.dumps({**given, "user": bridge.user, "password": bridge.password}))
            helper.ask(Task(number, 0, WINDOW, 1, 0, str(data_dir / "taps" / "sent")).line())
            receiving.ask("begin")
            began = time.monotonic()
            helper.tell("go")
            until("bare receive", lambda: count.value >= number, PHASE_S)
            return round(number / (time.monotonic() - began))


def _brief(phase: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in phase.items() if key not in _NOT_BRIEF}
