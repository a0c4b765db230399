"""Every state that pendant, hub and link can reach together within some steps, each one checked.

A state is the moment, both sides, and what the link may still bring. Deadlines are the clock: time moves to the next
one, to the millisecond before it, or far beyond it while the hub is down. What is pressed, done or brought takes no
time, so that the orders of it meet in the same states.
"""

from collections import namedtuple

from case_steps import MINUTE, person, rules
from two_sides import KEPT_STATUSES, HubSide, PendantSide, check_both, first
from watchword_core import gestures
from watchword_core import words as w
from watchword_core.moments import T_ARRIVE, T_END
from watchword_core.snapshots import ALARM

DOWN_MS = 7 * MINUTE

World = namedtuple("World", ("now_ms", "hub", "worn", "ups", "downs"))

GESTURES = (gestures.OK, gestures.OK_HELD, gestures.EXTEND, gestures.SOS, gestures.DURESS)
PEOPLE = (
    person(w.SPOKE_ARRIVAL),
    person(w.SPOKE),
    person(w.SPOKE_DEPARTURE),
    person(w.ACKNOWLEDGED, w.MANAGER),
    person(w.RESOLVED, w.MANAGER),
    person(w.CALL_NO_ANSWER, w.TRACKER, w.WORKER),
    person(w.CANCELLED),
    person(w.SILENT, 0),
)


class Worlds:
    """The moves of one procedure's two sides."""

    def __init__(self, table, general):
        self.hub = HubSide(table, general)
        self.pendant = PendantSide(table, general)
        self._replayed = set()

    def moves(self, world):
        """Names of all that may happen next."""
        yield from (("press", gesture) for gesture in GESTURES)
        yield from (("person", act) for act in PEOPLE if world.hub.version)
        yield from (("up", up) for up in sorted(world.ups))
        yield from (("down", i) for i in range(len(world.downs)))
        yield from (("beat",), ("restart",), ("hub down",))
        due_ms = self.due_ms(world)
        if due_ms is not None:
            yield ("due",)
            if due_ms - 1 > world.now_ms:
                yield ("just before",)

    def due_ms(self, world):
        """When something next happens by itself, on either side."""
        dues = (self.hub.due_ms(world.hub), self.pendant.due_ms(world.worn))
        return min((due_ms for due_ms in dues if due_ms is not None), default=None)

    def move(self, world, move):
        """The state after `move`; raises rules.Breach where that breaks one."""
        now_ms, hub, worn, ups, downs = world
        name, sent, answered = move[0], [], []
        if name == "press":
            worn, up = self.pendant.press(worn, move[1], now_ms)
            sent = [up]
        elif name == "person":
            hub, answered = self.hub.do(hub, move[1], now_ms)
        elif name == "up":
            hub, answered = self.hub.take(hub, move[1], now_ms)
        elif name == "down":
            worn, sent = self.pendant.receive(worn, downs[move[1]], now_ms)
        elif name == "beat":
            hub, answered = self.hub.take(hub, self.pendant.beat(worn), now_ms)
        elif name == "restart":
            worn = self.pendant.restart(worn)
        elif name == "just before":
            return world._replace(now_ms=self.due_ms(world) - 1)
        elif name == "due":
            return self.wait(world, self.due_ms(world))
        else:
            return self.wait(world, now_ms + DOWN_MS, lost=True)
        return self._settled(now_ms, hub, worn, ups.union(sent), (*downs, *answered))

    def wait(self, world, to_ms, lost=False):
        """Time goes by; `lost`: the hub is down meanwhile."""
        _, hub, worn, ups, downs = world
        worn = self.until(worn, to_ms)
        hub, answered = self.hub.fall_due(hub, to_ms, lost)
        return self._settled(to_ms, hub, worn, ups, (*downs, *answered))

    def until(self, worn, to_ms):
        """The pendant by itself up to a moment; `felt` is all that it let her feel meanwhile."""
        felt, due_ms = (), self.pendant.due_ms(worn)
        while due_ms is not None and due_ms <= to_ms:
            worn = self.pendant.fall_due(worn, due_ms)
            felt, due_ms = (*felt, *worn.felt), self.pendant.due_ms(worn)
        return worn._replace(felt=felt)

    def _settled(self, now_ms, hub, worn, ups, downs):
        """Statuses numbered from the oldest that matters: only their order does."""
        downs = downs[-KEPT_STATUSES:]
        numbers = sorted({worn.latest, *(down.number for down in downs)})
        place = {number: i for i, number in enumerate(numbers)}
        downs = tuple(down._replace(number=place[down.number]) for down in downs)
        hub, worn = hub._replace(number=len(numbers)), worn._replace(latest=place[worn.latest])
        return World(now_ms, hub, worn, ups, downs)

    def check(self, world):
        """The rules that name both sides, and agreement once the link is back."""
        check_both(self.hub, self.pendant, world.hub, world.worn, world.now_ms)
        self._replay(world.hub)
        self._agree(world, False)
        if len(world.worn.waiting) > 1:
            self._agree(world, True)

    def _replay(self, hub):
        if hub.version and hub.snapshot not in self._replayed:
            self._replayed.add(hub.snapshot)
            self.hub.steps[hub.version].replay(hub.snapshot)

    def _agree(self, world, backwards):
        hub, worn = world.hub, world.worn
        for _ in range(3):  # a challenge, the presses that waited for it, and what stands
            hub, worn = self._round(hub, worn, world.now_ms, backwards)
            if not worn.waiting:
                break
        if worn.waiting:
            raise rules.Breach(8, "the link is back, and %r still wait" % (worn.waiting,))
        one, other = self.hub.case(hub), self.pendant.standing(worn).case
        if (one is None) != (other is None):
            raise rules.Breach(8, "one side has a case, and the other none")
        if one is not None and _standing(one) != _standing(other):
            raise rules.Breach(8, "the sides differ: hub %r, pendant %r" % (_standing(one), _standing(other)))
        stage = 0 if one is None else one.slots[ALARM].stage
        if worn.alarm != stage:
            raise rules.Breach(8, "the alarm is at stage %d for the hub, %d for the wearer" % (stage, worn.alarm))
        for old in world.downs:
            late, _ = self.pendant.receive(worn, old, world.now_ms)
            if late.snapshot != worn.snapshot or late.alarm != worn.alarm:
                raise rules.Breach(4, "an old status changed what stands")

    def _round(self, hub, worn, now_ms, backwards):
        waiting = list(worn.waiting)[:: -1 if backwards else 1]
        ups = [*waiting, self.pendant.beat(worn)]
        while ups:
            hub, answered = self.hub.take(hub, ups.pop(0), now_ms)
            for down in answered:
                worn, more = self.pendant.receive(worn, down, now_ms)
                ups = more + ups
        return hub, worn


def _standing(case):
    """What both sides have to agree on."""
    return case.table.version, case.state, case.times[T_ARRIVE], case.times[T_END], case.ladder.open_rungs()


class Explorer:
    """Breadth first from some beginnings."""

    def __init__(self, worlds, roots):
        self.worlds = worlds
        self.seen = set()
        self.steps = 0
        self._edge = []
        for root, path in roots:
            self._reach(root, path, self._edge)

    def go(self, depth, most=None):
        """Goes `depth` steps on, or until `most` states were reached; how many there are."""
        for _ in range(depth):
            reached = []
            for world, path in self._edge:
                for move in self.worlds.moves(world):
                    self._step(world, path, move, reached)
                if most is not None and len(self.seen) >= most:
                    return len(self.seen)
            self._edge = reached
        return len(self.seen)

    def _step(self, world, path, move, reached):
        self.steps += 1
        try:
            following = self.worlds.move(world, move)
            self._reach(following, (path, move), reached)
        except rules.Breach as breach:
            raise AssertionError("%s\nafter:\n%s" % (breach, as_lines((path, move)))) from breach

    def _reach(self, world, path, reached):
        key = world._replace(worn=world.worn._replace(felt=()))
        if key not in self.seen:
            self.seen.add(key)
            self.worlds.check(key)
            reached.append((key, path))


def beginning(worlds, table, case, now_ms):
    """Both sides know of the visit, and nothing is under way between them; with the path that led here: none."""
    hub, worn = first(table, case, now_ms)
    return World(now_ms, hub, worn, frozenset(), ()), ()


def led_on(worlds, root, *moves):
    """A beginning after some more moves, each with all that it sent brought at once."""
    world, path = root
    for move in moves:
        world, path = _brought(worlds, worlds.move(world, move), (path, move))
    return world._replace(ups=frozenset(), downs=()), path


def alerted_in(worlds, root, most_deadlines=20):
    """A beginning from which nobody has done anything until a person was asked because of the worker's silence."""
    for _ in range(most_deadlines):
        case = worlds.hub.case(root[0].hub)
        if any(case.table.watches[i].anchor in rules.EXPECTED for i in rules.alerted(case)):
            break
        root = led_on(worlds, root, ("due",))
    return root


def _brought(worlds, world, path):
    for up in sorted(world.worn.waiting):
        world, path = worlds.move(world, ("up", up)), (path, ("up", up))
    while world.downs and world.downs[-1].number > world.worn.latest:
        last = ("down", len(world.downs) - 1)
        world, path = worlds.move(world, last), (path, last)
    return world, path


def as_lines(path):
    """The steps of a path, one a line, from the first."""
    lines = []
    while path:
        path, move = path
        lines.append("  " + " ".join(map(str, move)))
    return "\n".join(reversed(lines))
