"""Northamptonshire, lone visits: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Cora is her manager, Dev is Cora's. A section 4 visit is planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00", "risk": "identified"}
NO_RISK = {"risk": "none"}

CLEAR = "10:00 clear hub>worker Ana 2"
PROMPT = "11:00 prompt pendant>worker Ana 4.5"
CALL = "12:00 call manager>worker Ana work_mobile,personal_mobile 4.6"
OVERDUE = [CLEAR, PROMPT, CALL, "12:00 prompt pendant>worker Ana 4.5"]
ELI = "12:01 call manager>emergency_contact Eli 4.6"
EVE = "12:03 call manager>emergency_contact Eve 4.6"

ARRIVED = "10:00 arrived"
NO_ANSWER = "12:01 call_result by=manager who=worker result=no_answer"
NO_ELI = "12:03 call_result by=manager who=emergency_contact result=no_answer"
NO_EVE = "12:04 call_result by=manager who=emergency_contact result=no_answer"
DIAL = "12:04 dial_999 manager>emergency_services 4.6"


def all_dial(at: str, clause: str = "4.6") -> list[str]:
    return [f"{at} dial_999 {role}>emergency_services {clause}" for role in ("manager", "senior", "tracker")]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "northamptonshire", VISIT)


# -- nobody is told of safe completion (4.6)


def test_a_calm_visit_is_told_of_when_leaving_and_on_completion(story: Story) -> None:
    lines = story.in_full("09:40 left_for_visit", ARRIVED, "10:50 departed", until="23:00")
    assert lines == [
        "09:40 tell hub>manager Cora 4.5",
        CLEAR,
        "10:50 close hub>worker Ana 4.5",
        "10:50 tell hub>manager Cora 4.5",
    ]


def test_nobody_answers_and_cora_goes_on_to_999(story: Story) -> None:
    lines = story.in_full(
        ARRIVED,
        "12:01 call_result by=manager who=worker via=work_mobile result=no_answer",
        "12:02 call_result by=manager who=worker via=personal_mobile result=no_answer",
        NO_ELI,
        NO_EVE,
        "12:05 done by=manager do=dial_999",
        until="12:30",
    )
    assert lines == [
        *OVERDUE,
        "12:01 call manager>worker Ana personal_mobile 4.6",
        "12:02 call manager>emergency_contact Eli 4.6",
        EVE,
        DIAL,
        "12:05 tell hub>senior Dev 4.6",
    ]


def test_nobody_reports_at_all(story: Story) -> None:
    lines = story.in_full(ARRIVED, until="12:35")
    assert lines == [
        *OVERDUE,
        f"12:10 tell hub>senior Dev {GENERAL} 5",
        *[f"12:10 call {role}>emergency_contact Eli 4.6" for role in ("manager", "senior")],
        f"12:20 tell hub>tracker Ben {GENERAL} 5",
        *[f"12:20 call {role}>emergency_contact Eve 4.6" for role in ("manager", "senior", "tracker")],
        *all_dial("12:30"),
        *all_dial("12:35"),
    ]


@pytest.mark.parametrize("result", ["no_answer", "voicemail"])
def test_voicemail_is_no_contact(story: Story, result: str) -> None:
    lines = story.in_full(ARRIVED, f"12:01 call_result by=manager who=worker result={result}", until="12:02")
    assert lines == [*OVERDUE, ELI]


def test_a_visit_that_nobody_arrived_at_is_overdue_too(story: Story) -> None:
    assert story.in_full("09:40 left_for_visit", until="12:00")[1:] == [PROMPT, CALL, OVERDUE[-1]]


SAFE = "call_result by=manager result=safe who"
RISK = "call_result by=manager result=at_risk who"
TAKEN_UP_TO = [  # events, the next one to be asked, what was asked after the call to Ana
    ([], "12:01", "worker", []),
    ([NO_ANSWER], "12:02", "emergency_contact", [ELI]),
    ([NO_ANSWER, NO_ELI], "12:04", "emergency_contact", [ELI, EVE]),
]


@pytest.mark.parametrize(("events", "at", "who", "asked"), TAKEN_UP_TO)
def test_answered_at_each_rung_and_asked_again_an_hour_later(
    story: Story, events: list[str], at: str, who: str, asked: list[str]
) -> None:
    lines = story.in_full(ARRIVED, *events, f"{at} {SAFE}={who}", until=at.replace("12:", "13:"))
    assert lines[: 4 + len(asked)] == [*OVERDUE, *asked]
    later = at.replace("12:", "13:")
    assert sorted(lines[4 + len(asked) :]) == [
        f"{later} call manager>worker Ana work_mobile,personal_mobile 4.6",
        f"{later} prompt pendant>worker Ana 4.5",
    ]


@pytest.mark.parametrize(("events", "at", "who", "asked"), TAKEN_UP_TO)
def test_at_risk_at_each_rung_opens_the_next_and_999_at_once(
    story: Story, events: list[str], at: str, who: str, asked: list[str]
) -> None:
    lines = story.in_full(ARRIVED, *events, f"{at} {RISK}={who}", until=at)
    contacts = who == "emergency_contact"
    assert lines == [
        *OVERDUE,
        *asked,
        f"{at} dial_999 manager>emergency_services 4.6" if contacts else f"{at} call manager>emergency_contact Eli 4.6",
        f"{at} tell hub>manager Cora {GENERAL} 6",
        *([] if contacts else [f"{at} dial_999 manager>emergency_services {GENERAL} 6"]),  # the text's own is that task
    ]


def test_cora_does_not_confirm_999_and_the_senior_gets_it_too(story: Story) -> None:
    lines = story.in_full(ARRIVED, NO_ANSWER, NO_ELI, NO_EVE, "12:10 done by=senior do=dial_999", until="12:40")
    assert lines[4:] == [
        ELI,
        EVE,
        DIAL,
        f"12:09 tell hub>senior Dev {GENERAL} 5",
        "12:09 dial_999 senior>emergency_services 4.6",
        "12:10 tell hub>senior Dev 4.6",
        *[f"12:40 tell hub>{who} {GENERAL} 5" for who in ("manager Cora", "senior Dev")],  # the visit is still open
    ]


@pytest.mark.parametrize("who", ["worker", "emergency_contact"])
def test_ana_is_heard_of_after_all_and_nobody_dials_999_any_more(story: Story, who: str) -> None:
    lines = story.in_full(ARRIVED, NO_ANSWER, NO_ELI, NO_EVE, f"12:05 {SAFE}={who}", until="13:04")
    assert lines[4:] == [ELI, EVE, DIAL]


def test_a_result_names_the_contact_who_was_called(story: Story) -> None:
    called = "call_result by=manager who=emergency_contact result=no_answer name"
    early = story.in_full(ARRIVED, NO_ANSWER, f"12:02 {called}=Eve", until="12:11")
    assert early[4:] == [ELI, f"12:11 tell hub>senior Dev {GENERAL} 5", *all_dial("12:11")[:2]]
    twice = story.in_full(ARRIVED, NO_ANSWER, f"12:03 {called}=Eli", f"12:04 {called}=Eli", until="12:12")
    assert twice[4:] == [ELI, EVE]
    both = story.in_full(ARRIVED, NO_ANSWER, f"12:02 {called}=Eve", f"12:04 {called}=Eli", until="12:08")
    assert both[4:] == [ELI, DIAL]


def test_cora_can_not_be_reached_and_dev_calls_ana_first(story: Story) -> None:
    lines = story.in_full(ARRIVED, "12:01 call_result by=tracker who=manager result=no_answer", until="12:11")
    assert lines[4:] == [
        f"12:01 tell hub>senior Dev {GENERAL} 5",
        "12:01 call senior>worker Ana work_mobile,personal_mobile 4.6",
        f"12:11 tell hub>tracker Ben {GENERAL} 5",
        *[f"12:11 call {role}>emergency_contact Eli 4.6" for role in ("manager", "senior", "tracker")],
    ]


def test_without_emergency_contacts_999_comes_next(story: Story) -> None:
    lines = story.in_full(ARRIVED, NO_ANSWER, until="12:02", emergency_contacts=[])
    assert lines == [*OVERDUE, "12:01 dial_999 manager>emergency_services 4.6"]


def test_without_a_senior_the_tracker_is_the_next_layer(story: Story) -> None:
    lines = story.in_full(ARRIVED, until="12:10", senior=None)
    assert lines[4:] == [
        f"12:10 tell hub>tracker Ben {GENERAL} 5",
        *[f"12:10 call {role}>emergency_contact Eli 4.6" for role in ("manager", "tracker")],
    ]


# -- a report and its moment


def test_a_later_finish_just_before_the_deadline_moves_it(story: Story) -> None:
    lines = story.in_full(ARRIVED, "11:59:59 extended end=12:30", until="13:30")
    assert lines == [
        CLEAR,
        PROMPT,
        "12:30 prompt pendant>worker Ana 4.5",
        "13:30 call manager>worker Ana work_mobile,personal_mobile 4.6",
        "13:30 prompt pendant>worker Ana 4.5",
    ]


def test_a_later_finish_just_after_the_deadline_is_evidence(story: Story) -> None:
    assert story.in_full(ARRIVED, "12:00:01 extended end=12:30", NO_ANSWER, until="12:02") == [*OVERDUE, ELI]


def test_a_later_finish_stops_at_three_hours(story: Story) -> None:
    lines = story.in_full(ARRIVED, "10:59 extended end=18:00", until="15:00")
    assert lines == [
        CLEAR,
        "14:00 prompt pendant>worker Ana 4.5",
        "15:00 call manager>worker Ana work_mobile,personal_mobile 4.6",
        "15:00 prompt pendant>worker Ana 4.5",
    ]


@pytest.mark.parametrize(
    "event", ["10:55 checked_in", "11:30 checked_in", "11:59:59 checked_in", "10:55 spoke", "11:30 spoke"]
)
def test_what_is_no_notice_of_completion_moves_nothing(story: Story, event: str) -> None:
    assert CALL in story.in_full(ARRIVED, event, until="12:00")


def test_who_was_called_and_heard_has_another_hour(story: Story) -> None:
    lines = story.lines(ARRIVED, "12:05 spoke with=manager", until="13:05")
    assert [line for line in lines if "call" in line] == [f"{at} call manager>worker 4.6" for at in ("12:00", "13:05")]


@pytest.mark.parametrize("event", ["departed", "checked_in", "extended", "returned"])
def test_a_late_report_is_evidence_and_a_person_closes(story: Story, event: str) -> None:
    assert story.in_full(ARRIVED, f"12:00:30 {event}", NO_ANSWER, until="12:02") == [*OVERDUE, ELI]


def test_a_late_departure_is_closed_by_the_call(story: Story) -> None:
    lines = story.in_full(ARRIVED, "12:01 departed", f"12:02 {SAFE}=worker", until="23:00")
    assert lines == [*OVERDUE, "12:02 close hub>worker Ana 4.5", "12:02 tell hub>manager Cora 4.5"]


def test_a_departure_held_up_by_the_link_ends_the_visit_before_the_deadline_and_not_after(story: Story) -> None:
    lost = (ARRIVED, "11:20 link_lost", "11:30 departed")
    silent = f"11:22 tell hub>tracker Ben {GENERAL} 9"
    assert story.in_full(*lost, "11:59:59 link_restored", until="13:00") == [
        CLEAR,
        PROMPT,
        silent,
        "11:59:59 close hub>worker Ana 4.5",
        "11:59:59 tell hub>manager Cora 4.5",
    ]
    late = story.in_full(*lost, "12:00:01 link_restored", NO_ANSWER, until="12:02")
    assert late == [CLEAR, PROMPT, silent, *OVERDUE[2:], ELI]


# -- alarms


def test_duress_goes_to_both_and_to_999_when_cora_does_not_take_it(story: Story) -> None:
    assert story.in_full(ARRIVED, "10:20 duress", until="10:21") == [
        CLEAR,
        "10:20 tell hub>tracker Ben App. 3",
        "10:20 tell hub>manager Cora App. 3",
        f"10:21 tell hub>senior Dev {GENERAL} 5",
        "10:21 dial_999 tracker>emergency_services App. 3",
    ]
    taken = story.in_full(ARRIVED, "10:20 duress", "10:20:40 acknowledged by=manager", until="10:22")
    assert not [line for line in taken if "dial_999" in line]


def test_the_phrase_heard_on_a_call_is_duress_and_nobody_calls_again(story: Story) -> None:
    lines = story.in_full(ARRIVED, "12:01 call_result by=manager who=worker result=duress", until="12:20")
    assert lines[4:7] == [
        "12:01 tell hub>tracker Ben App. 3",
        "12:01 tell hub>manager Cora App. 3",
        f"12:02 tell hub>senior Dev {GENERAL} 5",
    ]
    assert not [line for line in lines[4:] if "call" in line]


def test_an_sos_before_arrival_and_after_departure(story: Story) -> None:
    alarm = [
        ":00 tell hub>tracker Ben",
        ":00 tell hub>manager Cora",
        ":01 tell hub>senior Dev",
        ":01 dial_999 manager>emergency_services",
    ]
    before = story.in_full("09:00 sos", until="09:02")
    assert before == [f"09{line} {GENERAL} 2" for line in alarm]
    after = story.in_full(ARRIVED, "10:50 departed", "12:00 sos", until="12:02")
    assert after[3:] == [f"12{line} {GENERAL} 2" for line in alarm]


def test_the_senior_is_told_whenever_the_police_were_called(story: Story) -> None:
    sos = story.in_full(ARRIVED, "10:20 sos", "10:21:30 done by=manager do=dial_999", until="10:22")
    assert sos[-1] == "10:21:30 tell hub>senior Dev 4.6"
    decided = story.in_full(
        ARRIVED,
        "10:20 worried_family by=tracker",
        "10:21 decided by=manager what=call_police",
        "10:22 done by=manager do=dial_999",
        until="10:30",
        **NO_RISK,
    )
    assert decided[1:] == [
        "10:20 tell hub>manager Cora For every procedure",
        "10:20 decide manager>manager Cora For every procedure",
        f"10:21 dial_999 manager>emergency_services {GENERAL} 1",
        "10:22 tell hub>senior Dev 4.6",
    ]


# -- other visits


def test_a_section_3_visit_is_closed_by_the_calendars_clause_since_no_word_is_owed(story: Story) -> None:
    lines = story.in_full(ARRIVED, "10:50 departed", until="13:00", **NO_RISK)
    assert lines[1:] == ["10:50 close hub>worker Ana 3.2"]


def test_a_section_3_visit_has_prompts_only(story: Story) -> None:
    lines = story.in_full("09:40 left_for_visit", ARRIVED, until="13:00", **NO_RISK)
    assert lines == [CLEAR, *[f"{hour}:00 prompt pendant>worker Ana 3.2" for hour in (11, 12, 13)]]


def test_found_after_999_cora_is_reminded_of_it_no_more(story: Story) -> None:
    events = (ARRIVED, NO_ANSWER, NO_ELI, NO_EVE, "12:05 done by=manager do=dial_999")
    lines = story.in_full(*events, "12:20 decided by=manager what=not_police why=found", until="13:19")
    assert lines[4:] == [ELI, EVE, DIAL, "12:05 tell hub>senior Dev 4.6", "13:00 prompt pendant>worker Ana 4.5"]


def test_a_cancelled_visit_waits_for_nobody(story: Story) -> None:
    lines = story.in_full("09:20 cancelled", until="23:00", last_visit_of_day=True)
    assert lines == ["09:20 close hub>worker Ana 3.2 (cancelled)", "09:20 mark tracker>worker Ana 3.2 (cancelled)"]


def test_an_abandoned_visit_goes_on_until_the_departure(story: Story) -> None:
    abandoned = (ARRIVED, "10:20 abandoned")
    marked = [CLEAR, "10:20 mark tracker>worker Ana App. 2 (abandoned)"]
    assert story.in_full(*abandoned, until="12:00") == [*marked, *OVERDUE[1:]]
    departed = story.in_full(*abandoned, "10:25 departed", until="12:00")
    assert departed == [*marked, "10:25 close hub>worker Ana 4.5", "10:25 tell hub>manager Cora 4.5"]


@pytest.mark.parametrize(
    "plan",
    [
        {"unscheduled": True, "first_visit": True},
        {"pairs_required": True},
        {"coverage": "poor"},
        {"out_of_hours": True},
        {"returning": True},
    ],
)
def test_a_visit_of_another_kind_is_watched_alike(story: Story, plan: dict[str, object]) -> None:
    assert story.in_full(ARRIVED, NO_ANSWER, until="12:02", **plan) == [*OVERDUE, ELI]


AWKWARD = ["09:59", "10:00", "11:00", "11:59", "12:00", "12:01", "12:02", "12:09", "12:10", "12:11", "12:30", "12:31"]


def test_restarts_change_nothing(story: Story) -> None:
    events = [ARRIVED, "12:01 call_result by=manager who=worker via=work_mobile result=no_answer", "12:32 sos"]
    calm = story.rows(*events, until="14:00")
    for at in AWKWARD:
        assert story.rows(*sorted([*events, f"{at} restart"]), until="14:00") == calm
    assert story.rows(*sorted([*events, *[f"{at} restart" for at in AWKWARD]]), until="14:00") == calm


def test_who_is_to_dial_999_already_is_asked_once_and_the_senior_after_five_minutes(story: Story) -> None:
    risk = f"12:01 {RISK}=worker"
    lines = story.in_full(
        ARRIVED, risk, "12:03 call_result who=emergency_contact result=no_answer", NO_EVE, until="12:06"
    )
    assert [line for line in lines if "dial_999" in line] == [
        f"12:01 dial_999 manager>emergency_services {GENERAL} 6",
        f"12:06 dial_999 senior>emergency_services {GENERAL} 6",
    ]


def test_a_late_new_finish_is_watched_once_cora_has_spoken_with_her(story: Story) -> None:
    lines = story.in_full(ARRIVED, "12:02 extended end=12:30", f"12:03 {SAFE}=worker", until="13:30")
    assert [line for line in lines if "call" in line] == [
        f"{at} call manager>worker Ana work_mobile,personal_mobile 4.6" for at in ("12:00", "13:30")
    ]
