"""What a board draws: the figures of hardware/boards/NAME/power.toml, multiplied with what a pendant did."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .board_model import REPOSITORY

WALTER = REPOSITORY / "hardware/boards/walter_rev_a/power.toml"
KNOWN = ("read", "recalled", "chosen")
WHEN = ("always", "awake", "motor", "buzzer", "led", "gnss")
_RADIO_EVENT = ("listening_ms", "sending_ms")
FIGURES = {  # what each table must have; clocks have theirs by MHz
    "cell": ("capacity_mah", "usable_share", "reserve_mah", "leak_ma"),
    "aim": ("on_duty_hours", "off_duty_days"),
    "processor.idle_ma": (),
    "processor.busy_ma": (),
    "processor.busy_share": ("share",),
    "processor.asleep_ma": ("ma",),
    "radio.listening_ma": ("ma",),
    "radio.sending_ma": ("ma",),
    "radio.event": _RADIO_EVENT,
    "radio.frame": _RADIO_EVENT,
    "radio.advert": ("interval_ms", *_RADIO_EVENT),
    "radio.wifi": ("listening_ma", "sending_ma", "sending_share"),
}
NEVER_0 = ("interval_ms",)
S_PER_HOUR = 3600.0
HOURS_PER_DAY = 24.0


class BadFigures(ValueError):
    """The file lacks a figure, or a figure lacks its source."""


@dataclass
class Usage:
    """What one run did, in seconds and counts. `awake` is by processor clock, MHz."""

    awake: dict[int, float] = field(default_factory=dict)
    asleep: float = 0.0
    motor: float = 0.0
    buzzer: float = 0.0
    led: float = 0.0
    gnss: float = 0.0
    linked: float = 0.0
    advertising: float = 0.0
    wifi: float = 0.0
    interval_ms: float = 15.0  # of the connection
    frames: int = 0  # up and down
    heartbeats: int = 0

    @property
    def seconds(self) -> float:
        """How long the run was."""
        return sum(self.awake.values()) + self.asleep


@dataclass(frozen=True)
class Drain:
    """`mah` by consumer, over `hours`."""

    hours: float
    mah: dict[str, float]

    @property
    def mean_ma(self) -> float:
        """Average current."""
        return sum(self.mah.values()) / self.hours


class PowerModel:
    """One board's figures. Raises BadFigures, or OSError when there is no such file."""

    def __init__(self, file: Path = WALTER) -> None:
        try:
            self._figures = tomllib.loads(file.read_text(encoding="utf-8"))
        except ValueError as e:
            raise BadFigures(f"{file}: {e}") from e
        self.parts: dict[str, dict[str, Any]] = self._table("parts")
        self._check()

    @property
    def aim(self) -> Mapping[str, float]:
        """`on_duty_hours`, `off_duty_days`."""
        return self._table("aim")

    @property
    def reserve_mah(self) -> float:
        """What is kept for an SOS."""
        return float(self._table("cell")["reserve_mah"])

    @property
    def spendable_mah(self) -> float:
        """Of a full cell, without what is kept for an SOS."""
        cell = self._table("cell")
        return float(cell["capacity_mah"] * cell["usable_share"] - cell["reserve_mah"])

    def sourced(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Every table of figures that has to name its source, with its name."""
        names = [f"{group}.{name}" for group in ("processor", "radio", "parts") for name in self._table(group)]
        return [(name, self._table(name)) for name in names]

    def drain(self, usage: Usage) -> Drain:
        """Where the charge of such a run goes. Raises BadFigures for a processor clock without a figure."""
        mas = {"processor": self._processor_mas(usage)}
        mas["radio, linked"] = usage.linked * self._linked_ma(usage) + usage.frames * self._frame_mas(usage)
        mas["radio, adverts"] = usage.advertising * self._advert_ma(usage)
        mas["Wi-Fi"] = usage.wifi * self._wifi_ma(usage)
        mas["cell itself"] = usage.seconds * self._table("cell")["leak_ma"]
        on = {"always": usage.seconds, "awake": sum(usage.awake.values()), "motor": usage.motor}
        on |= {"buzzer": usage.buzzer, "led": usage.led, "gnss": usage.gnss}
        for name, part in self.parts.items():
            mas[name] = on[part["when"]] * part["ma"]
        mah = {name: amount / S_PER_HOUR for name, amount in mas.items()}
        return Drain(usage.seconds / S_PER_HOUR, dict(sorted(mah.items(), key=lambda item: -item[1])))

    def hours(self, drain: Drain) -> float:
        """For how long a full cell does that, until only the reserve is left."""
        return self.spendable_mah / drain.mean_ma

    # -- behind it

    def _processor_mas(self, usage: Usage) -> float:
        share = self._table("processor")["busy_share"]["share"]
        mas = usage.asleep * float(self._table("processor")["asleep_ma"]["ma"])
        for mhz, seconds in usage.awake.items():
            mas += seconds * (self._clocked("idle_ma", mhz) * (1 - share) + self._clocked("busy_ma", mhz) * share)
        return mas

    def _clocked(self, state: str, mhz: int) -> float:
        figures = self._table("processor")[state]
        if str(mhz) not in figures:
            raise BadFigures(f"processor.{state} has no figure for {mhz} MHz")
        return float(figures[str(mhz)])

    def _linked_ma(self, usage: Usage) -> float:
        return self._above_idle(usage, self._table("radio")["event"]) / usage.interval_ms

    def _frame_mas(self, usage: Usage) -> float:
        return self._above_idle(usage, self._table("radio")["frame"]) / 1000

    def _advert_ma(self, usage: Usage) -> float:
        advert = self._table("radio")["advert"]
        return self._above_idle(usage, advert) / float(advert["interval_ms"])

    def _wifi_ma(self, usage: Usage) -> float:
        wifi, idle = self._table("radio")["wifi"], self._clocked("idle_ma", min(usage.awake, default=80))
        share = wifi["sending_share"]
        return float(share * wifi["sending_ma"] + (1 - share) * wifi["listening_ma"] - idle)

    def _above_idle(self, usage: Usage, times: Mapping[str, Any]) -> float:
        """mA ms of one radio event, beside what the processor draws meanwhile anyway."""
        radio, slowest = self._table("radio"), min(usage.awake, default=80)
        idle = self._clocked("idle_ma", slowest)
        listening = times["listening_ms"] * (radio["listening_ma"]["ma"] - idle)
        return float(listening + times["sending_ms"] * (radio["sending_ma"]["ma"] - idle))

    def _table(self, name: str) -> dict[str, Any]:
        table: Any = self._figures
        for key in name.split("."):
            table = table.get(key)
            if not isinstance(table, dict):
                raise BadFigures(f"there is no [{name}]")
        return table  # type: ignore[no-any-return]

    def _check(self) -> None:
        for name, table in self.sourced():
            if not table.get("source") or table.get("known") not in KNOWN:
                raise BadFigures(f"[{name}] needs a source, and known as one of {', '.join(KNOWN)}")
        for name, keys in FIGURES.items():
            table = self._table(name)
            clocks = [key for key in table if key.isdigit()]
            for key in (*keys, *clocks):
                if not _is_figure(table.get(key), above_0=key in NEVER_0 or key in clocks):
                    raise BadFigures(f"[{name}] needs {key}, a number that can be")
        for name, part in self.parts.items():
            if part.get("when") not in WHEN or not _is_figure(part.get("ma")):
                raise BadFigures(f"[parts.{name}] needs ma, and when as one of {', '.join(WHEN)}")


def _is_figure(value: object, above_0: bool = False) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and (value > 0 if above_0 else value >= 0)
