"""What is recorded on one case: how a 999 task went, and what whoever acknowledged an alarm is doing."""

from one_case import at, inside, tell, until
from small_table import ANY, S, call, dial_999, general, table, watch
from small_table import tell as told
from watchword_core import alarm
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.snapshots import DURESS, Slot
from watchword_core.table import AGAIN, EITHER

BEN, CORA = w.TRACKER, w.MANAGER


def never_left(dialled=True):
    """Nobody left the house: Cora got the 999 task, with nothing more to be asked of anybody."""
    watches = [watch(w.AT_T_END, w.BY_SPEECH, AGAIN, again_s=30 * S)]
    watches.append(watch(w.AT_RECORDED, w.BY_RESOLVED, early_by=w.BY_RESOLVED))
    case = inside(table(watches, [dial_999(0, CORA, 20), told(1, CORA, 30, repeat=30)]))
    until(case, 81)
    if dialled:
        tell(case, w.DONE, 82, CORA, what=w.DIAL_999)
    return case


def test_999_is_dialled_and_nothing_is_left_to_ask__the_manager_is_reminded_until_it_is_resolved():
    assert until(never_left(), 150) == [(112, w.TELL, w.HUB, CORA), (142, w.TELL, w.HUB, CORA)]


def test_what_was_overdue_is_resolved_and_the_visit_is_open__it_is_watched_again():
    for dialled in (True, False):
        case = never_left(dialled)
        tell(case, w.RESOLVED, 90, CORA)
        assert until(case, 122) == [(120, w.DIAL_999, CORA, w.EMERGENCY_SERVICES)]


def test_until_somebody_has_spoken_with_her_a_later_end_or_her_pendant_is_no_outcome():
    case = never_left()
    tell(case, w.EXTENDED, 90, CORA, value=at(150))
    tell(case, w.SEEN, 91)
    assert until(case, 112) == [(112, w.TELL, w.HUB, CORA)]
    tell(case, w.SPOKE, 113, CORA)
    assert until(case, 149) == []


# -- who has acknowledged says what is being done


SAYS = (w.SPOKE_ARRIVAL, w.SPOKE_DEPARTURE, w.SPOKE, w.CALL_SAFE, w.CALL_AT_RISK, w.CALL_NO_ANSWER, w.CALL_VOICEMAIL)


def with_ben():
    case = Case(general())
    tell(case, w.SOS, 5)
    tell(case, w.ACKNOWLEDGED, 5.5, BEN)
    return case


def test_a_call_or_speech_of_whoever_acknowledged_is_their_record():
    for kind in SAYS + (w.CALL_DURESS,):
        for by, told_next in ((BEN, False), (0, False), (CORA, True)):
            case = with_ben()
            tell(case, kind, 6, by, w.WORKER)
            assert case.ladder.running(w.AT_ACKNOWLEDGED) == told_next
            assert case.ladder.running(w.AT_RECORDED) != told_next


def test_of_two_alarms_with_two_people_a_call_of_nobody_in_particular_is_a_record():
    case = with_ben()
    tell(case, w.DURESS, 6)
    case.slots[DURESS] = Slot(alarm.WITH_PERSON, w.DURESS, CORA, 0)
    tell(case, w.CALL_NO_ANSWER, 6.5, 0, w.WORKER)
    assert not case.ladder.running(w.AT_ACKNOWLEDGED)


def test_what_is_no_call_and_no_speech_is_no_record():
    for kind in (w.CONFIRMED, w.STAND_DOWN, w.ACKNOWLEDGED, w.WORRIED_FAMILY):
        case = with_ben()
        tell(case, kind, 6, BEN)
        assert case.ladder.running(w.AT_ACKNOWLEDGED)


def test_a_call_before_anybody_acknowledged_is_no_record():
    case = Case(general())
    tell(case, w.SOS, 5)
    tell(case, w.CALL_NO_ANSWER, 5.2, 0, w.WORKER)
    assert not case.ladder.running(w.AT_RECORDED)


def test_who_says_that_nobody_answered_is_heard_as_that():
    case = inside(table([watch(w.AT_T_END, ANY)], [call(0, BEN, w.WORKER), call(0, CORA, w.WORKER, 0, EITHER, 0)]))
    until(case, 70)
    tell(case, w.CALL_VOICEMAIL, 71, BEN, w.WORKER)
    assert case.ladder.open_rungs() == [1] and case.ladder.due_ms(1) == at(80)
