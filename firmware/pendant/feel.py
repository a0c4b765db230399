"""Plays what is `felt`, by touch, light and sound; discreet: by touch alone.

The motor's PWM frequency is above what can be heard, and differs by pattern so that a logic analyser or the simulator
can name what is being played.
"""

import asyncio

from . import felt

MOTOR_HZ = 20_000  # plus MOTOR_STEP_HZ for each pattern's number
MOTOR_STEP_HZ = 100
FULL = 65535
BUZZER_HZ = 2700
PAUSE_MS = 300  # between two patterns
KEPT_PAUSE_MS = 150  # after "kept": one short pulse is told apart sooner, and "at the hub" comes a moment later
MAX_WAITING = 8
BLINK_MS = (100, 1900)

_GIVES_WAY = (felt.SOS_GROWING, felt.KEPT, felt.FALL)  # when cut short, not played again
# Felt after it, these would mislead: about another press, or about what has changed since.
_OUTDATES = {
    felt.SOS_GROWING: (felt.KEPT, felt.PRACTICE),
    felt.KEPT: (felt.AT_HUB, felt.PRACTICE),
    felt.NOT_GETTING_THROUGH: (felt.AT_HUB, felt.PRACTICE),
    felt.PERSON_HAS_IT: (felt.AT_HUB, felt.NOT_GETTING_THROUGH, felt.PRACTICE),
    felt.CLEARED: (felt.REFUSED,),
}
# Of an alarm before this one. Felt after SOS, they would say that somebody knows of it, or that it is over.
OF_ANOTHER_ALARM = (felt.AT_HUB, felt.PERSON_HAS_IT, felt.RESOLVED)


class Player:
    """`motor` and `buzzer` are PWMs, `led` a Pin; discreet: no light and no sound."""

    def __init__(self, motor, led, buzzer, log):
        self.discreet = False
        self.dropped = 0
        self.cut_short = 0
        self._motor = motor
        self._led = led
        self._buzzer = buzzer
        self._log = log
        self._waiting = []
        self._playing = None
        self._task = None
        self._light = felt.LIGHT_IDLE
        self._changed = asyncio.Event()

    def play(self, number):
        """Have a pattern felt: now if it is more important than what is playing, else after it."""
        if number == felt.QUIET:
            self._waiting = [n for n in self._waiting if n not in felt.GROWS]
            if self._playing in felt.GROWS:
                self._cut()
        else:
            outdated = _OUTDATES.get(number, ())
            self._waiting = [n for n in self._waiting if n not in outdated]
            self._queue(number)
            if self._playing is not None and self._outweighs(number):
                if self._playing not in _GIVES_WAY and self._playing not in outdated:
                    self._queue(self._playing)
                self._cut()
        self._changed.set()

    def outdate(self, numbers):
        """These are true no more: none of them is felt, or felt on."""
        self._waiting = [n for n in self._waiting if n not in numbers]
        if self._playing in numbers:
            self._cut()

    def be_discreet(self, on):
        """No light and no sound from now on, or both again."""
        self.discreet = on
        if on:
            self._led.value(0)
            self._buzzer.duty_u16(0)
        self._changed.set()

    def light(self, state):
        """What the LED says between patterns (felt.LIGHT_*)."""
        self._light = state
        self._changed.set()

    def _cut(self):
        if self._task is not None:
            self._task.cancel()
        self._playing = None

    def _outweighs(self, number):
        if self._playing == felt.SOS_GROWING:
            return number == felt.SOS_GROWING  # by anything else she would believe it sent, and let go too soon
        return _pattern(number).importance > _pattern(self._playing).importance

    def _queue(self, number):
        if number in self._waiting:
            return
        if len(self._waiting) >= MAX_WAITING:
            least = min(self._waiting + [number], key=lambda n: _pattern(n).importance)
            self.dropped += 1
            if least == number:
                return
            self._waiting.remove(least)
        at = len([n for n in self._waiting if _pattern(n).importance >= _pattern(number).importance])
        self._waiting.insert(at, number)

    # -- the task

    async def run(self, progress):
        """For ever; `progress` is called at least every five seconds."""
        while True:
            progress()
            self._changed.clear()
            if not self._waiting:
                await self._rest()
                continue
            self._playing = self._waiting.pop(0)
            self._task = asyncio.create_task(self._perform(self._playing))
            try:
                await self._task
            except asyncio.CancelledError:
                self.cut_short += 1
            self._playing = None

    async def _perform(self, number):
        self._log.say("felt:", felt.NAMES[number])
        pulses = _pattern(number).pulses
        self._motor.freq(MOTOR_HZ + number * MOTOR_STEP_HZ)
        try:
            for i in range(len(pulses)):
                growing = FULL * (i + 4) // (len(pulses) + 3)
                self._drive(number, 0 if i % 2 else growing if number in felt.GROWS else FULL)
                await asyncio.sleep_ms(pulses[i])
        finally:
            self._drive(number, 0)
        if number != felt.SOS_GROWING:  # its pause ends with the press: "at the hub" must not overtake "kept" meanwhile
            self._playing = None  # in the pause it is over: nothing cuts it short, to be played again
        await asyncio.sleep_ms(KEPT_PAUSE_MS if number == felt.KEPT else PAUSE_MS)

    def _drive(self, number, duty):
        self._motor.duty_u16(duty)
        if not self.discreet:
            self._led.value(1 if duty else 0)
            if _pattern(number).buzzer:
                self._buzzer.duty_u16(FULL // 2 if duty else 0)

    async def _rest(self):
        """Nothing to play: the LED says how things stand."""
        for lit in (1, 0):
            self._led.value(self._level(lit))
            try:
                await asyncio.wait_for_ms(self._changed.wait(), BLINK_MS[1 - lit])
                return
            except asyncio.TimeoutError:
                continue

    def _level(self, lit):
        if self.discreet:
            return 0
        if self._light == felt.LIGHT_ALARM:
            return 1
        return lit if self._light == felt.LIGHT_UNWATCHED else 0


def _pattern(number):
    return felt.PATTERNS[number]
