"""Ana's pendant and a hub, in one virtual time: the pendant's real logic, the core's real case, frames really sealed.

The hub here is the smallest that keeps the promises of docs/protocol.md: it acknowledges a press once it has it, and
answers every heartbeat with the whole state.
"""

from aes import aes
from pendant import effects
from pendant.wearable import Wearable
from watchword_core import frames, table
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import disguise, new_event
from watchword_core.seal import Siv

PENDANT = 7
VISIT = 41
T0 = 1_800_000_000_000  # Unix ms (2027) when the pendant's first boot begins
UP = Siv(bytes(range(32)), aes)
DOWN = Siv(bytes(range(32, 64)), aes)
MINUTE = 60_000


def a_rung(watch, after_s, verb, by, who, limit_s=0, repeat_s=0):
    return table.Rung(watch, table.AT, 0, after_s, verb, by, who, 0, limit_s, repeat_s, 0, 0)


def a_watch(anchor, answered_by, early_by=0):
    return table.Watch(anchor, 0, 0, 0, answered_by, early_by, 0, 0)


def a_table(gate=1, forbids=()):
    """Homemaker's enhanced tracking in small; one watch (T_end) takes reports."""
    watches = [
        a_watch(w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN),
        a_watch(w.AT_T_ARRIVE, w.BY_SPEECH | w.BY_STAND_DOWN),
        a_watch(w.AT_T_END, w.BY_REPORT | w.BY_DEPARTURE_SPOKEN, w.BY_REPORT),
        a_watch(w.AT_ALARM, w.BY_ACKNOWLEDGED | w.BY_RESOLVED),
        a_watch(w.AT_DURESS, w.BY_TAKEN | w.BY_RESOLVED),
    ]
    rungs = [
        a_rung(0, 0, w.TELL, w.HUB, w.TRACKER),
        a_rung(0, 300, w.TELL, w.HUB, w.MANAGER),
        a_rung(1, 1200, w.CALL, w.TRACKER, w.WORKER, 600),
        a_rung(1, 1200, w.PROMPT, w.PENDANT, w.WORKER),
        a_rung(1, 1800, w.TELL, w.HUB, w.MANAGER),
        a_rung(2, 0, w.CALL, w.TRACKER, w.WORKER, 600),
        a_rung(3, 0, w.TELL, w.HUB, w.TRACKER),
        a_rung(3, 60, w.TELL, w.HUB, w.SENIOR),
        a_rung(4, 0, w.TELL, w.HUB, w.TRACKER),
        a_rung(4, 60, w.PROMPT, w.PENDANT, w.WORKER),  # a careless safety lead's: must stay unfelt
    ]
    ends = w.BY_DEPARTURE_SPOKEN
    return table.Table(table.pack(gate, MINUTE, ends, 3600, 900, watches, rungs, forbids))


class Hub:
    """One pendant's hub. `now_ms` is since the pendant's first boot; its own time is T0 later."""

    def __init__(self, case=None, epoch=1):
        self.case = case
        self.epoch = epoch
        self.down_count = {}
        self.known = set()
        self.challenge = 0
        self.got = []  # (header, report) of every press, repeats left out

    def visit(self, the_table=None, visit_id=VISIT, minutes=60, plan=0):
        """A visit from now on."""
        self.case = Case(the_table or a_table(), plan, visit_id, T0, T0 + minutes * MINUTE)
        return self

    def status(self, now_ms, boot, ack=(0, 0), lifetime_ms=60_000, challenge=0, sent_ms=None):
        """A sealed status, as of `sent_ms` (now)."""
        count = self.down_count[boot] = self.down_count.get(boot, 0) + 1
        snapshot = b"" if self.case is None else self.case.snapshot()
        version = 0 if self.case is None else self.case.table.short_version
        at_ms = T0 + (now_ms if sent_ms is None else sent_ms)
        status = frames.Status(at_ms, challenge, self.epoch, version, lifetime_ms, snapshot)
        return frames.seal_status(DOWN, PENDANT, boot, count, ack[0], ack[1], status)

    def hear(self, frame, now_ms):
        """What it answers, sealed."""
        header, report = frames.open_report(UP, frame)
        if header.lane == frames.PRESS and (header, report) not in self.got:
            self.got.append((header, report))
            self.take(header, report, T0 + now_ms)
        return self.status(now_ms, header.boot, (header.lane, header.count))

    def take(self, header, report, now_ms):
        alarm = report.event in (w.SOS, w.MAN_DOWN, w.DURESS)
        if self.case is None and alarm:
            self.case = Case(a_table())
        if self.case is None or report.event == w.PRACTICE_SOS:
            return
        value = report.value
        if report.event == w.DURESS:
            kind, its_value = disguise(value)
            self.case.handle(new_event(kind, now_ms, what=report.about, value=its_value), now_ms)
            value = 0
        what = header.count if alarm else report.about
        self.case.handle(new_event(report.event, now_ms, what=what, value=value), now_ms)
        if alarm:
            self.case.handle(new_event(w.DURABLE, now_ms), now_ms)

    def person(self, kind, now_ms, by=w.TRACKER):
        """A person records something."""
        self.case.handle(new_event(kind, T0 + now_ms, by), T0 + now_ms)

    def events(self):
        return [report.event for _, report in self.got]


class Ana:
    """Wears the pendant. Everything that it did is in `did`; flash survives `reboot`."""

    def __init__(self, hub, boot=1001, now_ms=0, tables=None):
        self.hub = hub
        self.now_ms = now_ms
        self.tables = {} if tables is None else tables
        if tables is None and hub.case is not None:
            self.tables[hub.case.table.short_version] = hub.case.table.compiled
        self.state = None
        self.journal = []  # [frame, hub_ms, boot, count, settled]
        self.link = False
        self.did = []
        self.start(boot)

    def start(self, boot):
        self.began_ms = self.now_ms
        self.boot = boot
        kept = [(k[0], k[1]) for k in self.journal if not k[4]]
        self.p = Wearable(PENDANT, boot, UP, DOWN, self.tables.get, self.state, kept)
        self.perform(self.p.started(0))

    def reboot(self, boot):
        self.link = False
        self.start(boot)

    def since_boot(self):
        return self.now_ms - self.began_ms

    def perform(self, asked):
        answers = []
        for e in asked:
            self.did.append(e)
            if isinstance(e, effects.Keep):
                header = frames.read_header(e.frame)
                self.journal.append([e.frame, e.hub_ms, header.boot, header.count, False])
            elif isinstance(e, effects.Settled):
                for k in self.journal:
                    k[4] = k[4] or (k[2], k[3]) == (e.boot, e.count)
            elif isinstance(e, effects.Remember):
                self.state = e.memory
            elif isinstance(e, effects.Shelve):
                self.tables[e.short_version] = e.compiled
            elif isinstance(e, effects.Recall):
                self.perform(self.p.recalled([(k[0], k[1]) for k in self.journal], self.since_boot()))
            elif isinstance(e, effects.Send) and self.link:
                answers.append(self.hub.hear(e.frame, self.now_ms))
        for frame in answers:
            self.receive(frame)

    def receive(self, frame):
        self.perform(self.p.received(frame, self.since_boot()))

    def press(self, gesture):
        self.perform(self.p.gesture(gesture, self.since_boot()))

    def connect(self):
        self.link = True
        self.perform(self.p.linked(True, self.since_boot()))

    def disconnect(self, missed=False):
        self.link = False
        self.perform(self.p.linked(False, self.since_boot(), missed))

    def wait(self, ms):
        """Time passes; every deadline is handled when it comes."""
        end_ms = self.now_ms + ms
        for _ in range(10_000):
            due = self.began_ms + self.p.next_deadline_ms(self.since_boot())
            if due > end_ms:
                self.now_ms = end_ms
                return
            self.now_ms = due
            if self.hub.case is not None and self.link:
                self.hub.case.handle_deadline(T0 + self.now_ms)
            self.perform(self.p.handle_deadline(self.since_boot()))
        raise AssertionError("10,000 deadlines within %d ms" % ms)

    def felt(self, forget=True):
        """The patterns felt since last asked."""
        patterns = [e.pattern for e in self.did if isinstance(e, effects.Feel)]
        if forget:
            self.did = []
        return patterns

    def counted(self, reason):
        return self.p.counters.of(reason)


def planned():
    """(Ana, hub): linked, her visit planned."""
    hub = Hub().visit()
    ana = Ana(hub)
    ana.connect()
    ana.felt()
    return ana, hub


def at_the_door():
    """(Ana, hub): linked, her visit planned, OK pressed at the door, all felt and forgotten."""
    from watchword_core import gestures

    hub = Hub().visit()
    ana = Ana(hub)
    ana.connect()
    ana.press(gestures.OK)
    ana.felt()
    return ana, hub


def inside():
    """As `at_the_door`, and a person has spoken with her."""
    ana, hub = at_the_door()
    hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
    ana.wait(10_000)
    ana.felt()
    return ana, hub
