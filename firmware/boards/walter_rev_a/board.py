"""DPTechnics Walter (ESP32-S3-WROOM-1-N16R2 with a GM02SP modem) and the pendant's own parts around it, revision A.

Where the pins come from:

- Not ours to use: 14, 48, 21, 47, 45 are the modem's RX, TX, RTS, CTS and reset, and 0 switches the 3.3 V output
  (Walter's modem library, WalterModem.h); 0, 3, 45 and 46 are strapping pins, 19 and 20 are USB, 26 to 32 the flash
  and the PSRAM (ESP32-S3 datasheet, "Strapping Pins" and "Pin Overview").
- SOS, OK and lanyard on 4, 5, 6: 0 to 21 are RTC GPIOs, which alone can wake the chip from deep sleep (datasheet,
  "RTC GPIO"); next to each other on the header. Active low, with the chip's pull-ups.
- Battery on 1: ADC1 has the pins 1 to 10 (datasheet, "ADC"); ADC2 can't be relied on while the radio is on.
- Charger on 2: an RTC GPIO too; the charge controller's open-drain status. In deep sleep the chip's own pull-ups are
  off (the RTC peripherals' power is), so buttons, lanyard and charger need pull-ups of their own.
- Motor 7, LED 15, buzzer 16: any GPIO can be a LEDC (PWM) output; each drives a transistor's gate.
- I2C on 8 and 9, and UART 1 on 17 and 18, as in the ESP-IDF's and MicroPython's own examples for this chip.
- GNSS receiver's load switch on 10, pulled down by a resistor: off while the chip is in reset or deep sleep.
- Accelerometer LIS2DW12 with SA0 high: address 0x19 (its datasheet, "I2C operation").

Choices of revision A; no board has been built yet: check the header against Walter's schematic before the first one.
"""

NAME = "walter_rev_a"
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
BATTERY_DIVIDER = 2  # battery voltage / voltage at the pin: two equal resistors
I2C_SDA = 8
I2C_SCL = 9
ACCEL_ADDR = 0x19
PIN_GNSS_ON = 10  # high: the receiver has power
UART_GNSS_ID = 1
UART_GNSS_TX = 17
UART_GNSS_RX = 18


def mount_flash():
    """The port has mounted the flash at the root before boot.py; returns the directory for the pendant's files."""
    return "/"


async def join_network(name, password):
    """Joins a Wi-Fi by the chip's own radio; the caller limits the time. Walter's modem is not used yet."""
    import asyncio

    import network

    wifi = network.WLAN(network.WLAN.IF_STA)
    wifi.active(True)
    wifi.connect(name, password)
    while not wifi.isconnected():
        await asyncio.sleep_ms(200)


def leave_network():
    """Switches Wi-Fi off, which takes most of the current."""
    import network

    network.WLAN(network.WLAN.IF_STA).active(False)
