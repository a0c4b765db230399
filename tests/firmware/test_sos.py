"""SOS: at any moment, with nothing but a pendant."""

from pendant import answers, felt, memory
from pendant.waiting import MAX_WAITING
from story import MINUTE, T0, Ana, Hub, at_the_door, inside
from watchword_core import alarm as a
from watchword_core import gestures
from watchword_core import words as w
from watchword_core.snapshots import ALARM


def test_holding_sos_grows_and_letting_go_ends_it():
    ana = Ana(Hub())
    ana.press(gestures.SOS_STARTED)
    ana.press(gestures.SOS_LET_GO)
    assert ana.felt() == [felt.SOS_GROWING, felt.QUIET]
    assert not ana.journal


def test_sos_without_visit_clock_plan_or_table__kept_at_the_hub_person_resolved():
    hub = Hub()
    ana = Ana(hub)
    ana.press(gestures.SOS)
    assert ana.felt() == [felt.KEPT]
    ana.connect()
    assert ana.felt() == [felt.AT_HUB]
    assert hub.events() == [w.SOS]
    assert ana.p.standing.case is None  # its table never came; the answers need none
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(5_000)
    assert ana.felt() == [felt.PERSON_HAS_IT]
    hub.person(w.RESOLVED, ana.now_ms)
    ana.wait(5_000)
    assert ana.felt() == [felt.RESOLVED]


def test_sos_while_the_link_is_down__one_alarm_and_ana_feels_each_step():
    ana, hub = inside()
    ana.disconnect()
    ana.press(gestures.SOS)
    assert ana.felt() == [felt.KEPT]
    ana.wait(11_000)
    assert felt.NOT_GETTING_THROUGH in ana.felt()
    ana.wait(15_000)
    assert felt.NOT_GETTING_THROUGH in ana.felt()
    ana.connect()
    assert ana.felt() == [felt.AT_HUB]
    assert hub.events().count(w.SOS) == 1
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(5_000)
    assert ana.felt() == [felt.PERSON_HAS_IT]


def test_sos_overtakes_every_backlog():
    ana, hub = inside()
    ana.disconnect()
    for _ in range(20):
        ana.press(gestures.OK)
    ana.press(gestures.SOS)
    before = len(hub.got)
    ana.connect()
    assert hub.events()[before] == w.SOS
    ana.wait(2_000)
    assert len(hub.got) == before + 21
    assert len(ana.p.waiting) == 0


def test_another_press_is_at_the_hub_and_the_sos_is_not__nothing_is_felt_until_the_sos_is():
    for gesture in (gestures.OK, gestures.DURESS):
        for place in (inside, lambda: (Ana(Hub()),)):
            ana = place()[0]
            ana.disconnect()
            ana.press(gesture)
            ana.press(gestures.SOS)
            ana.felt()
            ok, sos = ana.journal[-2:]
            ana.receive(ana.hub.hear(ok[0], ana.now_ms))
            assert felt.AT_HUB not in ana.felt() and ok[4] and ana.p.standing.alarm == a.RAISED
            ana.receive(ana.hub.hear(sos[0], ana.now_ms))
            assert ana.felt() == [felt.AT_HUB]


def test_one_more_sos_is_not_there_yet__nothing_is_felt_of_another_press_though_a_person_has_the_first():
    for gesture in (gestures.OK, gestures.DURESS):
        ana, hub = inside()
        ana.press(gestures.SOS)
        hub.person(w.ACKNOWLEDGED, ana.now_ms)
        ana.wait(5_000)
        ana.disconnect()
        ana.press(gesture)
        ana.press(gestures.SOS)
        ana.felt()
        ok, sos = ana.journal[-2:]
        ana.receive(hub.hear(ok[0], ana.now_ms))
        assert ana.felt() == [] and ok[4]
        ana.receive(hub.hear(sos[0], ana.now_ms))
        assert ana.felt() == [felt.AT_HUB, felt.PERSON_HAS_IT]


def test_queue_full__ok_is_not_said_to_be_kept_and_sos_still_is():
    ana = Ana(Hub().visit())
    for _ in range(MAX_WAITING):
        ana.press(gestures.OK)
    ana.felt()
    ana.press(gestures.OK)
    assert ana.felt() == [felt.NOT_GETTING_THROUGH]
    ana.press(gestures.SOS)
    assert ana.felt()[0] == felt.KEPT
    assert len(ana.p.waiting) == MAX_WAITING and ana.p.waiting.dropped == 1
    assert ana.counted("queue full") == 2


def test_only_alarms_waiting__the_first_and_the_latest_stay():
    ana = Ana(Hub())
    for _ in range(MAX_WAITING + 5):
        ana.press(gestures.SOS)
    counts = [press.count for press in ana.p.waiting.presses]
    assert counts[0] == 1 and counts[-1] == MAX_WAITING + 5 and len(counts) == MAX_WAITING


def test_pressed_again_while_a_person_has_it__told_again_that_somebody_has():
    ana, hub = inside()
    ana.press(gestures.SOS)
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(5_000)
    ana.felt()
    ana.press(gestures.SOS)
    assert ana.felt() == [felt.KEPT, felt.AT_HUB, felt.PERSON_HAS_IT]


def test_an_alarm_is_asked_after_every_5_s():
    ana, hub = inside()
    ana.press(gestures.SOS)
    ana.felt()
    before = hub.down_count[ana.boot]
    ana.wait(20_000)
    assert hub.down_count[ana.boot] - before == 4


def test_reboot_in_mid_sos__the_same_frame_goes_on_and_one_alarm_is_raised():
    ana, hub = at_the_door()
    ana.disconnect()
    ana.press(gestures.SOS)
    ana.felt()
    ana.wait(3_000)
    ana.reboot(1002)
    assert ana.p.standing.alarm == a.RAISED
    ana.wait(12_000)
    assert felt.NOT_GETTING_THROUGH in ana.felt()
    frame = ana.journal[-1][0]
    ana.connect()
    assert felt.AT_HUB in ana.felt()
    assert hub.events().count(w.SOS) == 1 and ana.journal[-1][0] == frame
    assert hub.case.slots[ALARM].stage == a.AT_HUB
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(5_000)
    assert ana.felt() == [felt.PERSON_HAS_IT]


def test_reboot_with_the_alarm_open__ana_is_told_again_where_it_stands():
    ana, hub = at_the_door()
    ana.press(gestures.SOS)
    ana.felt()
    ana.reboot(1002)
    ana.connect()
    assert ana.felt() == [felt.AT_HUB]  # acknowledged to the earlier boot, which may have ended before it was felt
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(5_000)
    assert ana.felt() == [felt.PERSON_HAS_IT]
    ana.reboot(1003)
    ana.connect()
    assert ana.felt() == [felt.PERSON_HAS_IT]
    ana.wait(20_000)
    assert ana.felt() == []  # once


def test_reboot_in_mid_visit__door_and_deadlines_go_on():
    ana, _hub = inside()
    ana.reboot(1002)
    assert ana.p.standing.case.door_open()
    ana.connect()
    assert ana.felt() == [felt.CLEARED]  # not "at the hub": an SOS that the power cut short is not there
    ana.disconnect()
    ana.wait(20 * MINUTE)
    assert ana.felt().count(felt.PROMPT) == 1


def test_a_clock_that_ran_on_through_the_reset_keeps_the_ladder_running():
    from pendant.wearable import Wearable
    from story import DOWN, PENDANT, UP

    ana, _ = inside()
    p = Wearable(PENDANT, 1002, UP, DOWN, ana.tables.get, ana.state, (), T0 + ana.now_ms)
    due = p.next_deadline_ms(0)
    for _ in range(200):
        asked = p.handle_deadline(due)
        if felt.PROMPT in [e.pattern for e in asked if hasattr(e, "pattern")]:
            break
        due = p.next_deadline_ms(due)
    assert 19 * MINUTE < due + ana.now_ms < 21 * MINUTE


def test_pressed_again_after_the_alarm_was_resolved_out_of_range__nobody_has_the_new_one_yet():
    ana, hub = inside()
    ana.press(gestures.SOS)
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.wait(6_000)
    assert felt.PERSON_HAS_IT in ana.felt()
    ana.disconnect()
    hub.person(w.RESOLVED, ana.now_ms)
    ana.press(gestures.SOS)
    ana.felt()
    ana.connect()
    assert ana.felt() == [felt.AT_HUB]


def test_the_visit_is_forgotten_after_too_many_boots__the_alarm_is_not():
    ana, hub = inside()
    ana.press(gestures.SOS)
    ana.wait(1_000)
    for boot in (1002, 1003):  # and what the first of them remembers is read by the next
        ana.state = memory.without_visit(ana.state)
        ana.reboot(boot)
        assert ana.p.standing.alarm == a.AT_HUB and ana.p.keeps_on_duty(True)
        assert not answers.visit_open(ana.p.standing.view())
    ana.felt()
    hub.person(w.ACKNOWLEDGED, ana.now_ms)
    ana.connect()
    assert answers.visit_open(ana.p.standing.view()) and ana.p.standing.alarm == a.WITH_PERSON
    assert ana.felt() == [felt.PERSON_HAS_IT]


def test_of_what_is_not_whole_nothing_is_taken():
    assert memory.without_visit(None) is None and memory.without_visit(b"\x01" * 40) is None
