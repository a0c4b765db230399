"""The ladder engine on a small table of its own, to the millisecond."""

from small_table import MINUTE, small_table
from watchword_core import words as w
from watchword_core.ladder import LATE_MS, Ladder, deadline_name

ANCHOR = w.AT_T_END
PROMPT, CALL, CLIENT, MANAGER, DECIDE, SENIOR, DIAL = range(7)
PERSONAL = 12


def ladder(plan=0):
    machine = Ladder(small_table(), plan)
    machine.start(ANCHOR, 0)
    return machine


def fire(machine, until):
    """Runs deadlines one by one up to `until`, as an engine that is up does."""
    fired = []
    while True:
        due = machine.next_deadline_ms()
        if due is None or due > until:
            return fired
        machine.handle_deadline(due)
        fired += machine.take()


def test_nothing_fires_before_its_time():
    machine = ladder()
    assert fire(machine, 20 * MINUTE - 1) == []
    assert fire(machine, 20 * MINUTE) == [(20 * MINUTE, PROMPT), (20 * MINUTE, CALL)]


def test_no_answer_opens_the_next_at_once():
    machine = ladder()
    fire(machine, 20 * MINUTE)
    machine.fail(w.WORKER, 21 * MINUTE)
    assert machine.take() == [(21 * MINUTE, CLIENT)]


def test_no_answer_from_somebody_else_opens_nothing():
    machine = ladder()
    fire(machine, 20 * MINUTE)
    machine.fail(w.SENIOR, 21 * MINUTE)
    assert machine.take() == []


def test_a_silent_manager_is_followed_by_the_senior_and_the_999_task():
    machine = ladder()
    fired = fire(machine, 60 * MINUTE)
    assert (30 * MINUTE, MANAGER) in fired and (30 * MINUTE, DECIDE) in fired
    assert (40 * MINUTE, SENIOR) in fired and (40 * MINUTE, DIAL) in fired


def test_a_rung_that_repeats_goes_on_until_it_ends():
    machine = ladder()
    fired = [at for at, rung in fire(machine, 60 * MINUTE) if rung == DIAL]
    assert fired == [40 * MINUTE, 45 * MINUTE, 50 * MINUTE, 55 * MINUTE, 60 * MINUTE]
    machine.end_tasks(w.DIAL_999)
    assert fire(machine, 90 * MINUTE) == []


def test_an_answer_ends_everything_but_a_999_task():
    machine = ladder()
    fire(machine, 41 * MINUTE)
    assert machine.answer(w.BY_SPEECH, 41 * MINUTE, False) == [0]
    assert machine.open_rungs() == [DIAL]


def test_an_answer_before_anything_is_due_does_not_count():
    machine = ladder()
    assert machine.answer(w.BY_SPEECH, 5 * MINUTE, True) == []
    assert fire(machine, 20 * MINUTE) != []


def test_an_answered_watch_of_an_open_visit_starts_again():
    machine = ladder()
    fire(machine, 20 * MINUTE)
    machine.answer(w.BY_SPEECH, 22 * MINUTE, True)
    assert machine.next_deadline_ms() == 22 * MINUTE + 15 * MINUTE + 20 * MINUTE


def test_what_was_missed_fires_now_once_in_order_and_limits_run_from_now():
    machine = ladder()
    machine.handle_deadline(35 * MINUTE)
    assert machine.take() == [(35 * MINUTE, rung) for rung in (PROMPT, CALL, MANAGER, DECIDE)]
    assert machine.next_deadline_ms() == 45 * MINUTE
    machine.handle_deadline(35 * MINUTE)
    assert machine.take() == []


def test_a_few_milliseconds_late_move_no_limit():
    machine = ladder()
    machine.handle_deadline(30 * MINUTE + LATE_MS - 1)
    assert (30 * MINUTE, DECIDE) in machine.take()
    assert machine.due_ms(DECIDE) == 40 * MINUTE


def test_a_rung_whose_condition_is_not_met_passes_the_turn_on():
    machine = ladder(plan=w.PLAN_NO_CLIENT_PHONES)
    fire(machine, 20 * MINUTE)
    machine.fail(w.WORKER, 21 * MINUTE)
    assert machine.take() == [(21 * MINUTE, PERSONAL)]


def test_a_report_answers_the_deadline_that_it_names_and_no_other():
    machine = ladder()
    name = machine.report_name()
    assert name == deadline_name(PROMPT, 20 * MINUTE)
    assert machine.answer_report(name + 1) is None
    assert machine.answer_report(0) is None
    assert machine.answer_report(name) == 0
    assert machine.next_deadline_ms() is None


def test_a_report_is_evidence_once_a_person_was_asked():
    machine = ladder()
    name = machine.report_name()
    fire(machine, 20 * MINUTE)
    assert machine.answer_report(name) is None
    assert machine.report_name() == 0


def test_a_snapshot_at_any_moment_goes_on_alike():
    for cut in range(0, 60, 3):
        one, other = ladder(), Ladder(small_table(), 0)
        fire(one, cut * MINUTE)
        stored = one.snapshot(0)
        assert other.restore(stored, 0, 0) == len(stored)
        assert other.snapshot(0) == stored
        assert fire(other, 90 * MINUTE) == fire(one, 90 * MINUTE)
