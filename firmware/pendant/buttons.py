"""Buttons and lanyard: edges by interrupt, levels read again now and then in case one was missed."""

import asyncio

from watchword_core.gestures import Gestures

from .clock import stamp

MAX_EDGES = 32
POLL_MS = 500  # what an interrupt missed is seen after this long
HELD_POLL_MS = 50


class Buttons:
    """`pins`: {gestures.SOS_BUTTON: Pin, ...}, active low. `done(gesture, now_ms)` is called for each gesture."""

    def __init__(self, pins, irq_edges, clock, done):
        self.dropped = 0
        self._pins = pins
        self._clock = clock
        self._done = done
        self._gestures = Gestures()
        self._edges = []
        self._flag = asyncio.ThreadSafeFlag()
        for button in pins:
            pins[button].irq(self._handler(button), irq_edges)

    def _handler(self, button):
        def on_edge(pin):
            if len(self._edges) < MAX_EDGES:
                self._edges.append((button, pin.value() == 0, stamp()))
            else:
                self.dropped += 1
            self._flag.set()

        return on_edge

    def in_use(self):
        """Whether one is held or the lanyard off, which asleep would wake the pendant at once, or a gesture is not
        over, whose first presses a sleep or a reset would lose.
        """
        if self._edges or self._gestures.next_deadline_ms() is not None:
            return True
        return any([self._pins[button].value() == 0 for button in self._pins])

    async def run(self, progress):
        """For ever; `progress` is called at least twice a second."""
        while True:
            progress()
            self._look()
            try:
                await asyncio.wait_for_ms(self._flag.wait(), self._wait_ms())
            except asyncio.TimeoutError:
                continue

    def _look(self):
        while self._edges:
            button, down, stamped = self._edges.pop(0)
            self._edge(button, down, self._clock.at(stamped))
        now_ms = self._clock.now_ms()
        for button in self._pins:
            down = self._pins[button].value() == 0
            if down != self._gestures.is_down(button):
                self._edge(button, down, now_ms)
        self._complete(now_ms)

    def _edge(self, button, down, at_ms):
        self._complete(at_ms)
        gesture = self._gestures.edge(button, down, at_ms)
        if gesture is not None:
            self._done(gesture, at_ms)

    def _complete(self, now_ms):
        gesture = self._gestures.handle_deadline(now_ms)
        while gesture is not None:
            self._done(gesture, now_ms)
            gesture = self._gestures.handle_deadline(now_ms)

    def _wait_ms(self):
        due_ms = self._gestures.next_deadline_ms()
        held = any([self._gestures.is_down(button) or self._pins[button].value() == 0 for button in self._pins])
        most_ms = HELD_POLL_MS if held else POLL_MS
        return most_ms if due_ms is None else max(1, min(most_ms, due_ms - self._clock.now_ms()))
