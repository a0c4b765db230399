"""A practice SOS is felt like one and as practice, labelled in its frame, and can hide nothing."""

from pendant import felt
from story import MINUTE, Ana, Hub, at_the_door, inside
from watchword_core import alarm as a
from watchword_core import frames, gestures
from watchword_core import words as w


def on_shift():
    ana = Ana(Hub())
    ana.connect()
    ana.felt()
    return ana, ana.hub


def test_it_builds_up_is_kept_and_reaches_the_hub_as_practice():
    for place in (on_shift, at_the_door, inside):
        ana, hub = place()
        before = ana.p.standing.view()
        ana.press(gestures.PRACTICE_STARTED)
        ana.press(gestures.PRACTICE)
        assert ana.felt() == [felt.SOS_GROWING, felt.KEPT, felt.PRACTICE, felt.AT_HUB, felt.PRACTICE], place
        _, report = hub.got[-1]
        assert report.event == w.PRACTICE_SOS and report.flags & frames.PRACTICE
        assert ana.p.standing.view() == before and ana.p.standing.alarm == a.NONE
        assert len(ana.journal[-1][0]) == frames.UP_BYTES


def test_let_go_early_it_is_nothing():
    ana, hub = on_shift()
    ana.press(gestures.PRACTICE_STARTED)
    ana.press(gestures.PRACTICE_LET_GO)
    assert ana.felt() == [felt.SOS_GROWING, felt.QUIET] and hub.got == []


def test_with_an_alarm_open_it_is_refused():
    ana, hub = on_shift()
    ana.press(gestures.SOS)
    ana.felt()
    ana.press(gestures.PRACTICE)
    assert ana.felt() == [felt.REFUSED] and hub.events() == [w.SOS]


def test_an_sos_pressed_over_a_practice_that_still_waits_is_one_and_goes_first():
    ana, hub = on_shift()
    ana.disconnect()
    ana.press(gestures.PRACTICE)
    ana.press(gestures.SOS)
    ana.felt()
    ana.connect()
    assert hub.events() == [w.SOS, w.PRACTICE_SOS]
    assert ana.felt().count(felt.AT_HUB) == 1  # the alarm's


def test_its_answer_is_not_the_word_that_is_owed_after_a_restart():
    ana, hub = on_shift()
    ana.disconnect()
    ana.press(gestures.PRACTICE)
    ana.press(gestures.SOS)
    practice, sos = ana.journal
    ana.receive(hub.hear(sos[0], ana.now_ms))
    ana.reboot(2002)
    ana.felt()
    ana.connect()
    assert ana.felt() == [felt.AT_HUB] and practice[4]  # of the SOS: felt perhaps, before the restart


def test_out_of_range_it_says_so_as_an_sos_does():
    ana, _ = on_shift()
    ana.disconnect()
    ana.felt()
    ana.press(gestures.PRACTICE)
    ana.wait(11_000)
    assert felt.NOT_GETTING_THROUGH in ana.felt()


def test_waiting_while_an_sos_is_at_the_hub__nothing_says_that_nobody_has_it():
    ana, hub = on_shift()
    ana.disconnect()
    ana.press(gestures.PRACTICE)
    ana.press(gestures.SOS)
    sos = ana.journal[-1][0]
    ana.receive(hub.hear(sos, ana.now_ms))
    assert felt.AT_HUB in ana.felt()
    ana.wait(MINUTE)
    assert felt.NOT_GETTING_THROUGH not in ana.felt()
    assert len(ana.p.waiting) == 1
