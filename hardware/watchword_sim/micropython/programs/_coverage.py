"""Which lines of marked firmware ran: each is written to the file WW_COVERAGE when it runs for the first time."""

import os

_out = open(os.getenv("WW_COVERAGE"), "ab")
_seen = set()


def ran(module, line):
    """`module` is the number that watchword_sim.firmware_coverage gave the file."""
    if (module, line) not in _seen:
        _seen.add((module, line))
        _out.write(b"%d %d\n" % (module, line))
