"""Derbyshire, home visits: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Ben is the designated person, Cora the named manager, Dev hers. A visit of high risk is planned
from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00", "risk": "identified"}
BACK = {"returning": True, "return_by": "11:30"}
OUT_OF_HOURS = {"out_of_hours": True}
NO_RISK = {"risk": "none"}
STAFF = (("manager", "Cora"), ("senior", "Dev"), ("tracker", "Ben"))

ARRIVED = "10:00 arrived"
CLEAR = "10:00 clear hub>worker Ana Tracking"
PROMPT = "11:00 prompt pendant>worker Ana Tracking"
FAILED = [f"{at} call_result by=tracker who=worker result=no_answer" for at in ("11:01", "11:06", "11:11")]
NO_ANSWER = "11:12 call_result by=manager who=worker result=no_answer"


def calls(*at: str, by: str = "tracker") -> list[str]:
    """The designated person's calls."""
    return [f"{when} call {by}>worker Ana work_mobile High risk" for when in at]


def handed_over(at: str) -> list[str]:
    return [
        f"{at} tell hub>manager Cora High risk",
        f"{at} call manager>worker Ana work_mobile,personal_mobile High risk",
    ]


THREE = [CLEAR, PROMPT, *calls("11:00", "11:05", "11:10")]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "derbyshire", VISIT)


# -- not called in at T_end


def test_a_calm_visit(story: Story) -> None:
    lines = story.in_full("09:40 left_for_visit", ARRIVED, "10:50 departed", until="23:00")
    assert lines == [CLEAR, "10:50 close hub>worker Ana Tracking"]


def test_three_calls_then_the_manager_then_a_decision_and_the_police(story: Story) -> None:
    lines = story.in_full(
        ARRIVED,
        *FAILED,
        "11:12 call_result by=manager who=worker via=work_mobile result=no_answer",
        "11:13 call_result by=manager who=worker via=personal_mobile result=no_answer",
        "11:14 decided by=manager what=call_police",
        "11:15 done by=manager do=dial_999",
        until="11:59",
    )
    assert lines == [
        *THREE,
        *handed_over("11:11"),
        "11:12 call manager>worker Ana personal_mobile High risk",
        "11:13 decide manager>manager Cora High risk",
        f"11:14 dial_999 manager>emergency_services {GENERAL} 1",
        f"11:45 tell hub>manager Cora {GENERAL} 5",  # asked what came of it; the calls don't begin again meanwhile
    ]


def test_a_decision_not_to_call_the_police_is_kept_and_the_calls_begin_again_an_hour_later(story: Story) -> None:
    lines = story.in_full(ARRIVED, *FAILED, NO_ANSWER, "11:14 decided by=manager what=not_police", until="12:14")
    assert lines[len(THREE) + 2 :] == [
        "11:12 decide manager>manager Cora High risk",
        "12:00 prompt pendant>worker Ana Tracking",
        *calls("12:14"),
    ]


@pytest.mark.parametrize(
    ("plan", "told"), [({}, []), (OUT_OF_HOURS, ["senior Dev"]), ({"tracker": None}, ["senior Dev"])]
)
def test_nobody_reports_on_the_third_call_for_five_minutes(
    story: Story, plan: dict[str, object], told: list[str]
) -> None:
    by = "manager" if plan else "tracker"
    lines = story.in_full(ARRIVED, until="11:15", **plan)
    assert lines == [
        CLEAR,
        PROMPT,
        *calls("11:00", "11:05", "11:10", by=by),
        *[f"11:15 tell hub>{who} High risk" for who in ("manager Cora", *told)],
        *[
            f"11:15 call {who.split()[0]}>worker Ana work_mobile,personal_mobile High risk"
            for who in ("manager Cora", *told)
        ],
    ]


def test_nobody_reports_at_all(story: Story) -> None:
    lines = story.in_full(ARRIVED, until="11:45")
    assert lines[len(THREE) :] == [
        *handed_over("11:15"),
        f"11:25 tell hub>senior Dev {GENERAL} 5",
        "11:25 decide manager>manager Cora High risk",
        "11:25 decide senior>senior Dev High risk",
        f"11:35 tell hub>tracker Ben {GENERAL} 5",
        "11:35 decide tracker>tracker Ben High risk",
        *[f"11:45 decide {role}>{role} {name} High risk" for role, name in STAFF],
    ]


def test_calls_keep_their_times_however_soon_one_fails(story: Story) -> None:
    early = [f"{at} call_result by=tracker who=worker result=no_answer" for at in ("11:00:20", "11:05:20", "11:10:20")]
    lines = story.in_full(ARRIVED, *early, until="11:11")
    assert lines == [*THREE, *handed_over("11:10:20")]


def test_voicemail_is_no_contact(story: Story) -> None:
    voicemail = [failed.replace("no_answer", "voicemail") for failed in (*FAILED, NO_ANSWER)]
    lines = story.in_full(ARRIVED, *voicemail, until="11:12")
    assert lines == [*THREE, *handed_over("11:11"), "11:12 decide manager>manager Cora High risk"]


RUNGS = [  # events, when the next one is asked, by whom
    ([], "11:01", "tracker"),
    (FAILED[:1], "11:06", "tracker"),
    (FAILED[:2], "11:11", "tracker"),
    (FAILED, "11:12", "manager"),
]


@pytest.mark.parametrize(("events", "at", "by"), RUNGS)
def test_answered_at_each_rung_and_called_again_an_hour_later(
    story: Story, events: list[str], at: str, by: str
) -> None:
    before = story.in_full(ARRIVED, *events, until=at)
    later = at.replace("11:", "12:")
    after = story.in_full(ARRIVED, *events, f"{at} call_result by={by} who=worker result=safe", until=later)
    assert after == [*before, f"{later} prompt pendant>worker Ana Tracking", *calls(later)]


@pytest.mark.parametrize(("events", "at", "by"), RUNGS)
def test_at_risk_at_each_rung_is_the_managers_at_once_and_nobody_just_tries_again(
    story: Story, events: list[str], at: str, by: str
) -> None:
    before = story.in_full(ARRIVED, *events, until=at)
    lines = story.in_full(ARRIVED, *events, f"{at} call_result by={by} who=worker result=at_risk", until=at)
    following = handed_over(at) if by == "tracker" else [f"{at} decide manager>manager Cora High risk"]
    assert lines == [
        *before,
        *following,
        f"{at} tell hub>manager Cora {GENERAL} 6",
        f"{at} dial_999 manager>emergency_services {GENERAL} 6",
    ]


def test_a_manager_who_can_not_be_reached_is_followed_by_the_senior(story: Story) -> None:
    lines = story.in_full(ARRIVED, *FAILED, "11:12 call_result by=tracker who=manager result=no_answer", until="11:13")
    assert lines[-2:] == [
        f"11:12 tell hub>senior Dev {GENERAL} 5",
        "11:12 call senior>worker Ana work_mobile,personal_mobile High risk",
    ]


# -- a report and its moment


def test_a_new_finish_just_before_the_deadline_and_just_after(story: Story) -> None:
    before = story.in_full(ARRIVED, "10:59:59 extended end=11:30", until="11:30")
    assert before == [CLEAR, "11:30 prompt pendant>worker Ana Tracking", *calls("11:30")]
    assert story.in_full(ARRIVED, "11:00:01 extended end=11:30", *FAILED, until="11:11") == [
        *THREE,
        *handed_over("11:11"),
    ]


def test_a_new_finish_stops_at_three_hours(story: Story) -> None:
    lines = story.in_full(ARRIVED, "10:30 extended end=18:00", until="14:00")
    assert lines == [CLEAR, "14:00 prompt pendant>worker Ana Tracking", *calls("14:00")]


@pytest.mark.parametrize("event", ["10:55 checked_in", "10:55 spoke with=tracker"])
def test_who_is_still_inside_has_not_called_in_at_the_finish(story: Story, event: str) -> None:
    assert story.in_full(ARRIVED, event, until="11:00") == [CLEAR, PROMPT, *calls("11:00")]


@pytest.mark.parametrize("event", ["departed", "returned", "checked_in", "extended"])
def test_a_late_report_is_evidence_and_a_person_closes(story: Story, event: str) -> None:
    late = (ARRIVED, f"11:00:30 {event}")
    assert story.in_full(*late, *FAILED, until="11:11") == [*THREE, *handed_over("11:11")]


def test_a_late_departure_is_closed_by_the_call(story: Story) -> None:
    lines = story.in_full(
        ARRIVED, "11:00:30 departed", "11:01 call_result by=tracker who=worker result=safe", until="23:00"
    )
    assert lines == [CLEAR, PROMPT, *calls("11:00"), "11:01 close hub>worker Ana Tracking"]


def test_a_departure_held_up_by_the_link(story: Story) -> None:
    lost = (ARRIVED, "10:30 link_lost", "10:50 departed")
    silent = f"10:32 tell hub>tracker Ben {GENERAL} 9"
    in_time = story.in_full(*lost, "10:59:59 link_restored", until="23:00")
    assert in_time == [CLEAR, silent, "10:59:59 close hub>worker Ana Tracking"]
    late = story.in_full(*lost, "11:00:01 link_restored", until="11:05")
    assert late == [CLEAR, silent, PROMPT, *calls("11:00", "11:05")]


# -- back at the office


def test_a_visit_whose_worker_returns_ends_with_the_return(story: Story) -> None:
    lines = story.in_full(ARRIVED, "10:50 departed", "11:20 returned", until="23:00", **BACK)
    assert lines == [CLEAR, PROMPT, "11:20 close hub>worker Ana Tracking"]


def test_not_back_in_time_and_nobody_answers(story: Story) -> None:
    failed = [f"{at} call_result by=tracker who=worker result=no_answer" for at in ("11:31", "11:36", "11:41")]
    manager = "11:42 call_result by=manager who=worker result=no_answer"
    lines = story.in_full(ARRIVED, "10:50 departed", *failed, manager, until="11:45", **BACK)
    assert lines == [
        CLEAR,
        PROMPT,
        *calls("11:30", "11:35", "11:40"),
        *handed_over("11:41"),
        "11:42 decide manager>manager Cora High risk",
    ]


def test_not_back_in_time_and_nobody_reports(story: Story) -> None:
    lines = story.in_full(ARRIVED, "10:50 departed", until="11:45", **BACK)
    assert lines[2:] == [
        *calls("11:30", "11:35", "11:40"),
        *handed_over("11:45"),
    ]


def test_a_worker_who_returns_calls_in_at_the_finish_like_anybody(story: Story) -> None:
    assert story.in_full(ARRIVED, until="11:00", **BACK) == [CLEAR, PROMPT, *calls("11:00")]


def test_a_late_return_is_closed_by_a_person(story: Story) -> None:
    late = (ARRIVED, "10:50 departed", "11:31 returned")
    assert story.in_full(*late, until="11:35", **BACK) == [CLEAR, PROMPT, *calls("11:30", "11:35")]
    closed = story.in_full(*late, "11:32 spoke with=tracker", until="23:00", **BACK)
    assert closed == [CLEAR, PROMPT, *calls("11:30"), "11:32 close hub>worker Ana Tracking"]


def test_a_new_finish_moves_the_return_along(story: Story) -> None:
    lines = story.in_full(ARRIVED, "10:55 extended end=11:20", "11:15 departed", until="11:50", **BACK)
    assert lines == [CLEAR, "11:20 prompt pendant>worker Ana Tracking", *calls("11:50")]


def test_without_an_hour_of_return_it_is_an_hour_after_the_finish(story: Story) -> None:
    left = (ARRIVED, "10:50 departed")
    back = story.in_full(*left, "11:59 returned", until="23:00", returning=True)
    assert back == [CLEAR, PROMPT, "11:59 close hub>worker Ana Tracking"]
    late = story.in_full(*left, until="12:05", returning=True)
    assert sorted(late[2:]) == [*calls("12:00"), "12:00 prompt pendant>worker Ana Tracking", *calls("12:05")]
    moved = story.in_full(ARRIVED, "10:40 extended end=11:30", "11:20 departed", until="12:30", returning=True)
    assert calls("12:30")[0] in moved and calls("12:00")[0] not in moved


# -- check-ins between visits


def test_a_missed_check_in_is_called_for_and_then_the_managers(story: Story) -> None:
    events = (ARRIVED, "10:31 call_result by=tracker who=worker result=no_answer")
    assert story.in_full(*events, until="10:40", check_in="10:30", **NO_RISK) == [
        CLEAR,
        "10:30 prompt pendant>worker Ana Tracking",
        "10:30 call tracker>worker Ana work_mobile Tracking",
        "10:31 tell hub>manager Cora Tracking",
        "10:31 decide manager>manager Cora Tracking",
    ]


def test_a_check_in_is_made_or_moved_by_a_press(story: Story) -> None:
    made = story.in_full(ARRIVED, "10:29 checked_in", until="10:59", check_in="10:30", **NO_RISK)
    assert made == [CLEAR]
    spoken = story.in_full(ARRIVED, "10:29 spoke with=tracker", until="10:59", check_in="10:30", **NO_RISK)
    assert spoken == [CLEAR]
    early = story.in_full(ARRIVED, "10:05 checked_in", until="10:30", check_in="10:30", **NO_RISK)
    assert early[2:] == ["10:30 call tracker>worker Ana work_mobile Tracking"]
    moved = story.in_full(ARRIVED, "10:29 checked_in check_in=10:50", until="10:50", check_in="10:30", **NO_RISK)
    assert moved[1:] == [
        "10:50 prompt pendant>worker Ana Tracking",
        "10:50 call tracker>worker Ana work_mobile Tracking",
    ]


def test_a_check_in_held_up_by_the_link_counts_when_it_comes_in_time(story: Story) -> None:
    lost = (ARRIVED, "10:20 link_lost", "10:25 checked_in")
    plan = {"check_in": "10:30", **NO_RISK}
    silent = f"10:22 tell hub>tracker Ben {GENERAL} 9"
    assert story.in_full(*lost, "10:29:59 link_restored", until="10:59", **plan) == [CLEAR, silent]
    called = ["10:30 prompt pendant>worker Ana Tracking", "10:30 call tracker>worker Ana work_mobile Tracking"]
    late = (*lost, "10:30:01 link_restored")
    assert story.in_full(*late, until="10:39", **plan) == [CLEAR, silent, *called]
    spoken = story.in_full(*late, "10:31 call_result by=tracker who=worker result=safe", until="10:59", **plan)
    assert spoken == [CLEAR, silent, *called]


# -- other visits


def test_without_a_high_risk_there_are_prompts_only(story: Story) -> None:
    lines = story.in_full(ARRIVED, until="12:00", **NO_RISK)
    assert lines == [CLEAR, PROMPT, "12:00 prompt pendant>worker Ana Tracking"]


@pytest.mark.parametrize(("plan", "told"), [({}, "tracker Ben"), (OUT_OF_HOURS, "manager Cora")])
def test_the_designated_person_is_told_of_a_cancelled_visit(story: Story, plan: dict[str, object], told: str) -> None:
    assert story.in_full("09:20 cancelled", until="23:00", **plan) == [
        "09:20 close hub>worker Ana Cancelled, unscheduled (cancelled)",
        f"09:20 mark {told.split()[0]}>worker Ana Cancelled, unscheduled (cancelled)",
        f"09:20 tell hub>{told} Cancelled, unscheduled",
    ]


def test_an_abandoned_visit_goes_on_until_the_departure(story: Story) -> None:
    abandoned = (ARRIVED, "10:20 abandoned")
    mark = "10:20 mark tracker>worker Ana During The Visit (abandoned)"
    assert story.in_full(*abandoned, until="11:00") == [CLEAR, mark, PROMPT, *calls("11:00")]
    closed = story.in_full(*abandoned, "10:25 departed", until="23:00")
    assert closed == [CLEAR, mark, "10:25 close hub>worker Ana Tracking"]


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        ({"unscheduled": True}, CLEAR),
        ({"first_visit": True}, CLEAR),
        (
            {"unscheduled": True, "first_visit": True},
            "10:00 refuse hub>worker Ana Cancelled, unscheduled "
            "(Unscheduled visits are never carried out to new clients or as first visits)",
        ),
        (
            {"pairs_required": True},
            "10:00 refuse hub>worker Ana Acorn Partnership (Staff always carry out home visits in pairs)",
        ),
        ({"pairs_required": True, "joint": True}, CLEAR),
    ],
)
def test_what_is_refused_at_the_door(story: Story, plan: dict[str, object], line: str) -> None:
    assert story.in_full("09:50 risk_checked by=tracker", ARRIVED, until="10:10", **plan) == [line]


# -- alarms


@pytest.mark.parametrize(
    ("plan", "dials"), [({}, "tracker"), (OUT_OF_HOURS, "manager"), ({"tracker": None}, "manager")]
)
def test_duress_that_nobody_takes(story: Story, plan: dict[str, object], dials: str) -> None:
    lines = story.in_full(ARRIVED, "10:20 duress", until="10:21", **plan)
    assert f"10:20 tell hub>manager Cora {GENERAL} 3" in lines
    assert f"10:21 dial_999 {dials}>emergency_services {GENERAL} 3" in lines


def test_the_phrase_heard_on_a_call_is_duress_and_nobody_calls_again(story: Story) -> None:
    lines = story.in_full(ARRIVED, "11:01 call_result by=tracker who=worker result=duress", until="11:20")
    assert lines[3:6] == [
        f"11:01 tell hub>tracker Ben {GENERAL} 3",
        f"11:01 tell hub>manager Cora {GENERAL} 3",
        f"11:02 tell hub>senior Dev {GENERAL} 5",
    ]
    assert not [line for line in lines[3:] if " call " in line]


@pytest.mark.parametrize("events", [[], [ARRIVED, "10:50 departed"]])
def test_an_sos_before_arrival_and_after_departure(story: Story, events: list[str]) -> None:
    at = "12" if events else "09"
    assert story.in_full(*events, f"{at}:00 sos", until=f"{at}:01")[-4:] == [
        f"{at}:00 tell hub>tracker Ben {GENERAL} 2",
        f"{at}:00 tell hub>manager Cora {GENERAL} 2",
        f"{at}:01 tell hub>senior Dev {GENERAL} 2",
        f"{at}:01 dial_999 manager>emergency_services {GENERAL} 2",
    ]


def test_restarts_change_nothing(story: Story) -> None:
    awkward = [
        "10:00",
        "10:59",
        "11:00",
        "11:01",
        "11:04",
        "11:05",
        "11:10",
        "11:14",
        "11:15",
        "11:16",
        "11:25",
        "11:30",
    ]
    events = [ARRIVED, "10:50 departed", *FAILED[:1], "11:31 call_result by=tracker who=worker result=voicemail"]
    for plan in ({}, BACK, OUT_OF_HOURS):
        told = [event for event in events if plan is BACK or "departed" not in event]
        calm = story.rows(*told, until="13:00", **plan)
        for at in awkward:
            assert story.rows(*sorted([*told, f"{at} restart"]), until="13:00", **plan) == calm


# -- a new finish that comes too late


def test_a_late_new_finish_leaves_the_calls_and_is_watched_once_she_was_reached(story: Story) -> None:
    late = "11:01 extended end=11:30"
    again = "11:30 prompt pendant>worker Ana Tracking"
    going_on = story.in_full(ARRIVED, late, until="11:33")
    assert [line for line in going_on if line != again] == story.in_full(ARRIVED, until="11:33")
    reached = story.in_full(ARRIVED, late, "11:02 call_result by=tracker who=worker result=safe", until="11:30")
    assert reached == [CLEAR, PROMPT, *calls("11:00"), again, *calls("11:30")]
    decided = story.in_full(
        ARRIVED,
        "11:01 extended end=12:00",
        *FAILED[1:],
        NO_ANSWER,
        "11:14 decided by=manager what=not_police",
        until="12:00",
    )
    assert decided[-1:] == calls("12:00")


def test_a_check_in_agreed_too_late_is_watched_once_she_was_reached(story: Story) -> None:
    agreed = ("10:31 extended check_in=10:50", "10:32 call_result by=tracker who=worker result=safe")
    lines = story.in_full(ARRIVED, *agreed, until="10:50", check_in="10:30", **NO_RISK)
    assert [line for line in lines if "call" in line] == [
        f"{at} call tracker>worker Ana work_mobile Tracking" for at in ("10:30", "10:50")
    ]


# -- who says that nobody answered


def test_what_ben_says_late_of_his_own_call_leaves_coras(story: Story) -> None:
    for late in ("11:15", "11:16"):
        lines = story.in_full(ARRIVED, f"{late} call_result by=tracker who=worker result=no_answer", until="11:20")
        assert lines == [*THREE, *handed_over("11:15")]
    hers = story.in_full(ARRIVED, "11:16 call_result by=manager who=worker result=no_answer", until="11:20")
    assert hers == [*THREE, *handed_over("11:15"), "11:16 decide manager>manager Cora High risk"]
