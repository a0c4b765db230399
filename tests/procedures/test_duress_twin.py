"""Duress is perceptible to nobody near the wearer (DESIGN, rule 7): two worlds that differ in one press, side by side.

In one she presses OK, in the other the same under duress; so for held OK and extend. Whatever comes next comes to both:
what people do, what the link brings, time. What she can feel, see and be asked stays the same until the visit's end,
though at the hub an alarm is open, people are told and lapse. The length of frames: tests/core/test_frames; touch and
timing: tests/firmware.
"""

import os

import pytest
from case_steps import table_of
from test_two_sides import stages
from watchword_core import gestures
from watchword_core import words as w
from watchword_hub.procedures import built_in_names
from world import DOWN_MS, Worlds, as_lines

GESTURES = (gestures.OK, gestures.OK_HELD, gestures.EXTEND, gestures.SOS)
PEOPLE = (
    (w.SPOKE_ARRIVAL, w.TRACKER, 0, 0),
    (w.SPOKE, w.TRACKER, 0, 0),
    (w.SPOKE_DEPARTURE, w.TRACKER, 0, 0),
    (w.ACKNOWLEDGED, w.MANAGER, 0, 0),
    (w.ACKNOWLEDGED, w.TRACKER, 0, 0),
    (w.RESOLVED, w.MANAGER, 0, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.WORKER, 0),
    (w.CALL_NO_ANSWER, w.TRACKER, w.MANAGER, 0),
    (w.CALL_AT_RISK, w.TRACKER, w.WORKER, 0),
    (w.DONE, w.TRACKER, 0, w.DIAL_999),
    (w.CANCELLED, w.TRACKER, 0, 0),
)


class Twins:
    """Breadth first over pairs of worlds."""

    def __init__(self, worlds, root, presses):
        self.worlds = worlds
        world, path = root
        pair = tuple(worlds.move(world, ("press", one)) for one in presses)
        self.seen = {pair}
        self._edge = [(pair, (path, ("press", f"{gestures.NAMES[presses[1]]}, in one of them under duress")))]
        self._compare(pair, self._edge[0][1])

    def go(self, depth):
        """How many pairs there are within `depth` moves, each compared."""
        for _ in range(depth):
            reached = []
            for pair, path in self._edge:
                for move in self._moves(pair):
                    following = self._both(pair, move)
                    if following not in self.seen:
                        self.seen.add(following)
                        self._compare(following, (path, move))
                        reached.append((following, (path, move)))
            self._edge = reached
        return len(self.seen)

    def _moves(self, pair):
        yield from (("down", i) for i in range(min(len(world.downs) for world in pair)))
        if not all(world.hub.version for world in pair):
            return  # where she only pressed OK, the visit is over
        yield from (("press", gesture) for gesture in GESTURES)
        yield from (("person", act) for act in PEOPLE)
        yield from (("up", i) for i in range(len(pair[0].ups)))
        yield from (("beat",), ("restart",), ("due",), ("hub down",))

    def _both(self, pair, move):
        if move[0] == "up":
            return tuple(self.worlds.move(world, ("up", sorted(world.ups)[move[1]])) for world in pair)
        if move[0] not in ("due", "hub down"):
            return tuple(self.worlds.move(world, move) for world in pair)
        dues = [due_ms for due_ms in map(self.worlds.due_ms, pair) if due_ms is not None]
        lost = move[0] == "hub down"
        to_ms = pair[0].now_ms + DOWN_MS if lost else min(dues, default=pair[0].now_ms)
        waited = [self.worlds.wait(world, to_ms, lost) for world in pair]
        # One more status is nothing that anybody perceives, so both send one, for the link to bring the same to both.
        return tuple(self.worlds.move(world._replace(downs=()), ("beat",)) for world in waited)

    def _compare(self, pair, path):
        duress, ok = (self.worlds.pendant.perceived(world.worn) for world in pair)
        if duress != ok:
            raise AssertionError("rule 7: under duress %r, else %r, after:\n%s" % (duress, ok, as_lines(path)))
        if len(pair[0].ups) != len(pair[1].ups):
            raise AssertionError("rule 7: not as many frames go up, after:\n%s" % as_lines(path))


def explore(procedure, plan, depth, presses):
    """Prints how many pairs were reached from each stage of a visit after `presses`, one in each world."""
    table, general = table_of(procedure), table_of("general")
    roots = stages(Worlds(table, general), table, plan)
    reached = {name: Twins(Worlds(table, general), root, presses).go(depth) for name, root in roots.items()}
    print(procedure, plan, "depth", depth, sum(reached.values()), "pairs:", reached)


@pytest.mark.parametrize("presses", gestures.TWINS)
@pytest.mark.parametrize("procedure", built_in_names())
def test_two_moves_after_a_press_under_duress(procedure, presses):
    explore(procedure, "risk", 2, presses)


@pytest.mark.soak
@pytest.mark.parametrize("presses", gestures.TWINS)
@pytest.mark.parametrize("procedure", built_in_names())
def test_more_moves_after_a_press_under_duress(procedure, presses):
    explore(procedure, "risk", int(os.environ.get("WATCHWORD_DEPTH", "3")), presses)
