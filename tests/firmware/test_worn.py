"""Worn or not, moving or not: what Ana feels of it, what the hub is told, and that duress shows in none of it."""

from pendant import doorstep, effects, felt
from pendant.prealarm import WINDOW_MS
from pendant.wearable import BLIND_AGAIN_MS
from story import UP, Ana, Hub, at_the_door, inside, planned
from watchword_core import frames, gestures
from watchword_core import words as w


def lies_still(ana):
    ana.perform(ana.p.fell(ana.since_boot(), True))


def is_worn(ana, worn):
    ana.perform(ana.p.is_worn(worn))


def flags(ana):
    """Of the frames that went up since the last time."""
    sent = [frames.open_report(UP, e.frame)[1].flags for e in ana.did if isinstance(e, effects.Send)]
    ana.did = []
    return [bool(each & frames.NOT_WORN) for each in sent]


def test_she_moves_no_more_and_does_not_answer__man_down():
    ana, hub = inside()
    lies_still(ana)
    assert ana.felt() == [felt.FALL] and ana.counted("still") == 1 and ana.counted("fall") == 0
    ana.wait(WINDOW_MS)
    assert hub.events()[-1] == w.MAN_DOWN


def test_she_only_sits_and_reads__ok_and_nobody_is_told():
    ana, hub = inside()
    lies_still(ana)
    ana.press(gestures.OK)
    ana.wait(2 * WINDOW_MS)
    assert hub.events()[-1] == w.CHECKED_IN and w.MAN_DOWN not in hub.events()


def test_nobody_is_asked_why_she_sits_still_before_she_has_arrived_or_with_an_alarm_open():
    ana, _ = planned()
    lies_still(ana)
    assert felt.FALL not in ana.felt()
    ana, _ = at_the_door()
    lies_still(ana)
    assert felt.FALL in ana.felt()
    ana, _ = inside()
    ana.press(gestures.SOS)
    lies_still(ana)
    assert felt.FALL not in ana.felt() and not ana.p.prealarm.on()
    ana = Ana(Hub())
    ana.connect()
    lies_still(ana)
    assert not ana.p.prealarm.on()


def test_laid_down_in_a_visit__it_says_so_each_time_and_no_alarm_is_raised():
    ana, hub = inside()
    for _ in range(2):
        is_worn(ana, False)
        assert ana.felt() == [felt.NOT_WORN]
    is_worn(ana, True)
    ana.wait(2 * WINDOW_MS)
    assert felt.NOT_WORN not in ana.felt() and w.MAN_DOWN not in hub.events()


def test_before_she_has_arrived_it_lies_where_it_likes():
    for place in (planned, lambda: (Ana(Hub()), None)):
        ana, _ = place()
        is_worn(ana, False)
        assert felt.NOT_WORN not in ana.felt() and ana.p.worn is False


def test_every_frame_says_that_nobody_wears_it_as_long_as_that_is_so():
    ana, _ = inside()
    ana.did = []
    seen = []
    for worn in (None, True, False, None):
        is_worn(ana, worn)
        ana.press(gestures.OK)
        ana.wait(10_000)
        seen.append(set(flags(ana)))
    assert seen == [{False}, {False}, {True}, {False}]


def test_not_worn_before_the_door_is_not_ready_and_put_on_it_is():
    ana, _ = planned()
    ana.perform(ana.p.measured(4200, ana.since_boot()))
    ana.p.reports.located(518000000, -2000000, 5, ana.since_boot())
    for worn, answer in ((False, felt.NOT_READY), (True, felt.READY), (None, felt.READY)):
        is_worn(ana, worn)
        ana.felt()
        ana.press(gestures.CHECK)
        ana.wait(doorstep.ANSWER_MS + 1)
        assert ana.felt() == [answer], worn
    assert ana.counted("not ready: worn") == 1


def perceived(ana):
    seen = []
    for e in ana.did:
        if isinstance(e, (effects.Send, effects.Keep)):
            seen.append((type(e).__name__, len(e.frame)))
        elif isinstance(e, (effects.Feel, effects.Light)):
            seen.append(tuple(e))
    ana.did = []
    return seen


def test_under_duress_laid_down_and_lying_still_are_as_ever():
    seen = []
    for gesture in (gestures.OK, gestures.DURESS):
        ana, _ = inside()
        ana.press(gesture)
        ana.did = []
        is_worn(ana, False)
        ana.wait(20_000)
        is_worn(ana, True)
        lies_still(ana)
        ana.wait(WINDOW_MS + 20_000)
        seen.append(perceived(ana))
    assert seen[0] == seen[1] and (felt.NOT_WORN,) in seen[0] and (felt.FALL,) in seen[0]


def sees_falls(ana, works):
    ana.perform(ana.p.sees_falls_now(works, ana.since_boot()))
    return ana.felt()


def test_the_accelerometer_fails_in_a_visit__she_is_told_and_not_all_the_time():
    ana, _ = inside()
    assert sees_falls(ana, True) == []
    assert sees_falls(ana, False) == [felt.NOT_READY]
    ana.press(gestures.OK)
    sent = [frames.open_report(UP, e.frame)[1].flags for e in ana.did if isinstance(e, effects.Send)]
    assert sent and all(flags & frames.NO_FALLS for flags in sent)
    ana.wait(BLIND_AGAIN_MS - 1)
    ana.felt()
    assert sees_falls(ana, True) == sees_falls(ana, False) == []
    ana.wait(1)
    ana.felt()
    assert sees_falls(ana, True) == [] and sees_falls(ana, False) == [felt.NOT_READY]


def test_before_she_has_arrived_the_check_at_the_door_tells_her():
    for place in (planned, lambda: (Ana(Hub()), None)):
        ana, _ = place()
        assert sees_falls(ana, False) == [] and ana.p.sees_falls is False
