"""Tables small enough to reason about, and a ladder of one run by hand. Seconds in tables, minutes in tests."""

from watchword_core import words as w
from watchword_core.ladder import Ladder
from watchword_core.table import AT, EITHER, FAILED, NO_END_OF_DAY, Forbid, Rung, Table, Watch, pack

MINUTE = 60_000
S = 60
SPEECH = w.BY_SPEECH
ANY = w.BY_SPEECH | w.BY_REPORT


def watch(anchor, answered_by, flags=0, when_set=0, when_clear=0, early_by=0, again_s=0, mark=0):
    """A watch with the fields that most leave empty."""
    return Watch(anchor, flags, when_set, when_clear, answered_by, early_by, again_s, mark)


def rung(w_index, verb, by, who, after=0, start=AT, source=0, via=0, limit=0, repeat=0, when_set=0, when_clear=0):
    """A rung with the fields that most leave empty; `after`, `limit` and `repeat` in minutes."""
    return Rung(w_index, start, source, after * S, verb, by, who, via, limit * S, repeat * S, when_set, when_clear)


def call(w_index, by, who, after=0, start=AT, source=0, via=w.WORK_MOBILE, limit=10, when_clear=0):
    """Somebody is to call somebody."""
    return rung(w_index, w.CALL, by, who, after, start, source, via, limit, 0, 0, when_clear)


def tell(w_index, who, after=0, start=AT, source=0, limit=0, repeat=0):
    """The hub tells somebody."""
    return rung(w_index, w.TELL, w.HUB, who, after, start, source, 0, limit, repeat)


def decide(w_index, by, after=0, start=AT, source=0, limit=10):
    """Somebody is to decide what next."""
    return rung(w_index, w.DECIDE, by, 0, after, start, source, 0, limit)


def dial_999(w_index, by, after=0, start=AT, source=0, limit=5):
    """Somebody is to dial 999."""
    return rung(w_index, w.DIAL_999, by, w.EMERGENCY_SERVICES, after, start, source, 0, limit)


def prompt(w_index, after=0, repeat=0):
    """The pendant reminds its wearer."""
    return rung(w_index, w.PROMPT, w.PENDANT, w.WORKER, after, AT, 0, 0, 0, repeat)


def table(
    watches, rungs, gate=1, ends=w.BY_DEPARTURE_SPOKEN, forbids=(), flags=0, day_ends=NO_END_OF_DAY, late=0, pace=MINUTE
):
    """A table with two hours of extension in steps of a quarter; `late` in minutes, `pace` in ms a minute."""
    return Table(pack(gate, pace, ends, 120 * S, 15 * S, watches, rungs, forbids, flags, day_ends, late * S))


def small_table(gate=1, pace=MINUTE):
    """prompt and call at 20 min; client if that fails; manager told and deciding at 30; then senior and 999."""
    watches = [
        watch(w.AT_T_END, ANY, again_s=15 * S),
        watch(w.AT_ALARM, w.BY_ACKNOWLEDGED | w.BY_RESOLVED),
        watch(w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN),
        watch(w.AT_DURESS, w.BY_TAKEN | w.BY_RESOLVED),
    ]
    rungs = [
        prompt(0, 20),
        call(0, w.TRACKER, w.WORKER, 20, limit=15),
        call(0, w.TRACKER, w.CLIENT, 0, FAILED, 1, w.CLIENT_MOBILE, 30, w.PLAN_NO_CLIENT_PHONES),
        tell(0, w.MANAGER, 30),
        decide(0, w.MANAGER, 30),
        tell(0, w.SENIOR, 0, EITHER, 4),
        dial_999(0, w.MANAGER, 0, EITHER, 4),
        tell(1, w.TRACKER),
        tell(1, w.MANAGER),
        dial_999(1, w.MANAGER, 1),
        tell(2, w.TRACKER),
        tell(3, w.MANAGER, limit=1),
        call(0, w.TRACKER, w.WORKER, 0, FAILED, 2, w.PERSONAL_MOBILE, 30),
        dial_999(3, w.TRACKER, 0, EITHER, 11),
    ]
    return table(watches, rungs, gate, forbids=[Forbid(w.PLAN_NO_TRACKER, 0, w.RULE_FORBID)], pace=pace)


def contacts(n):
    """The plan's bits that say how many emergency contacts there are."""
    return n * w.PLAN_CONTACT


def ladder(rungs, watches=None, plan=0, flags=0, anchor=w.AT_T_END):
    """A ladder whose watches of `anchor` started at 0; one watch, answered by speech, unless they are given."""
    machine = Ladder(table(watches or [watch(anchor, SPEECH)], rungs, flags=flags), plan)
    machine.start(anchor, 0)
    return machine


def asked(machine):
    """[(minute, rung, role, verb, tried)] of what was asked since last time."""
    return [(at / MINUTE, i, role, verb, tried) for at, i, role, verb, tried in machine.take()]


def fire(machine, until):
    """Runs deadlines one by one up to minute `until`, as an engine that is up does; [(minute, rung, role, verb)]."""
    fired = []
    while True:
        due = machine.next_deadline_ms()
        if due is None or due > until * MINUTE:
            return fired
        machine.handle_deadline(due)
        fired += [one[:4] for one in asked(machine)]


def general(*more):
    """Who is told of an alarm, who takes it, who records what is done; and more watches: anchor, answers, rungs."""
    watches = [
        watch(w.AT_ALARM, w.BY_ACKNOWLEDGED | w.BY_RESOLVED),
        watch(w.AT_ACKNOWLEDGED, w.BY_RECORDED | w.BY_RESOLVED, early_by=w.BY_RECORDED | w.BY_RESOLVED),
        watch(w.AT_RECORDED, w.BY_RESOLVED, early_by=w.BY_RESOLVED),
    ]
    rungs = [tell(0, w.TRACKER), dial_999(0, w.MANAGER, 1), tell(1, w.NEXT, 2), tell(2, w.MANAGER, 30, repeat=30)]
    for anchor, answered_by, given in more:
        rungs += [Rung(len(watches), *one[1:]) for one in given]
        watches.append(watch(anchor, answered_by))
    return table(watches, rungs)
