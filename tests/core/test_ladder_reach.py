"""Reaching somebody: several numbers, several contacts, a call made again, and somebody found at risk."""

from small_table import MINUTE, asked, call, contacts, decide, fire, ladder, rung, tell
from watchword_core import words as w
from watchword_core.rungs import UNREPORTED
from watchword_core.table import AT, EITHER, FAILED, LAPSED

BEN, CORA, DEV = w.TRACKER, w.MANAGER, w.SENIOR
BOTH = w.WORK_MOBILE | w.PERSONAL_MOBILE
THREE = BOTH | w.HOME


def numbers(via=BOTH):
    """Ben is to call Ana by these means; that failing, Cora decides."""
    machine = ladder([call(0, BEN, w.WORKER, via=via), decide(0, CORA, 0, FAILED, 0)])
    fire(machine, 0)
    return machine


def test_several_numbers_are_tried_one_by_one_each_with_the_whole_limit():
    machine = numbers(THREE)
    machine.fail(w.WORKER, w.WORK_MOBILE, 4 * MINUTE)
    assert asked(machine) == [(4, 0, BEN, w.CALL, w.WORK_MOBILE)]
    assert machine.due_ms(0) == 14 * MINUTE
    machine.fail(w.WORKER, w.HOME, 6 * MINUTE)
    assert asked(machine) == [(6, 0, BEN, w.CALL, w.WORK_MOBILE | w.HOME)]
    machine.fail(w.WORKER, w.PERSONAL_MOBILE, 7 * MINUTE)
    assert asked(machine) == [(7, 1, CORA, w.DECIDE, 0)]
    assert machine.open_rungs() == [1]


def test_a_next_attempt_has_the_whole_limit_at_once():
    machine = numbers()
    assert machine.next_deadline_ms() == 10 * MINUTE
    machine.fail(w.WORKER, w.WORK_MOBILE, 4 * MINUTE)
    assert machine.next_deadline_ms() == 14 * MINUTE


def test_a_number_that_was_not_to_be_tried_leaves_the_call_and_its_limit_as_they_were():
    machine = numbers()
    due = machine.next_deadline_ms()
    machine.fail(w.WORKER, w.CLIENT_MOBILE, MINUTE)
    assert asked(machine) == [] and machine.next_deadline_ms() == due


def test_a_number_said_twice_leaves_the_call_and_its_limit_as_they_were():
    machine = numbers()
    machine.fail(w.WORKER, w.WORK_MOBILE, MINUTE)
    asked(machine)
    machine.fail(w.WORKER, w.WORK_MOBILE, 5 * MINUTE)
    assert asked(machine) == [] and machine.due_ms(0) == 11 * MINUTE


def test_no_number_said_is_all_of_them():
    machine = numbers()
    machine.fail(w.WORKER, 0, MINUTE)
    assert asked(machine) == [(1, 1, CORA, w.DECIDE, 0)]


def test_the_next_number_is_asked_of_whoever_is_relied_on():
    machine = numbers()
    machine.silent = 1 << BEN
    machine.fail(w.WORKER, w.WORK_MOBILE, MINUTE)
    assert asked(machine) == [(1, 0, role, w.CALL, w.WORK_MOBILE) for role in (BEN, CORA)]


def test_a_call_that_lapsed_has_no_next_number():
    machine = ladder([call(0, BEN, w.WORKER, via=BOTH), decide(0, CORA, 0, EITHER, 0, limit=60)])
    fire(machine, 10)
    machine.fail(w.WORKER, w.WORK_MOBILE, 11 * MINUTE)
    assert asked(machine) == [] and machine.open_rungs() == [1]


def test_a_call_opened_once_more_has_every_number_before_it():
    machine = ladder([call(0, BEN, w.WORKER, via=BOTH)])
    fire(machine, 0)
    machine.fail(w.WORKER, w.WORK_MOBILE, MINUTE)
    machine.fail(w.WORKER, w.PERSONAL_MOBILE, 2 * MINUTE)
    assert asked(machine) == [(1, 0, BEN, w.CALL, w.WORK_MOBILE), (2, 0, BEN, w.CALL, 0)]


def kin(n, how=EITHER):
    """Cora is to call Ana's emergency contacts, of whom there are `n`; that failing, she decides."""
    rungs = [call(0, CORA, w.EMERGENCY_CONTACT, via=0), decide(0, CORA, 0, how, 0)]
    machine = ladder(rungs, plan=contacts(n) | w.PLAN_RISK)
    return machine, fire(machine, 0)


def test_contacts_are_tried_in_order_each_with_the_whole_limit():
    machine, _ = kin(3)
    for n in (1, 2):
        machine.fail(w.EMERGENCY_CONTACT, 0, n * MINUTE)
        assert asked(machine) == [(n, 0, CORA, w.CALL, (1 << n) - 1)]
        assert machine.due_ms(0) == (n + 10) * MINUTE
    machine.fail(w.EMERGENCY_CONTACT, 0, 3 * MINUTE)
    assert asked(machine) == [(3, 1, CORA, w.DECIDE, 0)]


def test_a_result_says_which_contact_was_called_and_the_others_keep_their_turns():
    machine, _ = kin(3)
    machine.fail(w.EMERGENCY_CONTACT, 0b010, MINUTE)  # not the one who was asked for
    assert asked(machine) == [] and machine.due_ms(0) == 10 * MINUTE
    machine.fail(w.EMERGENCY_CONTACT, 0b001, 2 * MINUTE)
    machine.fail(w.EMERGENCY_CONTACT, 0b001, 3 * MINUTE)  # said before
    assert asked(machine) == [(2, 0, CORA, w.CALL, 0b011)] and machine.due_ms(0) == 12 * MINUTE
    machine.fail(w.EMERGENCY_CONTACT, 0b100, 4 * MINUTE)
    assert asked(machine) == [(4, 1, CORA, w.DECIDE, 0)]


def test_a_call_to_a_contact_that_nobody_reports_on_is_followed_by_the_next_contact():
    machine, _ = kin(2)
    assert fire(machine, 10) == [(10, 0, DEV, UNREPORTED), (10, 0, CORA, w.CALL), (10, 0, DEV, w.CALL)]
    assert machine.tried[0] == 1 and machine.due_ms(0) == 20 * MINUTE
    assert fire(machine, 20)[-1] == (20, 1, BEN, w.DECIDE)


def test_who_has_no_contact_is_not_asked_to_call_one():
    machine, fired = kin(0)
    assert fired == [(0, 1, CORA, w.DECIDE)] and machine.open_rungs() == [1]
    machine, fired = kin(0, FAILED)
    assert fired == [(0, 1, CORA, w.DECIDE)]
    machine, fired = kin(0, LAPSED)
    assert fired == []


def test_who_has_seven_contacts_has_no_eighth():
    machine, _ = kin(7)
    assert str(machine.contacts()) == "7"
    for n in range(1, 8):
        machine.fail(w.EMERGENCY_CONTACT, 0, n * MINUTE)
    assert [one[1] for one in asked(machine)] == [0] * 6 + [1]


# -- the same call made again


def test_the_same_call_takes_the_place_of_the_one_before_which_cannot_lapse_any_more():
    machine = ladder([call(0, BEN, w.WORKER), call(0, BEN, w.WORKER, 5), call(0, BEN, w.WORKER, 10, limit=5)])
    assert fire(machine, 14) == [(0, 0, BEN, w.CALL), (5, 1, BEN, w.CALL), (10, 2, BEN, w.CALL)]
    assert machine.open_rungs() == [2]
    assert (15, 2, CORA, UNREPORTED) in fire(machine, 15)


def test_another_call_does_not():
    others = (
        call(0, CORA, w.WORKER, 5),
        call(0, BEN, w.CLIENT, 5),
        call(0, BEN, w.WORKER, 5, via=w.HOME),
        rung(0, w.DECIDE, BEN, w.WORKER, 5, via=w.WORK_MOBILE, limit=10),
    )
    for other in others:
        machine = ladder([call(0, BEN, w.WORKER), other])
        fire(machine, 5)
        assert machine.open_rungs() == [0, 1]
    machine = ladder([rung(0, w.DECIDE, BEN, w.WORKER, limit=10), rung(0, w.DECIDE, BEN, w.WORKER, 5, limit=10)])
    fire(machine, 5)
    assert machine.open_rungs() == [0, 1]


def test_one_that_lapsed_stays_for_a_late_report():
    machine = ladder([call(0, BEN, w.WORKER, limit=3), call(0, BEN, w.WORKER, 5)])
    fire(machine, 5)
    assert machine.open_rungs() == [0, 1]


# -- a call that fails


def test_a_failed_call_with_nothing_after_it_is_asked_again():
    machine = ladder([call(0, BEN, w.WORKER)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, 3 * MINUTE)
    assert asked(machine) == [(3, 0, BEN, w.CALL, 0)]
    assert machine.due_ms(0) == 13 * MINUTE


def test_a_failed_call_waits_for_what_comes_by_itself():
    machine = ladder([call(0, BEN, w.WORKER), call(0, BEN, w.WORKER, 5)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, 3 * MINUTE)
    assert asked(machine) == [] and machine.open_rungs() == []
    assert fire(machine, 5) == [(5, 1, BEN, w.CALL)]


def test_a_call_that_failed_cannot_lapse_any_more():
    machine = ladder([call(0, BEN, w.WORKER, limit=3), call(0, BEN, w.WORKER, 5)])
    fire(machine, 0)
    assert machine.next_deadline_ms() == 3 * MINUTE
    machine.fail(w.WORKER, 0, MINUTE)
    assert machine.next_deadline_ms() == 5 * MINUTE


def test_all_open_calls_to_them_fail_and_what_that_opens_was_not_tried_yet():
    rungs = [call(0, BEN, w.WORKER), call(0, CORA, w.WORKER), call(0, BEN, w.WORKER, 0, FAILED, 0, w.HOME)]
    machine = ladder(rungs)
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE)
    assert asked(machine) == [(1, 2, BEN, w.CALL, 0)]
    assert machine.open_rungs() == [2]


def test_what_has_opened_already_does_not_open_by_a_failure():
    machine = ladder([call(0, BEN, w.WORKER), call(0, CORA, w.WORKER), tell(0, DEV, 0, FAILED, 0)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE)
    assert [one[1] for one in asked(machine)] == [2, 1]  # nothing goes on: the last call is asked again
    machine.fail(w.WORKER, 0, 2 * MINUTE)
    assert [one[1] for one in asked(machine)] == [1]


# -- at risk


def test_at_risk_tries_no_other_number():
    machine = numbers()
    machine.fail(w.WORKER, w.WORK_MOBILE, MINUTE, True)
    assert asked(machine) == [(1, 1, CORA, w.DECIDE, 0)]


def test_at_risk_opens_what_is_next_by_time_where_nothing_follows():
    machine = ladder([call(0, BEN, w.WORKER), tell(0, CORA, 30), decide(0, CORA, 30), tell(0, DEV, 60)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, True)
    assert asked(machine) == [(1, 1, CORA, w.TELL, 0), (1, 2, CORA, w.DECIDE, 0)]
    assert machine.open_rungs() == [2]


def test_at_risk_opens_what_follows_and_leaves_the_rest_to_its_time():
    machine = ladder([call(0, BEN, w.WORKER), tell(0, CORA, 30), tell(0, DEV, 0, FAILED, 0)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, True)
    assert asked(machine) == [(1, 2, DEV, w.TELL, 0)]


def test_at_risk_with_nothing_left_is_asked_again_and_other_waiting_rungs_stay():
    machine = ladder([call(0, BEN, w.WORKER), tell(0, DEV, 0, LAPSED, 0)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, True)
    assert asked(machine) == [(1, 0, BEN, w.CALL, 0)]


def test_at_risk_that_only_tells_somebody_is_not_asked_again():
    machine = ladder([call(0, BEN, w.WORKER), tell(0, CORA, 30)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, True)
    assert asked(machine) == [(1, 1, CORA, w.TELL, 0)] and machine.open_rungs() == []


def test_nobody_calls_somebody_at_risk_once_more_and_what_follows_the_last_call_opens_now():
    rungs = [
        call(0, BEN, w.WORKER),
        call(0, BEN, w.WORKER, 5),
        call(0, BEN, w.WORKER, 10),
        tell(0, CORA, 0, FAILED, 2),
        call(0, BEN, w.CLIENT, 20),
    ]
    machine = ladder(rungs)
    fire(machine, 5)
    machine.fail(w.WORKER, 0, 6 * MINUTE, True)
    assert asked(machine) == [(6, 3, CORA, w.TELL, 0)] and machine.open_rungs() == []
    assert fire(machine, 20) == [(20, 4, BEN, w.CALL)]
    machine = ladder(rungs)
    fire(machine, 5)
    machine.fail(w.WORKER, 0, 6 * MINUTE)
    assert fire(machine, 10) == [(10, 2, BEN, w.CALL)]


def test_a_call_at_risk_whose_repetition_is_open_or_over_stays_so():
    rungs = [
        call(0, BEN, w.WORKER, limit=3),
        call(0, BEN, w.WORKER, 5),
        call(0, BEN, w.WORKER, 9),
        tell(0, CORA, 0, FAILED, 1),
        tell(0, DEV, 0, FAILED, 0),
    ]
    machine = ladder(rungs)
    fire(machine, 5)
    assert machine.open_rungs() == [0, 1]
    machine.fail(w.WORKER, 0, 6 * MINUTE, True)
    assert [one[1] for one in asked(machine)] == [4, 3]
    assert machine.open_rungs() == [] and fire(machine, 20) == []


def test_at_risk_when_nobody_was_to_call_opens_nothing():
    machine = ladder([call(0, BEN, w.WORKER, 10), rung(0, w.DECIDE, BEN, w.WORKER, 0, AT, limit=10)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, True)
    assert asked(machine) == [] and machine.open_rungs() == [1]


# -- who says that nobody answered


def handed_up():
    """Ben's call lapsed, Cora has one of her own; and she is to call the client in another watch."""
    rungs = [
        call(0, BEN, w.WORKER),
        call(0, CORA, w.WORKER, 0, LAPSED, 0),
        decide(0, CORA, 0, FAILED, 1),
        call(0, CORA, w.CLIENT, 12, limit=99),
    ]
    machine = ladder(rungs)
    fire(machine, 12)
    machine.heard(BEN)
    assert machine.open_rungs() == [0, 1, 3]
    return machine


def test_what_came_of_a_call_that_lapsed_fails_nobody_elses():
    machine = handed_up()
    machine.fail(w.WORKER, 0, 13 * MINUTE, by=BEN)
    assert asked(machine) == [] and machine.open_rungs() == [1, 3]
    machine.fail(w.WORKER, 0, 14 * MINUTE, by=BEN)
    assert machine.open_rungs() == [1, 3]


def test_whoever_has_the_call_now_fails_it_or_stands_above_or_was_not_named():
    for by in (CORA, DEV, 0):
        machine = handed_up()
        machine.fail(w.WORKER, 0, 13 * MINUTE, by=by)
        assert asked(machine) == [(13, 2, CORA, w.DECIDE, 0)] and machine.open_rungs() == [2, 3]
    machine = handed_up()
    machine.fail(w.WORKER, 0, 13 * MINUTE)
    assert machine.open_rungs() == [2, 3]


def test_where_nobody_was_named_a_call_that_came_after_her_own_fails_too():
    machine = ladder([call(0, w.WORKER, w.CLIENT), call(0, CORA, w.CLIENT, 5), decide(0, DEV, 0, FAILED, 1)])
    fire(machine, 5)
    machine.fail(w.CLIENT, 0, 6 * MINUTE)
    assert asked(machine) == [(6, 2, DEV, w.DECIDE, 0)] and machine.open_rungs() == [2]


def test_somebody_elses_only_call_fails_whoever_tried():
    for by in (BEN, CORA, DEV, 0):
        machine = handed_up()
        machine.fail(w.CLIENT, 0, 13 * MINUTE, by=by)
        assert asked(machine) == [] and machine.open_rungs() == [0, 1]
    machine = ladder([call(0, CORA, w.WORKER), call(0, BEN, w.WORKER, 30), decide(0, CORA, 0, FAILED, 0)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, by=BEN)  # his own call is still to come
    assert asked(machine) == [(1, 2, CORA, w.DECIDE, 0)]


def test_of_a_task_that_is_no_call_nothing_is_said_by_that():
    machine = ladder([rung(0, w.TELL, BEN, w.WORKER, limit=99), call(0, CORA, w.WORKER), decide(0, CORA, 0, FAILED, 1)])
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE, by=BEN)
    assert asked(machine) == [(1, 2, CORA, w.DECIDE, 0)]
