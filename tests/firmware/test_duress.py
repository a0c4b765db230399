"""Duress: whoever holds Ana's wrist, or listens to the air, learns nothing from it until the visit's end."""

from pendant import effects, felt
from pendant.waiting import MAX_WAITING
from story import MINUTE, Ana, Hub, a_table, at_the_door, inside, planned
from watchword_core import frames, gestures
from watchword_core import words as w
from watchword_core.snapshots import DURESS


def trace(ana):
    """What anyone could perceive, with frames by lane and length, and every flash write by kind."""
    seen = []
    for e in ana.did:
        if isinstance(e, effects.Send):
            seen.append(("send", e.frame[1], len(e.frame), ana.now_ms))
        elif isinstance(e, effects.Feel):
            seen.append(("feel", e.pattern))
        elif isinstance(e, effects.Light):
            seen.append(("light", e.state))
        elif isinstance(e, effects.Keep):
            seen.append(("keep", len(e.frame)))
        elif isinstance(e, effects.Remember):
            seen.append(("remember",))
        else:
            seen.append((type(e).__name__,))
    ana.did = []
    return seen


def leaving():
    ana, hub = inside()
    ana.press(gestures.OK_HELD)
    ana.felt()
    return ana, hub


def nothing_planned():
    hub = Hub()
    ana = Ana(hub)
    ana.connect()
    ana.felt()
    return ana, hub


def out_of_range():
    ana, hub = inside()
    ana.disconnect()
    return ana, hub


def queue_full():
    ana, hub = out_of_range()
    for _ in range(MAX_WAITING):
        ana.press(gestures.OK)
    ana.felt()
    return ana, hub


def felt_through(place, first):
    """The whole of what follows one press: more presses, prompts, answers, the end."""
    ana, hub = place()
    ana.press(first)
    seen = trace(ana)
    ana.wait(MINUTE)
    seen += trace(ana)
    if hub.case is not None and hub.case.visit_id:
        ana.press(gestures.OK)
        hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
        ana.wait(25 * MINUTE)
        seen += trace(ana)
        hub.person(w.ACKNOWLEDGED, ana.now_ms, w.MANAGER)
        ana.press(gestures.OK)
        ana.wait(MINUTE)
        hub.person(w.RESOLVED, ana.now_ms)
        ana.press(gestures.OK_HELD)
        ana.wait(MINUTE)
        hub.person(w.SPOKE_DEPARTURE, ana.now_ms)
        ana.wait(MINUTE)
        seen += trace(ana)
    # How many writes the state file sees differs by what people record; nobody can perceive it.
    return [s for s in seen if s[0] != "remember"], hub


def test_the_twin_of_extend_extends_and_that_of_held_ok_departs():
    for twin, ordinary in gestures.TWINS:
        ends = []
        for gesture in (twin, ordinary):
            ana, hub = inside()
            ana.press(gesture)
            ends.append((hub.case.state, hub.case.times, ana.p.standing.case.state, ana.p.standing.case.times))
        assert ends[0] == ends[1]
    assert hub.case.slots[DURESS].stage == 0
    assert ends[0] != (hub.case.state, inside()[1].case.times)


def test_under_duress_everything_is_as_after_an_ordinary_ok():
    for place in (planned, at_the_door, inside, leaving, nothing_planned, out_of_range):
        for twin, gesture in gestures.TWINS:
            ordinary, _ = felt_through(place, gesture)
            under_duress, hub = felt_through(place, twin)
            assert under_duress == ordinary, (place, twin, under_duress, ordinary)
            if place is not out_of_range:
                assert w.DURESS in hub.events()


def test_with_no_visit_a_check_afterwards_finds_and_does_the_same__table_or_none():
    for with_table in (True, False):
        seen = []
        for gesture in (gestures.OK, gestures.DURESS):
            ana, _ = nothing_planned()
            if with_table:
                ana.tables[a_table().short_version] = a_table().compiled
            ana.perform(ana.p.measured(4200, ana.since_boot()))
            ana.p.reports.located(518000000, -2000000, 5, ana.since_boot())
            ana.press(gesture)
            ana.press(gestures.CHECK)
            ana.wait(MINUTE)
            seen.append([s for s in trace(ana) if s[0] != "remember"])
            assert ("feel", felt.READY) in seen[-1]
        assert seen[0] == seen[1], with_table


def test_out_of_a_backlog_it_goes_in_its_turn__its_count_in_clear_shows_nothing():
    orders = []
    for gesture in (gestures.OK, gestures.DURESS):
        ana, _ = inside()
        ana.disconnect()
        for each in (gestures.OK,) * 12 + (gesture, gestures.OK):
            ana.press(each)
        ana.did = []
        ana.connect()
        ana.wait(1_000)
        headers = [frames.read_header(e.frame) for e in ana.did if isinstance(e, effects.Send)]
        orders.append([header.count for header in headers if header.lane == frames.PRESS])
    assert orders[0] == orders[1] == sorted(orders[0]) and len(orders[0]) == 14


def test_with_the_queue_full_it_feels_the_same_and_is_kept():
    ana, _ = queue_full()
    ana.press(gestures.OK)
    ordinary = ana.felt()
    ana, _ = queue_full()
    ana.press(gestures.DURESS)
    assert [e for e in ana.did if isinstance(e, effects.Keep)]
    assert ana.felt() == ordinary == [felt.NOT_GETTING_THROUGH]


def test_the_hub_learns_of_it_and_the_visit_goes_on():
    ana, hub = planned()
    ana.press(gestures.DURESS)
    assert hub.case.slots[DURESS].kind == w.DURESS
    assert hub.got[-1][1].value == w.ARRIVED
    assert ana.p.standing.view() == (hub.case.visit_id, hub.case.state, 0)
