"""The pendant's driver on the simulated part, register by register; the part refuses what the real one hasn't."""

import sys
from pathlib import Path

import pytest
from watchword_sim.accelerometer import CTRL1, CTRL2, CTRL6, FIFO_CTRL, FIFO_LEVELS, Lis2dw12, Unmodelled

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "firmware"))

from pendant import lis2dw12  # noqa: E402

ADDRESS = 0x19
SAMPLE_US = 20_000


class Bus:
    """machine.I2C with that part alone on it; `now_us` is the part's time."""

    def __init__(self) -> None:
        self.part = Lis2dw12()
        self.now_us = 0

    def readfrom_mem_into(self, address: int, register: int, buffer: bytearray) -> None:
        assert address == ADDRESS
        buffer[:] = self.part.read(register, len(buffer), self.now_us)

    def writeto_mem(self, address: int, register: int, content: bytes) -> None:
        assert address == ADDRESS
        self.part.write(register, content, self.now_us)


@pytest.fixture
def bus() -> Bus:
    return Bus()


def started(bus: Bus) -> lis2dw12.Lis2dw12:
    sensor = lis2dw12.Lis2dw12(bus, ADDRESS)
    sensor.reset()
    sensor.start()
    return sensor


def after(bus: Bus, samples: int) -> None:
    bus.now_us += samples * SAMPLE_US


def test_fifty_samples_a_second_in_milli_g_both_ways_to_8_g(bus: Bus) -> None:
    sensor = started(bus)
    bus.part.play([(0, 1000, -1000), (7900, -7900, 12), (-9000, 9000, 0)], 0)
    after(bus, 3)
    assert sensor.read() == 3
    true_mg = (0, 1000, -1000, 7900, -7900, 12)
    assert max(abs(got - true) for got, true in zip(sensor.samples[:6], true_mg, strict=True)) <= 1
    assert sensor.samples[6] == -8000 and sensor.samples[7] == 7999, "clipped at the full scale"
    assert sensor.read() == 0


def test_it_comes_late__the_newest_32_and_counted(bus: Bus) -> None:
    sensor = started(bus)
    after(bus, FIFO_LEVELS)
    assert sensor.read() == FIFO_LEVELS and sensor.overruns == 0
    after(bus, FIFO_LEVELS + 1)
    assert sensor.read() == FIFO_LEVELS and sensor.overruns == 1
    after(bus, 20)
    assert sensor.read() == 20 and sensor.overruns == 1


def test_reset_leaves_it_off_whatever_it_was_doing(bus: Bus) -> None:
    sensor = started(bus)
    after(bus, 5)
    sensor.reset()
    after(bus, 5)
    assert sensor.read() == 0
    sensor.start()
    after(bus, 2)
    assert sensor.read() == 2


def test_another_part_at_the_address_is_refused(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchword_sim.accelerometer.CHIP_ID", 0x33)
    with pytest.raises(OSError, match="WHO_AM_I is 33"):
        lis2dw12.Lis2dw12(bus, ADDRESS).reset()


def test_a_part_that_forgets_its_settings_is_refused(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    sensor = lis2dw12.Lis2dw12(bus, ADDRESS)
    sensor.reset()
    monkeypatch.setattr(bus, "writeto_mem", lambda *written: None)
    with pytest.raises(OSError, match="forgets"):
        sensor.start()


def test_a_part_that_is_gone_is_an_error_of_the_bus(bus: Bus) -> None:
    sensor = started(bus)
    bus.part.broken = True
    for use in (sensor.reset, sensor.start, sensor.read):
        with pytest.raises(OSError, match="no answer"):
            use()


def test_without_counting_addresses_many_bytes_are_refused(bus: Bus) -> None:
    started(bus)
    after(bus, 1)
    bus.part.write(CTRL2, b"\x08", bus.now_us)
    with pytest.raises(Unmodelled, match="IF_ADD_INC"):
        bus.part.read(0x28, 6, bus.now_us)


@pytest.mark.parametrize(
    "register, value",
    [(CTRL1, 0x4C), (CTRL1, 0xA4), (CTRL2, 0x20), (CTRL6, 0x01), (FIFO_CTRL, 0x60), (0x0F, 0), (0x26, 0), (0x30, 0)],
)
def test_what_the_part_has_not_is_refused(bus: Bus, register: int, value: int) -> None:
    with pytest.raises(Unmodelled):
        bus.part.write(register, bytes((value,)), 0)
