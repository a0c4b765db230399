"""ST's accelerometer LIS2DW12 on I2C: samples by its FIFO, in milli-g. Registers as in its datasheet, section 8.

It measures at RATE_HZ to 8 g in its high-performance mode, whose 14 bits stand left-justified in 16 (datasheet,
"Mechanical characteristics": 0.976 mg a digit of 14 bits at 8 g, so 4096 counts a g of 16).
"""

from array import array
from errno import EIO, ENODEV

RATE_HZ = 50
FIFO_LEVELS = 32

_WHO_AM_I, _CHIP_ID = 0x0F, 0x44
_CTRL1, _50_HZ = 0x20, b"\x44"  # ODR 0100, MODE 01: high performance
_CTRL2, _SOFT_RESET, _WHOLE_SAMPLES = 0x21, b"\x40", b"\x0c"  # BDU, and addresses that go on by themselves
_CTRL6, _TO_8_G = 0x25, b"\x20"  # FS 10
_OUT_X_L = 0x28  # with the FIFO on, addresses go from 2Dh back to 28h: many samples in one reading
_FIFO_CTRL, _CONTINUOUS = 0x2E, b"\xc0"  # FMode 110: the oldest makes room
_FIFO_SAMPLES, _OVERRUN, _LEVEL = 0x2F, 0x40, 0x3F
_SAMPLE_BYTES = 6


class Lis2dw12:
    """`bus` has readfrom_mem_into and writeto_mem, which raise OSError. `overruns` counts readings that came late."""

    RESET_MS = 20  # its boot time at power-on, the longest of its pauses

    def __init__(self, bus, address):
        self.overruns = 0
        self._bus = bus
        self._address = address
        self._one = bytearray(1)
        self._raw = bytearray(FIFO_LEVELS * _SAMPLE_BYTES)
        self.samples = array("h", bytes(FIFO_LEVELS * _SAMPLE_BYTES))  # x, y, z in mg each

    def reset(self):
        """In power-down after it, whatever it was doing; let RESET_MS pass. OSError where there is none."""
        chip = self._read_one(_WHO_AM_I)
        if chip != _CHIP_ID:
            raise OSError(ENODEV, "LIS2DW12: WHO_AM_I is %02x: another part, or none, at this address" % chip)
        self._write(_CTRL2, _SOFT_RESET)

    def start(self):
        """Measures from now on; after `reset`. OSError when it does not hold what is written to it."""
        self._write(_CTRL2, _WHOLE_SAMPLES)
        self._write(_CTRL6, _TO_8_G)
        self._write(_FIFO_CTRL, _CONTINUOUS)
        self._write(_CTRL1, _50_HZ)
        if self._read_one(_CTRL1) != _50_HZ[0] or self._read_one(_CTRL6) != _TO_8_G[0]:
            raise OSError(EIO, "LIS2DW12: it forgets its settings")

    def read(self):
        """How many samples have come since the last reading; they are in `samples` then. OSError from the bus."""
        level = self._read_one(_FIFO_SAMPLES)
        if level & _OVERRUN:
            self.overruns += 1
        count = min(level & _LEVEL, FIFO_LEVELS)
        if count:
            raw = memoryview(self._raw)[: count * _SAMPLE_BYTES]
            self._bus.readfrom_mem_into(self._address, _OUT_X_L, raw)
            _to_mg(raw, self.samples)
        return count

    def _read_one(self, register):
        self._bus.readfrom_mem_into(self._address, register, self._one)
        return self._one[0]

    def _write(self, register, content):
        self._bus.writeto_mem(self._address, register, content)


def _to_mg(raw, samples):
    """Sixteen bits, least first, of 4096 counts a g."""
    for i in range(len(raw) // 2):
        counts = raw[2 * i] | raw[2 * i + 1] << 8
        samples[i] = (counts - ((counts & 0x8000) << 1)) * 125 >> 9  # * 1000 / 4096
