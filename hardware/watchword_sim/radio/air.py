"""What the air does to packets: knobs that a scenario turns while the radio runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

# A receiver as in common LE chips: nothing is lost 8 dB above this, nothing gets through 4 dB below it.
SENSITIVITY_DBM = -96.0
CLEAR_MARGIN_DB = 8.0
DEAF_MARGIN_DB = -4.0

# Core specification 5.4, Vol 4 Part E, 7.5.4: RSSI is -127 to +20 dBm.
RSSI_MIN_DBM = -127
RSSI_MAX_DBM = 20


@dataclass
class Air:
    """Conditions between a pendant and everyone else. Any knob may be set at any time, from any thread."""

    rssi_dbm: float = -55.0  # mean at the receiver; losses follow from it near the sensitivity
    shadow_db: float = 2.0  # standard deviation from packet to packet
    loss: float = 0.0  # 0-1: chance that a connection event or an advert is lost, beside what rssi_dbm costs
    down: bool = False  # nothing gets through at all
    packets_per_event: int = 6  # link-layer data packets each way in one connection event
    octets_per_packet: int = 251  # with data length extension; 27 without

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__dataclass_fields__:
            raise AttributeError(f"air: no knob {name!r}; there are {', '.join(self.__dataclass_fields__)}")
        if name == "loss" and not (isinstance(value, int | float) and 0 <= value <= 1):
            raise ValueError(f"air: loss is a chance from 0 to 1, not {value!r}")
        object.__setattr__(self, name, value)
        changed: Callable[[], None] | None = self.__dict__.get("_changed")
        if changed is not None:
            changed()

    def on_change(self, changed: Callable[[], None]) -> None:
        """Has `changed` called after every turn of a knob, in the thread that turned it."""
        object.__setattr__(self, "_changed", changed)

    @property
    def loss_chance(self) -> float:
        """0-1: chance that one connection event or one advert is lost."""
        if self.down:
            return 1.0
        margin_db = self.rssi_dbm - SENSITIVITY_DBM
        too_weak = (CLEAR_MARGIN_DB - margin_db) / (CLEAR_MARGIN_DB - DEAF_MARGIN_DB)
        return 1 - (1 - self.loss) * (1 - min(1.0, max(0.0, too_weak)))

    def loses(self, rng: random.Random) -> bool:
        """Draws whether this one is lost."""
        chance = self.loss_chance
        return chance > 0 and rng.random() < chance

    def sample_rssi_dbm(self, rng: random.Random) -> int:
        return round(min(RSSI_MAX_DBM, max(RSSI_MIN_DBM, rng.gauss(self.rssi_dbm, self.shadow_db))))
