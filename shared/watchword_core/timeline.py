"""Plays a timeline through one case under a virtual clock: what `watchword rehearse` runs, on either interpreter."""

from . import visit as v
from . import words as w
from .case import restore
from .events import Event, new_event

# Step: (at_ms, what happens, kind, by, who, what, value); the last five are an event's.
PERSON = 0  # a person's event: reaches the hub at once
WORKER = 1  # the worker's: waits while the link is down, keeps its own time
LINK_LOST = 2
LINK_RESTORED = 3
RESTART = 4

SPOKEN = -1  # kind: speech with the worker, about whatever is due

SILENCE_MS = 120_000  # For every procedure, 9


class Player:
    """Holds the case, the link and the news that waits for it; `actions` collects what was asked for."""

    def __init__(self, case):
        self.case = case
        self.actions = []
        self._lost_at = None
        self._told_silent = False
        self._held = []

    def play(self, steps, until_ms):
        """Runs every step in order of time, then to `until_ms`, deadlines due then included."""
        for step in steps:
            self._advance(step[0])
            self._take(step)
        self._advance(until_ms)
        return self.actions

    def _advance(self, to_ms):
        """Deadlines due at or before an event's time fire before it."""
        while True:
            due = self.case.next_deadline_ms()
            silent = self._silent_ms()
            if silent is not None and silent <= to_ms and (due is None or silent <= due):
                self._told_silent = True
                if self.case.state in (v.AT_DOOR, v.INSIDE, v.LEAVING):
                    self._handle(new_event(w.SILENT, silent), silent)
            elif due is not None and due <= to_ms:
                self.actions += self.case.handle_deadline(due)
            else:
                return

    def _silent_ms(self):
        return None if self._lost_at is None or self._told_silent else self._lost_at + SILENCE_MS

    def _handle(self, event, now_ms):
        self.actions += self.case.handle(event, now_ms)

    def _take(self, step):
        at_ms, happens = step[0], step[1]
        if happens == LINK_LOST:
            if self._lost_at is None:
                self._lost_at = at_ms
        elif happens == LINK_RESTORED:
            self._restored(at_ms)
        elif happens == RESTART:
            self.case = restore(self.case.table, self.case.snapshot())
        else:
            event = self._event(at_ms, step[2:])
            if happens == WORKER and self._lost_at is not None:
                self._held.append(event)
            else:
                self._handle(event, at_ms)

    def _event(self, at_ms, fields):
        kind, by, who, what, value = fields
        if kind == SPOKEN:
            kind, what = self.case.spoken_now()
        if kind == w.CHECKED_IN and not what:
            what = self.case.ladder.report_name()
        return Event(kind, at_ms, by, who, what, value)

    def _restored(self, at_ms):
        held, self._held = self._held, []
        self._lost_at = None
        if self._told_silent:
            self._told_silent = False
            self._handle(new_event(w.SEEN, at_ms), at_ms)
        for event in held:
            self._handle(event, at_ms)
