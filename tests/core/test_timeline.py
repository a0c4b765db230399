"""Playing a timeline: deadlines before events, a link that is lost and comes back, a restart in between."""

from one_case import at, planned, whole
from small_table import ANY, call, prompt, rung, table, tell, watch
from watchword_core import visit
from watchword_core import words as w
from watchword_core.timeline import LINK_LOST, LINK_RESTORED, PERSON, RESTART, SPOKEN, WORKER, Player

BEN = w.TRACKER


def step(minutes, happens, kind=0, by=0, who=0, what=0, value=0):
    return (at(minutes), happens, kind, by, who, what, value)


def made(early=0):
    watches = [
        watch(w.AT_T_END, ANY, early_by=early),
        watch(w.AT_SILENT, w.BY_SEEN),
        watch(w.AT_NO_SIGNAL, w.BY_RESOLVED),
    ]
    return table(
        watches, [prompt(0), call(0, BEN, w.WORKER, 5), tell(1, BEN), rung(2, w.REFUSE, w.HUB, w.WORKER)], gate=0
    )


def player(early=0):
    return Player(planned(table=made(early)))


def played(one, steps, until):
    """[(minute, verb)] without the door's."""
    return [(a[0], a[1]) for a in whole(one.play(steps, at(until))) if a[1] != w.CLEAR]


ARRIVED = step(0, WORKER, w.ARRIVED)


def test_what_is_due_at_the_moment_of_an_event_comes_before_it():
    one = player()
    assert played(one, [ARRIVED, step(65, PERSON, w.SPOKE, BEN)], 200) == [(60, w.PROMPT), (65, w.CALL)]
    assert not one.case.ladder.running(w.AT_T_END)


def test_it_ends_at_its_end_what_is_due_then_included():
    assert played(player(), [], 64) == [(60, w.PROMPT)]
    assert played(player(), [], 65) == [(60, w.PROMPT), (65, w.CALL)]


def test_actions_are_collected_over_several_plays():
    one = player()
    played(one, [], 60)
    assert played(one, [], 65) == [(60, w.PROMPT), (65, w.CALL)]


def test_the_workers_news_waits_while_the_link_is_down_and_keeps_its_own_time():
    steps = [step(-1, LINK_LOST), ARRIVED, step(10, LINK_RESTORED)]
    one = player()
    assert played(one, steps[:2], 5) == [] and one.case.state == visit.PLANNED
    played(one, steps[2:], 20)
    assert one.case.state == visit.INSIDE and one.case.times[1] == at(0)


def test_a_persons_news_does_not_wait():
    one = player()
    played(one, [ARRIVED, step(1, LINK_LOST), step(1.5, PERSON, w.CANCELLED, BEN)], 1.5)
    assert one.case.state == visit.LEAVING


def test_a_link_that_is_down_for_two_minutes_in_an_open_visit_is_told_once_and_no_more_when_seen():
    one = player()
    assert played(one, [ARRIVED, step(1, LINK_LOST)], 2.5) == []
    assert played(one, [step(2.5, LINK_LOST)], 2.75) == []  # lost already
    assert played(one, [], 30) == [(3, w.TELL)]
    assert one.case.ladder.running(w.AT_SILENT)
    played(one, [step(30, LINK_RESTORED)], 31)
    assert not one.case.ladder.running(w.AT_SILENT)
    assert played(one, [step(31, LINK_LOST)], 40) == [(3, w.TELL), (33, w.TELL)]
    played(one, [step(40, LINK_RESTORED), step(41, LINK_LOST), step(42, LINK_RESTORED)], 50)
    assert len([x for x in whole(one.actions) if x[1] == w.TELL]) == 2


def test_being_seen_again_answers_from_that_moment_what_waits_for_it():
    made = table([watch(w.AT_FINISH, w.BY_SEEN)], [prompt(0), call(0, BEN, w.WORKER, 5)], gate=0)
    steps = [ARRIVED, step(1, LINK_LOST), step(62, LINK_RESTORED)]
    assert played(Player(planned(table=made)), steps, 70) == [(60, w.PROMPT)]


def test_a_link_restored_in_time_is_no_news():
    one = player()
    played(one, [ARRIVED, step(1, LINK_LOST), step(2, LINK_RESTORED), step(3, WORKER, w.DEPARTED)], 50)
    assert one.case.evidence == 0 and one.case.state == visit.LEAVING
    assert one.case.ladder.watch_state[1] == 0


def test_before_the_visit_and_after_it_nobody_is_silent():
    assert played(player(), [step(-10, LINK_LOST)], 50) == []
    assert played(player(), [step(-10, PERSON, w.CANCELLED, BEN), step(-5, LINK_LOST)], 5) == [
        (-10, w.CLOSE),
        (-10, w.MARK),
    ]


def test_a_silence_and_a_deadline_in_the_order_of_their_times():
    silent_first = played(player(), [ARRIVED, step(57.5, LINK_LOST)], 60)
    assert silent_first == [(59.5, w.TELL), (60, w.PROMPT)]
    assert played(player(), [ARRIVED, step(58, LINK_LOST)], 60) == [(60, w.PROMPT), (60, w.TELL)]
    assert played(player(), [ARRIVED, step(58.5, LINK_LOST)], 61) == [(60, w.PROMPT), (60.5, w.TELL)]


def test_a_silence_at_the_moment_of_a_deadline_comes_in_the_tables_order():
    watches = [watch(w.AT_SILENT, w.BY_SEEN), watch(w.AT_T_END, ANY)]
    one = Player(planned(table=table(watches, [tell(0, BEN), prompt(1)], gate=0)))
    assert played(one, [ARRIVED, step(58, LINK_LOST)], 60) == [(60, w.TELL), (60, w.PROMPT)]


def test_a_silence_is_noticed_at_the_moment_of_an_event():
    one = player()
    assert played(one, [ARRIVED, step(1, LINK_LOST), step(3, PERSON, w.SPOKE, BEN)], 3) == [(3, w.TELL)]


def test_a_restart_changes_nothing():
    steps = [ARRIVED, step(60, PERSON, w.SPOKE, BEN), step(1, LINK_LOST)]
    one = player()
    before = one.case
    played(one, [ARRIVED, step(5, RESTART)], 62)
    assert one.case is not before and one.case.state == visit.INSIDE
    assert played(one, steps[3:], 65) == [(60, w.PROMPT), (65, w.CALL)]


def test_speech_is_about_whatever_is_due():
    one = player()
    played(one, [ARRIVED, step(30, WORKER, w.DEPARTED), step(31, PERSON, SPOKEN, BEN)], 32)
    assert one.case.state == visit.CLOSED
    one = player()
    played(one, [ARRIVED, step(30, PERSON, SPOKEN, BEN)], 32)
    assert one.case.state == visit.INSIDE


def test_a_check_in_is_for_what_falls_due_first_unless_it_says_what_for():
    one = player(w.BY_REPORT)
    played(one, [step(5, WORKER, w.CHECKED_IN, what=1)], 6)
    assert one.case.evidence == 1 and one.case.ladder.running(w.AT_T_END)
    played(one, [step(7, WORKER, w.CHECKED_IN)], 8)
    assert one.case.evidence == 1 and not one.case.ladder.running(w.AT_T_END)
    one = player(w.BY_REPORT)
    played(one, [step(7, WORKER, w.DEPARTED)], 8)
    assert one.case.ladder.running(w.AT_T_END)


def test_an_event_keeps_all_that_it_says():
    one = player()
    played(one, [step(5, WORKER, w.EXTENDED, 0, 0, 0, at(80))], 6)
    assert one.case.times[3] == at(80)
    played(one, [step(6, PERSON, w.SOS, 0, 0, 9), step(6.5, PERSON, w.ACKNOWLEDGED, BEN)], 7)
    assert tuple(one.case.slots[0])[2:] == (BEN, 9)
    played(one, [step(8, WORKER, w.ARRIVED), step(90, PERSON, w.CALL_NO_ANSWER, BEN, w.WORKER)], 90)
    assert (90, w.CALL) in [x[:2] for x in whole(one.actions)]
