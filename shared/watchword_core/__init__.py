"""The same machines on pendant and hub: frames and their seal, visit, alarm and ladder, gestures, ticks.

Runs unmodified on CPython and MicroPython. Performs nothing: no clock, no I/O, no randomness; `now_ms` is an argument.
"""
