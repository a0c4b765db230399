"""`esp32` for the simulated board: which pins wake it from deep sleep, and nothing else."""

import simlink

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True
_RTC_PINS = 22  # 0 to 21 alone can wake the chip


def wake_on_ext1(pins, level):
    """Any of `pins` low ends deep sleep (WAKEUP_ALL_LOW, which on the ESP32-S3 means any); None: no pin does."""
    if level != WAKEUP_ALL_LOW:
        raise NotImplementedError("the simulated board wakes at a low level alone")
    numbers = [pin.id for pin in pins or ()]
    if any([number >= _RTC_PINS for number in numbers]):
        raise ValueError("invalid pin")
    simlink.link.wake_pins = numbers
