"""What the pendant's detectors cost a sample, on MicroPython (docs/man-down.md)."""

from __future__ import annotations

from dataclasses import dataclass

from .checkout import by_firmware

SAMPLES = 20_000

# Prints a line for each story: its name, nanoseconds and bytes for all its samples. The fastest of five rounds, for
# whatever else the machine does only makes it slower. The collector is off: what is allocated is there to be counted.
_COST = """
import gc
import sys
import time
from array import array
from pendant.fall import Detector
from pendant.lis2dw12 import RATE_HZ
from pendant.motion import BATCH_MS
from pendant.stillness import Stillness
batch = RATE_HZ * BATCH_MS // 1000
count = int(sys.argv[1])
def batches(samples):
    return [array("h", samples[3 * at : 3 * (at + batch)]) for at in range(0, len(samples) // 3, batch)]
walk = [0, 900, 0, 0, 1250, 100]
fall = [0, 300, 0] * 15 + [1500, 3500, 2500] * 5 + [0, 600, 1200] * 10 + [0, 50, 1000] * 170
stories = ("lying", [0, 50, 1000] * 100), ("walking", walk * 50), ("falling every 10 s", walk * 150 + fall)
for name, samples in stories:
    detector, brought = Detector(RATE_HZ, Stillness()), batches(samples)
    best = made = None
    for lap in range(5):
        gc.collect()
        gc.disable()
        before, began, fed = gc.mem_alloc(), time.ticks_us(), 0
        while fed < count:
            for each in brought:
                detector.feed(each, batch)
            fed += batch * len(brought)
        took = time.ticks_diff(time.ticks_us(), began) * 1000 // fed
        made = (gc.mem_alloc() - before) * 1000 // fed
        gc.enable()
        best = took if best is None else min(best, took)
    print(name.replace(" ", "_"), best, made)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one sample."""

    story: str
    us: float
    allocated_bytes: float


def costs() -> list[Cost]:
    """Of each story. CommandRefused where MicroPython stopped."""
    rows = (line.split() for line in by_firmware(_COST, "detector", str(SAMPLES)))
    return [Cost(story.replace("_", " "), int(ns) / 1000, int(made) / 1000) for story, ns, made in rows]


def as_text(found: list[Cost]) -> str:
    """A table in Markdown."""
    lines = ["| she is | µs a sample | bytes allocated a sample |", "|---|---|---|"]
    return "\n".join(lines + [f"| {each.story} | {each.us:.1f} | {each.allocated_bytes:.2f} |" for each in found])
