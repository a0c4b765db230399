"""News that comes late: what was said or pressed meanwhile counts for its own moment, and for nothing after it."""

from one_case import at, hear, inside, planned, run, tell, until
from small_table import ANY, S, call, dial_999, prompt, table, watch
from small_table import tell as told
from watchword_core import visit
from watchword_core import words as w
from watchword_core.case import restore
from watchword_core.moments import CHECK_IN, DEPARTED, T_ARRIVE
from watchword_core.table import AGAIN

BEN, CORA = w.TRACKER, w.MANAGER
CLEAR, CLOSE = (w.CLEAR, w.HUB, w.WORKER), (w.CLOSE, w.HUB, w.WORKER)
D = (w.MARK, BEN, w.WORKER)
TO_BEN = (w.TELL, w.HUB, BEN)


def door(ends=w.BY_DEPARTURE_SPOKEN):
    """Ben is told of the arrival, Cora five minutes later; the call-back is 20 minutes after the door was opened."""
    watches = [watch(w.AT_ARRIVED, w.BY_ARRIVAL_SPOKEN), watch(w.AT_T_ARRIVE, w.BY_SPEECH), watch(w.AT_T_END, ANY)]
    return table(watches, [told(0, BEN), told(0, CORA, 5), prompt(1, 20), call(2, BEN, w.WORKER)], ends=ends)


# -- the door


def test_whoever_spoke_with_her_at_the_door_opens_it_when_her_arrival_is_known():
    for kind, who in ((w.SPOKE_ARRIVAL, 0), (w.CALL_SAFE, w.WORKER)):
        case = planned(table=door())
        assert tell(case, kind, 2, BEN, who) == [] and case.state == visit.PLANNED
        case = restore(case.table, case.snapshot())
        assert sorted(tell(case, w.ARRIVED, 0, late=9)) == [TO_BEN, CLEAR]
        assert case.door_open() and case.times[T_ARRIVE] == at(2)
        assert until(case, 59) == [(22, w.PROMPT, w.PENDANT, w.WORKER)]


def test_whoever_spoke_with_her_in_the_moment_of_her_arrival_opens_the_door_too():
    case = planned(table=door())
    tell(case, w.SPOKE_ARRIVAL, 2, BEN)
    assert CLEAR in tell(case, w.ARRIVED, 2, late=9)


def test_whoever_is_told_late_of_an_arrival_is_told_now():
    case = planned(table=door())
    tell(case, w.SPOKE_ARRIVAL, 2, BEN)
    assert [one[:4] for one in hear(case, w.ARRIVED, 0, late=9)] == [(9,) + CLEAR, (9,) + TO_BEN]


def test_whoever_spoke_with_her_before_she_arrived_opens_nothing():
    for minutes, late in ((3, 0), (3, 9), (2, 0)):
        case = planned(table=door())
        tell(case, w.SPOKE_ARRIVAL, 2, BEN)
        assert CLEAR not in tell(case, w.ARRIVED, minutes, late=late)
        assert case.state == visit.AT_DOOR and case.times[T_ARRIVE] is None


def test_speech_about_something_else_or_with_no_staff_opens_nothing_later():
    for kind, by in ((w.SPOKE, BEN), (w.SPOKE_ARRIVAL, w.CLIENT), (w.SPOKE_ARRIVAL, w.EMERGENCY_CONTACT)):
        case = planned(table=door())
        tell(case, kind, 2, by)
        assert CLEAR not in tell(case, w.ARRIVED, 0, late=9)


def test_a_forbidden_visit_is_refused_however_late_its_arrival_is_known():
    case = planned(w.PLAN_NO_TRACKER)
    tell(case, w.SPOKE_ARRIVAL, 2, CORA)
    heard = tell(case, w.ARRIVED, 0, late=9)
    assert (w.REFUSE, w.HUB, w.WORKER) in heard and CLEAR not in heard


def test_old_speech_answers_no_call_that_came_after_it():
    case = planned(table=door())
    tell(case, w.SPOKE_ARRIVAL, 2, BEN)
    until(case, 60)
    tell(case, w.ARRIVED, 0, late=61)
    assert case.door_open() and case.ladder.has_alerted(w.AT_T_END)


# -- the departure


def spoken_while_inside(minutes=30, kind=w.SPOKE, who=0, what=w.WHATEVER_WAS_DUE, ends=w.BY_DEPARTURE_SPOKEN):
    case = inside(door(ends))
    until(case, min(minutes, 29))
    tell(case, kind, minutes, BEN, who, what)
    until(case, 29)
    return restore(case.table, case.snapshot())


def test_whoever_spoke_with_her_on_leaving_closes_the_visit_when_that_is_known():
    for case in (spoken_while_inside(), spoken_while_inside(30, w.CALL_SAFE, w.WORKER, 0)):
        assert case.state == visit.INSIDE
        assert tell(case, w.DEPARTED, 29, late=5) == [D, CLOSE] and case.state == visit.CLOSED
        assert case.times[DEPARTED] == at(29)  # not when they spoke


def test_speech_before_she_left_or_about_something_else_closes_nothing():
    for case, minutes, late in (
        (spoken_while_inside(), 31, 5),
        (spoken_while_inside(), 30, 0),
        (spoken_while_inside(what=0), 29, 5),
        (spoken_while_inside(10), 29, 5),
    ):
        assert tell(case, w.DEPARTED, minutes, late=late) == [] and case.state == visit.LEAVING


def test_where_only_her_return_ends_it_she_has_left_whoever_spoke_with_her():
    case = spoken_while_inside(ends=w.BY_RETURNED)
    assert tell(case, w.DEPARTED, 29, late=5) == [] and case.state == visit.LEAVING


def test_speech_before_a_person_was_alerted_closes_nothing_after():
    case = spoken_while_inside(59)
    until(case, 60)
    assert tell(case, w.DEPARTED, 58, late=5) == [] and case.state == visit.LEAVING
    assert tell(case, w.SPOKE_DEPARTURE, 65, BEN) == [D, CLOSE]


# -- check-ins and other contact


def agreed(minutes=30, anchor=w.AT_FINISH, flags=AGAIN):
    early = w.BY_REPORT | w.BY_SPEECH | w.BY_DEPARTED
    watches = [watch(anchor, early, flags, early_by=early, again_s=60 * S)]
    return planned(table=table(watches, [call(0, CORA, w.WORKER)], gate=0), check_in=minutes)


def test_contact_in_the_ten_minutes_before_an_agreed_check_in_is_that_check_in():
    for minutes, late, due in ((19, 0, 30), (19, 9, 30), (20, 0, 60), (20, 9, 60), (29, 0, 60)):
        for kind, by in ((w.CHECKED_IN, 0), (w.SPOKE, CORA)):
            case = agreed()
            tell(case, kind, minutes, by, what=case.ladder.report_name(), late=late)
            assert (case.times[CHECK_IN] is None) == (due == 60)
            assert run(case, 60)[0][0] == due


def test_a_later_finish_leaves_the_check_in_agreed_unless_it_is_nearly_due():
    for minutes, due in ((5, 30), (25, 75)):
        case = agreed()
        tell(case, w.EXTENDED, minutes, value=at(75))
        assert run(case, 75)[0][0] == due


def test_without_an_agreed_check_in_contact_before_the_end_leaves_the_end():
    for minutes in (5, 55):
        case = agreed(None)
        tell(case, w.SPOKE, minutes, CORA)
        assert run(case, 60)[0][0] == 60


def test_leaving_ends_the_wait_for_a_check_in_at_any_time():
    case = agreed(flags=0)
    tell(case, w.DEPARTED, 5)
    assert case.next_deadline_ms() is None


def test_contact_counts_from_when_it_was_made_and_not_from_when_it_was_known():
    watches = [watch(w.AT_T_END, ANY, AGAIN, early_by=ANY, again_s=20 * S)]
    for minutes, due in ((59, 80), (61, 81), (65, 85)):
        case = planned(table=table(watches, [call(0, CORA, w.WORKER, 20)]))
        tell(case, w.CHECKED_IN, minutes, what=case.ladder.report_name(), late=10)
        assert run(case, 90)[0][0] == due


def test_a_check_in_from_before_the_end_that_is_known_after_it_repeats_no_prompt():
    watches = [watch(w.AT_T_END, ANY, AGAIN, early_by=ANY, again_s=20 * S)]
    case = planned(table=table(watches, [prompt(0), call(0, CORA, w.WORKER, 20)]))
    name = case.ladder.report_name()
    assert until(case, 60) == [(60, w.PROMPT, w.PENDANT, w.WORKER)]
    assert tell(case, w.CHECKED_IN, 59, what=name, late=2) == []
    assert until(case, 80) == [(80, w.CALL, CORA, w.WORKER)]


def test_leaving_for_the_visit_is_contact():
    watches = [watch(w.AT_START, ANY, AGAIN, early_by=ANY, again_s=20 * S)]
    for minutes, due in ((-20, 20), (10, 30), (15, 35)):
        case = planned(table=table(watches, [call(0, CORA, w.WORKER, 20)]))
        tell(case, w.LEFT_FOR_VISIT, minutes)
        assert run(case, 40)[0][0] == due


# -- 999


def test_whoever_spoke_with_her_need_not_dial_999_because_nobody_had_heard_of_her():
    for kind, by, who in ((w.SPOKE, CORA, 0), (w.CALL_SAFE, CORA, w.WORKER), (w.SPOKE_DEPARTURE, BEN, 0)):
        case = inside(table([watch(w.AT_T_END, ANY, AGAIN, again_s=30 * S)], [dial_999(0, CORA)]))
        until(case, 61)
        tell(case, kind, 62, by, who)
        assert case.ladder.open_rungs() == []
        assert until(case, 91) == []
        later = until(case, 92)
        assert later == ([] if kind == w.SPOKE_DEPARTURE else [(92, w.DIAL_999, CORA, w.EMERGENCY_SERVICES)])


def test_what_is_no_speech_ends_no_999_task():
    case = inside(table([watch(w.AT_T_END, ANY)], [dial_999(0, CORA)]))
    until(case, 60)
    tell(case, w.SEEN, 61)
    tell(case, w.DEPARTED, 62)
    tell(case, w.STAND_DOWN, 63, BEN)
    assert case.ladder.open_rungs() == [0]


def test_a_report_or_speech_ends_no_999_task_of_an_alarm_or_of_somebody_at_risk():
    watches = [watch(w.AT_ALARM, w.BY_ACKNOWLEDGED | w.BY_RESOLVED), watch(w.AT_AT_RISK, w.BY_RESOLVED)]
    case = inside(table(watches, [dial_999(0, CORA, 1), dial_999(1, BEN)]))
    tell(case, w.SOS, 5)
    tell(case, w.CALL_AT_RISK, 5, CORA, w.WORKER)
    until(case, 6)
    tell(case, w.CALL_SAFE, 7, CORA, w.WORKER)
    tell(case, w.CHECKED_IN, 8)
    assert case.ladder.open_rungs() == [0, 1]
