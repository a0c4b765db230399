"""A pendant and a hub, each with a case of its own, and all that was ever sent between them.

Both are values, so that a state can be kept, compared and gone on from. The pendant's side is the firmware's own
`Standing` and `answers`; the hub's does with a Case what engine/uplink.py does. What was sent stays sent: the link may
bring any of it at any time, again, late, in any order or never, which is all that a network can do to sealed frames.
"""

from collections import namedtuple

from case_steps import Steps, at, rules
from pendant import answers, meanings
from pendant.counters import Counters
from pendant.standing import Standing
from pendant.waiting import ALARMS, Press
from watchword_core import alarm as a
from watchword_core import frames, gestures
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.events import disguise, disguised, new_event
from watchword_core.moments import T_ARRIVE
from watchword_hub.engine.events import FROM_PENDANT
from watchword_hub.engine.limits import Limits

LIFETIME_MS = Limits().status_lifetime_ms
KEPT_STATUSES = 3  # the latest that the link may still bring; older ones it has lost

# A frame that goes up; `event` HELLO answers the challenge in `value`.
Up = namedtuple("Up", ("boot", "count", "event", "at_ms", "visit", "about", "value"))
# A status: `number` counts them, `ack` is the (boot, count) that is durable now.
Down = namedtuple("Down", ("number", "boot", "ack", "hub_ms", "version", "snapshot", "challenge"))

# `had`: the (boot, count) of each press; `boots`: those that answered a challenge; `taken`, `settled`: the presses that
# were there when a person last acknowledged or resolved.
Hub = namedtuple("Hub", ("version", "snapshot", "had", "boots", "current", "number", "taken", "settled"))
# `raised`: (boot, count, event) of every alarm that she pressed; `felt`: what she felt last.
Worn = namedtuple("Worn", ("boot", "count", "version", "snapshot", "alarm", "waiting", "latest", "raised", "felt"))


def remembered(method):
    """A method of values only, worked out once for the same ones."""

    def asked(self, *values):
        key = (method.__name__, *values)
        if key not in self.known:
            self.known[key] = method(self, *values)
        return self.known[key]

    asked.__doc__ = method.__doc__
    return asked


class HubSide:
    """The hub's moves; `tables` by short version, one of them for alarms with no visit."""

    def __init__(self, table, general):
        self.known = {}
        self.general = general.short_version
        self.steps = {one.short_version: Steps(one) for one in (table, general)}

    def due_ms(self, hub):
        """When time next does something here."""
        return self.steps[hub.version].due_ms(hub.snapshot) if hub.version else None

    @remembered
    def do(self, hub, act, now_ms):
        """(hub, [status]) after what a person did, or SILENT."""
        if not hub.version:
            return hub, []
        hub = self._noted(hub, act[0])
        return self.tell(self._handle(hub, at(act, now_ms), now_ms), now_ms)

    @remembered
    def fall_due(self, hub, now_ms, lost=False):
        """What is due, late if nobody was there to handle it."""
        due_ms = self.due_ms(hub)
        if due_ms is None or due_ms > now_ms:
            return hub, []
        return self.tell(self._handle(hub, None, now_ms, lost), now_ms)

    @remembered
    def take(self, hub, up, now_ms):
        """A frame: admitted by its boot, once; each press is answered with a status."""
        if up.boot not in hub.boots:
            if up.event == w.HELLO and up.value == challenge_of(up.boot):
                hub = hub._replace(boots=hub.boots | {up.boot}, current=up.boot)
            elif up.event not in ALARMS:
                return self._answer(hub, up.boot, None, now_ms)
        ack = None if up.event in (w.HELLO, w.HEARTBEAT) else (up.boot, up.count)
        if ack is not None and ack not in hub.had:
            hub = self._apply(hub._replace(had=hub.had | {ack}), up, now_ms)
        hub = self._seen(hub, up, now_ms)
        return self._answer(hub, up.boot, ack, now_ms)

    def _apply(self, hub, up, now_ms):
        if up.event in ALARMS and not hub.version:
            case = Case(self.steps[self.general].table)
            hub = hub._replace(version=self.general, snapshot=case.snapshot())
        elif up.event not in ALARMS:
            if not hub.version or up.visit != self.case(hub).visit_id:
                return hub  # kept as evidence only
            return self._handle(hub, new_event(up.event, up.at_ms, w.WORKER, 0, up.about, up.value), now_ms)
        kind, value = disguise(up.value)
        looks_like_ok = up.event == w.DURESS and kind in FROM_PENDANT and up.visit == self.case(hub).visit_id
        if looks_like_ok and up.boot in hub.boots:
            hub = self._handle(hub, new_event(kind, up.at_ms, w.WORKER, 0, up.about, value), now_ms)
        hub = self._handle(hub, new_event(up.event, up.at_ms, w.WORKER, 0, up.count), now_ms)
        return self._handle(hub, new_event(w.DURABLE, now_ms), now_ms)

    def _handle(self, hub, event, now_ms, lost=False):
        if not hub.version:
            return hub
        stored, _ = self.steps[hub.version].take(hub.snapshot, event, now_ms, lost)
        return hub._replace(snapshot=stored)

    @remembered
    def case(self, hub):
        """The hub's Case as it would be after a restart, or None."""
        return restore(self.steps[hub.version].table, hub.snapshot) if hub.version else None

    def _seen(self, hub, up, now_ms):
        if hub.version and self.case(hub).ladder.running(w.AT_SILENT):
            return self._handle(hub, new_event(w.SEEN, up.at_ms), now_ms)
        return hub

    def _noted(self, hub, kind):
        """Which alarms a person has answered by this."""
        if kind == w.RESOLVED:
            return hub._replace(settled=hub.had, taken=hub.had)
        return hub._replace(taken=hub.had) if kind == w.ACKNOWLEDGED else hub

    def tell(self, hub, now_ms):
        """A status that answers nothing: the case has changed."""
        return self._answer(hub, hub.current, None, now_ms)

    def _answer(self, hub, boot, ack, now_ms):
        if hub.version and self.case(hub).finished():
            hub = hub._replace(version=0, snapshot=b"")
        hub = hub._replace(number=hub.number + 1)
        challenge = 0 if boot in hub.boots else challenge_of(boot)
        return hub, [Down(hub.number, boot, ack, now_ms, hub.version, hub.snapshot, challenge)]


def challenge_of(boot):
    """What the hub asks a boot that it doesn't know."""
    return 1000 + boot


class PendantSide:
    """The pendant's moves."""

    def __init__(self, table, general):
        self.known = {}
        self._tables = {one.short_version: one.compiled for one in (table, general)}
        self._parsed = {one.short_version: one for one in (table, general)}

    def standing(self, worn):
        """The firmware's own, as it is after a restart."""
        standing = Standing(self._tables.get, Counters())
        standing.table = self._parsed.get(worn.version)
        standing.alarm = worn.alarm
        standing.take(worn.version, worn.snapshot)
        return standing

    @remembered
    def due_ms(self, worn):
        """When time next does something here."""
        case = self.standing(worn).case
        return None if case is None else case.next_deadline_ms()

    @remembered
    def press(self, worn, gesture, now_ms):
        """(worn, frame)."""
        standing = self.standing(worn)
        event, about, value = _meaning(standing, gesture)
        visit, _ = standing.bound_to()
        up = Up(worn.boot, worn.count + 1, event, now_ms, visit, about, value)
        raised = worn.raised | {(up.boot, up.count, event)} if event in ALARMS else worn.raised
        worn = worn._replace(count=up.count, waiting=(*worn.waiting, up), raised=raised)
        return self._after(worn, standing, lambda: standing.apply(_press_of(up), now_ms, now_ms)), up

    @remembered
    def fall_due(self, worn, now_ms):
        """What is due by the pendant's own case."""
        standing = self.standing(worn)
        if standing.case is None or (standing.case.next_deadline_ms() or now_ms + 1) > now_ms:
            return worn
        return self._after(worn, standing, lambda: standing.case.handle_deadline(now_ms))

    @remembered
    def receive(self, worn, down, now_ms):
        """(worn, [frame]); as Wearable._status."""
        answers_ = []
        if down.challenge and (down.boot == worn.boot or any(up.boot == down.boot for up in worn.waiting)):
            answers_.append(Up(down.boot, 0, w.HELLO, now_ms, 0, 0, down.challenge))
        standing = self.standing(worn)
        settled = [up for up in worn.waiting if (up.boot, up.count) == down.ack]
        worn = worn._replace(waiting=tuple(up for up in worn.waiting if up not in settled))
        fresh = down.boot == worn.boot and down.number > worn.latest
        if fresh:
            worn = worn._replace(latest=down.number)

        def take():
            for up in settled:
                if up.event in ALARMS:
                    standing.durable(_press_of(up), now_ms)
            if fresh and now_ms - down.hub_ms <= LIFETIME_MS:
                standing.adopt(down.version, down.snapshot)
                for up in worn.waiting:
                    standing.apply(_press_of(up), up.at_ms, now_ms)
                if standing.case is not None:
                    standing.case.handle_deadline(now_ms)

        return self._after(worn, standing, take), answers_

    def restart(self, worn):
        """Flash keeps what stands and what waits; statuses to the boot before say nothing of the visit any more."""
        return worn._replace(boot=worn.boot + 1, count=0, latest=0, felt=())

    def beat(self, worn):
        """A heartbeat."""
        return Up(worn.boot, 0, w.HEARTBEAT, 0, 0, 0, 0)

    @remembered
    def perceived(self, worn):
        """All that the wearer can perceive: what was felt last, where the lights stand, what is asked of her."""
        standing = self.standing(worn)
        view = standing.view()
        visit = answers.visit_open(view) and view.state
        return worn.felt, visit, answers.alarm_open(view.alarm), view.alarm == a.WITH_PERSON, _signals(standing)

    def _after(self, worn, standing, change):
        before, signals = standing.view(), _signals(standing)
        change()
        new = [pattern for rung, at_s, pattern in _signals(standing) if (rung, at_s, pattern) not in signals]
        felt = (*answers.changed(before, standing.view()), *sorted(set(new)))
        return worn._replace(version=standing.wanted, snapshot=standing.to_bytes(), alarm=standing.alarm, felt=felt)


def _signals(standing):
    return [] if standing.case is None else answers.signals(standing.case)


def _meaning(standing, gesture):
    """(event, about, value) of a press; under duress as Wearable.gesture has it."""
    if gesture == gestures.SOS:
        return w.SOS, 0, 0
    ordinary = gestures.looks_like(gesture)
    event, about, value, _ = meanings.of(ordinary or gesture, standing)
    return (event, about, value) if ordinary is None else (w.DURESS, about, disguised(event, value))


def _press_of(up):
    report = frames.Report(up.event, 0, 0, 0, up.visit, up.about, up.value, 0, 0, 0, 0, 0)
    return Press(up.boot, up.count, report, b"", up.at_ms, 0)


def first(table, case, now_ms):
    """Hub and pendant as they are when both know of a visit."""
    stored = case.snapshot()
    hub = Hub(table.short_version, stored, frozenset(), frozenset((1,)), 1, 0, frozenset(), frozenset())
    worn = Worn(1, 0, table.short_version, stored, a.NONE, (), 0, frozenset(), ())
    return hub, worn


def check_both(hub_side, pendant_side, hub, worn, now_ms):
    """The rules that name both sides; raises rules.Breach."""
    waiting = {(up.boot, up.count) for up in worn.waiting}
    for boot, count, event in worn.raised:
        if (boot, count) not in waiting and (boot, count) not in hub.had:
            raise rules.Breach(1, "alarm %d of boot %d is neither kept by the pendant nor at the hub" % (count, boot))
        if (boot, count) in waiting and event == w.SOS and not answers.alarm_open(worn.alarm):
            raise rules.Breach(1, "an SOS waits, and she doesn't feel it")
    _alarm_of_both(hub, worn)
    standing = pendant_side.standing(worn)
    if standing.case is not None:
        _alone(standing.case, now_ms)
        _door_of_both(hub_side, hub, standing.case)


def _alone(case, now_ms):
    """Without a link the pendant goes on by itself."""
    for rung, due_ms in rules.dues(case):
        if due_ms <= now_ms:
            raise rules.Breach(8, "rung %d of the pendant's own was due at %d, and it is %d" % (rung, due_ms, now_ms))


def _door_of_both(hub_side, hub, case):
    """Where a person opens the door, the pendant doesn't show it open before one did."""
    if not case.table.gate or not case.door_open():
        return
    at_hub = hub_side.case(hub)
    if at_hub is not None and at_hub.visit_id == case.visit_id and at_hub.times[T_ARRIVE] is None:
        raise rules.Breach(4, "the pendant shows an open door, and no person has opened it")


def _alarm_of_both(hub, worn):
    """What she feels of her alarms, a person did."""
    sos = {(boot, count) for boot, count, event in worn.raised if event == w.SOS}
    if not answers.alarm_open(worn.alarm) and sos - hub.settled:
        raise rules.Breach(4, "the pendant shows no alarm, and nobody has resolved %r" % sorted(sos - hub.settled))
    if worn.alarm == a.WITH_PERSON and not sos & hub.taken:
        raise rules.Breach(4, "the pendant says that a person has it, and nobody took it")
