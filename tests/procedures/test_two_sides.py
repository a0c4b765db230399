"""Pendant and hub explored together: a link that loses, doubles, delays and reorders, and restarts on either side.

From several stages of a visit, breadth first, for every procedure; each state is held against the rules of DESIGN
("What must always hold") whose numbers the breaches name (rules.py, two_sides.py, world.py; 7 in test_duress_twin.py).

Not stated here, since nothing is sealed, sent or told: 5, nothing marked delivered before it was (tests/hub/notify and
outbox). Of 3 the second that the hub's loop may take (`watchword bench`), of 4 forged frames (tests/core/test_frames),
of 7 light, sound and frame length (tests/firmware), of 9 clock steps and the wrap (tests/core/test_ticks, tests/hub).

`make soak` goes deeper; WATCHWORD_DEPTH sets how deep. A failure prints the moves that led there.
"""

import os

import pytest
from case_steps import PLANS, START, first_case, table_of
from watchword_core import gestures
from watchword_core import words as w
from watchword_hub.procedures import built_in_names
from world import Explorer, Worlds, alerted_in, beginning, led_on

ARRIVE = ("press", gestures.OK)
LEAVE = ("press", gestures.OK_HELD)
SOS = ("press", gestures.SOS)
SPOKEN = ("person", (w.SPOKE_ARRIVAL, w.TRACKER, 0, 0))
TAKEN = ("person", (w.ACKNOWLEDGED, w.MANAGER, 0, 0))


def stages(worlds, table, plan):
    """{name: a beginning}"""
    planned = beginning(worlds, table, first_case(table, plan), START)
    door = led_on(worlds, planned, ARRIVE)
    inside = led_on(worlds, door, SPOKEN)
    return {
        "planned": planned,
        "at the door": door,
        "inside": inside,
        "leaving": led_on(worlds, inside, LEAVE),
        "alarm taken": led_on(worlds, inside, SOS, TAKEN),
        "alerted": alerted_in(worlds, inside),
    }


def explore(procedure, plan, depth, most=None):
    """How many states were reached from each stage within `depth` moves, all of them checked."""
    table = table_of(procedure)
    reached = {}
    for name, root in stages(Worlds(table, table_of("general")), table, plan).items():
        explorer = Explorer(Worlds(table, table_of("general")), [root])
        reached[name] = explorer.go(depth, most)
    print(procedure, plan, "depth", depth, sum(reached.values()), "states:", reached)
    return reached


@pytest.mark.parametrize("procedure", built_in_names())
def test_two_moves_from_every_stage_of_a_visit(procedure):
    explore(procedure, "risk", 2)


@pytest.mark.parametrize("procedure", built_in_names())
def test_three_moves(procedure):
    explore(procedure, "last visit", 3, most=400)


@pytest.mark.soak
@pytest.mark.parametrize("procedure", built_in_names())
def test_more_moves_from_every_stage_of_a_visit(procedure):
    explore(procedure, "risk", int(os.environ.get("WATCHWORD_DEPTH", "3")))


@pytest.mark.soak
@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan != "risk"])
@pytest.mark.parametrize("procedure", built_in_names())
def test_two_moves_with_other_plans(procedure, plan):
    explore(procedure, plan, 2)
