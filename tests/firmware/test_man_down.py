"""Man-down: a fall was found. Ana answers, or others are told; and nobody beside her learns under which of the two."""

from pendant import effects, felt
from pendant.prealarm import CALLS_MS, WINDOW_MS
from pendant.waiting import MAX_WAITING
from story import MINUTE, Ana, Hub, at_the_door, inside, planned
from watchword_core import alarm as a
from watchword_core import frames, gestures
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.events import disguise
from watchword_core.snapshots import ALARM, DURESS

OF_OK = (gestures.OK, gestures.OK_HELD, gestures.EXTEND, gestures.CHECK)


def falls(ana):
    ana.perform(ana.p.fell(ana.since_boot()))


def fallen(place=inside):
    ana, hub = place()
    falls(ana)
    ana.wait(10_000)
    return ana, hub


def perceived(ana):
    """What Ana did not do and anyone could notice, without how often the state file is written."""
    seen = []
    for e in ana.did:
        if isinstance(e, effects.Send):
            seen.append(("send", e.frame[1], len(e.frame)))
        elif isinstance(e, effects.Keep):
            seen.append(("keep", len(e.frame)))
        elif isinstance(e, (effects.Feel, effects.Light)):
            seen.append(tuple(e))
        elif not isinstance(e, effects.Remember):
            seen.append(type(e).__name__)
    ana.did = []
    return seen


def test_she_does_not_move__asked_ever_sooner_then_man_down_as_an_sos_is():
    ana, hub = inside()
    falls(ana)
    assert ana.felt() == [felt.FALL]
    ana.wait(WINDOW_MS - 1)
    assert ana.felt().count(felt.FALL) == len(CALLS_MS) - 1
    assert hub.events() == [w.ARRIVED]
    ana.wait(1)
    assert ana.felt() == [felt.KEPT, felt.AT_HUB]
    assert hub.events() == [w.ARRIVED, w.MAN_DOWN] and hub.case.slots[ALARM].kind == w.MAN_DOWN
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(5_000)
    assert ana.felt() == [felt.PERSON_HAS_IT]
    ana.wait(5 * MINUTE)
    assert felt.FALL not in ana.felt() and hub.events().count(w.MAN_DOWN) == 1


def test_the_calls_come_ever_sooner_and_the_last_is_well_before_the_end():
    pauses = [CALLS_MS[i + 1] - CALLS_MS[i] for i in range(len(CALLS_MS) - 1)]
    assert all(pauses[i + 1] <= pauses[i] for i in range(len(pauses) - 1)) and pauses[0] > pauses[-1]
    assert sum(felt.PATTERNS[felt.FALL].pulses) < pauses[-1] and CALLS_MS[-1] + pauses[-1] <= WINDOW_MS


def test_any_gesture_of_ok_says_that_she_is_well_and_nothing_else():
    for place, state in ((planned, v.PLANNED), (at_the_door, v.AT_DOOR), (inside, v.INSIDE)):
        for gesture in OF_OK:
            ana, hub = fallen(place)
            ends = tuple(hub.case.times)
            ana.felt()
            ana.press(gesture)
            assert ana.felt() == [felt.QUIET, felt.KEPT, felt.AT_HUB], (place, gesture)
            assert hub.events()[-1] == w.CHECKED_IN and hub.case.state == state and tuple(hub.case.times) == ends
            ana.wait(2 * WINDOW_MS)
            assert felt.FALL not in ana.felt() and w.MAN_DOWN not in hub.events()
            assert ana.p.standing.alarm == a.NONE


def test_after_it_a_gesture_means_again_what_it_always_does():
    ana, hub = fallen()
    ana.press(gestures.OK)
    ana.press(gestures.OK_HELD)
    assert hub.events()[-1] == w.DEPARTED


def test_under_duress_it_ends_as_by_ok_to_all_that_can_be_perceived():
    for place in (planned, at_the_door, inside):
        for twin, ordinary in gestures.TWINS:
            seen = []
            for gesture in (ordinary, twin):
                ana, hub = fallen(place)
                ana.did = []
                ana.press(gesture)
                ana.wait(5 * MINUTE)
                seen.append(perceived(ana))
            assert seen[0] == seen[1], (place, twin)
            assert hub.events()[-1] == w.DURESS and w.MAN_DOWN not in hub.events()
            assert disguise(hub.got[-1][1].value) == (w.CHECKED_IN, 0)
            assert hub.case.slots[DURESS].stage == a.AT_HUB


def test_under_duress_a_fall_is_asked_about_as_ever():
    seen = []
    for gesture in (gestures.OK, gestures.DURESS):
        ana, _ = inside()
        ana.press(gesture)
        ana.did = []
        falls(ana)
        ana.wait(WINDOW_MS + MINUTE)
        seen.append(perceived(ana))
    assert seen[0] == seen[1] and (felt.FALL,) in seen[0] and (felt.AT_HUB,) in seen[0]


def test_with_the_queue_full_ok_and_its_twin_end_it_alike_and_man_down_is_kept():
    seen = []
    for gesture in (gestures.OK, gestures.DURESS, None):
        ana, _ = inside()
        ana.disconnect()
        for _ in range(MAX_WAITING):
            ana.press(gestures.OK)
        falls(ana)
        ana.felt()
        if gesture is None:
            ana.wait(WINDOW_MS)
            assert felt.KEPT in ana.felt() and ana.p.waiting.has_event(w.MAN_DOWN)
        else:
            ana.press(gesture)
            assert not ana.p.prealarm.on()
            seen.append(ana.felt())
    assert seen[0] == seen[1] == [felt.QUIET, felt.NOT_GETTING_THROUGH]


def test_sos_while_she_is_asked_is_raised_at_once_and_alone():
    ana, hub = fallen()
    ana.felt()
    ana.press(gestures.SOS_STARTED)
    ana.press(gestures.SOS)
    assert ana.felt() == [felt.SOS_GROWING, felt.QUIET, felt.KEPT, felt.AT_HUB]
    ana.wait(2 * WINDOW_MS)
    assert hub.events().count(w.SOS) == 1 and w.MAN_DOWN not in hub.events()


def test_letting_go_of_sos_leaves_the_question_open():
    ana, hub = fallen()
    ana.press(gestures.SOS_STARTED)
    ana.press(gestures.SOS_LET_GO)
    ana.wait(WINDOW_MS)
    assert hub.events()[-1] == w.MAN_DOWN


def test_no_practising_while_she_is_asked():
    ana, hub = fallen()
    ana.felt()
    ana.press(gestures.PRACTICE)
    assert ana.felt() == [felt.REFUSED] and w.PRACTICE_SOS not in hub.events()


def test_a_second_fall_while_she_is_asked_gives_her_no_more_time():
    ana, hub = fallen()
    falls(ana)
    ana.wait(WINDOW_MS - 10_000)
    assert hub.events()[-1] == w.MAN_DOWN


def test_out_of_range_it_is_kept_and_goes_out_as_an_sos_does():
    ana, hub = inside()
    ana.disconnect()
    falls(ana)
    ana.wait(WINDOW_MS)
    assert felt.KEPT in ana.felt()
    ana.wait(11_000)
    assert felt.NOT_GETTING_THROUGH in ana.felt()
    ana.reboot(1002)
    ana.connect()
    assert felt.AT_HUB in ana.felt() and hub.events().count(w.MAN_DOWN) == 1


def test_a_reset_while_she_is_asked_forgets_the_question():
    ana, hub = fallen()
    ana.reboot(1002)
    ana.felt()
    ana.connect()
    ana.wait(2 * WINDOW_MS)
    assert felt.FALL not in ana.felt() and w.MAN_DOWN not in hub.events()


def test_nobody_is_asked_without_a_visit_or_with_an_alarm_open():
    ana = Ana(Hub())
    ana.connect()
    falls(ana)
    assert felt.FALL not in ana.felt() and not ana.p.watches_for_falls()
    ana, _ = inside()
    assert ana.p.watches_for_falls()
    ana.press(gestures.SOS)
    falls(ana)
    assert felt.FALL not in ana.felt() and not ana.p.prealarm.on()


def test_it_is_not_asleep_while_it_asks():
    ana, hub = fallen()
    hub.person(w.SPOKE_DEPARTURE, ana.now_ms)
    ana.wait(11_000)  # the visit is closed meanwhile, and the question is still open
    assert ana.p.prealarm.on() and ana.p.keeps_on_duty(True)
    ana.wait(WINDOW_MS)
    assert hub.events()[-1] == w.MAN_DOWN


def test_its_frame_looks_like_every_other():
    ana, _ = fallen()
    ana.wait(WINDOW_MS)
    assert len(ana.journal[-1][0]) == frames.UP_BYTES
