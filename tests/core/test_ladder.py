"""The ladder engine on a small table, to the millisecond: what opens when, and what ends it."""

from small_table import ANY, MINUTE, asked, call, decide, dial_999, fire, ladder, prompt, rung, small_table, tell, watch
from watchword_core import words as w
from watchword_core.ladder import Ladder, deadline_name
from watchword_core.rungs import LATE_MS
from watchword_core.snapshots import offset_ms, snapshot_base_ms
from watchword_core.table import AGAIN, EITHER, FAILED

ANCHOR = w.AT_T_END
PROMPT, CALL, CLIENT, MANAGER, DECIDE, SENIOR, DIAL = range(7)
PERSONAL = 12


def small(plan=0):
    machine = Ladder(small_table(), plan)
    machine.start(ANCHOR, 0)
    return machine


def opened(machine, until):
    """[(minute, rung)], each rung as it was asked for at first."""
    return [(minute, i) for minute, i, _, verb in fire(machine, until) if verb == machine.table.rungs[i].verb]


def test_nothing_fires_before_its_time():
    machine = small()
    assert machine.next_deadline_ms() == 20 * MINUTE
    machine.handle_deadline(20 * MINUTE - 1)
    assert asked(machine) == []
    assert fire(machine, 20) == [(20, PROMPT, w.PENDANT, w.PROMPT), (20, CALL, w.TRACKER, w.CALL)]


def test_only_watches_of_the_anchor_start_and_only_where_the_plan_wants_them():
    watches = [watch(ANCHOR, ANY), watch(ANCHOR, ANY, when_set=w.PLAN_RISK), watch(w.AT_START, ANY)]
    watches.append(watch(ANCHOR, ANY, when_clear=w.PLAN_RISK))
    rungs = [tell(i, w.TRACKER, i) for i in range(4)]
    assert opened(ladder(rungs, watches), 9) == [(0, 0), (3, 3)]
    assert opened(ladder(rungs, watches, w.PLAN_RISK), 9) == [(0, 0), (1, 1)]


def test_no_answer_opens_the_next_at_once():
    machine = small()
    fire(machine, 20)
    machine.fail(w.WORKER, 0, 21 * MINUTE)
    assert asked(machine) == [(21, CLIENT, w.TRACKER, w.CALL, 0)]
    assert machine.open_rungs() == [CLIENT]


def test_no_answer_from_somebody_that_nobody_was_to_call_opens_nothing():
    machine = small()
    fire(machine, 20)
    machine.fail(w.CLIENT, 0, 21 * MINUTE)
    assert asked(machine) == [] and machine.open_rungs() == [CALL]


def test_a_silent_manager_is_followed_by_the_senior_and_the_999_task():
    machine = small()
    fired = fire(machine, 40)
    assert (30, MANAGER, w.MANAGER, w.TELL) in fired and (30, DECIDE, w.MANAGER, w.DECIDE) in fired
    assert (40, SENIOR, w.SENIOR, w.TELL) in fired
    # both are asked: the manager, whose task it is, and the senior, since the manager is silent
    assert (40, DIAL, w.MANAGER, w.DIAL_999) in fired and (40, DIAL, w.SENIOR, w.DIAL_999) in fired


def test_a_999_task_is_asked_again_until_an_outcome_is_recorded():
    machine = small()
    assert [at for at, i in opened(machine, 60) if i == DIAL] == [40, 40, 45] + [50] * 3 + [55] * 3 + [60] * 3
    assert machine.end_tasks(w.DIAL_999) == [0]
    machine.answer(w.BY_SPEECH, 60 * MINUTE)
    assert fire(machine, 900) == []


def test_an_answer_ends_everything_but_a_999_task():
    machine = small()
    fire(machine, 41)
    assert machine.answer(w.BY_SPEECH, 41 * MINUTE) == [0]
    assert machine.open_rungs() == [DIAL]


def test_an_answer_before_anything_is_due_does_not_count():
    machine = small()
    assert machine.answer(w.BY_SPEECH, 5 * MINUTE) == []
    assert fire(machine, 20) != []


def test_an_early_answer_counts_where_the_file_says_so_and_by_that_means_only():
    for by, ended in ((w.BY_SPEECH, []), (w.BY_DEPARTED, [0])):
        early = watch(ANCHOR, w.BY_SPEECH | w.BY_DEPARTED, early_by=w.BY_DEPARTED)
        machine = ladder([call(0, w.TRACKER, w.WORKER, 20)], [early])
        assert machine.answer(by, 5 * MINUTE) == ended
        assert machine.running(ANCHOR) == (not ended)


def test_something_that_is_no_answer_to_a_watch_leaves_it():
    machine = small()
    fire(machine, 20)
    assert machine.answer(w.BY_RESOLVED | w.BY_ARRIVED, 21 * MINUTE) == []
    assert machine.open_rungs() == [CALL]


def test_a_report_never_ends_a_watch_that_alerted_a_person():
    machine = ladder([prompt(0, 20), call(0, w.TRACKER, w.WORKER, 30)], [watch(ANCHOR, ANY | w.BY_DEPARTED)])
    fire(machine, 20)
    again = Ladder(machine.table, 0)
    again.restore(machine.snapshot(0), 0, 0)
    assert again.answer(w.BY_REPORT, 21 * MINUTE) == [0]  # a prompt alerts nobody
    fire(machine, 30)
    for by in (w.BY_REPORT, w.BY_DEPARTED):
        assert machine.answer(by, 31 * MINUTE) == []
    assert machine.answer(w.BY_REPORT | w.BY_SPEECH, 31 * MINUTE) == [0]


def test_a_report_ends_what_alerted_nobody_beside_what_did():
    watches = [watch(ANCHOR, ANY), watch(ANCHOR, ANY)]
    machine = ladder([tell(0, w.TRACKER), prompt(1)], watches)
    fire(machine, 0)
    assert machine.answer(w.BY_REPORT, MINUTE) == [1]


def again_ladder(after=20, again=60):
    rungs = [prompt(0, after), call(0, w.TRACKER, w.WORKER, after + 5)]
    return ladder(rungs, [watch(ANCHOR, ANY, AGAIN, again_s=again * 60)])


def test_an_answered_watch_of_an_open_visit_starts_again_so_that_its_first_rung_opens_that_much_later():
    machine = again_ladder()
    fire(machine, 20)
    assert machine.answer(w.BY_SPEECH, 22 * MINUTE, lambda anchor: 0) == [0]
    assert opened(machine, 200)[:2] == [(82, 0), (87, 1)]


def test_another_watchs_first_rung_does_not_matter_to_when_it_starts_again():
    watches = [watch(ANCHOR, ANY), watch(ANCHOR, ANY, AGAIN, again_s=3600)]
    machine = ladder([prompt(0), prompt(1, 20)], watches)
    fire(machine, 20)
    machine.end_watch(1, 22 * MINUTE, lambda anchor: 0)
    assert machine.next_deadline_ms() == 82 * MINUTE


def test_it_starts_again_at_its_planned_moment_if_that_is_still_ahead():
    machine = again_ladder()
    fire(machine, 20)
    machine.answer(w.BY_SPEECH, 22 * MINUTE, {ANCHOR: 23 * MINUTE}.get)
    assert opened(machine, 200)[:2] == [(43, 0), (48, 1)]


def test_a_planned_moment_that_is_just_now_is_past():
    machine = again_ladder()
    fire(machine, 20)
    machine.answer(w.BY_SPEECH, 22 * MINUTE, {ANCHOR: 22 * MINUTE}.get)
    assert machine.next_deadline_ms() == 82 * MINUTE


def test_where_nothing_was_planned_it_starts_again_from_the_answer():
    machine = again_ladder()
    fire(machine, 20)
    machine.answer(w.BY_SPEECH, 22 * MINUTE, lambda anchor: None)
    assert machine.next_deadline_ms() == 82 * MINUTE


def test_without_a_visit_to_go_on_or_where_the_file_does_not_say_so_it_is_done():
    machine = again_ladder()
    fire(machine, 20)
    machine.answer(w.BY_SPEECH, 22 * MINUTE)
    assert machine.next_deadline_ms() is None and not machine.running(ANCHOR)
    machine = small()
    fire(machine, 20)
    machine.answer(w.BY_SPEECH, 22 * MINUTE, lambda anchor: 0)
    assert machine.next_deadline_ms() is None


def test_a_watch_that_starts_again_has_alerted_nobody():
    machine = again_ladder()
    fire(machine, 25)
    assert machine.has_alerted(ANCHOR)
    machine.answer(w.BY_SPEECH, 26 * MINUTE, lambda anchor: 0)
    assert machine.running(ANCHOR) and not machine.has_alerted(ANCHOR)


def test_what_was_missed_fires_now_once_in_order_and_limits_run_from_now():
    machine = small()
    machine.handle_deadline(35 * MINUTE)
    assert [one[:2] for one in asked(machine)] == [(35, rung) for rung in (PROMPT, CALL, MANAGER, DECIDE)]
    assert machine.next_deadline_ms() == 45 * MINUTE
    machine.handle_deadline(35 * MINUTE)
    assert asked(machine) == []


def test_a_few_milliseconds_late_move_no_limit():
    for late, opens in ((LATE_MS - 1, 30 * MINUTE), (LATE_MS, 30 * MINUTE + LATE_MS)):
        machine = small()
        fire(machine, 20)
        machine.handle_deadline(30 * MINUTE + late)
        assert (opens / MINUTE, DECIDE, w.MANAGER, w.DECIDE, 0) in asked(machine)
        assert machine.due_ms(DECIDE) == opens + 10 * MINUTE


def test_what_fell_due_after_a_missed_rung_is_not_asked_for_before_it():
    machine = small()
    machine.handle_deadline(30 * MINUTE + 1)  # the first two were missed, the others are one millisecond late
    now = 30 + 1 / MINUTE
    assert [one[:2] for one in asked(machine)] == [(now, rung) for rung in (PROMPT, CALL, MANAGER, DECIDE)]


def test_a_rung_whose_condition_is_not_met_passes_the_turn_on():
    machine = small(plan=w.PLAN_NO_CLIENT_PHONES)
    fire(machine, 20)
    machine.fail(w.WORKER, 0, 21 * MINUTE)
    assert asked(machine) == [(21, PERSONAL, w.TRACKER, w.CALL, 0)]
    assert machine.open_rungs() == [PERSONAL]


def test_what_opens_at_the_moment_at_which_something_lapses_comes_first():
    machine = ladder([call(0, w.TRACKER, w.WORKER, 0), tell(0, w.MANAGER, 10)])
    # the manager knows by the rung of their own, and isn't told twice
    assert fire(machine, 10)[1] == (10, 1, w.MANAGER, w.TELL)
    assert asked(machine) == []


def test_a_rung_that_only_reminds_repeats_until_its_watch_ends():
    machine = ladder([tell(0, w.MANAGER, 30, repeat=30)])
    assert opened(machine, 100) == [(30, 0), (60, 0), (90, 0)]
    machine.answer(w.BY_SPEECH, 100 * MINUTE)
    assert fire(machine, 300) == []


def test_a_rung_that_waits_for_an_answer_opens_by_that_answer_only():
    rungs = [call(0, w.TRACKER, w.WORKER), tell(0, w.MANAGER, 0, FAILED, 0), tell(0, w.SENIOR, 0, EITHER, 0)]
    machine = ladder(rungs)
    assert opened(machine, 10) == [(0, 0), (10, 2)]
    machine = ladder(rungs)
    fire(machine, 0)
    machine.fail(w.WORKER, 0, MINUTE)
    assert [one[1] for one in asked(machine)] == [1, 2]


def test_shifting_moves_what_has_alerted_nobody():
    machine = small()
    machine.shift(w.AT_START, 5 * MINUTE)
    assert machine.next_deadline_ms() == 20 * MINUTE
    machine.shift(ANCHOR, 5 * MINUTE)
    assert machine.next_deadline_ms() == 25 * MINUTE
    fire(machine, 25)
    machine.shift(ANCHOR, 5 * MINUTE)
    assert machine.next_deadline_ms() == 35 * MINUTE and machine.open_rungs() == [CALL]


def test_stopping_ends_all_but_what_is_named_and_999_tasks():
    machine = small()
    machine.start(w.AT_ALARM, 0)
    machine.start(w.AT_ARRIVED, 0)
    fire(machine, 41)
    machine.stop((w.AT_ALARM,))
    assert not machine.running(ANCHOR) and not machine.running(w.AT_ARRIVED) and machine.running(w.AT_ALARM)
    assert machine.open_rungs() == [9]  # the same person's 999 task, which no speech ends


def test_a_task_that_has_ended_is_due_no_more():
    machine = ladder([decide(0, w.MANAGER), prompt(0, 30)])
    fire(machine, 0)
    assert machine.next_deadline_ms() == 10 * MINUTE
    machine.end_tasks(w.DECIDE)
    assert machine.next_deadline_ms() == 30 * MINUTE


def test_tasks_end_by_their_verb_and_by_whose_they_were():
    machine = ladder([decide(0, w.TRACKER), decide(0, w.MANAGER), call(0, w.TRACKER, w.WORKER)])
    fire(machine, 0)
    assert machine.end_tasks(w.DECIDE, w.TRACKER) == [0] and machine.open_rungs() == [1, 2]
    assert machine.end_tasks(w.DECIDE) == [0] and machine.open_rungs() == [2]
    assert machine.end_tasks(w.DECIDE) == []


def test_whoever_stands_above_may_say_that_a_task_is_done():
    for by in (w.MANAGER, w.SENIOR):
        machine = ladder([decide(0, w.TRACKER), decide(0, w.MANAGER), call(0, w.TRACKER, w.WORKER)])
        fire(machine, 0)
        assert machine.end_tasks(w.DECIDE, by) == [0, 0] and machine.open_rungs() == [2]
    machine = ladder([decide(0, w.MANAGER)], plan=w.PLAN_NO_TRACKER)
    fire(machine, 0)
    assert machine.end_tasks(w.DECIDE, w.EMERGENCY_CONTACT) == []
    machine.silent = 1 << w.MANAGER | 1 << w.SENIOR
    assert machine.end_tasks(w.DECIDE, w.TRACKER) == []  # nobody holds that role: they can't have been asked


def test_a_tracker_who_got_it_because_everybody_was_asked_may_say_that_it_is_done():
    machine = ladder([decide(0, w.MANAGER)])
    fire(machine, 0)
    machine.silent = 1 << w.MANAGER | 1 << w.SENIOR
    assert machine.end_tasks(w.DECIDE, w.TRACKER) == [0]


def test_what_was_told_and_asks_nobody_for_anything_is_spent():
    watches = [watch(anchor, ANY) for anchor in (ANCHOR, w.AT_START, w.AT_FINISH, w.AT_CHECK_IN)]
    machine = ladder([tell(0, w.TRACKER, 5), prompt(1, 5), tell(2, w.TRACKER, 5), decide(3, w.MANAGER, 5)], watches)
    all_of_them = (ANCHOR, w.AT_START, w.AT_CHECK_IN)
    for anchor in (w.AT_START, w.AT_FINISH, w.AT_CHECK_IN):
        machine.start(anchor, 0)
    assert machine.spent(all_of_them) == []  # nobody was told yet
    fire(machine, 5)
    assert machine.spent(all_of_them) == [0]  # the others: only a prompt, not one of these, somebody has a task
    machine.end_tasks(w.DECIDE)
    assert machine.spent(all_of_them) == [0, 3] and machine.spent((w.AT_FINISH,)) == [2]
    machine.answer(w.BY_SPEECH, 6 * MINUTE)
    assert machine.spent(all_of_them) == []


def test_what_is_spent_asks_nothing_more_and_keeps_its_999_task():
    machine = ladder([decide(0, w.MANAGER), dial_999(0, w.MANAGER, limit=5), tell(0, w.SENIOR, 5)])
    fire(machine, 0)
    machine.spend(0)
    assert machine.running(ANCHOR) and machine.open_rungs() == [1]
    assert [one[1] for one in fire(machine, 9)] == [1, 1]  # passed on, and nobody is told of anything else


def test_who_was_to_tell_somebody_is_one_role_or_nobody_knows():
    told = [rung(0, w.TELL, by, who, limit=10) for by, who in ((w.MANAGER, w.CLIENT), (w.SENIOR, w.TEAM))]
    machine = ladder([call(0, w.TRACKER, w.WORKER), decide(0, w.SENIOR), told[0]])
    fire(machine, 0)
    assert machine.teller(0) == w.MANAGER and machine.teller(w.TEAM) == 0
    machine = ladder(told)
    fire(machine, 0)
    assert machine.teller(0) == 0 and machine.teller(w.TEAM) == w.SENIOR


def test_whether_a_running_watch_asks_for_something():
    machine = small()
    assert machine.asks(ANCHOR, w.DECIDE) and not machine.asks(ANCHOR, w.REFUSE)
    assert not machine.asks(w.AT_ALARM, w.DIAL_999)
    machine.start(w.AT_ALARM, 0)
    assert machine.asks(w.AT_ALARM, w.DIAL_999)


# -- what a report answers


def test_a_report_answers_the_deadline_that_it_names_and_no_other():
    early = watch(ANCHOR, ANY, early_by=w.BY_REPORT)
    machine = ladder([prompt(0, 20), call(0, w.TRACKER, w.WORKER, 25)], [early])
    name = machine.report_name()
    assert name == deadline_name(ANCHOR, 0)
    assert machine.answer_report(name + 1, 0) == []
    assert machine.answer_report(0, 0) == []
    assert machine.answer_report(name, 0) == [0]
    assert machine.next_deadline_ms() is None


def test_a_report_before_it_counts_names_nothing():
    machine = small()
    assert machine.report_name() == 0
    fire(Ladder(machine.table, 0), 20)
    machine.handle_deadline(19 * MINUTE)
    assert machine.report_name() == 0


def test_a_prompt_that_reports_do_not_answer_has_no_name():
    machine = ladder([prompt(0), call(0, w.TRACKER, w.WORKER, 20)])
    fire(machine, 0)
    assert machine.report_name() == 0


def test_a_report_is_evidence_once_a_person_was_asked():
    machine = ladder([prompt(0, 20), call(0, w.TRACKER, w.WORKER, 25)], [watch(ANCHOR, ANY)])
    fire(machine, 20)
    name = machine.report_name()
    assert name == deadline_name(ANCHOR, 0)
    fire(machine, 25)
    assert machine.answer_report(name, 26 * MINUTE) == []
    assert machine.report_name() == 0


def test_of_several_deadlines_a_report_is_for_the_first_to_fall_due():
    watches = [watch(anchor, ANY, early_by=w.BY_REPORT) for anchor in (ANCHOR, w.AT_START, w.AT_CHECK_IN)]
    watches[2] = watch(w.AT_CHECK_IN, w.BY_SPEECH, early_by=w.BY_SPEECH)
    machine = ladder([prompt(0, 20), prompt(1, 15), prompt(1, 30), prompt(2, 1)], watches)
    machine.start(w.AT_START, MINUTE)
    machine.start(w.AT_CHECK_IN, 0)  # no report counts there
    assert machine.report_name() == deadline_name(w.AT_START, MINUTE)
    assert machine.answer_report(deadline_name(w.AT_START, MINUTE), MINUTE) == [1]
    assert machine.report_name() == deadline_name(ANCHOR, 0)


def test_a_reported_watch_starts_again_too():
    machine = again_ladder()
    fire(machine, 20)
    assert machine.answer_report(machine.report_name(), 21 * MINUTE, lambda anchor: 0) == [0]
    assert machine.next_deadline_ms() == 81 * MINUTE


def test_a_name_is_the_anchor_and_the_second():
    assert deadline_name(3, 0) == 4 << 24
    assert deadline_name(w.AT_START, 999) == 1 << 24 and deadline_name(w.AT_START, 1000) == (1 << 24) + 1
    assert deadline_name(w.AT_START, (0x1000000 + 5) * 1000) == (1 << 24) + 5


# -- carrying it elsewhere


def test_a_snapshot_at_any_moment_goes_on_alike():
    made = small_table()
    for cut in (0, 20, 21, 30, 35, 40, 45):
        one, other = Ladder(made, 0), Ladder(made, 0)
        one.start(ANCHOR, 0)
        fire(one, cut)
        stored = one.snapshot(0)
        assert other.restore(stored, 0, 0) == len(stored)
        assert other.snapshot(0) == stored
        assert fire(other, 50) == fire(one, 50)


def test_a_snapshots_times_fit_however_far_apart_they_are():
    assert snapshot_base_ms([]) == 0
    assert snapshot_base_ms([5, 9, 7]) == 5
    assert snapshot_base_ms([5, 0x80000005]) == 6
    assert offset_ms(9, 5) == 4 and offset_ms(0, 0x80000001) == -0x80000000


def test_a_watch_that_has_alerted_a_person_is_spared_where_the_caller_says_so():
    watches = [watch(ANCHOR, ANY), watch(ANCHOR, ANY)]
    machine = ladder([tell(0, w.TRACKER), tell(1, w.TRACKER, 30)], watches)
    fire(machine, 0)
    machine.start(ANCHOR, 10 * MINUTE, True)
    assert opened(machine, 40) == [(40, 1)]
    machine.end_watch(0, 40 * MINUTE)
    machine.start(ANCHOR, 50 * MINUTE, True)
    assert opened(machine, 80) == [(50, 0)]
    machine.start(ANCHOR, 90 * MINUTE)
    assert opened(machine, 120) == [(90, 0), (120, 1)]


# -- one 999 task for one person


def dialling(first, second, by=w.MANAGER, plan=0):
    """The manager is to dial 999 at 1, and `by` at 3; what answers the watch of each."""
    watches = [watch(ANCHOR, first), watch(ANCHOR, second)]
    machine = ladder([dial_999(0, w.MANAGER, 1), dial_999(1, by, 3)], watches, plan)
    assert opened(machine, 1) == [(1, 0)]
    return machine


def test_whoever_is_to_dial_999_already_is_not_asked_again_and_the_limit_runs_on():
    for first, second, left in ((ANY, ANY, 0), (w.BY_RESOLVED, ANY, 0), (w.BY_RESOLVED, w.BY_RESOLVED, 0)):
        machine = dialling(first, second)
        assert opened(machine, 3) == [] and machine.open_rungs() == [left]
        assert fire(machine, 6) == [(6, left, w.SENIOR, 0), (6, left, w.SENIOR, w.DIAL_999)]


def test_of_two_999_tasks_of_one_person_the_one_stays_that_no_speech_ends():
    machine = dialling(ANY, w.BY_RESOLVED)
    assert opened(machine, 3) == [] and machine.open_rungs() == [1]
    machine.reached()
    assert fire(machine, 6) == [(6, 1, w.SENIOR, 0), (6, 1, w.SENIOR, w.DIAL_999)]


def test_who_was_not_asked_yet_is_asked_to_dial_999():
    assert opened(dialling(ANY, ANY, w.TRACKER), 3) == [(3, 1)]
    assert opened(dialling(ANY, ANY, w.TRACKER, w.PLAN_NO_TRACKER), 3) == []
    machine = dialling(ANY, ANY)
    machine.end_tasks(w.DIAL_999)
    assert opened(machine, 3) == [(3, 1)]
    machine = ladder([decide(0, w.MANAGER), dial_999(0, w.MANAGER, 2)])
    assert opened(machine, 2) == [(0, 0), (2, 1)]


def test_where_999_follows_and_is_to_be_dialled_already_nothing_else_is_asked_again():
    watches = [watch(ANCHOR, ANY), watch(ANCHOR, ANY)]
    rungs = [dial_999(0, w.MANAGER), call(1, w.MANAGER, w.CLIENT), dial_999(1, w.MANAGER, 0, FAILED, 1)]
    machine = ladder(rungs, watches)
    fire(machine, 1)
    machine.fail(w.CLIENT, 0, MINUTE)
    assert asked(machine) == [] and machine.open_rungs() == [0]


def test_a_999_task_that_was_there_already_has_alerted_a_person():
    machine = dialling(ANY, ANY)
    fire(machine, 3)
    assert machine.alerted == b"\1\1" and machine.answer(w.BY_REPORT, 4 * MINUTE) == []
