"""The records between the simulated board's firmware side and its simulator, over one stream socket.

Read by both interpreters: constants and struct layouts only, so that the two sides can't drift apart.
Firmware to simulator: HEAD_OUT, then `length` bytes. Simulator to firmware: HEAD_IN, then `length` bytes.
Times are microseconds on the simulator's clock (CLOCK_MONOTONIC in real time, zero at start in virtual time).
"""

HEAD_OUT = "<BBHHQ"  # kind, unit, value, length, at_us
HEAD_OUT_BYTES = 14
HEAD_IN = "<BBHH"  # kind, unit, value, length
HEAD_IN_BYTES = 6

# firmware to simulator; those marked * are answered by one ANSWER
HELLO = 1  # *
PIN = 2  # unit = pin, value = level
PWM = 3  # unit = pin, value = duty of 65535, payload "<I" frequency in Hz
WDT_START = 4  # payload "<I" timeout in ms
WDT_FEED = 5
I2C_READ = 6  # * unit = bus, value = address, payload: register, count
I2C_WRITE = 7  # * unit = bus, value = address, payload: register, bytes
ADC_READ = 8  # * unit = pin, value = attenuation; answer "<I" microvolts
UART_OUT = 9  # unit = port, payload: bytes
MAIL_OUT = 10  # payload: one opaque frame
RTC_STORE = 11  # payload: RTC memory
RESET = 12  # value = cause of the reset to come; nothing follows
SLEEP = 13  # payload "<Q" milliseconds, 0 = until a pin wakes it; then a byte each pin that does; nothing follows
ADVANCE = 14  # virtual time only; payload "<Q" target_us; answered by inputs and one TIME
ENDED = 15  # main returned (value 0) or raised (value 1)
POWER_LOST = 16  # the flash has reached the write at which the power was to go; nothing follows
FREQUENCY = 17  # value = the processor's clock in MHz
NETWORK = 18  # value = 1: the chip's Wi-Fi is on; 0: it is off

# simulator to firmware
ANSWER = 1  # value = 0, or an errno
EDGE = 2  # unit = pin, value = level
UART_IN = 3  # unit = port, payload: bytes
MAIL_IN = 4  # payload: one opaque frame
TIME = 5  # payload "<QQ": now_us, horizon_us (no input comes before the horizon)

# HELLO's answer: virtual?, reset cause, wake reason, unique id, seed, ticks_ms at boot, now_us; the rest: RTC memory
GREETING = "<BBB6s8sIQ"
GREETING_BYTES = 29

PWRON_RESET = 1  # values as in the ESP32 port
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

EXT1_WAKE = 3  # from deep sleep; 0: it did not sleep
TIMER_WAKE = 4

MAX_PAYLOAD_BYTES = 2048
