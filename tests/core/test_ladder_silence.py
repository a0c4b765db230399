"""A task that nobody reports on is nobody's alone (For every procedure, 1 and 5): whom the ladder relies on instead."""

from small_table import (
    MINUTE,
    SPEECH,
    asked,
    call,
    contacts,
    decide,
    dial_999,
    fire,
    ladder,
    prompt,
    rung,
    small_table,
    tell,
    watch,
)
from watchword_core import words as w
from watchword_core.ladder import Ladder
from watchword_core.rungs import UNREPORTED
from watchword_core.table import EITHER, FAILED, LAPSED, MANAGER_TRACKS

BEN, CORA, DEV = w.TRACKER, w.MANAGER, w.SENIOR


def covers(plan=0, flags=0, silent=()):
    """Who holds the work of tracker, manager, senior while `silent` are."""
    machine = ladder([prompt(0)], plan=plan, flags=flags)
    for role in silent:
        machine.silent |= 1 << role
    return [machine.cover(role) for role in (BEN, CORA, DEV)]


def test_everybody_does_their_own_work():
    assert covers() == [[BEN], [CORA], [DEV]]
    assert ladder([prompt(0)]).cover(w.PENDANT) == [w.PENDANT]


def test_the_next_layer_does_the_work_that_nobody_holds():
    assert covers(w.PLAN_NO_TRACKER) == [[CORA], [CORA], [DEV]]
    assert covers(w.PLAN_NO_SENIOR) == [[BEN], [CORA], [CORA]]
    assert covers(w.PLAN_OUT_OF_HOURS) == [[BEN], [CORA], [DEV]]
    assert covers(0, MANAGER_TRACKS) == [[BEN], [CORA], [DEV]]
    assert covers(w.PLAN_OUT_OF_HOURS, MANAGER_TRACKS) == [[CORA], [CORA], [DEV]]


def test_the_next_layer_does_the_work_of_the_silent_as_well():
    assert covers(silent=[BEN]) == [[BEN, CORA], [CORA], [DEV]]
    assert covers(silent=[CORA]) == [[BEN], [CORA, DEV], [DEV]]
    assert covers(silent=[BEN, CORA]) == [[BEN, CORA, DEV], [CORA, DEV], [DEV]]


def test_above_the_last_layer_it_is_everybodys():
    assert covers(silent=[DEV]) == [[BEN], [CORA], [DEV, BEN, CORA]]
    assert covers(silent=[CORA, DEV]) == [[BEN], [CORA, DEV, BEN], [DEV, BEN, CORA]]
    assert covers(silent=[BEN, CORA, DEV]) == [[BEN, CORA, DEV], [CORA, DEV, BEN], [DEV, BEN, CORA]]


def test_with_a_layer_missing_everybody_is_fewer():
    assert covers(w.PLAN_NO_SENIOR, silent=[CORA]) == [[BEN], [CORA, BEN], [CORA, BEN]]
    assert covers(w.PLAN_NO_TRACKER, silent=[CORA]) == [[CORA, DEV], [CORA, DEV], [DEV]]
    assert covers(w.PLAN_NO_TRACKER | w.PLAN_NO_SENIOR, silent=[CORA]) == [[CORA], [CORA], [CORA]]


def test_whoever_reports_is_relied_on_again():
    machine = ladder([prompt(0)])
    machine.silent = 1 << BEN | 1 << CORA
    machine.heard(BEN)
    assert machine.cover(BEN) == [BEN] and machine.cover(CORA) == [CORA, DEV]
    machine.heard(w.WORKER)
    assert machine.silent == 1 << CORA


def test_a_call_that_leads_nowhere_is_asked_again_of_the_next_layer_and_at_last_of_everybody():
    machine = ladder([call(0, BEN, w.WORKER)])
    assert fire(machine, 0) == [(0, 0, BEN, w.CALL)]
    assert fire(machine, 10) == [(10, 0, CORA, UNREPORTED), (10, 0, CORA, w.CALL)]
    assert fire(machine, 20) == [(20, 0, DEV, UNREPORTED), (20, 0, DEV, w.CALL)]
    for minute in (30, 40, 50):
        assert fire(machine, minute) == [(minute, 0, role, w.CALL) for role in (BEN, CORA, DEV)]


def test_a_word_from_the_manager_stops_the_climb_where_it_is():
    machine = ladder([call(0, BEN, w.WORKER)])
    fire(machine, 10)
    machine.heard(CORA)
    machine.heard(BEN)
    assert fire(machine, 20) == [(20, 0, CORA, UNREPORTED), (20, 0, CORA, w.CALL)]


def test_what_follows_a_lapse_opens_and_the_task_is_not_asked_again():
    for start in (LAPSED, EITHER):
        machine = ladder([call(0, BEN, w.WORKER), decide(0, CORA, 0, start, 0)])
        fire(machine, 0)
        assert fire(machine, 10) == [(10, 0, CORA, UNREPORTED), (10, 1, CORA, w.DECIDE)]
        assert machine.open_rungs() == [0, 1]  # the first can still be reported on
        assert machine.due_ms(0) is None


def test_whoever_is_told_by_what_follows_a_lapse_is_not_told_of_the_lapse_too():
    machine = ladder([call(0, BEN, w.WORKER), tell(0, CORA, 0, LAPSED, 0)])
    fire(machine, 0)
    assert fire(machine, 10) == [(10, 1, CORA, w.TELL)]


def test_of_two_lapses_at_once_whoever_is_told_by_what_follows_one_is_told_of_the_other():
    watches = [watch(w.AT_T_END, SPEECH), watch(w.AT_T_END, SPEECH)]
    machine = ladder([call(0, BEN, w.WORKER), call(1, BEN, w.WORKER), tell(1, CORA, 0, LAPSED, 1)], watches)
    fire(machine, 0)
    assert fire(machine, 10) == [(10, 0, CORA, UNREPORTED), (10, 0, CORA, w.CALL), (10, 2, CORA, w.TELL)]


def test_what_follows_a_failure_only_does_not_open_by_a_lapse():
    machine = ladder([call(0, BEN, w.WORKER), decide(0, CORA, 0, FAILED, 0)])
    assert fire(machine, 10)[1:] == [(10, 0, CORA, UNREPORTED), (10, 0, CORA, w.CALL)]


def test_what_will_go_on_by_itself_is_asked_of_whoever_is_told_and_of_nobody_again():
    machine = ladder([call(0, BEN, w.WORKER), decide(0, CORA, 30)])
    assert fire(machine, 29) == [(0, 0, BEN, w.CALL), (10, 0, CORA, UNREPORTED), (10, 0, CORA, w.CALL)]
    machine = ladder([call(0, BEN, w.WORKER), decide(0, CORA, 5, limit=30)])
    assert fire(machine, 29) == [(0, 0, BEN, w.CALL), (5, 1, CORA, w.DECIDE)]


def test_what_only_tells_or_is_not_for_this_plan_is_not_going_on():
    later = (
        tell(0, DEV, 30),
        rung(0, w.DECIDE, CORA, 0, 30, limit=10, when_set=w.PLAN_RISK),
        rung(0, w.DECIDE, CORA, 0, 0, FAILED, 0, limit=10),
    )
    for other in later:
        machine = ladder([call(0, BEN, w.WORKER), other])
        assert (10, 0, CORA, w.CALL) in fire(machine, 10)


def test_what_another_watch_asks_is_not_this_ones_going_on():
    watches = [watch(w.AT_T_END, SPEECH), watch(w.AT_T_END, SPEECH)]
    machine = ladder([call(0, BEN, w.WORKER), decide(1, DEV, 5, limit=60)], watches)
    assert (10, 0, CORA, w.CALL) in fire(machine, 10)


def test_the_next_layer_is_told_once_where_it_knows_already():
    machine = ladder([tell(0, CORA), call(0, BEN, w.WORKER), decide(0, CORA, 30)])
    assert fire(machine, 29) == [(0, 0, CORA, w.TELL), (0, 1, BEN, w.CALL)]


def test_what_the_next_layer_will_be_told_later_or_knows_of_another_watch_is_not_known_yet():
    watches = [watch(w.AT_T_END, SPEECH), watch(w.AT_T_END, SPEECH)]
    machine = ladder([tell(1, CORA), call(0, BEN, w.WORKER), decide(0, CORA, 30)], watches)
    assert fire(machine, 29)[2:] == [(10, 1, CORA, UNREPORTED), (10, 1, CORA, w.CALL)]


def test_where_the_manager_tracks_the_senior_is_the_next_layer():
    for plan, flags in ((w.PLAN_NO_TRACKER, 0), (w.PLAN_OUT_OF_HOURS, MANAGER_TRACKS)):
        machine = ladder([call(0, BEN, w.WORKER)], plan=plan, flags=flags)
        assert fire(machine, 0) == [(0, 0, CORA, w.CALL)]
        assert fire(machine, 10) == [(10, 0, DEV, UNREPORTED), (10, 0, DEV, w.CALL)]


def test_where_the_manager_stands_for_the_tracker_what_they_were_told_as_such_counts_as_known():
    rungs = [tell(0, BEN), call(0, DEV, w.WORKER), decide(0, CORA, 30)]
    machine = ladder(rungs, plan=w.PLAN_NO_TRACKER)
    assert fire(machine, 10) == [(0, 0, CORA, w.TELL), (0, 1, DEV, w.CALL)]  # cover(senior): everybody


def test_a_tell_with_a_limit_lapses_for_whoever_was_told():
    machine = ladder([tell(0, CORA, limit=1), dial_999(0, BEN, 0, EITHER, 0)])
    fire(machine, 0)
    assert fire(machine, 1) == [(1, 0, DEV, UNREPORTED), (1, 1, BEN, w.DIAL_999)]
    assert machine.silent == 1 << CORA


def test_a_tell_that_a_person_has_to_do_lapses_for_that_person():
    machine = ladder([rung(0, w.TELL, CORA, DEV, limit=10), decide(0, DEV, 60)])
    assert fire(machine, 0) == [(0, 0, CORA, w.TELL)]
    assert fire(machine, 10) == [(10, 0, DEV, UNREPORTED), (10, 0, DEV, w.TELL)]
    assert machine.silent == 1 << CORA


def test_telling_somebody_that_it_lapsed_is_telling_them():
    machine = ladder([tell(0, CORA, limit=10)])
    fire(machine, 0)
    assert fire(machine, 10) == [(10, 0, DEV, UNREPORTED)]
    assert fire(machine, 20) == [(20, 0, BEN, UNREPORTED)]
    assert fire(machine, 30) == [(30, 0, role, w.TELL) for role in (CORA, DEV, BEN)]


def test_where_the_next_layer_knows_of_the_watch_but_not_of_this_they_are_told_it():
    machine = ladder([tell(0, DEV), tell(0, CORA, limit=10)])
    fire(machine, 0)
    assert fire(machine, 10) == [(10, 1, DEV, w.TELL)]


def test_what_a_person_has_to_tell_is_asked_of_the_next_layer_as_well():
    machine = ladder([rung(0, w.TELL, CORA, w.PARTNER_AGENCIES, limit=10)])
    fire(machine, 0)
    assert fire(machine, 10) == [(10, 0, DEV, UNREPORTED), (10, 0, DEV, w.TELL)]


def test_what_asks_for_no_report_lets_nobody_down():
    machine = ladder([prompt(0, 0, 10), tell(0, BEN, 0, repeat=15)])
    fire(machine, 60)
    assert machine.silent == 0


def test_everything_that_the_silent_were_to_do_is_the_next_layers_as_well():
    rungs = [call(0, BEN, w.WORKER), decide(1, BEN, 0, limit=30), decide(1, CORA, 0, limit=30), tell(1, BEN, 0)]
    machine = ladder(rungs, [watch(w.AT_T_END, SPEECH), watch(w.AT_T_END, SPEECH)])
    fire(machine, 0)
    assert fire(machine, 10) == [(10, 0, CORA, UNREPORTED), (10, 0, CORA, w.CALL), (10, 1, CORA, w.DECIDE)]
    assert machine.due_ms(1) == 30 * MINUTE  # as well, not anew


def test_what_opens_later_is_asked_of_whoever_is_relied_on_then():
    machine = ladder([call(0, BEN, w.WORKER), call(0, BEN, w.CLIENT, 15), tell(0, BEN, 15)])
    fire(machine, 14)
    assert fire(machine, 15) == [(15, i, role, verb) for i, verb in ((1, w.CALL), (2, w.TELL)) for role in (BEN, CORA)]


def test_a_999_task_always_passes_on_whatever_follows_it():
    machine = ladder([dial_999(0, CORA), decide(0, BEN, 0, LAPSED, 0, limit=60)])
    fire(machine, 0)
    assert fire(machine, 5) == [(5, 0, DEV, UNREPORTED), (5, 0, DEV, w.DIAL_999)]
    assert machine.open_rungs() == [0]
    assert [one[2] for one in fire(machine, 10)] == [BEN, BEN]
    assert [one[2:] for one in fire(machine, 15)] == [(role, w.DIAL_999) for role in (CORA, DEV, BEN)]


def test_a_999_task_outlives_its_watch_and_still_passes_on():
    machine = ladder([dial_999(0, CORA)])
    fire(machine, 0)
    machine.answer(SPEECH, MINUTE)
    assert (5, 0, DEV, w.DIAL_999) in fire(machine, 5)


def test_a_watch_that_starts_again_leaves_its_999_task_open():
    machine = ladder([dial_999(0, CORA), tell(0, BEN)])
    fire(machine, 1)
    machine.start(w.AT_T_END, 2 * MINUTE)
    assert machine.open_rungs() == [0]
    assert fire(machine, 2) == [(2, 1, BEN, w.TELL)]
    assert machine.due_ms(0) == 5 * MINUTE
    machine.end_tasks(w.DIAL_999)
    machine.start(w.AT_T_END, 3 * MINUTE)
    assert (3, 0, CORA, w.DIAL_999) in fire(machine, 3)


# -- when one of the staff can't be reached


def test_what_a_manager_holds_who_cannot_be_reached_is_the_seniors_with_the_whole_limit():
    machine = ladder([decide(0, CORA), tell(0, DEV, 0, EITHER, 0), call(0, BEN, w.WORKER, 0, limit=60)])
    fire(machine, 0)
    machine.fail(CORA, 0, MINUTE)
    assert asked(machine) == [(1, 0, DEV, UNREPORTED, 0), (1, 0, DEV, w.DECIDE, 0)]
    assert machine.open_rungs() == [0, 2] and machine.due_ms(0) == 11 * MINUTE


def test_what_a_manager_was_to_be_told_who_cannot_be_reached_lapses():
    machine = ladder([tell(0, CORA, limit=1), call(0, BEN, w.WORKER, 0, EITHER, 0)])
    fire(machine, 0)
    machine.fail(CORA, 0, 10_000)
    assert [(i, role, verb) for _, i, role, verb, _ in asked(machine)] == [(0, DEV, UNREPORTED), (1, BEN, w.CALL)]


def test_what_others_hold_does_not():
    machine = ladder([decide(0, CORA), call(0, BEN, w.WORKER)])
    fire(machine, 0)
    machine.fail(DEV, 0, MINUTE)
    assert asked(machine) == [] and machine.silent == 1 << DEV


def test_somebody_who_holds_a_missing_trackers_work_passes_that_on_too():
    machine = ladder([call(0, BEN, w.WORKER)], plan=w.PLAN_NO_TRACKER)
    fire(machine, 0)
    machine.fail(BEN, 0, MINUTE)
    assert machine.silent == 1 << CORA
    assert asked(machine) == [(1, 0, DEV, UNREPORTED, 0), (1, 0, DEV, w.CALL, 0)]


def test_what_lapsed_already_does_not_lapse_again():
    machine = ladder([call(0, BEN, w.WORKER), decide(0, CORA, 0, LAPSED, 0, limit=30)])
    fire(machine, 10)
    machine.fail(BEN, 0, 11 * MINUTE)
    assert asked(machine) == []


def test_a_call_to_be_made_by_somebody_else_to_a_manager_does_not_fail_as_a_call():
    machine = ladder([call(0, BEN, CORA), tell(0, DEV, 0, FAILED, 0)])
    fire(machine, 0)
    machine.fail(CORA, 0, MINUTE)
    assert asked(machine) == [] and machine.open_rungs() == [0]


def test_who_was_silent_and_what_was_tried_are_kept_at_any_moment():
    rungs = [
        call(0, BEN, w.WORKER, 0, via=w.WORK_MOBILE | w.PERSONAL_MOBILE, limit=30),
        call(0, CORA, w.EMERGENCY_CONTACT, 5),
        decide(0, CORA, 7, limit=9),
        dial_999(0, CORA, 20),
        call(0, BEN, w.CLIENT, 0, FAILED, 0, w.HOME | w.CLIENT_MOBILE),
    ]
    for cut in range(0, 40, 5):
        one = ladder(rungs, plan=contacts(3))
        fire(one, min(cut, 3))
        one.fail(w.WORKER, w.WORK_MOBILE, min(cut, 3) * MINUTE)
        asked(one)
        fire(one, cut)
        stored = b"before" + one.snapshot(1000) + b"after"
        other = Ladder(one.table, one.plan)
        assert other.restore(stored, 6, 1000) == len(stored) - 5
        assert (other.silent, other.open_rungs()) == (one.silent, one.open_rungs())
        assert b"before" + other.snapshot(1000) + b"after" == stored
        one.fail(w.WORKER, 0, cut * MINUTE)
        other.fail(w.WORKER, 0, cut * MINUTE)
        assert asked(other) == asked(one)
        assert fire(other, cut + 30) == fire(one, cut + 30)


def test_a_number_that_failed_stays_tried_and_whom_a_watch_alerted_stays_alerted():
    rungs = [call(0, BEN, w.WORKER, via=w.WORK_MOBILE | w.PERSONAL_MOBILE), tell(0, CORA, 0, FAILED, 0)]
    one = ladder(rungs)
    fire(one, 0)
    one.fail(w.WORKER, w.WORK_MOBILE, MINUTE)
    other = Ladder(one.table, 0)
    other.restore(one.snapshot(0), 0, 0)
    assert other.has_alerted(w.AT_T_END)
    other.fail(w.WORKER, w.PERSONAL_MOBILE, 2 * MINUTE)
    assert asked(other) == [(2, 1, CORA, w.TELL, 0)]


def test_a_snapshot_holds_the_moments_that_still_decide_something():
    rungs = [call(0, BEN, w.WORKER), decide(0, CORA, 0, LAPSED, 0, limit=60), tell(0, DEV, 120, repeat=5)]
    machine = ladder(rungs)
    assert len(machine.snapshot(0)) == 1 + 1 + 1 + 4
    fire(machine, 0)
    assert len(machine.snapshot(0)) == 1 + 1 + 1 + 4 + 4
    fire(machine, 10)  # the call is overdue and only waits for a late report; the decision is open
    assert machine.open_rungs() == [0, 1] and len(machine.snapshot(0)) == 1 + 1 + 1 + 4 + 4


def test_a_snapshot_of_the_small_table_has_the_length_that_the_protocol_says():
    machine = Ladder(small_table(), 0)
    assert len(machine.snapshot(0)) == 1 + 4 + 4  # silent, 4 watches, 14 rungs of 2 bits
    machine.start(w.AT_T_END, 0)
    fire(machine, 20)
    assert len(machine.snapshot(0)) == 1 + 4 + 4 + 4 * 2
