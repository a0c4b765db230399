"""One case: Ana's visit and its alarms, as both sides decide them."""

from one_case import END, START, inside, planned, tell, until
from small_table import ANY, MINUTE, call, prompt, small_table, table, watch
from watchword_core import alarm, visit
from watchword_core import words as w
from watchword_core.case import Case, restore
from watchword_core.moments import ARRIVED, T_ARRIVE, T_END
from watchword_core.snapshots import ALARM, DURESS, visit_id_of


def test_the_door_stays_closed_until_somebody_has_spoken_with_ana():
    case = planned()
    assert tell(case, w.ARRIVED, 0) == [(w.TELL, w.HUB, w.TRACKER)]
    assert not case.door_open()
    assert tell(case, w.SPOKE_ARRIVAL, 2, w.TRACKER) == [(w.CLEAR, w.HUB, w.WORKER)]
    assert case.door_open()
    assert case.times[T_ARRIVE] == START + 2 * MINUTE


def test_speech_before_arrival_clears_nothing():
    case = planned()
    assert tell(case, w.SPOKE_ARRIVAL, -5, w.TRACKER) == []
    tell(case, w.ARRIVED, 0)
    assert not case.door_open()


def test_an_answered_call_at_the_door_is_speech_and_voicemail_is_not():
    case = planned()
    tell(case, w.ARRIVED, 0)
    tell(case, w.CALL_VOICEMAIL, 1, w.TRACKER, w.WORKER)
    assert not case.door_open()
    tell(case, w.CALL_SAFE, 2, w.TRACKER, w.WORKER)
    assert case.door_open()


def test_without_a_gate_arriving_clears():
    case = planned(gate=0)
    assert (w.CLEAR, w.HUB, w.WORKER) in tell(case, w.ARRIVED, 0)
    assert case.times[T_ARRIVE] == case.times[ARRIVED] == START


def test_a_forbidden_plan_is_refused_at_the_door_and_speech_does_not_open_it():
    case = planned(plan=w.PLAN_NO_TRACKER)
    assert (w.REFUSE, w.HUB, w.WORKER) in tell(case, w.ARRIVED, 0)
    assert tell(case, w.SPOKE_ARRIVAL, 2, w.MANAGER) == [(w.REFUSE, w.HUB, w.WORKER)]
    assert not case.door_open()


def test_where_there_is_no_tracker_the_manager_is_told():
    case = planned(plan=w.PLAN_NO_TRACKER)
    assert (w.TELL, w.HUB, w.MANAGER) in tell(case, w.ARRIVED, 0)


def test_arriving_twice_is_evidence():
    case = planned()
    tell(case, w.ARRIVED, 0)
    assert tell(case, w.ARRIVED, 1) == []
    assert case.evidence == 1
    assert case.times[ARRIVED] == START


def test_the_arrival_call_recorded_twice_is_no_call_back():
    called_back = [watch(w.AT_T_ARRIVE, w.BY_SPEECH, early_by=w.BY_SPEECH)]
    case = inside(table(called_back, [call(0, w.TRACKER, w.WORKER, 20)]))
    for n in (1, 2):
        assert tell(case, w.SPOKE_ARRIVAL, 3, w.MANAGER) == [] and case.evidence == n
    assert case.ladder.running(w.AT_T_ARRIVE) and case.times[T_ARRIVE] == START + 2 * MINUTE
    tell(case, w.SPOKE, 4, w.TRACKER)
    assert not case.ladder.running(w.AT_T_ARRIVE)
    asked = inside(table(called_back, [call(0, w.TRACKER, w.WORKER, 20)]))
    until(asked, 22)
    tell(asked, w.SPOKE_ARRIVAL, 23, w.TRACKER)  # whatever it is called: she was called, and they have spoken
    assert asked.evidence == 0 and not asked.ladder.running(w.AT_T_ARRIVE)


def test_leaving_is_a_report_and_only_speech_ends_the_visit():
    case = inside()
    tell(case, w.DEPARTED, 30)
    assert case.state == visit.LEAVING
    told = tell(case, w.SPOKE_DEPARTURE, 31, w.TRACKER)
    assert told == [(w.MARK, w.TRACKER, w.WORKER), (w.CLOSE, w.HUB, w.WORKER)]
    assert case.finished() and case.next_deadline_ms() is None


def test_a_visit_that_nobody_ends_goes_up_the_ladder_from_its_end():
    case = inside()
    assert [x[0] for x in until(case, 89)] == [80, 80]


def test_extending_moves_the_end_up_to_the_cap():
    case = inside()
    tell(case, w.EXTENDED, 50)
    assert case.times[T_END] == END + 15 * MINUTE
    tell(case, w.EXTENDED, 51, value=END + 600 * MINUTE)
    assert case.times[T_END] == END + 120 * MINUTE
    tell(case, w.EXTENDED, 52, value=END)
    assert case.times[T_END] == END + 120 * MINUTE


def test_extending_after_somebody_was_asked_moves_the_end_and_nothing_of_what_was_asked():
    for by in (0, w.WORKER):  # as the hub names her
        case = inside()
        until(case, 80)
        tell(case, w.EXTENDED, 79.5, by=by, late=1)
        assert case.times[T_END] == END + 15 * MINUTE and case.evidence == 0
        assert [x[0] for x in until(case, 90)] == [90, 90]


def test_a_press_before_a_deadline_that_arrives_after_it_answers_what_it_was_pressed_for():
    early = watch(w.AT_T_END, ANY, early_by=w.BY_REPORT)
    case = planned(table=table([early], [prompt(0, 20), call(0, w.TRACKER, w.WORKER, 25)]))
    name = case.ladder.report_name()
    assert name
    tell(case, w.EXTENDED, 70)  # the deadline that was named is gone
    tell(case, w.CHECKED_IN, 60, what=name, late=20)
    assert case.evidence == 1 and case.next_deadline_ms() is not None
    name = case.ladder.report_name()
    until(case, 95)  # the prompt of the new one; nobody was asked
    tell(case, w.CHECKED_IN, 90, what=name, late=6)
    assert case.evidence == 1 and case.next_deadline_ms() is None


def test_an_sos_with_no_visit_tells_both_at_once():
    case = Case(small_table())
    assert case.state == visit.CLOSED and case.finished()
    assert tell(case, w.SOS, 0, what=3) == [(w.TELL, w.HUB, w.TRACKER), (w.TELL, w.HUB, w.MANAGER)]
    assert case.alarm_open() and not case.finished()
    assert visit_id_of(case.snapshot()) == 0


def test_an_alarm_goes_from_raised_to_resolved():
    case = inside()
    tell(case, w.SOS, 5, what=9)
    assert case.slots[ALARM].stage == alarm.RAISED and case.slots[ALARM].ref == 9
    tell(case, w.DURABLE, 5)
    assert case.slots[ALARM].stage == alarm.AT_HUB
    tell(case, w.ACKNOWLEDGED, 5.5, w.MANAGER)
    assert case.slots[ALARM].stage == alarm.WITH_PERSON and case.slots[ALARM].owner == w.MANAGER
    tell(case, w.RESOLVED, 20, w.MANAGER)
    assert not case.alarm_open()


def test_nobody_acknowledges_and_the_manager_gets_the_999_task():
    case = inside()
    tell(case, w.SOS, 5)
    assert until(case, 6) == [(6, w.DIAL_999, w.MANAGER, w.EMERGENCY_SERVICES)]


def test_a_999_task_is_not_ended_by_an_acknowledgement():
    case = inside()
    tell(case, w.SOS, 5)
    until(case, 6)
    tell(case, w.ACKNOWLEDGED, 6.5, w.TRACKER)
    assert case.ladder.open_rungs() == [9]
    tell(case, w.DONE, 7, w.MANAGER, what=w.DIAL_999)
    assert case.ladder.open_rungs() == []


def test_a_second_sos_while_one_is_open_tells_again_and_moves_no_timer():
    case = inside()
    tell(case, w.SOS, 5)
    assert len(tell(case, w.SOS, 5.5)) == 2
    assert until(case, 6.4) == [(6, w.DIAL_999, w.MANAGER, w.EMERGENCY_SERVICES)]


def test_an_sos_after_the_last_was_resolved_is_a_new_one():
    case = inside()
    tell(case, w.SOS, 5)
    tell(case, w.RESOLVED, 6, w.TRACKER)
    assert len(tell(case, w.SOS, 7)) == 2
    assert case.alarm_open()


def test_duress_is_taken_by_the_manager_only():
    case = inside()
    tell(case, w.DURESS, 5)
    tell(case, w.ACKNOWLEDGED, 5.2, w.TRACKER)
    assert (6, w.DIAL_999, w.TRACKER, w.EMERGENCY_SERVICES) in until(case, 6)


def test_a_manager_who_does_not_answer_hands_duress_to_the_tracker_at_once():
    case = inside()
    tell(case, w.DURESS, 5)
    told = tell(case, w.CALL_NO_ANSWER, 5.2, w.TRACKER, w.MANAGER)
    assert told == [(w.TELL, w.HUB, w.SENIOR), (w.DIAL_999, w.TRACKER, w.EMERGENCY_SERVICES)]


def test_closing_the_visit_leaves_its_alarm_open():
    case = inside()
    tell(case, w.SOS, 5)
    tell(case, w.SPOKE_DEPARTURE, 6, w.TRACKER)
    assert case.state == visit.CLOSED and not case.finished()


def test_a_closed_case_takes_nothing_but_alarms():
    case = inside()
    tell(case, w.SPOKE_DEPARTURE, 6, w.TRACKER)
    for kind in (w.ARRIVED, w.DEPARTED, w.EXTENDED, w.SPOKE_ARRIVAL, w.CANCELLED, w.CHECKED_IN):
        tell(case, kind, 7)
        assert case.finished()
    tell(case, w.SOS, 8)
    assert case.alarm_open()


def test_an_unknown_kind_changes_nothing():
    case = inside()
    before = case.snapshot()
    assert tell(case, 250, 7) == []
    assert case.snapshot() == before


def test_a_snapshot_taken_anywhere_is_the_same_case():
    steps = (
        (w.ARRIVED, 0, 0),
        (w.SPOKE_ARRIVAL, 2, w.TRACKER),
        (w.SOS, 10, 0),
        (w.ACKNOWLEDGED, 11, w.TRACKER),
        (w.DURESS, 12, 0),
        (w.DEPARTED, 70, 0),
    )
    case = planned()
    for kind, minutes, by in steps:
        until(case, minutes)
        tell(case, kind, minutes, by)
        again = restore(case.table, case.snapshot())
        assert again.snapshot() == case.snapshot()
        assert again.next_deadline_ms() == case.next_deadline_ms()
    assert until(restore(case.table, case.snapshot()), 130) == until(case, 130)


def test_duress_has_a_slot_of_its_own():
    case = inside()
    tell(case, w.DURESS, 5)
    assert case.slots[DURESS].stage == alarm.RAISED and case.slots[ALARM].stage == alarm.NONE
