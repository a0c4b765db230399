"""Northamptonshire, Strengthening Families: where reception watches. Timelines, each line with its clause, on both.

Ana wears the pendant, Ben is at reception, Cora is the manager, Dev Cora's. What is the same as in the file for
everybody else stands in test_northamptonshire*.py.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00", "risk": "identified"}
ARRIVED = "10:00 arrived"
CLEAR = "10:00 clear hub>worker Ana 2"
PROMPT = "11:00 prompt pendant>worker Ana 4.5"
OVERDUE = [
    CLEAR,
    PROMPT,
    "12:00 tell hub>manager Cora 4.6",
    "12:00 call manager>worker Ana work_mobile,personal_mobile 4.6",
    "12:00 prompt pendant>worker Ana 4.5",
]
NO_ANSWER = "12:01 call_result by=manager who=worker result=no_answer"
NO_ELI = "12:03 call_result by=manager who=emergency_contact result=no_answer"
NO_EVE = "12:04 call_result by=manager who=emergency_contact result=no_answer"
OUT_OF_HOURS = {"out_of_hours": True}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "northamptonshire-strengthening-families", VISIT)


@pytest.mark.parametrize(
    ("plan", "told"), [({}, "tracker Ben"), (OUT_OF_HOURS, "manager Cora"), ({"tracker": None}, "manager Cora")]
)
def test_reception_is_told_of_leaving_and_of_completion_and_out_of_hours_the_manager(
    story: Story, plan: dict[str, object], told: str
) -> None:
    lines = story.in_full("09:40 left_for_visit", ARRIVED, "10:50 departed", until="23:00", **plan)
    assert lines == [
        f"09:40 tell hub>{told} 4.5",
        CLEAR,
        "10:50 close hub>worker Ana 4.5",
        f"10:50 tell hub>{told} 4.5",
    ]


def test_an_hour_after_the_finish_the_manager_has_it_and_goes_on_to_999(story: Story) -> None:
    lines = story.in_full(ARRIVED, NO_ANSWER, NO_ELI, NO_EVE, "12:05 done by=manager do=dial_999", until="12:30")
    assert lines == [
        *OVERDUE,
        "12:01 call manager>emergency_contact Eli 4.6",
        "12:03 call manager>emergency_contact Eve 4.6",
        "12:04 dial_999 manager>emergency_services 4.6",
        "12:05 tell hub>senior Dev 4.6",
    ]


@pytest.mark.parametrize("plan", [{}, OUT_OF_HOURS])
def test_nobody_reports_at_all(story: Story, plan: dict[str, object]) -> None:
    staff = ["manager", "senior"] + ([] if plan else ["tracker"])  # out of hours nobody is at reception
    lines = story.in_full(ARRIVED, until="12:35", **plan)
    assert lines == [
        *OVERDUE,
        f"12:10 tell hub>senior Dev {GENERAL} 5",
        *[f"12:10 call {role}>emergency_contact Eli 4.6" for role in ("manager", "senior")],
        *([] if plan else [f"12:20 tell hub>tracker Ben {GENERAL} 5"]),
        *[f"12:20 call {role}>emergency_contact Eve 4.6" for role in staff],
        *[f"{at} dial_999 {role}>emergency_services 4.6" for at in ("12:30", "12:35") for role in staff],
    ]


TAKEN_UP_TO = [
    ([], "12:01", "worker", "call manager>emergency_contact Eli 4.6"),
    ([NO_ANSWER], "12:02", "emergency_contact", "dial_999 manager>emergency_services 4.6"),
    ([NO_ANSWER, NO_ELI], "12:04", "emergency_contact", "dial_999 manager>emergency_services 4.6"),
]


@pytest.mark.parametrize(("events", "at", "who", "following"), TAKEN_UP_TO)
def test_answered_at_each_rung(story: Story, events: list[str], at: str, who: str, following: str) -> None:
    before = story.in_full(ARRIVED, *events, until=at)
    safe = f"{at} call_result by=manager who={who} result=safe"
    assert story.in_full(ARRIVED, *events, safe, until="12:59") == before


@pytest.mark.parametrize(("events", "at", "who", "following"), TAKEN_UP_TO)
def test_at_risk_at_each_rung(story: Story, events: list[str], at: str, who: str, following: str) -> None:
    before = story.in_full(ARRIVED, *events, until=at)
    lines = story.in_full(ARRIVED, *events, f"{at} call_result by=manager who={who} result=at_risk", until=at)
    assert lines == [
        *before,
        f"{at} {following}",
        f"{at} tell hub>manager Cora {GENERAL} 6",
        *([] if "dial_999" in following else [f"{at} dial_999 manager>emergency_services {GENERAL} 6"]),
    ]


@pytest.mark.parametrize("result", ["no_answer", "voicemail"])
def test_two_mobiles_are_called_in_turn(story: Story, result: str) -> None:
    lines = story.in_full(
        ARRIVED,
        f"12:01 call_result by=manager who=worker via=personal_mobile result={result}",
        f"12:02 call_result by=manager who=worker via=work_mobile result={result}",
        until="12:02",
    )
    assert lines[5:] == [
        "12:01 call manager>worker Ana work_mobile 4.6",
        "12:02 call manager>emergency_contact Eli 4.6",
    ]


def test_a_later_finish_just_before_and_just_after_the_deadline(story: Story) -> None:
    before = story.in_full(ARRIVED, "11:59:59 extended end=12:30", until="13:29:59")
    assert before == [CLEAR, PROMPT, "12:30 prompt pendant>worker Ana 4.5"]
    assert story.in_full(ARRIVED, "12:00:01 extended end=12:30", until="12:09") == OVERDUE


def test_a_late_departure_is_closed_by_a_person(story: Story) -> None:
    lines = story.in_full(ARRIVED, "12:01 departed", "12:02 spoke with=tracker", until="23:00")
    assert lines == [*OVERDUE, "12:02 close hub>worker Ana 4.5", "12:02 tell hub>tracker Ben 4.5"]


def test_a_manager_who_can_not_be_reached_is_followed_by_the_senior(story: Story) -> None:
    lines = story.in_full(ARRIVED, "12:00:30 call_result by=tracker who=manager result=no_answer", until="12:01")
    assert lines[5:] == [
        f"12:00:30 tell hub>senior Dev {GENERAL} 5",
        "12:00:30 call senior>worker Ana work_mobile,personal_mobile 4.6",
    ]


def test_a_section_3_visit_has_prompts_only(story: Story) -> None:
    lines = story.in_full("09:40 left_for_visit", ARRIVED, until="12:00", risk="none")
    assert lines == [CLEAR, *[f"{at} prompt pendant>worker Ana 3.2" for at in ("11:00", "12:00")]]


@pytest.mark.parametrize(("plan", "by"), [({}, "tracker"), (OUT_OF_HOURS, "manager"), ({"tracker": None}, "manager")])
def test_duress_that_nobody_takes(story: Story, plan: dict[str, object], by: str) -> None:
    lines = story.in_full(ARRIVED, "10:20 duress", until="10:21", **plan)
    assert f"10:21 dial_999 {by}>emergency_services App. 3" in lines
    assert f"10:21 tell hub>senior Dev {GENERAL} 5" in lines


def test_an_sos_tells_reception_and_the_manager(story: Story) -> None:
    lines = story.in_full("09:00 sos", until="09:00")
    assert lines == [f"09:00 tell hub>{who} {GENERAL} 2" for who in ("tracker Ben", "manager Cora")]


def test_a_silent_pendant_is_shown_to_whoever_watches(story: Story) -> None:
    lost = (ARRIVED, "10:20 link_lost")
    assert story.in_full(*lost, until="10:30")[1:] == [f"10:22 tell hub>tracker Ben {GENERAL} 9"]
    assert story.in_full(*lost, until="10:30", **OUT_OF_HOURS)[1:] == [f"10:22 tell hub>manager Cora {GENERAL} 9"]


def test_restarts_change_nothing(story: Story) -> None:
    events = ["09:40 left_for_visit", ARRIVED, "11:20 link_lost", "11:30 departed", "12:05 link_restored"]
    calm = story.rows(*events, until="13:00")
    for at in ("09:39", "10:00", "11:00", "11:25", "11:59", "12:00", "12:05", "12:10", "12:11", "12:30", "12:36"):
        assert story.rows(*sorted([*events, f"{at} restart"]), until="13:00") == calm
