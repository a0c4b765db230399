"""The simulated board: pins are numbers that watchword_sim knows by these names, flash is a file of the host.

Numbers are those of walter_rev_a, so that a trace of one reads like the other. Buttons and lanyard are active low
with pull-up.
"""

NAME = "sim"
PIN_SOS = 4
PIN_OK = 5
PIN_LANYARD = 6
PIN_MOTOR = 7
PIN_LED = 15
PIN_BUZZER = 16
PIN_BATTERY_ADC = 1
PIN_CHARGER = 2  # low while charging
WAKES = (PIN_SOS, PIN_OK, PIN_LANYARD, PIN_CHARGER)  # from deep sleep
CPU_HZ = 80_000_000  # the least that Bluetooth runs at
BATTERY_DIVIDER = 2  # battery voltage / voltage at the pin
I2C_SDA = 8
I2C_SCL = 9
ACCEL_ADDR = 0x19
PIN_GNSS_ON = 10  # high: the receiver has power
UART_GNSS_ID = 1
UART_GNSS_TX = 17
UART_GNSS_RX = 18


def mount_flash():
    """Mount the flash; returns the directory under which the pendant keeps its files."""
    import simflash

    return simflash.mount("/flash")


async def join_network(name, password):
    """The host's network is always there."""


def leave_network():
    """And stays."""
