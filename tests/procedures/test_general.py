"""The ten rules that hold in every procedure, as timelines, on both interpreters; and alarms with no visit at all.

Ana wears the pendant, Ben tracks, Cora manages, Dev is her senior. A visit is planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story
from watchword_core import timeline as tl
from watchword_core import words as w
from watchword_core.case import Case
from watchword_hub.procedures import ROLES, VERBS, built_in_names, load

VISIT = {"start": "10:00", "end": "11:00"}
MINUTE = 60_000
WANTS_SPEECH = ["homemaker-enhanced", "homemaker-standard"]
EVERYBODY = ("manager", "senior", "tracker")


@pytest.fixture(params=built_in_names())
def any_story(tmp_path: Path, request: pytest.FixtureRequest) -> Story:
    return Story(tmp_path, request.param, VISIT)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "homemaker-standard", VISIT)


def dial_999(at: str, *roles: str, rule: int = 2) -> list[str]:
    return [f"{at} dial_999 {role}>emergency_services {GENERAL} {rule}" for role in roles]


def raised(at: str, rule: int = 2) -> list[str]:
    """Ben and Cora hear of it, at one moment."""
    return [f"{at} tell hub>{who} {GENERAL} {rule}" for who in ("tracker Ben", "manager Cora")]


def after_a_minute(at: str) -> list[str]:
    return [f"{at} tell hub>senior Dev {GENERAL} 2", *dial_999(at, "manager")]


IN = ("09:00 arrived", "09:01 spoke with=tracker")


# 1: nobody's software dials 999


def test_1_a_999_task_that_nobody_confirms_reaches_everybody_and_goes_on(any_story: Story) -> None:
    lines = any_story.in_full("08:00 sos", until="08:22")
    assert lines == [
        *raised("08:00"),
        *after_a_minute("08:01"),
        f"08:06 tell hub>senior Dev {GENERAL} 5",
        *dial_999("08:06", "senior"),
        f"08:11 tell hub>tracker Ben {GENERAL} 5",
        *dial_999("08:11", "tracker"),
        *dial_999("08:16", *EVERYBODY),
        *dial_999("08:21", *EVERYBODY),
    ]


@pytest.mark.parametrize("role", ["tracker", "manager", "senior"])
def test_1_an_outcome_recorded_by_anybody_ends_it(story: Story, role: str) -> None:
    lines = story.in_full("08:00 sos", f"08:07 done by={role} do=dial_999", until="08:30")
    assert not [line for line in lines[6:] if "dial_999" in line]


def test_1_contact_does_not_end_a_999_task(any_story: Story) -> None:
    lines = any_story.in_full("08:00 sos", "08:02 spoke with=manager", "08:03 acknowledged by=manager", until="08:06")
    assert lines[-1:] == dial_999("08:06", "senior")


# 2: SOS and man-down


@pytest.mark.parametrize("alarm", ["sos", "man_down"])
def test_2_acknowledged_in_time_and_recorded_in_time(any_story: Story, alarm: str) -> None:
    events = (f"08:00 {alarm}", "08:00:59 acknowledged by=tracker", "08:02:58 done by=tracker do=call")
    assert any_story.in_full(*events, "08:20 resolved by=tracker", until="09:30") == raised("08:00")


def test_2_nobody_acknowledges_for_a_minute(any_story: Story) -> None:
    assert any_story.in_full("08:00 sos", until="08:00:59") == raised("08:00")
    late = any_story.in_full("08:00 sos", "08:01:00 acknowledged by=tracker", until="08:01")
    assert late == [*raised("08:00"), *after_a_minute("08:01")]


@pytest.mark.parametrize(("owner", "next_role"), [("tracker", "manager Cora"), ("manager", "senior Dev")])
def test_2_acknowledged_and_nothing_recorded(any_story: Story, owner: str, next_role: str) -> None:
    lines = any_story.in_full("08:00 sos", f"08:00:30 acknowledged by={owner}", until="08:22:30")
    assert lines[2:] == [
        f"08:02:30 tell hub>{next_role} {GENERAL} 2",
        f"08:12:30 tell hub>senior Dev {GENERAL} 5",
        *[f"08:22:30 tell hub>{who} {GENERAL} 5" for who in ("tracker Ben", "manager Cora")],
    ]


def test_2_the_next_one_takes_it_and_the_two_minutes_are_theirs(story: Story) -> None:
    lines = story.in_full(
        "08:00 sos", "08:00:30 acknowledged by=tracker", "08:03 acknowledged by=manager", until="08:05"
    )
    assert lines[2:] == [f"08:02:30 tell hub>manager Cora {GENERAL} 2", f"08:05 tell hub>senior Dev {GENERAL} 2"]


def test_2_an_alarm_that_somebody_deals_with_is_asked_after_until_it_is_resolved(story: Story) -> None:
    events = ("07:00 sos", "07:00:30 acknowledged by=tracker", "07:02 done by=tracker do=call")
    lines = story.in_full(*events, "08:10 resolved by=tracker", until="09:00")
    assert lines[2:] == [f"{at} tell hub>manager Cora {GENERAL} 5" for at in ("07:32", "08:02")]


def test_2_pressed_again_is_told_again_and_starts_nothing_anew(story: Story) -> None:
    lines = story.in_full("08:00 sos", "08:00:30 sos", until="08:01")
    assert lines == [*raised("08:00"), *raised("08:00:30"), *after_a_minute("08:01")]


def test_2_an_alarm_after_the_visit_has_ended(any_story: Story) -> None:
    lines = any_story.in_full("08:00 cancelled by=tracker", "08:30 man_down", until="08:31")
    assert lines[-4:] == [*raised("08:30"), *after_a_minute("08:31")]


# 3: duress


def test_3_taken_by_cora_within_a_minute(any_story: Story) -> None:
    events = ("08:00 duress", "08:00:59 acknowledged by=manager", "08:01 done by=manager do=tell")
    assert any_story.lines(*events, until="08:20")[2:] == []


def test_3_not_taken_gives_ben_the_999_task(any_story: Story) -> None:
    lines = any_story.in_full("08:00 duress", until="08:01")
    told = [line.split(">")[1].split()[0] for line in lines[:2]]
    assert told == ["tracker", "manager"]
    assert lines[2] == f"08:01 tell hub>senior Dev {GENERAL} 5"
    assert lines[3].startswith("08:01 dial_999 tracker>emergency_services")


@pytest.mark.parametrize("result", ["no_answer", "voicemail"])
def test_3_cora_does_not_answer_and_ben_has_the_999_task_at_once(story: Story, result: str) -> None:
    lines = story.in_full(
        "08:00 duress", f"08:00:20 call_result by=tracker who=manager result={result}", until="08:00:20"
    )
    assert lines[-1:] == dial_999("08:00:20", "tracker", rule=3)


def test_3_ben_acknowledging_is_not_cora_taking_it(story: Story) -> None:
    lines = story.in_full("08:00 duress", "08:00:30 acknowledged by=tracker", until="08:01")
    assert lines[-1:] == dial_999("08:01", "tracker", rule=3)


def test_3_heard_on_a_call_nobody_else_calls_ana(story: Story) -> None:
    lines = story.in_full(*IN, "11:01 call_result who=worker result=duress", until="11:02")
    assert lines[4:] == [
        *raised("11:01", 3),
        f"11:02 tell hub>senior Dev {GENERAL} 5",
        *dial_999("11:02", "tracker", rule=3),
    ]


# 4: a press is a report, speech is contact


@pytest.mark.parametrize("event", ["checked_in", "extended end=12:00", "call_result who=worker result=voicemail"])
def test_4_where_the_text_wants_speech_nothing_else_opens_the_door(story: Story, event: str) -> None:
    assert story.in_full("10:00 arrived", f"10:01 {event}", until="10:04") == ["10:00 tell hub>tracker Ben 3.1"]


@pytest.mark.parametrize("result", ["safe", "no_answer", "voicemail"])
@pytest.mark.parametrize("who", ["tracker", "manager", "senior", "team"])
def test_4_ana_rings_the_office_and_only_an_answered_call_is_speech(story: Story, who: str, result: str) -> None:
    lines = story.in_full("10:00 arrived", f"10:01 call_result by=worker who={who} result={result}", until="10:02")
    assert lines[1:] == (["10:01 clear hub>worker Ana 3.1"] if result == "safe" else [])


def test_4_what_is_heard_when_ana_rings_is_heard_of_her(story: Story) -> None:
    lines = story.in_full("09:00 call_result by=worker who=tracker result=at_risk", until="09:04")
    assert lines == [f"09:00 tell hub>manager Cora {GENERAL} 6", *dial_999("09:00", "manager", rule=6)]
    assert story.in_full("09:00 call_result by=worker who=team result=duress", until="09:00") == raised("09:00", 3)


def test_4_spoken_with_ana_is_spoken_by_somebody(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:01 spoke with=worker", until="10:04")
    assert lines[1:] == ["10:01 clear hub>worker Ana 3.1"]
    other = story.in_full("10:00 arrived", "10:01 spoke with=worker about=other", until="10:04")
    assert other == lines[:1]


def test_4_the_arrival_call_recorded_by_two_is_no_call_back(tmp_path: Path) -> None:
    enhanced = Story(tmp_path, "homemaker-enhanced", VISIT)
    spoken = ("10:00 arrived", "10:02 spoke with=tracker about=arrival")
    lines = enhanced.in_full(*spoken, "10:03 spoke with=manager about=arrival", until="10:22")
    assert lines[-1] == "10:22 call tracker>worker Ana work_mobile 4.2.2"


# 5: a rung that nobody reports on


def test_5_whoever_was_silent_is_not_relied_on_until_they_report(story: Story) -> None:
    silent = (*IN, "11:12 decided by=manager what=not_police")
    lines = story.in_full(*silent, until="11:32")
    again = ["11:32 call tracker>worker Ana work_mobile 3.4", "11:32 call manager>worker Ana work_mobile 3.4"]
    assert lines[-2:] == again
    heard = story.in_full(*silent, "11:20 done by=tracker do=call", until="11:32")
    assert heard[-1:] == again[:1]


def test_5_the_next_layer_of_a_missing_tracker_is_cora_and_of_a_missing_senior_everybody(story: Story) -> None:
    lines = story.in_full("08:00 sos", until="08:06", tracker=None, senior=None)
    assert {line.split(">")[1].split()[0] for line in lines if " tell " in line} == {"manager"}
    assert lines[-1:] == dial_999("08:06", "manager")


# 6: at risk


def test_6_at_risk_is_told_and_has_its_999_task_at_once(any_story: Story) -> None:
    lines = any_story.in_full("09:00 call_result by=tracker who=worker result=at_risk", until="09:05")
    assert lines == [
        f"09:00 tell hub>manager Cora {GENERAL} 6",
        *dial_999("09:00", "manager", rule=6),
        f"09:05 tell hub>senior Dev {GENERAL} 5",
        *dial_999("09:05", "senior", rule=6),
    ]


def test_6_heard_twice_is_one_task(story: Story) -> None:
    at_risk = "call_result who=worker result=at_risk"
    lines = story.in_full(f"09:00 {at_risk}", f"09:02 {at_risk}", until="09:04")
    assert lines == [f"09:00 tell hub>manager Cora {GENERAL} 6", *dial_999("09:00", "manager", rule=6)]


# 7: once a person has been alerted, a late report is evidence


@pytest.mark.parametrize("late", ["departed", "checked_in", "extended end=12:00", "returned"])
def test_7_a_late_report_changes_nothing_that_people_were_asked(story: Story, late: str) -> None:
    without = story.in_full(*IN, until="11:20")
    lines = story.in_full(*IN, f"11:02 {late}", until="11:20")
    assert [line for line in lines if "3.5" not in line] == without  # that she says she has left is told


# 8: nobody has spoken with her at the door


@pytest.mark.parametrize("procedure", WANTS_SPEECH)
def test_8_after_five_minutes_cora_is_told_and_the_door_stays_closed(tmp_path: Path, procedure: str) -> None:
    story = Story(tmp_path, procedure, VISIT)
    lines = story.in_full("10:00 arrived", until="10:05")
    assert lines[1:] == [f"10:05 tell hub>manager Cora {GENERAL} 8"]
    in_time = story.in_full("10:00 arrived", "10:04:59 spoke with=team", until="10:15")
    assert in_time[1:] == ["10:04:59 clear hub>worker Ana 3.1"]


# 9: a silent pendant


def test_9_two_minutes_of_silence_are_told_once_and_start_nothing(any_story: Story) -> None:
    lines = any_story.lines("10:00 arrived", "10:01 spoke", "10:05 link_lost", until="10:20")
    calm = any_story.lines("10:00 arrived", "10:01 spoke", until="10:20")
    assert lines == sorted([*calm, f"10:07 tell hub>tracker {GENERAL} 9"], key=lambda line: line[:5])
    heard = any_story.lines("10:00 arrived", "10:01 spoke", "10:05 link_lost", "10:06:59 link_restored", until="10:20")
    assert heard == calm


def test_9_silence_outside_a_visit_is_nobodys_news(any_story: Story) -> None:
    assert any_story.in_full("08:00 link_lost", "09:00 link_restored", until="09:05") == []


def test_9_silent_again_is_told_again(story: Story) -> None:
    links = ("09:10 link_lost", "09:14 link_restored", "09:20 link_lost", "09:30 link_restored")
    lines = story.in_full(*IN, *links, until="09:40")
    assert lines[2:] == [f"{at} tell hub>tracker Ben {GENERAL} 9" for at in ("09:12", "09:22")]


# An alarm with no visit at all: the general table by itself, as pendant and hub run it between visits.


def lone(*events: tuple[float, int, int, int, int], until: float) -> list[str]:
    """What comes of (minute, kind, by, who, what); the hub restarts after each."""
    procedure = load("general")
    steps = []
    for minute, *event in events:
        at_ms = round(minute * MINUTE)
        steps += [(at_ms, tl.PERSON, *event, 0), (at_ms, tl.RESTART, 0, 0, 0, 0, 0)]
    actions = tl.Player(Case(procedure.table, w.PLAN_NONE)).play(steps, round(until * MINUTE))
    role = {number: name for name, number in ROLES.items()}
    verb = {number: name for name, number in VERBS.items()}
    return [
        f"{action.at_ms / MINUTE:g} {verb[action.verb]} {role[action.by]}>{role[action.who]} "
        + procedure.clause(action.rung)
        for action in actions
    ]


def test_without_a_visit_an_sos_goes_the_same_way() -> None:
    assert lone((0, w.SOS, 0, 0, 0), until=1) == [
        f"0 tell hub>tracker {GENERAL} 2",
        f"0 tell hub>manager {GENERAL} 2",
        f"1 tell hub>senior {GENERAL} 2",
        *dial_999("1", "manager"),
    ]


def test_without_a_visit_acknowledged_and_not_recorded() -> None:
    lines = lone((0, w.MAN_DOWN, 0, 0, 0), (0.5, w.ACKNOWLEDGED, w.MANAGER, 0, 0), until=12.5)
    assert lines[2:] == [f"2.5 tell hub>senior {GENERAL} 2", f"12.5 tell hub>senior {GENERAL} 5"]


def test_without_a_visit_duress_and_cora_does_not_answer() -> None:
    lines = lone((0, w.DURESS, 0, 0, 0), (0.5, w.CALL_NO_ANSWER, w.TRACKER, w.MANAGER, 0), until=0.75)
    assert lines[2:] == [f"0.5 tell hub>senior {GENERAL} 5", *dial_999("0.5", "tracker", rule=3)]


def test_without_a_visit_resolved_tells_nobody_any_more() -> None:
    lines = lone(
        (0, w.SOS, 0, 0, 0), (0.5, w.ACKNOWLEDGED, w.TRACKER, 0, 0), (2, w.RESOLVED, w.TRACKER, 0, 0), until=90
    )
    assert len(lines) == 2
