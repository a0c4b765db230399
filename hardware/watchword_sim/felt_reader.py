"""Names what the motor plays: the firmware gives each felt pattern a motor frequency of its own (pendant/feel.py).

A pattern is named at its first pulse, which is when the wearer begins to feel it.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from watchword_sim import outputs
from watchword_sim.board_model import REPOSITORY

NEXT_PLAY_US = 650_000  # rest longer than any pause within a pattern: the same frequency again is the pattern again

MEANS = {
    "kept": "Kept on the pendant",
    "at the hub": "At the hub",
    "a person has it": "A person has it",
    "not getting through": "NOT getting through",
    "prompt": "Be ready: a call is due",
    "overdue": "Overdue: the manager is being told",
    "cleared": "Cleared: you may go in",
    "refused": "Do not go in",
    "low battery": "Battery low",
    "resolved": "The alarm is over",
    "closed": "The visit is closed",
    "sos growing": "SOS builds up: let go to stop",
    "nobody watching": "Nobody is watching",
    "ready": "Ready: nothing is missing",
    "not ready": "NOT ready: link, charge, position, clock or procedure",
    "discreet": "Discreet: no light, no sound",
    "not discreet": "Light and sound again",
    "find me": "Somebody looks for this pendant",
    "practice": "Only practice: no help is coming",
    "no key": "This pendant has no key",
}


@dataclass(frozen=True)
class Felt:
    """`at_us` on the simulator's clock, when the first pulse began."""

    at_us: int
    name: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "means": MEANS.get(self.name, self.name)}


def firmware_names(repository: Path = REPOSITORY) -> tuple[str, ...]:
    """The patterns' names by number, from the firmware itself."""
    return tuple(_load(repository / "firmware" / "pendant" / "felt.py").NAMES)


class FeltReader:
    """Feed it every output; it answers with what began to be felt."""

    MOTOR_HZ = 20_000
    STEP_HZ = 100

    def __init__(self) -> None:
        self._names = firmware_names()
        self._playing = -1
        self._on = False
        self._rested_us = 0  # when the motor last stopped

    def take(self, output: outputs.Output) -> Felt | None:
        """The pattern that this output begins, or None."""
        if not isinstance(output, outputs.MotorChanged):
            return None
        was_on, self._on = self._on, output.duty_u16 > 0
        if not self._on:
            self._rested_us = output.at_us if was_on else self._rested_us  # a reset says "off" once more
            return None
        number, rest = divmod(output.frequency_hz - self.MOTOR_HZ, self.STEP_HZ)
        again = output.at_us - self._rested_us > NEXT_PLAY_US
        if rest or not 0 <= number < len(self._names) or (number == self._playing and not again):
            return None
        self._playing = number
        return Felt(output.at_us, self._names[number])


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"firmware_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} is not a module: run from a checkout")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
