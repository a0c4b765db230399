"""The firmware's own version, as Device Information and the technician read it."""

FIRMWARE_VERSION = "0.1.0"
HARDWARE_REVISION = "A"
MANUFACTURER = "Watchword"
