"""Whatever is lost, held back, restarted or put back from a copy: no answer to an SOS is felt that is not so."""

import random

from pendant import effects, felt
from story import UP, Ana, Hub, a_table
from watchword_core import frames, gestures
from watchword_core import words as w
from watchword_core.case import restore
from watchword_core.snapshots import ALARM

RUNS = 40
STEPS = 60
NEVER_MS = -1
PRESSES = (gestures.OK, gestures.OK_HELD, gestures.EXTEND, gestures.CHECK, gestures.DURESS, gestures.PRACTICE)
WAITS_MS = (500, 3_000, 12_000, 70_000, 400_000)


class FickleHub(Hub):
    """Half of what it should hear is lost at times, and half of what it says held back."""

    def __init__(self, truth, case=None, epoch=1):
        super().__init__(case, epoch)
        self.truth = truth

    def hear(self, frame, now_ms):
        if self.truth.loses and random.getrandbits(1):
            return b""
        header, report = frames.open_report(UP, frame)
        if report.event == w.SOS:
            self.truth.there[(header.boot, header.count)] = True
        answer = super().hear(frame, now_ms)
        if self.truth.holds and random.getrandbits(1):
            self.truth.held.append(answer)
            return b""
        return answer

    def put_back(self, snapshot, got):
        """The hub that an old copy makes."""
        hub = FickleHub(self.truth, None if snapshot is None else restore(a_table(), snapshot), self.epoch + 1)
        hub.got = list(got)
        hub.down_count = {boot: count + 1_000 for boot, count in self.down_count.items()}
        return hub


class Truth:
    """What is so, beside what is felt of it."""

    def __init__(self):
        self.there = {}  # (boot, count) of each SOS: whether a hub ever had it
        self.loses = self.holds = False
        self.held = []
        self.pressed_ms = self.resolved_ms = self.taken_ms = NEVER_MS


class Witness(Ana):
    """Raises AssertionError when something else is felt."""

    def perform(self, asked):
        asked = list(asked)
        truth = self.hub.truth
        sos_settled = any(isinstance(e, effects.Settled) and (e.boot, e.count) in truth.there for e in asked)
        for e in asked:
            if isinstance(e, effects.Keep):
                header, report = frames.open_report(UP, e.frame)
                if report.event == w.SOS:
                    truth.there[(header.boot, header.count)], truth.pressed_ms = False, self.now_ms
            elif isinstance(e, effects.Feel):
                self.is_so(e.pattern, truth, sos_settled)
        super().perform(asked)

    def is_so(self, pattern, truth, sos_settled):
        all_there = all(truth.there.values())
        if pattern == felt.AT_HUB:
            assert all_there or sos_settled, "at the hub, and an SOS is not"
        elif pattern == felt.PERSON_HAS_IT:
            assert truth.taken_ms != NEVER_MS, "nobody has it"
        elif pattern == felt.RESOLVED:
            assert all_there and truth.resolved_ms >= truth.pressed_ms, "nobody has ended it"


class Run:
    """One story of chance."""

    def __init__(self, seed):
        random.seed(seed)
        truth = self.truth = Truth()
        self.hub = FickleHub(truth)
        if random.getrandbits(2):
            self.hub.visit()
        table = a_table()
        self.ana = Witness(self.hub, tables={table.short_version: table.compiled})
        self.copy = None, []

    def step(self):
        does = (self.press, self.press_sos, self.wait, self.wait, self.wait, self.link, self.link, self.reboot)
        does += (
            self.take,
            self.resolve,
            self.resolve,
            self.bring_held,
            self.carry_otherwise,
            self.copied,
            self.put_back,
        )
        one_of(does)()

    def press(self):
        self.ana.press(one_of(PRESSES))

    def press_sos(self):
        self.ana.press(gestures.SOS)

    def wait(self):
        self.ana.wait(one_of(WAITS_MS))

    def link(self):
        one_of((self.ana.connect, self.ana.disconnect))()

    def reboot(self):
        self.ana.reboot(self.ana.boot + 1)

    def take(self):
        if self.hub.case is not None:
            self.truth.taken_ms = self.ana.now_ms
            self.hub.person(w.ACKNOWLEDGED, self.ana.now_ms)

    def resolve(self):
        case = self.hub.case
        if case is not None and case.slots[ALARM].stage in (1, 2, 3):
            self.truth.resolved_ms = self.ana.now_ms
            self.hub.person(w.RESOLVED, self.ana.now_ms)
            if not case.visit_id:
                self.hub.case = None

    def bring_held(self):
        if self.truth.held:
            self.ana.receive(one_of(self.truth.held))

    def carry_otherwise(self):
        self.truth.loses, self.truth.holds = random.getrandbits(1), random.getrandbits(1)

    def copied(self):
        self.copy = None if self.hub.case is None else self.hub.case.snapshot(), list(self.hub.got)

    def put_back(self):
        self.hub = self.ana.hub = self.hub.put_back(*self.copy)


def one_of(things):
    return things[random.getrandbits(16) % len(things)]


def test_nothing_is_felt_of_an_sos_that_is_not_so():
    for seed in range(RUNS):
        run = Run(seed)
        for n in range(STEPS):
            try:
                run.step()
            except AssertionError as e:
                raise AssertionError("seed %d, step %d: %s" % (seed, n, e)) from e
