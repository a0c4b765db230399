"""ST LIS2DW12 as a register map (datasheet DocID030502, section 8), as far as the pendant uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from errno import EIO, ENXIO
from functools import lru_cache

WHO_AM_I, CHIP_ID = 0x0F, 0x44
CTRL1, CTRL2, CTRL6 = 0x20, 0x21, 0x25
STATUS = 0x27
OUT_X_L, OUT_Z_H = 0x28, 0x2D
FIFO_CTRL, FIFO_SAMPLES = 0x2E, 0x2F
FIFO_LEVELS = 32

_ADDRESS_GOES_ON = 0x04  # CTRL2: IF_ADD_INC
_WRITABLE = range(CTRL1, CTRL6 + 1)
_AT_POWER_ON = dict.fromkeys(_WRITABLE, 0) | {CTRL2: _ADDRESS_GOES_ON, FIFO_CTRL: 0}
_SOFT_RESET = 0x40
_MUST_BE_ZERO = {CTRL2: 0x20, CTRL6: 0x03}
_DATA_READY = 0x01
_FIFO_CONTINUOUS = 0b110
_RATE_MILLIHZ = {0: 0, 1: 12_500, 2: 12_500, 3: 25_000, 4: 50_000, 5: 100_000, 6: 200_000}  # CTRL1 bits 7..4
_COUNTS_PER_G = {0: 16384, 1: 8192, 2: 4096, 3: 2048}  # CTRL6 bits 5..4: full scale 2, 4, 8, 16 g; left-justified


class Unmodelled(OSError):
    """Firmware used a part of the hardware that the simulator doesn't model: model it, or don't use it."""


@dataclass(frozen=True)
class Sway:
    """What keeps an acceleration that is set from being quite the same in every sample, in mg to either side."""

    breath_mg: int = 0  # on z, over BREATH_SAMPLES
    shift_mg: int = 0  # on x, for SHIFT_SAMPLES in every SHIFTS_SAMPLES
    noise_mg: int = 0  # on each axis

    def of(self, sample: int) -> tuple[int, int, int]:
        """In the sample of that number."""
        breath = abs(sample % BREATH_SAMPLES * 4 - 2 * BREATH_SAMPLES) * self.breath_mg // BREATH_SAMPLES
        shift = self.shift_mg if sample % SHIFTS_SAMPLES < SHIFT_SAMPLES else 0
        x, y, z = (sample * odd % 101 * (2 * self.noise_mg + 1) // 101 - self.noise_mg for odd in (37, 57, 73))
        return x + shift, y, z + breath - self.breath_mg


BREATH_SAMPLES = 200
SHIFTS_SAMPLES = 1_000
SHIFT_SAMPLES = 50
UPRIGHT_MG = (0, 1000, 50)
NONE = Sway()
AWAKE = Sway(breath_mg=15, shift_mg=200, noise_mg=2)  # somebody wears it
SENSELESS = Sway(breath_mg=15, noise_mg=2)  # breathes, and does nothing else
LAID_DOWN = Sway(noise_mg=2)  # nobody wears it


class Lis2dw12:
    """Registers and the FIFO in continuous mode; every sample holds the acceleration set at the time it is counted.

    `sway` is what that is worn by, or lies on. `broken`: it does not answer. `stuck`: it answers, and measures nothing.
    """

    def __init__(self, acceleration_mg: tuple[int, int, int] = (0, 0, 1000), sway: Sway = NONE) -> None:
        self.acceleration_mg = acceleration_mg
        self.sway = sway
        self.broken = False
        self.stuck = False
        self._registers = dict(_AT_POWER_ON)
        self._counted_us = 0
        self._counted = 0
        self._samples: list[tuple[int, int, int]] = []
        self._trace: list[tuple[int, int, int]] = []
        self.overrun = False

    def after_power_on(self) -> "Lis2dw12":
        """The same part, with what a loss of power leaves."""
        part = Lis2dw12(self.acceleration_mg, self.sway)
        part.broken, part.stuck = self.broken, self.stuck
        return part

    def set_acceleration(self, acceleration_mg: tuple[int, int, int], now_us: int) -> None:
        """From now on the chip measures this (x, y, z in milli-g)."""
        self._fill_fifo(now_us)
        self.acceleration_mg = acceleration_mg
        self._trace = []

    def play(self, trace_mg: Sequence[tuple[int, int, int]], now_us: int) -> None:
        """From now on its samples are these, one after another, while its FIFO runs; then the last of them stays."""
        self._fill_fifo(now_us)
        self._trace = list(trace_mg)

    def read(self, register: int, count: int, now_us: int) -> bytes:
        """`count` bytes from `register` on. Raises Unmodelled for a register that isn't modelled."""
        self._fill_fifo(now_us)
        if self.broken:
            raise OSError(EIO, "LIS2DW12: no answer")
        if count > 1 and not self._registers[CTRL2] & _ADDRESS_GOES_ON:
            raise Unmodelled(ENXIO, "LIS2DW12: without IF_ADD_INC every byte is of the same register")
        if OUT_X_L <= register <= OUT_Z_H and self._fifo_runs:
            return self._read_samples(register, count)
        return bytes(self._read_one(at) for at in range(register, register + count))

    def write(self, register: int, content: bytes, now_us: int) -> None:
        """Write registers from `register` on. Raises Unmodelled for one that can't be written or isn't modelled."""
        self._fill_fifo(now_us)
        if self.broken:
            raise OSError(EIO, "LIS2DW12: no answer")
        for at, value in enumerate(content, register):
            _check_written(at, value)
            if at == CTRL2 and value & _SOFT_RESET:
                self._registers = dict(_AT_POWER_ON)
            else:
                self._registers[at] = value
            if at in (FIFO_CTRL, CTRL1, CTRL2):
                self._samples.clear()
                self._counted_us = now_us

    @property
    def _fifo_runs(self) -> bool:
        return self._registers[FIFO_CTRL] >> 5 == _FIFO_CONTINUOUS

    def _fill_fifo(self, now_us: int) -> None:
        rate_millihz = _RATE_MILLIHZ[self._registers[CTRL1] >> 4]
        if not rate_millihz or not self._fifo_runs or self.stuck:
            return
        period_us = 1_000_000_000 // rate_millihz
        due = (now_us - self._counted_us) // period_us
        self._counted_us += due * period_us
        self.overrun |= len(self._samples) + due > FIFO_LEVELS
        came, self._trace = self._trace[:due], self._trace[due:]
        if came:
            self.acceleration_mg = came[-1]
        self._counted += due
        still = range(self._counted - min(due - len(came), FIFO_LEVELS), self._counted)
        self._samples += came + [self._swaying(sample) for sample in still]
        del self._samples[:-FIFO_LEVELS]

    def _swaying(self, sample: int) -> tuple[int, int, int]:
        x, y, z = self.acceleration_mg
        dx, dy, dz = self.sway.of(sample)
        return x + dx, y + dy, z + dz

    def _read_samples(self, register: int, count: int) -> bytes:
        if register != OUT_X_L or count % 6:
            raise Unmodelled(ENXIO, "LIS2DW12: with the FIFO on, read whole samples of 6 bytes from register 0x28")
        samples, self._samples = self._samples[: count // 6], self._samples[count // 6 :]
        samples += [self.acceleration_mg] * (count // 6 - len(samples))
        return b"".join(map(self._encode, samples))

    def _read_one(self, register: int) -> int:
        if register == WHO_AM_I:
            return CHIP_ID
        if register == STATUS:
            return _DATA_READY if self._registers[CTRL1] >> 4 else 0
        if register == FIFO_SAMPLES:
            samples, overrun, self.overrun = len(self._samples), self.overrun, False
            return samples | overrun << 6
        if OUT_X_L <= register <= OUT_Z_H:
            return self._encode(self.acceleration_mg)[register - OUT_X_L]
        if register in self._registers:
            return self._registers[register]
        raise Unmodelled(ENXIO, f"LIS2DW12: read of register {register:#04x} is not modelled")

    def _encode(self, acceleration_mg: tuple[int, int, int]) -> bytes:
        return _encoded(acceleration_mg, _COUNTS_PER_G[self._registers[CTRL6] >> 4 & 3])


@lru_cache(maxsize=64)  # most of the time a pendant lies still, and hours of it are 180,000 samples each
def _encoded(acceleration_mg: tuple[int, int, int], counts_per_g: int) -> bytes:
    """14 bits, left-justified in 16, clipped at the full scale, little-endian."""
    counts = (max(-32768, min(32764, mg * counts_per_g // 1000)) & ~3 for mg in acceleration_mg)
    return b"".join(count.to_bytes(2, "little", signed=True) for count in counts)


def worn() -> Lis2dw12:
    """As somebody wears it who stands and is awake."""
    return Lis2dw12(UPRIGHT_MG, AWAKE)


def _check_written(at: int, value: int) -> None:
    """Raises Unmodelled for what the chip does not have, or the model."""
    if at not in _AT_POWER_ON:
        raise Unmodelled(ENXIO, f"LIS2DW12: write of {value:#04x} to register {at:#04x} is not modelled")
    if at == FIFO_CTRL and value >> 5 not in (0, _FIFO_CONTINUOUS):
        raise Unmodelled(ENXIO, f"LIS2DW12: FIFO mode {value >> 5:#05b} is not modelled")
    if at == CTRL1 and (value >> 4 not in _RATE_MILLIHZ or value >> 2 & 3 == 3):
        raise Unmodelled(ENXIO, f"LIS2DW12: CTRL1 {value:#04x}: no such rate or mode, or not modelled")
    if value & _MUST_BE_ZERO.get(at, 0):
        raise Unmodelled(ENXIO, f"LIS2DW12: {value:#04x} to register {at:#04x}: a bit that must be zero")
