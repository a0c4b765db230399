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
_OUT_OF_REACH = "out of reach"  # a Wi-Fi by this name is never joined


def mount_flash():
    """Mount the flash; returns the directory under which the pendant keeps its files."""
    import simflash

    return simflash.mount("/flash")


async def join_network(name, password):
    """The host's network is always there; one called _OUT_OF_REACH never is."""
    import asyncio

    import simlink
    import simwire

    simlink.link.post(simwire.NETWORK, value=1)
    while name == _OUT_OF_REACH:
        await asyncio.sleep_ms(1_000)


def leave_network():
    """Only the simulator is told: the host's stays."""
    import simlink
    import simwire

    simlink.link.post(simwire.NETWORK, value=0)
