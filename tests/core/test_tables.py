"""The visit's and the alarm's tables are total, and nothing in them moves backwards."""

from watchword_core import alarm, visit


def test_every_state_and_event_of_a_visit_is_written_down():
    assert len(visit.TABLE) == len(visit.STATES)
    for row in visit.TABLE:
        assert len(row) == len(visit.EVENTS)


def test_every_state_and_event_of_an_alarm_is_written_down():
    assert len(alarm.TABLE) == len(alarm.STAGES)
    for row in alarm.TABLE:
        assert len(row) == len(alarm.EVENTS)


def test_a_visit_goes_back_only_to_the_door_that_is_barred():
    for state, row in enumerate(visit.TABLE):
        for event, (after, _) in enumerate(row):
            if after < state:
                assert (state, event, after) == (visit.INSIDE, visit.BAR, visit.AT_DOOR)


def test_only_a_clear_event_opens_the_door():
    for state, row in enumerate(visit.TABLE):
        for event, (after, _) in enumerate(row):
            if after == visit.INSIDE and state != visit.INSIDE:
                assert event == visit.CLEAR and state == visit.AT_DOOR


def test_an_alarm_goes_back_only_by_being_raised_anew_after_it_was_resolved():
    for stage, row in enumerate(alarm.TABLE):
        for event, (after, _) in enumerate(row):
            if after < stage:
                assert stage == alarm.RESOLVED and event == alarm.RAISE


def test_only_a_person_resolves_an_alarm():
    for stage, row in enumerate(alarm.TABLE):
        for event, (after, _) in enumerate(row):
            if after == alarm.RESOLVED and stage != alarm.RESOLVED:
                assert event == alarm.RESOLVE
