"""The pendant's logic, whole and pure: presses, frames and time in, effects out (`effects`), in the order to perform.

No clock, no radio, no flash: `now_ms` is milliseconds since boot, and the shell (`performer`) does what is asked. The
hub decides what a visit is; its statuses are level-triggered, so that the newest one settles everything, and the
wearer's own presses are laid over it until the hub has them. Nothing felt depends on whether an OK was under duress.
"""

from watchword_core import alarm as a
from watchword_core import frames, gestures
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.events import disguised

from . import answers, doorstep, felt, meanings, memory, watching
from .counters import Counters
from .effects import Keep, Recall, Send, Settled, Shelve
from .fragments import Fragments
from .hearing import Hearing
from .power import LowBattery
from .prealarm import Prealarm
from .reports import Reports
from .standing import Standing
from .telling import Telling
from .waiting import ALARMS, Press, Waiting
from .watching import Watching

AFTER_HELLO_MS = 300  # HELLO goes by another lane: let it arrive before the presses that wait for it
TABLE_AGAIN_MS = 5_000
BLIND_AGAIN_MS = 600_000  # a contact that fails now and then is no reason to buzz all the time


class Wearable:
    """One boot of one pendant.

    `seal` and `unseal` are the Siv of each direction; `find_table(short_version)` gives compiled bytes or None;
    `stored` is the last Remember's bytes or None; `kept` is [(frame, hub_ms)] that earlier boots left unacknowledged,
    oldest first; `hub_ms` is the time by a clock that ran on through the reset, or None.
    """

    def __init__(self, pendant, boot, seal, unseal, find_table, stored=None, kept=(), hub_ms=None, now_ms=0):
        self.boot = boot
        self.counters = Counters()
        self.waiting = Waiting()
        self.watch = Watching(now_ms, hub_ms)
        self.reports = Reports(pendant, boot, seal, self.watch.hub_ms)
        self.standing = Standing(find_table, self.counters)
        self.doorstep = doorstep.Doorstep()
        self.prealarm = Prealarm()
        self.worn = None  # whether somebody wears it; None: not known
        self.sees_falls = None  # whether the accelerometer works; None: not known
        self._blind_again_ms = now_ms  # no sooner is she told once more that it fails
        self._hearing = Hearing(pendant, boot, unseal, self.counters)
        self._telling = Telling()
        self._fragments = Fragments(self.counters)
        self.proofs = 0  # that the carrier brings what the hub says now; nothing forged, repeated or expired is one
        self._epoch = None
        self._is_new_epoch = False  # and nothing of that store's was adopted yet
        self._linked = False
        self.low_battery = LowBattery()
        self._owes_standing = False  # after a restart: what the hub acknowledged may never have been felt
        self._wake(memory.from_bytes(stored), stored is not None, kept, now_ms)

    # -- the doors

    def started(self, now_ms):
        """Effects of having booted."""
        self._remember()
        self._show()
        return self._telling.taken()

    def gesture(self, gesture, now_ms):
        """What the wearer did with a button (watchword_core.gestures)."""
        if gesture in (gestures.SOS_STARTED, gestures.PRACTICE_STARTED):
            self._telling.feel(felt.SOS_GROWING)
        elif gesture in (gestures.SOS_LET_GO, gestures.PRACTICE_LET_GO):
            self._telling.feel(felt.QUIET)
        elif gesture == gestures.SOS:
            self._end_prealarm()
            self._press(w.SOS, 0, 0, False, now_ms)
        elif gesture == gestures.PRACTICE and (self.prealarm.on() or answers.alarm_open(self.standing.alarm)):
            self._telling.feel(felt.REFUSED)  # its answers would be taken for those of the alarm that is open, or near
        elif gesture == gestures.PRACTICE:
            self._press(w.PRACTICE_SOS, 0, 0, False, now_ms)
        elif gesture == gestures.CHECK and not self.prealarm.on():
            self._check(now_ms)
        else:
            self._ok(gesture, now_ms)
        return self._telling.taken()

    def fell(self, now_ms, still=False):
        """A fall was found. Nobody is asked off duty, nor with an alarm open, for which she has called already.

        `still`: it was none, but she moves no more; before she arrives that means nothing.
        """
        if self.watches_for_falls() and (self._has_arrived() or not still):
            self.counters.count("still" if still else "fall")
            self.prealarm.begin(now_ms)
            self._ask(now_ms)
        return self._telling.taken()

    def is_worn(self, worn):
        """Whether somebody wears it, None: not known; False again and again while nobody does, in earshot perhaps."""
        self.worn = worn
        if worn is False and self._has_arrived():
            self._telling.feel(felt.NOT_WORN)
        return self._telling.taken()

    def sees_falls_now(self, works, now_ms):
        """Whether the accelerometer works. In a visit she is told when it no longer does: she may rely on it."""
        failed, self.sees_falls = not works and self.sees_falls is not False, works
        if failed and self._has_arrived() and now_ms >= self._blind_again_ms:
            self._blind_again_ms = now_ms + BLIND_AGAIN_MS
            self._telling.feel(felt.NOT_READY)
        return self._telling.taken()

    def watches_for_falls(self):
        """In a visit, planned or under way, until an alarm is open; never depends on duress."""
        view = self.standing.view()
        return answers.visit_open(view) and not answers.alarm_open(view.alarm)

    def linked(self, up, now_ms, missed=False):
        """A carrier has connected and listens, or is gone; `missed`: it had asked that its loss be felt."""
        self._linked = up
        if missed:
            self.watch.link_lost(now_ms)
        if up:
            self.watch.link_is_new(now_ms)
            self.waiting.hurry(now_ms)
        return self.handle_deadline(now_ms)

    def received(self, frame, now_ms):
        """A frame from a carrier, genuine or not."""
        opened = self._hearing.opened(frame)
        if opened is None:
            return []
        header, message = opened
        if isinstance(message, frames.Fragment):
            self._fragment(message, now_ms)
        elif isinstance(message, frames.Find):
            self._find(header, message, now_ms)
        elif header.boot == self.boot:
            self._status(header, message, now_ms)
        else:
            self._status_for_old_boot(header, message, now_ms)
        return self._telling.taken()

    def next_deadline_ms(self, now_ms):
        """When `handle_deadline` next has something to do; never None, since the hub's silence has a limit."""
        complaint_ms = self.waiting.next_complaint_ms(answers.alarm_open(self.standing.alarm))
        due = [self.watch.next_complaint_ms(), complaint_ms, self.doorstep.until_ms, self.prealarm.next_ms()]
        if self._linked:
            due += [self.watch.next_beat_ms(), self.waiting.next_send_ms()]
        if self.standing.case is not None:
            at_hub_ms = self.standing.case.next_deadline_ms()
            if at_hub_ms is not None:
                due.append(self.watch.since_boot_ms(at_hub_ms))
        due = [at_ms for at_ms in due if at_ms is not None]
        return max(now_ms, min(due)) if due else now_ms + watching.SILENCE_MS[watching.IDLE]

    def keeps_on_duty(self, reserved):
        """Whether there is something to stay awake for; a press that waits is, while there is more than the reserve.

        It never depends on duress: that would be felt by whether the pendant still complains.
        """
        kept = self.standing.is_open() or self.prealarm.on()
        return kept or (not reserved and (self._linked or len(self.waiting) > 0))

    def handle_deadline(self, now_ms):
        """What falls due by now."""
        self._ask(now_ms)
        before = self.standing.view()
        self._run_ladder(now_ms)
        if self._linked:
            for frame in self.waiting.due(now_ms):
                self._telling.do(Send(frame))
            if self.watch.beat_due(now_ms):
                self._beat(now_ms)
        if self.doorstep.until_ms is not None and now_ms >= self.doorstep.until_ms:
            self._checked([doorstep.LINK])
        if self.waiting.complain(now_ms, answers.alarm_open(self.standing.alarm)):
            self._telling.feel(felt.NOT_GETTING_THROUGH)
        if self.watch.complain(now_ms):
            self._telling.feel(felt.NOBODY_WATCHING)
        self._tell(before, now_ms)
        return self._telling.taken()

    def measured(self, battery_mv, now_ms):
        """The battery's voltage."""
        self.reports.battery_mv = battery_mv
        if self.low_battery.due(battery_mv, now_ms):
            self._telling.feel(felt.LOW_BATTERY)
        return self._telling.taken()

    def recalled(self, kept, now_ms):
        """The answer to Recall: [(frame, hub_ms)] of what the journal has, acknowledged or not, oldest first."""
        for frame, hub_ms in kept:
            press = self._reopened(frame, hub_ms, now_ms, told=True)
            if press is None or self.waiting.has(press.boot, press.count):
                continue
            if not self.waiting.has_room():
                self.counters.count("not recalled")
                continue
            self.waiting.admit(press)
        return self.handle_deadline(now_ms)

    # -- waking

    def _wake(self, remembered, was_stored, kept, now_ms):
        if remembered is None and was_stored:
            self.counters.count("unreadable memory")
        if remembered is not None:
            self._epoch = remembered.epoch
            self.standing.alarm = remembered.alarm
            self.standing.take(remembered.procedure, remembered.snapshot)
            self._owes_standing = True
        for frame, hub_ms in kept:
            press = self._reopened(frame, hub_ms, now_ms, told=False)
            if press is None:
                continue
            if not self.waiting.has_room() and not press.is_alarm():
                self.counters.count("queue full")
                continue
            self.waiting.admit(press)
            if remembered is None or (press.boot == remembered.boot and press.count > remembered.count):
                self._apply(press, now_ms)
        if self.standing.case is not None:
            self._telling.felt_before(self.standing.case)
        self._watch_closely(now_ms)

    def _reopened(self, frame, hub_ms, now_ms, told):
        try:
            header, report = self.reports.opened(frame)
        except frames.FrameError:
            self.counters.count("unreadable press")  # sealed under an earlier key, perhaps
            return None
        return Press(header.boot, header.count, report, frame, hub_ms, now_ms, told)

    # -- presses

    def _ok(self, gesture, now_ms):
        """Under duress as what it looks like, to the wearer's hand and to the visit; only the sealed report differs."""
        ordinary = gestures.looks_like(gesture)
        if self.prealarm.on():
            self.counters.count("fall denied")
            self._end_prealarm()
            event, about, value, refused = meanings.well(self.standing)
        else:
            event, about, value, refused = meanings.of(ordinary or gesture, self.standing)
        if ordinary is not None:
            event, value = w.DURESS, disguised(event, value)
        self._press(event, about, value, refused, now_ms)

    def _has_arrived(self):
        view = self.standing.view()
        return answers.visit_open(view) and view.state != v.PLANNED

    def _end_prealarm(self):
        if self.prealarm.on():
            self.prealarm.end()
            self._telling.feel(felt.QUIET)

    def _ask(self, now_ms):
        """Has the wearer asked whether she lies there; no answer in time is an alarm, as one that she raised."""
        if self.prealarm.is_over(now_ms):
            self.prealarm.end()
            self._press(w.MAN_DOWN, 0, 0, False, now_ms)
        elif self.prealarm.call(now_ms):
            self._telling.feel(felt.FALL)

    def _press(self, event, about, value, refused, now_ms):
        full = not self.waiting.has_room()
        if full:
            self.counters.count("queue full")
            if event not in ALARMS:
                self._telling.feel(felt.NOT_GETTING_THROUGH)
                return
        before = self.standing.view()
        press = self._sealed(event, about, value, now_ms)
        self.waiting.admit(press)
        if self._linked:  # before flash, which may take its time: only what the wearer feels has to wait for that
            for frame in self.waiting.due(now_ms):
                self._telling.do(Send(frame))
        self._telling.do(Keep(press.frame, press.report.hub_ms))
        self._apply(press, now_ms)
        if full and event == w.DURESS:
            self._telling.feel(felt.NOT_GETTING_THROUGH)  # as the OK that it looks like
            return
        self._telling.feel(felt.KEPT, event)
        if refused:
            self._telling.feel(felt.REFUSED)
        self._tell(before, now_ms)

    def _sealed(self, event, about, value, now_ms):
        visit, procedure = self.standing.bound_to()
        flags = self._flags() | (frames.PRACTICE if event == w.PRACTICE_SOS else 0)
        count, report, frame = self.reports.press(event, flags, now_ms, visit, about, value, procedure)
        return Press(self.boot, count, report, frame, self.watch.hub_ms(now_ms) or 0, now_ms)

    def _flags(self):
        watched = 0 if self.watch.silent else frames.WATCHED
        falls = (frames.NOT_WORN if self.worn is False else 0) | (frames.NO_FALLS if self.sees_falls is False else 0)
        return self.watch.clock_flag() | watched | falls

    def _apply(self, press, now_ms):
        at_ms = press.report.hub_ms or self.watch.hub_ms(press.report.ticks_ms if press.boot == self.boot else now_ms)
        self.standing.apply(press, at_ms, self.watch.hub_ms(now_ms) or at_ms)

    # -- the check before the door

    def _check(self, now_ms):
        if not self._linked:
            self._checked([doorstep.LINK])
            return
        self._beat(now_ms)
        self.doorstep.begin(self.reports.routine_count, now_ms)

    def _missing(self, now_ms):
        hub_ms, charge_mv, age_s = self.watch.hub_ms(now_ms), self.reports.battery_mv, self.reports.fix_age_s(now_ms)
        return doorstep.missing(hub_ms, charge_mv, age_s, self.standing, self.worn, self.sees_falls)

    def _checked(self, missing):
        self.doorstep.end()
        for what in missing:
            self.counters.count("not ready: " + what)
        self._telling.feel(felt.NOT_READY if missing else felt.READY)

    # -- what the hub says

    def _status(self, header, status, now_ms):
        if not self._hearing.is_new(header):
            if status.epoch == self._epoch:  # that a frame is durable stays true, however late one hears it
                self._acknowledged(header, now_ms)
            return
        before = self.standing.view()
        self._know_epoch(status.epoch)
        if header.ack_lane == frames.ROUTINE:
            self.watch.answered(header.ack_count, status.hub_ms, now_ms)
        pressed = self._acknowledged(header, now_ms)
        if status.challenge:
            self._hello(self.boot, status, now_ms)
        age_ms = self.watch.age_ms(status.hub_ms, now_ms)
        if age_ms is None:
            self.counters.count("no clock")
        elif age_ms > status.lifetime_ms:
            self.counters.count("expired")
        else:
            self.proofs += 1
            self.watch.heard(now_ms - age_ms, now_ms)
            self._adopt(status, now_ms)
            if self._is_new_epoch:
                self._is_new_epoch = False
                before = answers.forgotten(before, self.standing.view())
            if pressed and before.alarm == self.standing.alarm == a.WITH_PERSON:
                self._telling.feel(felt.PERSON_HAS_IT)  # pressed again, and the hub says now that somebody still has it
            self._say_where_it_stands(before)
            proves_link = header.ack_lane == frames.ROUTINE and self.doorstep.answered_by(header.ack_count)
            if proves_link and not status.challenge:
                self._checked(self._missing(now_ms))
        self._tell(before, now_ms)

    def _status_for_old_boot(self, header, status, now_ms):
        """Of use only where a press of that boot still waits; whatever it says of the visit may be old."""
        if not self.waiting.has(header.boot):
            self.counters.count("other boot")
            return
        if status.challenge:
            self._hello(header.boot, status, now_ms)
        if self._epoch is None:
            self._epoch = status.epoch  # who has the press: should another store be there next, it is told again
        if status.epoch == self._epoch:
            self._acknowledged(header, now_ms)

    def _know_epoch(self, epoch):
        if self._epoch is not None and epoch != self._epoch:
            self.counters.count("new epoch")
            self._is_new_epoch = True
            self._telling.do(Recall())
        self._epoch = epoch

    def _acknowledged(self, header, now_ms):
        """Settles the press that is durable now; whether it was an SOS that nothing was said of yet."""
        if header.ack_lane != frames.PRESS:
            return False
        press = self.waiting.settle(header.boot, header.ack_count)
        if press is None:
            return False
        self.proofs += 1
        self._telling.do(Settled(press.boot, press.count))
        if press.told:
            return False
        alarm_waits = self.waiting.has_event(w.SOS) or self.waiting.has_event(w.MAN_DOWN)
        if answers.may_say_at_hub(press.report.event, self.standing.alarm, alarm_waits):
            self._telling.feel(felt.AT_HUB, press.report.event)
            self._owes_standing = self._owes_standing and self.standing.alarm == a.WITH_PERSON
        if press.is_alarm():
            self.standing.durable(press, self.watch.hub_ms(now_ms))
        return press.report.event in (w.SOS, w.MAN_DOWN)

    def _adopt(self, status, now_ms):
        """The hub's view, and over it what the hub does not have yet."""
        if self.standing.adopt(status.procedure, status.snapshot):
            self.counters.count("other visit")
        for press in self.waiting.presses:
            if not press.told:
                self._apply(press, now_ms)
        self._run_ladder(now_ms)
        self._watch_closely(now_ms)
        if self.standing.is_open() and self.standing.wanted and not self.standing.has_table():
            self.watch.beat_by(now_ms + TABLE_AGAIN_MS)  # pieces were lost: a heartbeat asks for them again

    def _say_where_it_stands(self, before):
        """Once after a restart in a visit or alarm, when the hub has all presses: silence is no answer."""
        if not self._owes_standing or self.waiting.owes_word():
            return
        self._owes_standing = False
        pattern = answers.after_restart(before, self.standing.view())
        if pattern is not None:
            self._telling.feel(pattern)

    def _fragment(self, fragment, now_ms):
        # Pieces may overtake the status that asks for them, so they are taken while nothing else is wanted.
        if self.standing.wanted not in (0, fragment.procedure):
            self.counters.count("unwanted fragment")
            return
        if self.standing.wanted and self.standing.has_table():
            return
        table = self._fragments.add(fragment)
        if table is not None:
            self.standing.table = table
            self._telling.do(Shelve(table.short_version, table.compiled))
            self.watch.beat_now(now_ms)  # the answer brings the snapshot that the table makes readable
            if self._linked:
                self._beat(now_ms)

    def _find(self, header, find, now_ms):
        duress = self.standing.under_duress() or self.waiting.has_event(w.DURESS)  # whether the hub knows of it or not
        if self._hearing.is_to_be_found(header, find, self.watch.age_ms(find.hub_ms, now_ms), duress):
            self._telling.feel(felt.FIND_ME)

    # -- routine frames

    def _beat(self, now_ms):
        visit, procedure = self.standing.bound_to()
        self._telling.do(Send(self.reports.heartbeat(self._flags(), now_ms, visit, procedure)))
        self.watch.asked(self.reports.routine_count, now_ms)

    def _hello(self, boot, status, now_ms):
        """Answers a challenge for this boot, or for an earlier one whose presses wait."""
        if boot == self.boot:
            visit, procedure = self.standing.bound_to()
            frame = self.reports.hello(self._flags(), now_ms, visit, status.challenge, procedure)
            self.watch.asked(self.reports.routine_count, now_ms)
        else:
            frame = self.reports.hello_for(boot, status.hub_ms, status.challenge)
        self._telling.do(Send(frame))
        self.waiting.hurry(now_ms + AFTER_HELLO_MS, boot)

    # -- what is felt and remembered

    def _run_ladder(self, now_ms):
        if self.standing.case is None:
            return
        by_hub_ms, due_ms = self.watch.hub_ms(now_ms), self.standing.case.next_deadline_ms()
        if by_hub_ms is not None and due_ms is not None and due_ms <= by_hub_ms:
            self.standing.case.handle_deadline(by_hub_ms)
            self._remember()

    def _tell(self, before, now_ms):
        self._telling.changed(before, self.standing)
        self._watch_closely(now_ms)
        self._remember()
        self._show()

    def _watch_closely(self, now_ms):
        level = watching.VISIT if answers.visit_open(self.standing.view()) else watching.IDLE
        self.watch.watch_closely(watching.ALARM if answers.alarm_open(self.standing.alarm) else level, now_ms)

    def _remember(self):
        boot, presses, to_bytes = self.boot, self.reports.press_count, self.standing.to_bytes()
        remembered = memory.Memory(self._epoch, boot, presses, self.standing.wanted, self.standing.alarm, to_bytes)
        self._telling.remember(memory.to_bytes(remembered))

    def _show(self):
        clock_set = self.watch.clock.offset_ms is not None
        self._telling.show(answers.light(self.standing.alarm, self.watch.silent, clock_set))
