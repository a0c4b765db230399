"""The moments of a plan: what waits for each, and how the worker and others move them."""

from one_case import END, START, at, inside, planned, run, tell, until
from small_table import ANY, MINUTE, S, call, decide, prompt, rung, table, watch
from small_table import tell as told
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.moments import CHECK_IN, END_OF_DAY, PLANNED_END, T_END
from watchword_core.table import AGAIN, FAILED

ANCHORS = (w.AT_START, w.AT_T_END, w.AT_FINISH, w.AT_CHECK_IN, w.AT_RETURN, w.AT_END_OF_DAY)
OF_START, OF_T_END, OF_FINISH, OF_CHECK_IN, OF_RETURN, OF_DAY = range(6)


def waiting(flags=0, early=w.BY_REPORT, late=60, verb=w.PROMPT):
    """One watch for each moment of the plan, whose only rung opens 10 minutes after it."""
    watches = [watch(anchor, ANY, flags, early_by=early, again_s=30 * S) for anchor in ANCHORS]
    watches[OF_RETURN] = watch(w.AT_RETURN, w.BY_SPEECH | w.BY_RETURNED)
    if verb == w.PROMPT:
        rungs = [prompt(i, 10) for i in range(6)]
    else:
        rungs = [rung(i, verb, w.HUB, w.TRACKER, 10, limit=999) for i in range(6)]
    return table(watches, rungs, gate=0, late=late)


def fires(case, minutes=1000):
    """{rung: minute} of what opens by itself."""
    return dict([(i, minute) for minute, _, _, _, _, i, _ in run(case, minutes)])


def test_each_moment_of_the_plan_starts_what_waits_for_it():
    case = planned(table=waiting(), check_in=30, return_by=90, day_ends=100)
    assert fires(case) == {OF_START: 10, OF_CHECK_IN: 40, OF_FINISH: 40, OF_T_END: 70, OF_RETURN: 100, OF_DAY: 110}


def test_without_an_agreed_check_in_the_finish_is_the_end_and_nothing_waits_for_what_is_not_planned():
    assert fires(planned(table=waiting())) == {OF_START: 10, OF_T_END: 70, OF_FINISH: 70}


def test_an_alarm_with_no_visit_waits_for_no_moment():
    case = Case(waiting(), w.PLAN_NONE, 0, START, END, START, START, START)
    assert case.next_deadline_ms() is None


def test_a_day_that_ends_before_the_visit_does_ends_that_much_after_the_visit():
    for day_ends, then in ((59, 60 + 60), (60, 60), (61, 61)):
        assert fires(planned(table=waiting(), day_ends=day_ends))[OF_DAY] == then + 10


def test_extending_moves_every_moment_of_the_end_by_the_same():
    case = planned(table=waiting(), return_by=90, day_ends=60)
    tell(case, w.EXTENDED, 5)
    assert case.times[T_END] == at(75) and case.times[PLANNED_END] == END and case.times[END_OF_DAY] == END
    assert fires(case) == {OF_T_END: 85, OF_FINISH: 85, OF_RETURN: 115, OF_DAY: 145}  # it answers the start


def test_extending_lets_what_it_answers_wait_for_the_new_end():
    case = planned(table=waiting(AGAIN))
    tell(case, w.EXTENDED, 5)
    assert fires(case, 200) == {OF_START: 35, OF_T_END: 85, OF_FINISH: 85}
    case = planned(table=waiting(AGAIN))
    until(case, 71)
    tell(case, w.EXTENDED, 100, w.TRACKER, value=END)
    assert fires(case, 200)[OF_T_END] == 130  # no later end: from the press, as after any contact


def test_extending_to_the_same_end_starts_nothing_anew():
    case = planned(table=waiting())
    tell(case, w.EXTENDED, 5, value=END)
    assert fires(case) == {OF_FINISH: 70}  # which this was too early for


def test_extending_leaves_an_agreed_check_in_where_it_is():
    case = planned(table=waiting(early=0), check_in=30)
    tell(case, w.EXTENDED, 5)
    fired = fires(case)
    assert fired[OF_FINISH] == 40 and fired[OF_CHECK_IN] == 40 and fired[OF_T_END] == 85


def test_extending_up_to_the_cap_and_never_back():
    case = planned(table=waiting())
    for value, end in ((0, 75), (at(90), 90), (at(80), 90), (0, 105), (at(180), 180), (at(999), 180), (0, 180)):
        tell(case, w.EXTENDED, 5, value=value)
        assert case.times[T_END] == at(end)


def alerted_by(anchor):
    """Ben was told that one of ANCHORS is past; nothing else runs."""
    case = planned(table=waiting(early=0, verb=w.TELL), check_in=-100, return_by=-100, day_ends=-100)
    for other in range(6):
        if other != anchor:
            case.ladder.end_watch(other, START)
    assert fires(case, 200) and case.ladder.has_alerted(ANCHORS[anchor])
    return case


def test_once_somebody_was_alerted_the_pendant_moves_the_end_and_not_what_runs_and_a_person_moves_both():
    for anchor in range(6):
        for by in (0, w.WORKER):
            case = alerted_by(anchor)
            base_ms, due_ms = case.ladder.base_ms[anchor], case.next_deadline_ms()
            tell(case, w.EXTENDED, 200, by)
            assert case.times[T_END] == at(75) and case.ladder.base_ms[anchor] == base_ms
            assert case.next_deadline_ms() == due_ms and case.evidence == 0
            tell(case, w.EXTENDED, 200, by, what=w.AT_FINISH, value=at(190))
            assert case.times[CHECK_IN] == at(180) and case.ladder.base_ms[anchor] == base_ms
        tell(case, w.EXTENDED, 200, w.TRACKER)
        assert case.times[T_END] == at(90)
        moved = ANCHORS[anchor] in (w.AT_T_END, w.AT_FINISH, w.AT_END_OF_DAY)
        assert (case.ladder.base_ms[anchor] != base_ms) == moved


def chased(anchor, flags, check_in=None, day_ends=None):
    """Cora calls from the moment of `anchor`, the pendant prompts then; she decides if the call fails."""
    watches = [watch(anchor, ANY | w.BY_DECIDED, flags, again_s=60 * S), watch(anchor, ANY, early_by=ANY)]
    rungs = [call(0, w.MANAGER, w.WORKER), decide(0, w.MANAGER, 0, FAILED, 0), prompt(1)]
    return planned(table=table(watches, rungs, gate=0, late=60), check_in=check_in, day_ends=day_ends)


def test_what_has_alerted_nobody_moves_with_a_late_extension_where_its_moment_is_still_ahead():
    for end, heard in ((62, []), (63, [(63, w.PROMPT)])):
        case = chased(w.AT_T_END, 0)
        assert [one[:2] for one in until(case, 60)] == [(60, w.CALL), (60, w.PROMPT)]
        assert tell(case, w.EXTENDED, 61, value=at(end), late=1) == []
        assert [one[:2] for one in until(case, 69)] == heard and case.ladder.due_ms(0) == at(70)


def test_a_chase_that_a_person_closes_begins_anew_at_what_was_put_off_meanwhile():
    for anchor, value, due in ((w.AT_T_END, 90, 90), (w.AT_END_OF_DAY, 90, 150), (w.AT_FINISH, 90, 90)):
        for flags in (0, AGAIN) if anchor != w.AT_FINISH else (AGAIN,):
            case = chased(anchor, flags, day_ends=60)
            until(case, 60)
            tell(case, w.EXTENDED, 61, value=at(value))
            assert case.ladder.has_alerted(anchor)
            tell(case, w.SPOKE, 62, w.MANAGER)
            assert run(case, due)[0][:2] == (due, w.CALL)


def test_so_does_one_for_a_check_in():
    for anchor, flags in ((w.AT_CHECK_IN, 0), (w.AT_CHECK_IN, AGAIN), (w.AT_FINISH, AGAIN)):
        after = [60] if flags else []
        for agreed, spoken, due in ((50, 32, [50]), (40, 39, [40]), (40, 40, after), (40, 45, after)):
            case = chased(anchor, flags, check_in=30)
            until(case, 30)
            tell(case, w.EXTENDED, 31, what=w.AT_FINISH, value=at(agreed))
            assert case.ladder.base_ms[0] == at(30)
            until(case, 39 if spoken > 32 else 31)
            tell(case, w.SPOKE, spoken, w.MANAGER)
            assert case.times[CHECK_IN] == (at(agreed) if due == [agreed] else None)
            assert [one[0] for one in run(case, 60) if one[1:3] == (w.CALL, w.MANAGER)] == due


def test_so_does_one_that_ends_with_a_decision():
    case = chased(w.AT_CHECK_IN, 0, check_in=30)
    until(case, 30)
    tell(case, w.CALL_NO_ANSWER, 31, w.MANAGER, w.WORKER)
    tell(case, w.EXTENDED, 32, what=w.AT_FINISH, value=at(50))
    tell(case, w.DECIDED, 33, w.MANAGER, what=w.NOT_POLICE)
    assert [one[:2] for one in run(case, 50)] == [(50, w.CALL), (50, w.PROMPT)]


def test_a_check_in_that_ended_with_a_decision_was_had_and_the_finish_comes_next():
    watches = [watch(w.AT_FINISH, ANY | w.BY_DECIDED, AGAIN, early_by=ANY, again_s=60 * S)]
    case = planned(table=table(watches, [decide(0, w.MANAGER)], gate=0), check_in=30)
    until(case, 30)
    tell(case, w.DECIDED, 33, w.MANAGER, what=w.NOT_POLICE)
    assert case.times[CHECK_IN] is None and case.next_deadline_ms() == at(60)
    assert tell(case, w.EXTENDED, 35, value=at(90)) == []
    assert case.next_deadline_ms() == at(90)


def test_what_was_not_put_off_begins_no_more():
    for anchor in range(6):
        case = alerted_by(anchor)
        tell(case, w.SPOKE, 201, w.TRACKER)
        assert case.next_deadline_ms() is None
    case = chased(w.AT_START, 0)
    until(case, 0)
    tell(case, w.EXTENDED, 1, value=at(90))
    tell(case, w.SPOKE, 2, w.MANAGER)
    assert case.next_deadline_ms() is None


def test_nor_does_it_after_whatever_else_closed_the_chase():
    for kind, answers in (
        (w.STAND_DOWN, w.BY_STAND_DOWN),
        (w.ABANDONED, w.BY_ABANDONED),
        (w.ACKNOWLEDGED, w.BY_ACKNOWLEDGED),
        (w.DONE, w.BY_RECORDED),
        (w.RESOLVED, w.BY_RESOLVED),
        (w.SEEN, w.BY_SEEN),
    ):
        case = inside(table([watch(w.AT_T_END, answers)], [call(0, w.MANAGER, w.WORKER)]))
        assert until(case, 60) == [(60, w.CALL, w.MANAGER, w.WORKER)]
        tell(case, w.SOS, 61)
        assert (w.CALL, w.MANAGER, w.WORKER) not in tell(case, kind, 62, w.MANAGER)
        assert case.next_deadline_ms() is None


def test_nor_does_it_where_news_of_the_arrival_closed_the_chase():
    case = planned(table=table([watch(w.AT_T_END, w.BY_ARRIVAL_SPOKEN)], [call(0, w.MANAGER, w.WORKER)]))
    until(case, 60)
    tell(case, w.SPOKE_ARRIVAL, 62, w.MANAGER)
    assert tell(case, w.ARRIVED, 61, late=2) == [(w.CLEAR, w.HUB, w.WORKER)]
    assert case.next_deadline_ms() is None


def test_a_prompt_alerts_nobody():
    case = planned(table=waiting(early=0))
    fires(case)
    again = tell(case, w.EXTENDED, 200)  # to a moment that is past as well
    assert case.times[T_END] == at(75) and case.evidence == 0
    assert again == [(w.PROMPT, w.PENDANT, w.WORKER)] * 2


def test_nothing_extends_an_alarm_or_a_visit_that_is_over():
    case = Case(waiting())
    for n in range(1, 4):
        tell(case, w.EXTENDED, 5)
        assert case.evidence == n and case.times == [None] * 8
    case = planned(table=waiting())
    tell(case, w.CANCELLED, 1)
    tell(case, w.EXTENDED, 5)
    assert case.evidence == 1 and case.times[T_END] == END


def test_a_new_check_in_moves_the_check_in_and_not_the_end():
    case = planned(table=waiting(), check_in=30)
    tell(case, w.EXTENDED, 5, what=w.AT_FINISH, value=at(50))
    assert case.times[CHECK_IN] == at(50) and case.times[T_END] == END
    assert fires(case) == {OF_CHECK_IN: 60, OF_FINISH: 60}
    case = planned(table=waiting(), check_in=30)
    tell(case, w.EXTENDED, 5, what=w.AT_FINISH)
    assert case.times[CHECK_IN] == at(45)


def test_a_check_in_can_be_agreed_on_the_way_and_is_capped_like_the_end():
    case = planned(table=waiting())
    tell(case, w.EXTENDED, 5, what=w.AT_FINISH)
    assert case.times[CHECK_IN] == at(75)  # one step after the end, since none was agreed
    tell(case, w.EXTENDED, 5, what=w.AT_FINISH, value=at(999))
    assert case.times[CHECK_IN] == at(180)
    tell(case, w.EXTENDED, 5, what=w.AT_FINISH, value=at(20))
    assert case.times[CHECK_IN] == at(20)


def test_a_check_in_that_was_made_is_had_and_the_finish_comes_next():
    for kind, by in ((w.CHECKED_IN, 0), (w.SPOKE, w.TRACKER)):
        case = planned(table=waiting(AGAIN, w.BY_REPORT | w.BY_SPEECH), check_in=30)
        case.ladder.end_watch(OF_START, START)
        name = case.ladder.report_name()
        tell(case, kind, 25, by, what=name)
        assert case.times[CHECK_IN] is None
        again = restore(case.table, case.snapshot())
        assert fires(case)[OF_FINISH] == fires(again)[OF_FINISH] == 70


def test_contact_after_the_end_lets_everything_wait_from_the_contact():
    case = planned(table=waiting(AGAIN))
    until(case, 71)
    tell(case, w.SPOKE, 75, w.TRACKER)
    assert fires(case) == {OF_START: 105, OF_T_END: 105, OF_FINISH: 105}


def test_a_visit_that_has_not_started_waits_for_its_start_again():
    case = planned(table=waiting(AGAIN))
    tell(case, w.CHECKED_IN, -5, what=case.ladder.report_name())
    assert fires(case, 20) == {OF_START: 10}
    assert case.evidence == 0


def test_what_is_no_contact_lets_nothing_wait_again():
    case = planned(table=waiting(AGAIN, w.BY_REPORT))
    watches = [watch(w.AT_T_END, w.BY_STAND_DOWN | w.BY_DECIDED, AGAIN, early_by=w.BY_STAND_DOWN, again_s=600)]
    case = planned(table=table(watches, [prompt(0, 10)]))
    tell(case, w.STAND_DOWN, 5)
    assert case.next_deadline_ms() is None


def test_contact_at_or_after_the_end_counts_where_the_file_says_so_before_any_rung_has_opened():
    answers = w.BY_SPEECH | w.BY_AFTER_END
    watches = [watch(w.AT_T_END, answers, early_by=w.BY_AFTER_END, mark=w.RULE_MARK_CALL_BACK)]
    for kind, by in ((w.CHECKED_IN, 0), (w.SPOKE, w.TRACKER), (w.EXTENDED, w.TRACKER)):
        for minutes, running in ((59, True), (60, False), (65, False)):
            case = planned(table=table(watches, [prompt(0, 10)]))
            tell(case, kind, minutes, by, value=END)
            assert case.ladder.running(w.AT_T_END) == running
            assert case.evidence == (kind == w.CHECKED_IN and running)


def test_what_is_no_contact_is_none_after_the_end_either():
    watches = [watch(w.AT_T_END, w.BY_AFTER_END, early_by=w.BY_AFTER_END)]
    case = planned(table=table(watches, [prompt(0, 10)]))
    for kind in (w.SEEN, w.STAND_DOWN, w.RESOLVED):
        tell(case, kind, 65, w.TRACKER)
    assert case.ladder.running(w.AT_T_END)


def test_a_check_in_after_the_end_ends_for_good_what_only_that_answers():
    for anchor in (w.AT_FINISH, w.AT_T_END):
        watches = [watch(anchor, w.BY_AFTER_END, AGAIN, early_by=w.BY_AFTER_END, again_s=600)]
        case = planned(table=table(watches, [prompt(0, 10)]))
        tell(case, w.CHECKED_IN, 61)
        assert case.next_deadline_ms() is None
    case = Case(case.table)
    tell(case, w.SPOKE, 61, w.TRACKER)  # an alarm has no end to come after
    assert case.next_deadline_ms() is None


def test_a_report_that_names_nothing_is_evidence():
    case = planned(table=waiting())
    for what in (0, case.ladder.report_name() + 1):
        before = case.snapshot()
        tell(case, w.CHECKED_IN, 5, what=what)
        assert case.snapshot() == before
    assert case.evidence == 2


def test_late_news_starts_what_was_due_at_once():
    case = planned(table=table([watch(w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN)], [told(0, w.TRACKER), told(0, w.MANAGER, 5)]))
    heard = tell(case, w.ARRIVED, 0, late=6)
    assert heard == [(w.TELL, w.HUB, w.TRACKER), (w.TELL, w.HUB, w.MANAGER)]


def test_a_faster_pace_moves_every_length_and_no_moment():
    watches = [watch(w.AT_T_END, ANY, early_by=w.BY_REPORT)]
    case = planned(table=table(watches, [prompt(0, 10)], late=60, pace=1000), day_ends=0)
    assert case.next_deadline_ms() == END + 10_000
    tell(case, w.EXTENDED, 5)
    assert case.times[T_END] == END + 15_000
    tell(case, w.EXTENDED, 5, value=END + 999 * MINUTE)
    assert case.times[T_END] == END + 120_000


def test_a_snapshot_keeps_every_moment():
    case = inside(waiting(), w.PLAN_RISK)
    tell(case, w.EXTENDED, 5, what=w.AT_FINISH, value=at(50))
    tell(case, w.DEPARTED, 6)
    again = restore(case.table, case.snapshot())
    assert again.times == case.times
    assert (again.plan, again.visit_id, again.state, again.slots) == (case.plan, 7, case.state, case.slots)
    assert again.ladder.plan == w.PLAN_RISK
    assert fires(again) == fires(case)
