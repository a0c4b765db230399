"""Carries out what the logic asks, in its order: the journal has a press before the wearer feels that it is kept."""

import asyncio

from watchword_core import gestures

from . import answers, bonds, feel, felt, fixes, place, watching
from .effects import Feel, Keep, Light, Recall, Remember, Send, Settled, Shelve
from .flash import DISCREET, DISCREET_FILE, STATE_FILE

IDLE_MS = 1_000  # the longest wait, so that the watchdog sees progress


class Performer:
    """Every input of the wearable goes through here; each takes effect before the next."""

    def __init__(self, wearable, clock, journal, flash, player, radio, log):
        self.wearable = wearable
        self.flash_errors = 0
        self._clock = clock
        self._journal = journal
        self._flash = flash
        self._player = player
        self._radio = radio
        self._log = log
        self._changed = asyncio.Event()
        self._fixes = fixes.Fixes(clock.now_ms())
        self._saving = place.Saving()

    # -- inputs

    def started(self):
        self._perform(self.wearable.started(self._clock.now_ms()))

    def gesture(self, gesture, now_ms):
        if gesture in (gestures.SOS, gestures.PRACTICE):
            self._player.play(felt.QUIET)  # what built up is at its end: only now is its answer felt
        if gesture == gestures.SOS:
            self._player.outdate(feel.OF_ANOTHER_ALARM)
        if gesture == gestures.DISCREET:
            self._switch_discreet()
        else:
            self._perform(self.wearable.gesture(gesture, now_ms))

    def linked(self, up, missed):
        self._perform(self.wearable.linked(up, self._clock.now_ms(), missed))

    def received(self, frame, now_ms):
        """Whether it was genuine and new."""
        proofs = self.wearable.proofs
        self._perform(self.wearable.received(frame, now_ms))
        return self.wearable.proofs != proofs

    def patience_ms(self):
        """How long a carrier may bring nothing genuine."""
        return watching.LINK_MS[self.wearable.watch.level]

    def waiting_since_ms(self):
        """Since when a press waits for the hub, or None."""
        return self.wearable.waiting.oldest_untold_ms()

    def alarm_open(self):
        """As the wearer may know it: never of a duress."""
        return answers.alarm_open(self.wearable.standing.alarm)

    def keep_bonds(self, content):
        self._write(self._flash.replace, bonds.FILE, content)

    def measured(self, battery_mv):
        self._perform(self.wearable.measured(battery_mv, self._clock.now_ms()))

    def falls_wanted(self):
        """Whether a fall is to be looked for."""
        return self.wearable.watches_for_falls()

    def sees_falls(self, works):
        """Whether the accelerometer works."""
        self._perform(self.wearable.sees_falls_now(works, self._clock.now_ms()))

    def fell(self, still):
        """A fall was found, or she moves no more."""
        self._perform(self.wearable.fell(self._clock.now_ms(), still))

    def worn(self, is_worn):
        """Whether somebody wears it; None: not known."""
        self._perform(self.wearable.is_worn(is_worn))

    def position_wanted(self):
        """Whether the GNSS receiver is to be on; to be asked every second."""
        wearable = self.wearable
        return self._fixes.look(wearable.watch.level, wearable.reports.press_count, self._clock.now_ms())

    def located(self, lat_e7, lon_e7, accuracy_m, time_ms):
        now_ms, reports = self._clock.now_ms(), self.wearable.reports
        if not self._fixes.fixed(time_ms, now_ms):
            return
        if time_ms is not None:
            self.wearable.watch.gnss_clock.told(time_ms, now_ms)
        reports.located(lat_e7, lon_e7, accuracy_m, now_ms)
        if self._saving.due(lat_e7, lon_e7, now_ms):
            self._write(self._flash.replace, place.PLACE_FILE, place.to_bytes(reports.place()))

    async def run(self, progress):
        """Handles every deadline when it comes."""
        while True:
            progress()
            self._changed.clear()
            now_ms = self._clock.now_ms()
            wait_ms = self.wearable.next_deadline_ms(now_ms) - now_ms
            if wait_ms <= 0:
                self._perform(self.wearable.handle_deadline(now_ms))
                await asyncio.sleep_ms(0)
                continue
            try:
                await asyncio.wait_for_ms(self._changed.wait(), min(wait_ms, IDLE_MS))
            except asyncio.TimeoutError:
                continue

    # -- effects

    def _perform(self, asked):
        kept = True
        for effect in asked:
            if isinstance(effect, Keep):
                kept = self._write(self._journal.keep, effect.frame, effect.hub_ms)
            elif isinstance(effect, Send):
                self._radio.send(effect.frame)
            elif isinstance(effect, Feel):
                untrue = effect.pattern == felt.KEPT and not kept
                self._player.play(felt.NOT_GETTING_THROUGH if untrue else effect.pattern)
                if effect.pattern == felt.READY and self._player.discreet:
                    self._player.play(felt.DISCREET_ON)  # two quick holds by mistake must not go unnoticed
            elif isinstance(effect, Light):
                self._player.light(effect.state)
            elif isinstance(effect, Settled):
                self._write(self._journal.settle, effect.boot, effect.count)
            elif isinstance(effect, Remember):
                self._write(self._flash.replace, STATE_FILE, effect.memory)
            elif isinstance(effect, Shelve):
                wanted = self.wearable.standing.wanted
                self._write(self._flash.shelve, effect.short_version, effect.compiled, wanted)
                self._log.say("procedure %08x kept" % effect.short_version)
            elif isinstance(effect, Recall):
                self._perform(self.wearable.recalled(self._journal.latest(), self._clock.now_ms()))
        self._changed.set()

    def _switch_discreet(self):
        on = not self._player.discreet
        self._player.be_discreet(on)
        self._write(self._flash.replace, DISCREET_FILE, DISCREET if on else b"")
        self._player.play(felt.DISCREET_ON if on else felt.DISCREET_OFF)

    def _write(self, write, *what):
        try:
            write(*what)
            return True
        except OSError as e:
            self.flash_errors += 1
            self._log.say("flash does not take it:", e, "- hand this pendant to a technician")
            return False
