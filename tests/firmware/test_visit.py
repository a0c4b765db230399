"""A visit as Ana feels it."""

from pendant import felt, watching
from story import MINUTE, T0, VISIT, Ana, Hub, a_table, at_the_door, inside
from watchword_core import gestures, table
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.moments import T_END


def test_ana_presses_ok_at_the_door__kept_then_at_the_hub_and_nothing_else():
    hub = Hub().visit()
    ana = Ana(hub)
    ana.connect()
    ana.press(gestures.OK)
    assert ana.felt() == [felt.KEPT, felt.AT_HUB]
    assert hub.events() == [w.ARRIVED]
    assert hub.case.state == v.AT_DOOR


def test_kept_is_in_the_journal_before_ana_feels_it():
    ana = Ana(Hub().visit())
    ana.press(gestures.OK)
    kinds = [type(e).__name__ for e in ana.did]
    assert kinds.index("Keep") < kinds.index("Feel")


def test_ok_again_before_a_person_has_spoken__refused():
    ana, hub = at_the_door()
    ana.press(gestures.OK)
    assert felt.REFUSED in ana.felt()
    assert hub.case.state == v.AT_DOOR


def test_a_person_has_spoken__cleared_within_one_heartbeat():
    ana, hub = at_the_door()
    hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
    ana.wait(10_000)
    assert ana.felt() == [felt.CLEARED]
    ana.wait(60_000)
    assert ana.felt() == []


def test_another_visits_clearance_does_not_open_anas_door():
    ana, hub = at_the_door()
    other = Case(hub.case.table, 0, VISIT + 1, T0, T0 + 60 * MINUTE)
    other.state = v.INSIDE
    hub.case = other
    ana.wait(10_000)
    assert felt.CLEARED not in ana.felt()
    assert ana.counted("other visit") == 1


def test_the_prompt_at_20_minutes_comes_with_and_without_a_link__once():
    for linked in (True, False):
        ana, _ = inside()
        if not linked:
            ana.disconnect()
        ana.wait(20 * MINUTE + 5_000)
        assert ana.felt().count(felt.PROMPT) == 1, linked


def test_a_status_sealed_just_before_the_deadline_does_not_prompt_twice():
    ana, hub = inside()
    ana.wait(20 * MINUTE - 16_000)
    ana.felt()
    sealed_before = hub.case.snapshot()
    ana.wait(12_000)
    from watchword_core.case import restore

    hub.case = restore(hub.case.table, sealed_before)
    ana.receive(hub.status(ana.now_ms, ana.boot))
    ana.wait(12_000)
    assert ana.felt().count(felt.PROMPT) == 1


def test_nobody_has_spoken_by_30_minutes__ana_feels_that_it_went_up():
    ana, _ = inside()
    ana.disconnect()
    ana.wait(31 * MINUTE)
    assert ana.felt().count(felt.OVERDUE) == 1


def test_a_report_names_the_deadline_that_it_answers():
    ana, hub = inside()
    ana.press(gestures.OK)
    _header, report = hub.got[-1]
    assert report.event == w.CHECKED_IN
    assert report.about >> 24 == w.AT_T_END + 1
    assert report.visit == VISIT


def test_extending_asks_for_one_end_however_often_it_is_repeated():
    ana, hub = inside()
    ana.press(gestures.EXTEND)
    assert hub.got[-1][1].value == T0 + 75 * MINUTE == hub.case.times[T_END]
    assert ana.p.standing.case.times[T_END] == T0 + 75 * MINUTE


def test_held_ok_departs__and_the_spoken_departure_closes():
    ana, hub = inside()
    ana.press(gestures.OK_HELD)
    assert hub.events()[-1] == w.DEPARTED and hub.case.state == v.LEAVING
    ana.felt()
    hub.person(w.SPOKE_DEPARTURE, ana.now_ms)
    ana.wait(10_000)
    assert ana.felt() == [felt.CLOSED]


def test_a_file_without_a_gate_clears_with_the_arrival():
    hub = Hub().visit(a_table(gate=0))
    ana = Ana(hub)
    ana.connect()
    ana.felt()
    ana.press(gestures.OK)
    assert felt.CLEARED in ana.felt()


def test_a_forbidden_plan_is_refused_at_the_door():
    hub = Hub().visit(a_table(forbids=(table.Forbid(w.PLAN_NO_TRACKER, 0, w.RULE_FORBID),)), plan=w.PLAN_NO_TRACKER)
    ana = Ana(hub)
    ana.connect()
    ana.felt()
    ana.press(gestures.OK)
    assert felt.REFUSED in ana.felt()


def test_no_visit__ok_is_kept_and_told_and_refused():
    hub = Hub()
    ana = Ana(hub)
    ana.connect()
    ana.felt()
    ana.press(gestures.OK)
    assert felt.REFUSED in ana.felt()
    assert hub.events() == [w.CHECKED_IN]


def test_pressed_out_of_range__kept_then_not_getting_through_until_it_does():
    ana, hub = inside()
    ana.disconnect()
    ana.press(gestures.OK)
    assert ana.felt() == [felt.KEPT]
    ana.wait(24_000)
    assert ana.felt().count(felt.NOT_GETTING_THROUGH) == 1
    ana.wait(15_000)
    assert ana.felt().count(felt.NOT_GETTING_THROUGH) == 1
    ana.connect()
    assert felt.AT_HUB in ana.felt()
    ana.wait(MINUTE)
    assert ana.felt() == []
    assert hub.events() == [w.ARRIVED, w.CHECKED_IN]


def test_the_hub_falls_silent_in_a_visit__ana_knows_within_30_s():
    ana, _hub = inside()
    ana.link = False  # the carrier still listens; nothing comes back
    ana.wait(30_000)
    assert ana.felt().count(felt.NOBODY_WATCHING) == 1
    ana.link = True
    ana.wait(10_000)
    assert not ana.p.watch.silent


def test_low_battery_is_felt_once_until_it_was_charged():
    ana = Ana(Hub())
    for mv in (3900, 3490, 3480, 3470):
        ana.perform(ana.p.measured(mv, ana.since_boot()))
    assert ana.felt() == [felt.LOW_BATTERY]
    ana.perform(ana.p.measured(4000, ana.since_boot()))
    ana.perform(ana.p.measured(3400, ana.since_boot()))
    assert ana.felt() == [felt.LOW_BATTERY]


def test_the_phone_asked_to_be_missed__its_loss_is_felt_soon_and_being_back_ends_it():
    ana, _hub = inside()
    ana.disconnect(missed=True)
    ana.wait(watching.LINK_LOST_MS - 1)
    assert felt.NOBODY_WATCHING not in ana.felt()
    ana.wait(1)
    assert ana.felt() == [felt.NOBODY_WATCHING]
    ana.connect()
    assert not ana.p.watch.silent
    ana.disconnect(missed=True)
    ana.wait(watching.LINK_LOST_MS - 1)
    ana.connect()
    ana.wait(watching.LINK_LOST_MS)
    assert ana.felt() == []
