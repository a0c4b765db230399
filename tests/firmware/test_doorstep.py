"""The check before the door: ready only when the hub itself has just answered and nothing is missing."""

from pendant import doorstep, effects, felt
from story import MINUTE, Ana, Hub, at_the_door, inside
from watchword_core import frames, gestures

FULL_MV = 4200


def equipped(place=at_the_door):
    """Ana with a full cell and a fresh fix."""
    ana, hub = place()
    ana.perform(ana.p.measured(FULL_MV, ana.since_boot()))
    ana.p.reports.located(518000000, -2000000, 5, ana.since_boot())
    ana.felt()
    return ana, hub


def missing_after(spoil, place=at_the_door):
    """What a check finds missing after `spoil(ana, hub)`, once it has been felt."""
    ana, hub = equipped(place)
    spoil(ana, hub)
    ana.felt()
    ana.press(gestures.CHECK)
    ana.wait(doorstep.ANSWER_MS + 1)
    assert ana.felt().count(felt.NOT_READY) == 1
    names = ("link", "clock", "charge", "position", "procedure", "worn", "falls")
    return [name for name in names if counted(ana, name)]


def counted(ana, name):
    return ana.counted("not ready: " + name)


def on_shift():
    ana = Ana(Hub())
    ana.connect()
    return ana, ana.hub


def test_nothing_is_missing__ready_is_the_only_thing_felt_and_nothing_is_reported():
    for place in (at_the_door, inside, on_shift):
        ana, hub = equipped(place)
        pressed = len(hub.got)
        ana.press(gestures.CHECK)
        assert ana.felt() == [felt.READY], place
        assert len(hub.got) == pressed
        ana.wait(doorstep.ANSWER_MS + 1)
        assert felt.NOT_READY not in ana.felt()


def test_connected_is_not_enough__only_the_hubs_own_answer_is():
    def carrier_brings_nothing(ana, hub):
        hub.hear = lambda frame, now_ms: b"?" * frames.DOWN_BYTES

    assert missing_after(carrier_brings_nothing) == ["link"]


def test_an_answer_from_before_the_gesture_proves_nothing():
    ana, hub = equipped()
    kept = []
    hear = hub.hear
    hub.hear = lambda frame, now_ms: (kept.append((frame, now_ms)), b"")[1]
    ana.wait(30_000)  # heartbeats go out, their answers are held back
    held_back = [hear(frame, now_ms) for frame, now_ms in kept]
    ana.press(gestures.CHECK)
    for answer in held_back:
        ana.receive(answer)
    assert felt.READY not in ana.felt()
    ana.wait(doorstep.ANSWER_MS + 1)
    assert felt.NOT_READY in ana.felt() and counted(ana, "link") == 1


def test_without_a_link_the_answer_is_there_at_once():
    ana, _ = equipped()
    ana.disconnect()
    ana.felt()
    ana.press(gestures.CHECK)
    assert ana.felt() == [felt.NOT_READY] and counted(ana, "link") == 1


def test_the_charge_has_to_last_for_the_visit_and_an_hour():
    def charge(minutes):
        return lambda ana, hub: ana.perform(ana.p.measured(3300 + minutes * 900 // 720, ana.since_boot()))

    assert missing_after(charge(115)) == ["charge"]  # the visit is an hour
    ana, hub = equipped()
    charge(125)(ana, hub)
    ana.felt()
    ana.press(gestures.CHECK)
    assert felt.READY in ana.felt()
    assert missing_after(charge(500), on_shift) == ["charge"]  # a shift is longer
    assert missing_after(lambda ana, hub: ana.p.measured(0, 0)) == ["charge"]


def test_an_old_position_is_none():
    def much_later(ana, hub):
        ana.wait((doorstep.FIX_MAX_AGE_S + 1) * 1000)

    assert missing_after(much_later) == ["position"]


def test_without_the_visits_procedure_nobody_is_ready():
    ana, _hub = equipped()
    ana.tables.clear()
    ana.reboot(2002)
    ana.connect()
    ana.perform(ana.p.measured(FULL_MV, ana.since_boot()))
    ana.p.reports.located(518000000, -2000000, 5, ana.since_boot())
    ana.press(gestures.CHECK)
    assert felt.NOT_READY in ana.felt() and counted(ana, "procedure") == 1


def test_not_worn_is_missing_only_where_it_is_known():
    def lies_on_the_table(ana, hub):
        ana.p.worn = False

    assert missing_after(lies_on_the_table) == ["worn"]


def test_without_an_accelerometer_it_is_not_ready():
    def has_a_dead_one(ana, hub):
        ana.p.sees_falls = False

    assert missing_after(has_a_dead_one) == ["falls"]


def test_a_pendant_without_a_clock_is_not_ready():
    standing = equipped()[0].p.standing
    assert doorstep.missing(None, FULL_MV, 0, standing, None, None) == ["clock"]


def test_asked_twice_it_answers_once():
    ana, hub = equipped()
    hear, hub.hear = hub.hear, lambda frame, now_ms: b""
    ana.press(gestures.CHECK)
    ana.wait(1000)
    ana.press(gestures.CHECK)
    hub.hear = hear
    ana.wait(2 * doorstep.ANSWER_MS)
    heard = [pattern for pattern in ana.felt() if pattern in (felt.READY, felt.NOT_READY)]
    assert len(heard) == 1


def test_under_duress_the_check_is_as_ever():
    for gesture in (gestures.OK, gestures.DURESS):
        ana, _ = equipped(inside)
        ana.press(gesture)
        ana.wait(MINUTE)
        ana.felt()
        ana.press(gestures.CHECK)
        sent = [len(e.frame) for e in ana.did if isinstance(e, effects.Send)]
        assert (ana.felt(), sent) == ([felt.READY], [frames.UP_BYTES])
