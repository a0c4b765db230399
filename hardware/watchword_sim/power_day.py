"""A simulated day: the whole firmware through a shift of visits, and through a night in the cupboard, with a meter.

Everything is in virtual time. What is counted is what the firmware did: how long it was awake and at which clock, how
long motor, buzzer and LED were on, how long it was linked or advertised, and each frame.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from watchword_core import frames
from watchword_core import words as w

from . import outputs
from .footprint import NO_BROKER
from .micropython.simwire import DEEPSLEEP_RESET
from .power_model import Usage
from .virtual_stage import VirtualStage

SECOND = 1_000
MINUTE = 60_000
HOUR = 60 * MINUTE
VISIT_MS = 45 * MINUTE
VISIT_EVERY_MS = 90 * MINUTE
UNTIL_ASLEEP_MS = 31 * MINUTE  # firmware/pendant/duty.py, OFF_AFTER_MS
US_PER_S = 1_000_000
FULL_DUTY = 65535
SOS_ALONE_MS = 10 * MINUTE
_OUT_OF_REACH = json.dumps({**json.loads(NO_BROKER), "network": "out of reach"}).encode()


class Meter:
    """Listens to a stage's board and radio; `usage(now)` is what it saw since it was made or last `clear`ed."""

    def __init__(self, stage: VirtualStage) -> None:
        self._stage = stage
        self._mhz = outputs.BOOT_CLOCK_MHZ
        self._asleep = False
        self._on: dict[str, float] = {}
        self._since_us = stage.board.now_us
        self._usage = Usage()
        stage_took, heard = stage.board.on_output, stage.radio.heard

        def take(output: outputs.Output) -> None:
            if stage_took is not None:
                stage_took(output)
            self._take(output)

        def count(handle: int, frame: bytes) -> None:
            heard(handle, frame)
            self._usage.frames += 2  # the hub answers each
            if frames.read_header(frame).lane == frames.ROUTINE:
                self._usage.heartbeats += 1

        stage.board.on_output, stage.radio.heard = take, count

    def usage(self) -> Usage:
        """Up to now; counting begins anew."""
        self._settle(self._stage.board.now_us)
        usage, self._usage = self._usage, Usage()
        usage.interval_ms = self._stage.radio.interval_ms
        return usage

    def _take(self, output: outputs.Output) -> None:
        self._settle(output.at_us)
        if isinstance(output, outputs.MotorChanged):
            self._on["motor"] = output.duty_u16 / FULL_DUTY
        elif isinstance(output, outputs.BuzzerChanged):
            self._on["buzzer"] = float(output.duty_u16 > 0)
        elif isinstance(output, outputs.LedChanged):
            self._on["led"] = output.duty_u16 / FULL_DUTY
        elif isinstance(output, outputs.ClockChanged):
            self._mhz = output.mhz
        elif isinstance(output, outputs.PinChanged) and output.pin == self._stage.board.model.pins.PIN_GNSS_ON:
            self._on["gnss"] = float(output.level)
        elif isinstance(output, outputs.NetworkChanged):
            self._on["wifi"] = float(output.on)
        elif isinstance(output, outputs.BoardReset):
            self._asleep = output.cause == DEEPSLEEP_RESET
            self._on["gnss"] = self._on["wifi"] = 0.0  # the receiver's switch is pulled down
        elif isinstance(output, outputs.Booted):
            self._asleep, self._mhz = False, outputs.BOOT_CLOCK_MHZ
        self._on["linked"] = float(self._stage.radio.link is not None)
        self._on["advertising"] = float(self._stage.radio.advert is not None and not self._asleep)

    def _settle(self, at_us: int) -> None:
        seconds = max(0, at_us - self._since_us) / US_PER_S
        self._since_us = max(self._since_us, at_us)
        usage = self._usage
        if self._asleep:
            usage.asleep += seconds
        else:
            usage.awake[self._mhz] = usage.awake.get(self._mhz, 0.0) + seconds
        for name, weight in self._on.items():
            setattr(usage, name, getattr(usage, name) + weight * seconds)


class Day(NamedTuple):
    """What each part of a day came to."""

    on_duty: Usage
    off_duty: Usage
    sos_alone: Usage  # an SOS with no phone there, and its Wi-Fi out of reach


def simulated_day(folder: Path, shift_hours: float, rest_hours: float, seed: int = 0) -> Day:
    """Raises TimeoutError when what the wearer should feel did not come."""
    with VirtualStage(folder, seed, path_settings=_OUT_OF_REACH) as stage:
        meter = Meter(stage)
        _shift(stage, round(shift_hours * HOUR))
        on_duty = meter.usage()
        sos_alone = _sos_alone(stage, meter)
        _put_away(stage)
        meter.usage()
        stage.run(round(rest_hours * HOUR))
        return Day(on_duty, meter.usage(), sos_alone)


def _shift(stage: VirtualStage, shift_ms: int) -> None:
    """Visits, one after another; a real SOS in the first of them."""
    ends_ms, first = stage.now_ms + shift_ms, True
    stage.run(5 * SECOND)
    while stage.now_ms + VISIT_EVERY_MS <= ends_ms:
        began_ms = stage.now_ms
        _visit(stage, with_sos=first)
        first = False
        stage.run(began_ms + VISIT_EVERY_MS - stage.now_ms)
    stage.run(max(0, ends_ms - stage.now_ms))


def _visit(stage: VirtualStage, with_sos: bool) -> None:
    stage.hub.plan_visit(VISIT_MS // MINUTE)
    stage.run(15 * SECOND)
    _felt(stage, stage.tap_ok(), "at the hub")
    spoken_ms = stage.now_ms
    stage.hub.record(w.SPOKE_ARRIVAL)
    _felt(stage, spoken_ms, "cleared")
    _felt(stage, spoken_ms, "prompt", 21 * MINUTE)
    stage.hub.record(w.CALL_SAFE, who=w.WORKER)
    if with_sos:
        pressed_ms = stage.hold_sos()
        _felt(stage, pressed_ms, "at the hub")
        stage.hub.record(w.ACKNOWLEDGED, w.MANAGER)
        _felt(stage, pressed_ms, "a person has it")
        stage.run(5 * MINUTE)
        stage.hub.record(w.RESOLVED, w.MANAGER)
        _felt(stage, pressed_ms, "resolved", 6 * MINUTE)
    stage.run(15 * MINUTE)
    left_ms = stage.hold_ok()
    _felt(stage, left_ms, "at the hub")
    stage.hub.record(w.SPOKE_DEPARTURE)
    _felt(stage, left_ms, "closed")


def _sos_alone(stage: VirtualStage, meter: Meter) -> Usage:
    """The phone is gone: the pendant looks for its Wi-Fi again and again. What was done of it; then it is over."""
    stage.radio.down = True
    stage.run(5 * SECOND)
    meter.usage()
    pressed_ms = stage.hold_sos()
    stage.run(SOS_ALONE_MS)
    usage = meter.usage()
    stage.radio.down = False
    stage.until_felt("at the hub", MINUTE, pressed_ms)
    ((stage.hub.case,),) = stage.hub.store.rows("SELECT MAX(id) FROM visit_case")
    stage.hub.record(w.ACKNOWLEDGED, w.MANAGER)
    stage.hub.record(w.RESOLVED, w.MANAGER)
    _felt(stage, pressed_ms, "resolved")
    return usage


def _felt(stage: VirtualStage, since_ms: int, name: str, limit_ms: int = 15 * SECOND) -> None:
    stage.until_felt(name, limit_ms, since_ms)


def _put_away(stage: VirtualStage) -> None:
    """Into the cupboard: no phone there. What it draws until it sleeps belongs to neither part of the day."""
    stage.radio.down = True
    stage.run(UNTIL_ASLEEP_MS)
