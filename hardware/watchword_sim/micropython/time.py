"""`time` for the simulated board: the ticks of a 32-bit board (they wrap at 2^30 ms) on the simulator's clock.

As on the ESP32, a board that nobody told the time thinks that it booted at 2000-01-01 00:00:00 UTC.
"""

import simlink
from utime import gmtime as _gmtime
from utime import localtime as _localtime
from utime import mktime as _mktime

_PERIOD = 1 << 30
_HALF = _PERIOD >> 1
_EPOCH_2000_S = 946684800  # the unix port counts from 1970, the ESP32 port from 2000


def _since_boot_us():
    link = simlink.link
    return link.clock_us() - link.boot_us


def ticks_ms():
    """Milliseconds, modulo 2^30."""
    return (simlink.link.ticks_start_ms + _since_boot_us() // 1000) % _PERIOD


def ticks_us():
    """Microseconds, modulo 2^30."""
    return (simlink.link.ticks_start_ms * 1000 + _since_boot_us()) % _PERIOD


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    """`ticks` moved by `delta`; OverflowError when `delta` is half a period or more, as on the board."""
    if not -_HALF < delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) % _PERIOD


def ticks_diff(end, start):
    """Signed distance from `start` to `end`, right while they are less than half a period apart."""
    return ((end - start + _HALF) % _PERIOD) - _HALF


def sleep_us(duration_us):
    simlink.link.sleep_us(duration_us)


def sleep_ms(duration_ms):
    simlink.link.sleep_us(duration_ms * 1000)


def sleep(duration_s):
    simlink.link.sleep_us(int(duration_s * 1000000))


def time():
    """Seconds since 2000-01-01, which is when the board booted."""
    return _since_boot_us() // 1000000


def time_ns():
    return _since_boot_us() * 1000


def gmtime(seconds=None):
    return _gmtime((time() if seconds is None else seconds) + _EPOCH_2000_S)


def localtime(seconds=None):
    return _localtime((time() if seconds is None else seconds) + _EPOCH_2000_S)


def mktime(fields):
    return int(_mktime(fields)) - _EPOCH_2000_S
