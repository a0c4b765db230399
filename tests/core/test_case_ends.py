"""How a visit ends, or is kept from beginning: by whose word, and what that starts or stops."""

from one_case import END, at, hear, inside, planned, run, tell, until
from small_table import ANY, MINUTE, S, call, decide, dial_999, prompt, rung, table, watch
from small_table import tell as told
from watchword_core import visit
from watchword_core import words as w
from watchword_core.case import restore
from watchword_core.moments import ARRIVED, DEPARTED, T_ARRIVE
from watchword_core.table import AGAIN, Forbid

BEN, CORA = w.TRACKER, w.MANAGER
CLOSED = [(w.CLOSE, w.HUB, w.WORKER)]


def on(anchor, rungs=None, answered_by=w.BY_RESOLVED, ends=w.BY_DEPARTURE_SPOKEN, gate=1, forbids=(), early=0):
    """A table that tells Ben when `anchor` comes, and has Ben call an hour after the end."""
    watches = [watch(anchor, answered_by, early_by=early), watch(w.AT_T_END, ANY | w.BY_DEPARTED | w.BY_RETURNED)]
    return table(watches, (rungs or [told(0, BEN)]) + [call(1, BEN, w.WORKER, 60)], gate, ends, forbids)


def test_a_spoken_departure_is_marked_closes_the_visit_and_starts_what_follows_it():
    case = inside(on(w.AT_CLOSED))
    assert hear(case, w.SPOKE_DEPARTURE, 30, BEN) == [
        (30, w.MARK, BEN, w.WORKER, 0, w.RULE_MARK_D, 0),
        (30, w.CLOSE, w.HUB, w.WORKER, 0, w.RULE_CLOSE_NO_RISK, 0),
        (30, w.TELL, w.HUB, BEN, 0, 0, 0),
    ]
    assert case.state == visit.CLOSED and case.next_deadline_ms() is None


def test_a_visit_with_a_risk_is_closed_by_a_rule_of_its_own():
    case = inside(on(w.AT_CLOSED), w.PLAN_RISK)
    assert hear(case, w.SPOKE_DEPARTURE, 30, BEN)[1] == (30, w.CLOSE, w.HUB, w.WORKER, 0, w.RULE_CLOSE, 0)
    case = planned(w.PLAN_RISK, table=on(w.AT_CANCELLED))
    assert hear(case, w.CANCELLED, -30, BEN)[0] == (-30, w.CLOSE, w.HUB, w.WORKER, 0, w.RULE_CANCEL, 0)


def test_where_only_speech_ends_it_leaving_and_returning_do_not():
    case = inside(on(w.AT_DEPARTED))
    assert tell(case, w.DEPARTED, 30) == [(w.TELL, w.HUB, BEN)]
    assert case.state == visit.LEAVING and case.times[DEPARTED] == at(30)
    assert tell(case, w.DEPARTED, 31) == [] and case.times[DEPARTED] == at(30) and case.evidence == 1
    assert tell(case, w.RETURNED, 40) == [] and case.state == visit.LEAVING


def test_where_a_report_ends_it_leaving_does_and_speech_is_not_marked():
    for kind, by in ((w.DEPARTED, 0), (w.SPOKE_DEPARTURE, BEN), (w.RETURNED, 0)):
        case = inside(on(w.AT_CLOSED, ends=w.BY_DEPARTED))
        assert tell(case, kind, 30, by) == CLOSED + [(w.TELL, w.HUB, BEN)]
        assert case.state == visit.CLOSED


def test_where_the_return_ends_it_only_the_return_does():
    case = inside(on(w.AT_LEFT, ends=w.BY_RETURNED))
    tell(case, w.DEPARTED, 30)
    tell(case, w.SPOKE_DEPARTURE, 31, BEN)
    assert case.state == visit.LEAVING
    assert tell(case, w.RETURNED, 40) == CLOSED


def test_who_is_awaited_back_is_not_done_when_leaving():
    ends = w.BY_DEPARTED | w.BY_RETURNED
    for plan, after in ((0, visit.CLOSED), (w.PLAN_RETURNING, visit.LEAVING)):
        for kind, by in ((w.DEPARTED, 0), (w.SPOKE_DEPARTURE, BEN)):
            case = inside(on(w.AT_LEFT, ends=ends), plan)
            tell(case, kind, 30, by)
            assert case.state == (after if kind == w.DEPARTED or not plan else visit.INSIDE)
            assert tell(case, w.RETURNED, 40) == (CLOSED if plan else [])
    case = inside(on(w.AT_LEFT, ends=w.BY_DEPARTED), w.PLAN_RETURNING)
    tell(case, w.DEPARTED, 30)
    assert case.state == visit.CLOSED  # nothing in this file waits for the return


def test_once_a_person_was_asked_a_report_is_evidence_and_a_person_closes():
    for kind in (w.DEPARTED, w.RETURNED):
        case = inside(on(w.AT_LEFT, ends=w.BY_DEPARTED | w.BY_RETURNED))
        assert until(case, 120) == [(120, w.CALL, BEN, w.WORKER)]
        assert tell(case, kind, 121) == [] and case.state != visit.CLOSED
        assert case.evidence == 1 and case.ladder.open_rungs() == [1]
        assert tell(case, w.SPOKE_DEPARTURE, 122, BEN) == CLOSED
        assert case.finished()


def test_every_late_report_is_counted():
    case = inside(on(w.AT_LEFT, ends=w.BY_DEPARTED))
    until(case, 120)
    for n in range(1, 4):
        tell(case, w.RETURNED, 120 + n)
        assert case.evidence == n


def test_speech_about_the_departure_of_somebody_awaited_back_is_speech():
    watches = [
        watch(w.AT_T_END, w.BY_SPEECH, AGAIN, early_by=w.BY_SPEECH, again_s=30 * S),
        watch(w.AT_SILENT, w.BY_SPEECH),
        watch(w.AT_DEPARTED, w.BY_DEPARTURE_SPOKEN),
        watch(w.AT_ARRIVED, w.BY_DEPARTED),
    ]
    rungs = [prompt(0), told(1, BEN), told(2, BEN), prompt(3)]
    case = inside(table(watches, rungs, ends=w.BY_RETURNED | w.BY_DEPARTED), w.PLAN_RETURNING)
    until(case, 60)
    for kind in (w.SILENT, w.DEPARTED):
        tell(case, kind, 70)
    assert case.state == visit.LEAVING and not case.ladder.running(w.AT_ARRIVED)
    tell(case, w.SPOKE_DEPARTURE, 71, BEN)
    assert not case.ladder.running(w.AT_SILENT) and not case.ladder.running(w.AT_DEPARTED)
    assert case.next_deadline_ms() == at(101)


def test_who_was_awaited_back_and_missed_returns_and_a_person_closes():
    ends = w.BY_RETURNED | w.BY_DEPARTED
    case = inside(on(w.AT_DEPARTED, ends=ends), w.PLAN_RETURNING | w.PLAN_RISK)
    until(case, 120)
    assert tell(case, w.RETURNED, 121) == []
    assert case.state == visit.LEAVING and case.evidence == 1
    assert case.plan == case.ladder.plan == w.PLAN_RISK
    assert tell(case, w.SPOKE_DEPARTURE, 122, BEN) == CLOSED
    case = inside(on(w.AT_LEFT, ends=w.BY_DEPARTED), w.PLAN_RETURNING)
    until(case, 120)
    tell(case, w.RETURNED, 121)  # this file awaits nobody back
    assert case.plan == w.PLAN_RETURNING and case.state == visit.INSIDE
    case = inside(on(w.AT_LEFT, ends=ends), w.PLAN_RETURNING)
    tell(case, w.RETURNED, 50)
    assert case.plan == w.PLAN_RETURNING and case.state == visit.CLOSED


def test_closing_stops_what_the_visit_waits_for_and_nothing_general():
    anchors = (w.AT_T_ARRIVE, w.AT_DEPARTED, w.AT_SILENT, w.AT_WORRIED, w.AT_NO_SIGNAL)
    anchors += (w.AT_ALARM, w.AT_DURESS, w.AT_AT_RISK, w.AT_ACKNOWLEDGED, w.AT_RECORDED, w.AT_POLICE, w.AT_999_DIALLED)
    watches = [watch(anchor, w.BY_RESOLVED) for anchor in anchors]
    case = inside(table(watches, [decide(i, CORA, 30) for i in range(len(anchors))]))
    for anchor in anchors:
        case.ladder.start(anchor, at(5))
    with_alarm = restore(case.table, case.snapshot())
    tell(case, w.SPOKE_DEPARTURE, 10, BEN)
    # With no alarm open nobody is asked what came of one.
    kept = [anchor for anchor in anchors[5:] if anchor != w.AT_RECORDED]
    assert [anchor for anchor in anchors if case.ladder.running(anchor)] == kept
    tell(with_alarm, w.SOS, 9)
    tell(with_alarm, w.SPOKE_DEPARTURE, 10, BEN)
    assert [anchor for anchor in anchors if with_alarm.ladder.running(anchor)] == list(anchors[5:])


def test_a_cancelled_visit_is_over_and_starts_what_the_file_says():
    case = planned(table=on(w.AT_CANCELLED))
    assert hear(case, w.CANCELLED, -30, BEN) == [
        (-30, w.CLOSE, w.HUB, w.WORKER, 0, w.RULE_CANCEL, 0),
        (-30, w.MARK, BEN, w.WORKER, 0, w.RULE_CANCEL, 0),
        (-30, w.TELL, w.HUB, BEN, 0, 0, 0),
    ]
    assert case.finished() is (case.table.rungs[0].limit_s == 0)
    case = planned(table=on(w.AT_CLOSED))
    assert (w.TELL, w.HUB, BEN) not in tell(case, w.CANCELLED, -30, BEN)
    case = inside(on(w.AT_CANCELLED))
    tell(case, w.SPOKE_DEPARTURE, 10, BEN)
    assert not case.ladder.running(w.AT_CANCELLED)
    assert tell(case, w.CANCELLED, 11, BEN) == []


def test_a_visit_cancelled_inside_waits_for_the_departure():
    case = inside(on(w.AT_CANCELLED))
    assert tell(case, w.CANCELLED, 10, BEN) == [(w.MARK, BEN, w.WORKER)]
    assert case.state == visit.LEAVING
    assert tell(case, w.CANCELLED, 11, BEN) == []


def test_an_abandoned_visit_waits_for_the_departure():
    case = inside(on(w.AT_DEPARTED))
    assert hear(case, w.ABANDONED, 10, BEN) == [(10, w.MARK, BEN, w.WORKER, 0, w.RULE_ABANDON, 0)]
    assert case.state == visit.LEAVING and case.times[DEPARTED] == at(10)
    tell(case, w.ABANDONED, 12, BEN)
    assert case.times[DEPARTED] == at(10)


def test_abandoning_is_a_report_too_and_nobody_waits_for_the_arrival_any_more():
    watches = [watch(w.AT_START, ANY, AGAIN, again_s=10 * S), watch(w.AT_T_END, w.BY_REPORT, AGAIN, again_s=20 * S)]
    rungs = [call(0, BEN, w.WORKER, 20), prompt(1)]
    case = planned(table=table(watches, rungs))
    run(case, 60)
    case.ladder.start(w.AT_START, at(50))
    tell(case, w.ABANDONED, 65, BEN)
    assert not case.ladder.running(w.AT_START)
    assert until(case, 90) == [(85, w.PROMPT, w.PENDANT, w.WORKER)]
    again = restore(case.table, case.snapshot())
    again.ladder.start(w.AT_START, at(50))
    tell(again, w.ABANDONED, 91, BEN)
    assert again.ladder.running(w.AT_START)  # abandoned once already: it changes nothing more


def test_standing_down_ends_what_it_answers_and_is_marked():
    case = inside(on(w.AT_T_ARRIVE, [call(0, BEN, w.WORKER, 20)], w.BY_STAND_DOWN, early=w.BY_STAND_DOWN))
    assert hear(case, w.STAND_DOWN, 10, BEN) == [(10, w.MARK, BEN, w.WORKER, 0, w.RULE_STAND_DOWN, 0)]
    assert not case.ladder.running(w.AT_T_ARRIVE) and case.door_open()


def test_a_watch_answered_by_speech_is_marked_where_the_file_says_so():
    watches = [watch(w.AT_T_ARRIVE, ANY, early_by=ANY, mark=w.RULE_MARK_CALL_BACK)]
    case = inside(table(watches, [call(0, BEN, w.WORKER, 20)]))
    assert hear(case, w.SPOKE, 10, BEN) == [(10, w.MARK, BEN, w.WORKER, 0, w.RULE_MARK_CALL_BACK, 0)]
    assert tell(case, w.SPOKE, 11, BEN) == []
    case = inside(table(watches, [call(0, BEN, w.WORKER, 20)]))
    assert tell(case, w.CHECKED_IN, 10, what=case.ladder.report_name()) == []
    answers = w.BY_SPEECH | w.BY_STAND_DOWN
    watches = [watch(w.AT_T_ARRIVE, answers, early_by=answers, mark=w.RULE_MARK_CALL_BACK)]
    case = inside(table(watches, [call(0, BEN, w.WORKER, 20)]))
    assert [one[5] for one in hear(case, w.STAND_DOWN, 10, BEN)] == [w.RULE_STAND_DOWN]


def test_it_is_marked_when_it_was_said_whatever_the_speech_was_about():
    watches = [watch(w.AT_START, w.BY_SPEECH, early_by=w.BY_SPEECH, mark=w.RULE_MARK_CALL_BACK)]
    for before, kind, who in (
        ((), w.SPOKE_ARRIVAL, 0),
        ((w.ARRIVED,), w.SPOKE_ARRIVAL, 0),
        ((w.ARRIVED,), w.CALL_SAFE, w.TEAM),
        ((w.ARRIVED, w.DEPARTED), w.SPOKE_DEPARTURE, 0),
    ):
        case = planned(table=table(watches, [prompt(0, 90)], ends=w.BY_RETURNED))
        for earlier in before:
            tell(case, earlier, 10)
        assert (11, w.MARK, BEN, w.WORKER, 0, w.RULE_MARK_CALL_BACK, 0) in hear(case, kind, 11, BEN, who)


def test_leaving_for_the_visit_starts_what_waits_for_it():
    case = planned(table=on(w.AT_LEFT, [told(0, BEN, 5)]))
    assert tell(case, w.LEFT_FOR_VISIT, -30) == []
    assert until(case, -25) == [(-25, w.TELL, w.HUB, BEN)]


def test_who_leaves_twice_is_told_of_once():
    case = planned(table=on(w.AT_LEFT, [told(0, BEN, 5)]))
    tell(case, w.LEFT_FOR_VISIT, -30)
    tell(case, w.LEFT_FOR_VISIT, -27)
    assert [row[0] for row in run(case, 30)] == [-25]


# -- the door


def test_arriving_answers_what_waits_for_it_and_starts_what_follows():
    watches = [watch(w.AT_START, w.BY_ARRIVED), watch(w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN), watch(w.AT_T_ARRIVE, ANY)]
    rungs = [prompt(0), told(0, BEN, 20), told(1, BEN), told(1, CORA, 5), prompt(2, 20)]
    case = planned(table=table(watches, rungs))
    assert until(case, 0) == [(0, w.PROMPT, w.PENDANT, w.WORKER)]
    assert hear(case, w.ARRIVED, 1) == [(1, w.TELL, w.HUB, BEN, 0, 2, 0)]
    assert case.times[ARRIVED] == at(1) and case.times[T_ARRIVE] is None
    assert until(case, 6) == [(6, w.TELL, w.HUB, CORA)]
    assert hear(case, w.SPOKE_ARRIVAL, 7, BEN) == [(7, w.CLEAR, w.HUB, w.WORKER, 0, w.RULE_CLEAR, 0)]
    assert until(case, 50) == [(27, w.PROMPT, w.PENDANT, w.WORKER)]


def test_speech_at_the_door_is_the_arrival_and_speech():
    watches = [watch(w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN), watch(w.AT_START, w.BY_SPEECH)]
    case = planned(table=table(watches, [told(0, BEN), prompt(1)]))
    until(case, 0)
    tell(case, w.ARRIVED, 1)
    tell(case, w.SPOKE_ARRIVAL, 2, BEN)
    assert not case.ladder.running(w.AT_ARRIVED) and not case.ladder.running(w.AT_START)


def test_speech_that_comes_as_an_arrival_once_more_is_contact():
    watches = [watch(w.AT_T_END, w.BY_SPEECH, AGAIN, again_s=30 * S)]
    case = inside(table(watches, [prompt(0)]))
    until(case, 60)
    tell(case, w.SPOKE_ARRIVAL, 61, BEN)
    assert case.next_deadline_ms() == at(91)


def test_all_that_comes_too_early_or_twice_is_counted():
    case = planned()
    for n in range(1, 4):
        tell(case, w.SPOKE_ARRIVAL, -n, BEN)
        assert case.evidence == n
    tell(case, w.ARRIVED, 0)
    for n in range(4, 7):
        tell(case, w.ARRIVED, n)
        assert case.evidence == n


def test_speech_about_the_arrival_is_speech_before_and_after_it():
    case = planned(table=on(w.AT_START, answered_by=w.BY_SPEECH))
    until(case, 0)
    tell(case, w.SPOKE_ARRIVAL, 1, BEN)
    assert not case.ladder.running(w.AT_START) and case.evidence == 1
    case = inside(on(w.AT_T_ARRIVE, answered_by=w.BY_SPEECH))
    tell(case, w.SPOKE_ARRIVAL, 3, BEN)
    assert not case.ladder.running(w.AT_T_ARRIVE) and case.evidence == 0


def test_a_forbidden_plan_starts_what_arriving_starts_and_lets_nobody_in():
    for gate in (0, 1):
        forbids = [Forbid(w.PLAN_UNSCHEDULED, w.PLAN_RISK, 220), Forbid(w.PLAN_FIRST_VISIT, 0, 221)]
        made = on(w.AT_ARRIVED, gate=gate, forbids=forbids)
        case = planned(w.PLAN_UNSCHEDULED | w.PLAN_FIRST_VISIT | w.PLAN_RISK, table=made)
        assert hear(case, w.ARRIVED, 0) == [
            (0, w.REFUSE, w.HUB, w.WORKER, 0, 221, 0),
            (0, w.TELL, w.HUB, BEN, 0, 0, 0),
        ]
        assert hear(case, w.SPOKE_ARRIVAL, 1, BEN) == [(1, w.REFUSE, w.HUB, w.WORKER, 0, 221, 0)]
        assert case.state == visit.AT_DOOR and case.times[T_ARRIVE] is None
        assert planned(w.PLAN_UNSCHEDULED, table=made).refusal() == 220
        assert planned(w.PLAN_RISK, table=made).refusal() is None


def no_signal(*rungs):
    return on(w.AT_NO_SIGNAL, list(rungs), w.BY_DECIDED, gate=0)


REFUSE = rung(0, w.REFUSE, w.HUB, w.WORKER)


def test_no_signal_bars_the_door_where_the_file_says_so():
    case = planned(table=no_signal(REFUSE, decide(0, CORA)))
    tell(case, w.ARRIVED, 0)
    assert case.door_open()
    assert tell(case, w.NO_SIGNAL, 1) == [(w.REFUSE, w.HUB, w.WORKER), (w.DECIDE, CORA, 0)]
    assert case.state == visit.AT_DOOR
    assert tell(case, w.NO_SIGNAL, 2) == []  # it is known


def test_a_barred_door_lets_nobody_in_by_arriving():
    case = planned(table=no_signal(REFUSE, decide(0, CORA)))
    tell(case, w.NO_SIGNAL, -1)
    assert case.state == visit.PLANNED
    assert tell(case, w.ARRIVED, 0) == [] and case.state == visit.AT_DOOR
    tell(case, w.DECIDED, 1, CORA, what=w.NOT_POLICE)
    assert tell(case, w.SPOKE_ARRIVAL, 2, CORA) == [(w.CLEAR, w.HUB, w.WORKER)]


def test_elsewhere_no_signal_keeps_nobody_out():
    case = planned(table=no_signal(told(0, BEN)))
    tell(case, w.ARRIVED, 0)
    assert tell(case, w.NO_SIGNAL, 1) == [(w.TELL, w.HUB, BEN)] and case.door_open()


def test_a_closed_visit_takes_no_step_more():
    case = inside(on(w.AT_LEFT, [dial_999(0, CORA, 999)]))
    tell(case, w.SPOKE_DEPARTURE, 5, BEN)
    for kind in (w.ARRIVED, w.DEPARTED, w.RETURNED, w.SPOKE_ARRIVAL, w.SPOKE_DEPARTURE, w.NO_SIGNAL):
        assert tell(case, kind, 7, BEN) == []
        assert case.finished() and case.times[DEPARTED] is None
    assert case.times[T_ARRIVE] == at(2) and at(60) == END and run(case, 60 * MINUTE) == []


def test_standing_down_or_abandoning_on_the_call_back_marks_it_done_and_before_it_does_not():
    answers = w.BY_SPEECH | w.BY_STAND_DOWN | w.BY_ABANDONED | w.BY_SEEN
    for kind, marked in ((w.STAND_DOWN, True), (w.ABANDONED, True), (w.SEEN, False)):
        for minutes in (21, 22):
            watches = [watch(w.AT_T_ARRIVE, answers, early_by=answers, mark=w.RULE_MARK_CALL_BACK)]
            case = inside(table(watches, [call(0, BEN, w.WORKER, 20)]))
            until(case, minutes)
            marks = [one[5] for one in hear(case, kind, minutes, BEN)]
            assert (w.RULE_MARK_CALL_BACK in marks) == (marked and minutes == 22)
            assert not case.ladder.running(w.AT_T_ARRIVE)
