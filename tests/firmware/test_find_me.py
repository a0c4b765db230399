"""The tracker has the pendant buzz: once, soon or not at all, and never under duress."""

from pendant import felt
from story import DOWN, MINUTE, PENDANT, T0, Ana, Hub, at_the_door, inside
from watchword_core import frames, gestures
from watchword_core import words as w

LIFETIME_MS = 30_000


def look_for(ana, hub, boot=None, sent_ms=None):
    """The hub's frame."""
    boot = boot or ana.boot
    count = hub.down_count[boot] = hub.down_count.get(boot, 0) + 1
    find = frames.Find(T0 + (ana.now_ms if sent_ms is None else sent_ms), LIFETIME_MS)
    return frames.seal_find(DOWN, PENDANT, boot, count, find)


def test_ben_looks_for_it__it_buzzes_once_however_often_the_carrier_brings_it():
    ana, hub = inside()
    frame = look_for(ana, hub)
    ana.receive(frame)
    ana.receive(frame)
    assert ana.felt() == [felt.FIND_ME] and ana.counted("repeated find") == 1
    ana.receive(look_for(ana, hub))
    assert ana.felt() == [felt.FIND_ME]
    assert felt.PATTERNS[felt.FIND_ME].buzzer


def test_a_status_that_it_overtook_still_counts():
    ana, hub = at_the_door()
    hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
    status = hub.status(ana.now_ms, ana.boot)
    ana.receive(look_for(ana, hub))
    ana.receive(status)
    assert ana.felt() == [felt.FIND_ME, felt.CLEARED]


def test_held_back_until_it_has_expired__nothing():
    ana, hub = inside()
    frame = look_for(ana, hub)
    ana.wait(LIFETIME_MS + 1_000)
    ana.felt()
    ana.receive(frame)
    assert ana.felt() == [] and ana.counted("expired find") == 1


def test_of_another_boot_or_without_a_clock__nothing():
    ana, hub = inside()
    ana.receive(look_for(ana, hub, boot=ana.boot + 1))
    fresh = Ana(Hub())
    fresh.receive(look_for(fresh, fresh.hub))
    assert ana.felt() == fresh.felt() == []


def test_under_duress__nothing_from_the_press_on_until_it_is_resolved():
    for linked in (True, False):
        ana, hub = inside()
        if not linked:
            ana.disconnect()
        ana.press(gestures.DURESS)
        ana.felt()
        ana.receive(look_for(ana, hub))
        assert ana.felt() == [] and ana.counted("find under duress") == 1
    ana, hub = inside()
    ana.press(gestures.DURESS)
    for kind in (w.ACKNOWLEDGED, w.RESOLVED):
        hub.person(kind, ana.now_ms, by=w.MANAGER)
    ana.wait(MINUTE)
    ana.felt()
    ana.receive(look_for(ana, hub))
    assert ana.felt() == [felt.FIND_ME]


def test_under_duress_after_a_restart_without_the_table__nothing():
    ana, hub = inside()
    ana.press(gestures.DURESS)
    ana.tables.clear()
    ana.reboot(boot=2002)
    ana.connect()
    ana.felt()
    ana.receive(look_for(ana, hub))
    assert ana.felt() == [] and ana.counted("find under duress") == 1
