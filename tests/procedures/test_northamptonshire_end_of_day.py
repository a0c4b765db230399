"""Northamptonshire App. 3, checking in at the end of the day: the same in both files, on both interpreters.

Ana's last visit is planned from 16:00 to 17:00, with no risk identified: nothing else is asked for.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

LAST = {"start": "16:00", "end": "17:00", "last_visit_of_day": True}
ARRIVED = "16:00 arrived"


def no_answer(at: str, who: str, via: str = "") -> str:
    return f"{at} call_result by=manager who={who} result=no_answer" + (f" via={via}" if via else "")


def asked(lines: list[str]) -> list[str]:
    """Without the door and the reminders of T_end."""
    return [line for line in lines if " clear " not in line and not line.endswith(("Ana 4.5", "Ana 3.2"))]


def begins(at: str) -> list[str]:
    return [
        f"{at} prompt pendant>worker Ana App. 3",
        f"{at} call manager>worker Ana work_mobile,personal_mobile App. 3",
    ]


HOME = "19:30 call manager>worker Ana home App. 3"


@pytest.fixture(params=["northamptonshire", "northamptonshire-strengthening-families"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    return Story(tmp_path, request.param, LAST)


def test_nobody_answers_and_cora_goes_on_to_the_police(story: Story) -> None:
    lines = story.in_full(
        ARRIVED,
        no_answer("18:31", "worker", "work_mobile"),
        no_answer("18:32", "worker", "personal_mobile"),
        no_answer("18:40", "team"),
        no_answer("19:31", "worker", "home"),
        no_answer("19:32", "emergency_contact"),
        no_answer("19:33", "emergency_contact"),
        "19:34 done by=manager do=dial_999",
        until="20:03",
    )
    assert asked(lines) == [
        *begins("18:30"),
        "18:31 call manager>worker Ana personal_mobile App. 3",
        "18:32 call manager>team App. 3",
        HOME,
        "19:31 call manager>emergency_contact Eli App. 3",
        "19:32 call manager>emergency_contact Eve App. 3",
        "19:33 dial_999 manager>emergency_services App. 3",
        "19:34 tell hub>senior Dev 4.6",
    ]


def test_nobody_reports_at_all(story: Story) -> None:
    staff = ("manager", "senior", "tracker")
    assert asked(story.in_full(ARRIVED, until="20:05")) == [
        *begins("18:30"),
        f"18:40 tell hub>senior Dev {GENERAL} 5",
        *[f"18:40 call {role}>team App. 3" for role in staff[:2]],
        f"18:50 tell hub>tracker Ben {GENERAL} 5",
        "18:50 call tracker>team App. 3",
        *[f"19:30 call {role}>worker Ana home App. 3" for role in staff],
        *[f"19:40 call {role}>emergency_contact Eli App. 3" for role in staff],
        *[f"19:50 call {role}>emergency_contact Eve App. 3" for role in staff],
        *[f"{at} dial_999 {role}>emergency_services App. 3" for at in ("20:00", "20:05") for role in staff],
    ]


def test_the_home_waits_for_half_past_seven_even_when_all_failed_early(story: Story) -> None:
    failed = (ARRIVED, no_answer("18:30:30", "worker"), no_answer("18:31", "team"))
    assert asked(story.in_full(*failed, until="19:29:59")) == [*begins("18:30"), "18:30:30 call manager>team App. 3"]
    assert asked(story.in_full(*failed, until="19:30"))[-1] == HOME


RUNGS = [  # events, when the next one is asked, who that is
    ([], "18:31", "worker"),
    ([no_answer("18:31", "worker")], "18:35", "team"),
    ([no_answer("18:31", "worker"), no_answer("18:35", "team")], "19:31", "worker"),
    (
        [no_answer("18:31", "worker"), no_answer("18:35", "team"), no_answer("19:31", "worker")],
        "19:32",
        "emergency_contact",
    ),
]


@pytest.mark.parametrize(("events", "at", "who"), RUNGS)
def test_answered_at_each_rung(story: Story, events: list[str], at: str, who: str) -> None:
    before = asked(story.in_full(ARRIVED, *events, until=at))
    after = story.in_full(ARRIVED, *events, f"{at} call_result by=manager who={who} result=safe", until="23:59")
    assert asked(after) == before


@pytest.mark.parametrize(
    ("rung", "following"),
    [
        (0, "18:31 call manager>team App. 3"),
        (1, "18:35 call manager>worker Ana home App. 3"),
        (2, "19:31 call manager>emergency_contact Eli App. 3"),
        (3, "19:32 dial_999 manager>emergency_services App. 3"),
    ],
)
def test_at_risk_at_each_rung_opens_the_next_and_999_at_once(story: Story, rung: int, following: str) -> None:
    events, at, who = RUNGS[rung]
    lines = story.in_full(ARRIVED, *events, f"{at} call_result by=manager who={who} result=at_risk", until=at)
    dial = [] if "dial_999" in following else [f"{at} dial_999 manager>emergency_services {GENERAL} 6"]
    then = [following, f"{at} tell hub>manager Cora {GENERAL} 6", *dial]
    assert lines[-len(then) :] == then


def test_voicemail_is_no_contact(story: Story) -> None:
    lines = story.in_full(
        ARRIVED,
        "18:31 call_result by=manager who=worker via=work_mobile result=voicemail",
        "18:32 call_result by=manager who=worker via=personal_mobile result=voicemail",
        until="18:33",
    )
    assert lines[-2:] == ["18:31 call manager>worker Ana personal_mobile App. 3", "18:32 call manager>team App. 3"]


@pytest.mark.parametrize(
    "event", ["16:50 departed", "17:00 checked_in", "18:29 checked_in", "17:30 spoke with=manager"]
)
def test_contact_after_the_visit_ends_it(story: Story, event: str) -> None:
    assert asked(story.in_full(ARRIVED, event, until="23:59")) in ([], ["16:50 close hub>worker Ana 4.5"])


@pytest.mark.parametrize("event", ["16:30 checked_in", "16:30 spoke with=manager", "16:59:59 checked_in"])
def test_contact_during_the_visit_does_not(story: Story, event: str) -> None:
    assert asked(story.in_full(ARRIVED, event, until="18:30")) == begins("18:30")


@pytest.mark.parametrize("event", ["departed", "checked_in", "extended"])
def test_a_late_report_is_evidence(story: Story, event: str) -> None:
    lines = asked(story.in_full(ARRIVED, f"18:31 {event}", no_answer("18:35", "worker"), until="18:36"))
    assert lines == [*begins("18:30"), "18:35 call manager>team App. 3"]


def test_a_check_in_held_up_by_the_link_counts_before_half_past_six_and_not_after(story: Story) -> None:
    lost = (ARRIVED, "17:10 link_lost", "17:15 checked_in")
    silent = f"17:12 tell hub>tracker Ben {GENERAL} 9"
    assert asked(story.in_full(*lost, "18:29:59 link_restored", until="23:00")) == [silent]
    assert asked(story.in_full(*lost, "18:30:01 link_restored", until="18:35")) == [silent, *begins("18:30")]


@pytest.mark.parametrize(
    "plan",
    [
        {"last_visit_of_day": False},
        {"returning": True},
        {"meeting": "professionals"},
        {"meeting": "professionals", "returning": True},
    ],
)
def test_nobody_is_asked_after_a_professionals_meeting_nor_of_a_worker_who_returns(
    story: Story, plan: dict[str, object]
) -> None:
    assert asked(story.in_full(ARRIVED, until="23:59", **plan)) == []


def test_an_hour_agreed_beforehand_moves_both(story: Story) -> None:
    lines = story.in_full(
        ARRIVED, no_answer("20:01", "worker"), no_answer("20:02", "team"), until="21:00", check_in="20:00"
    )
    assert asked(lines) == [
        *begins("20:00"),
        "20:01 call manager>team App. 3",
        "21:00 call manager>worker Ana home App. 3",
    ]


def test_an_earlier_hour_agreed_beforehand_counts_too(story: Story) -> None:
    assert asked(story.in_full(ARRIVED, until="17:20", check_in="17:15")) == begins("17:15")


@pytest.mark.parametrize(("end", "at"), [("18:30", "18:30"), ("18:31", "19:31"), ("19:00", "20:00")])
def test_a_visit_that_ends_after_half_past_six_has_its_end_of_day_an_hour_later(
    story: Story, end: str, at: str
) -> None:
    assert asked(story.in_full(ARRIVED, until=at, end=end)) == begins(at)


def test_a_later_finish_moves_it_along(story: Story) -> None:
    assert asked(story.in_full(ARRIVED, "16:50 extended end=19:00", until="20:00")) == begins("20:00")
    assert asked(story.in_full(ARRIVED, "16:50 extended end=18:00", until="18:30")) == begins("18:30")


def test_with_a_risk_the_hour_after_the_finish_is_kept_too(story: Story) -> None:
    lines = asked(story.in_full(ARRIVED, no_answer("18:01", "worker"), until="18:30", risk="identified"))
    assert "18:01 call manager>emergency_contact Eli 4.6" in lines
    assert lines[-1].startswith("18:30 call") and lines[-1].endswith("App. 3")


def test_restarts_change_nothing(story: Story) -> None:
    events = [ARRIVED, no_answer("18:31", "worker", "work_mobile"), no_answer("19:41", "emergency_contact")]
    calm = story.rows(*events, until="21:00")
    awkward = [
        "17:00",
        "18:29",
        "18:30",
        "18:31",
        "18:32",
        "18:41",
        "19:29",
        "19:30",
        "19:40",
        "19:41",
        "19:51",
        "20:02",
    ]
    for at in awkward:
        assert story.rows(*sorted([*events, f"{at} restart"]), until="21:00") == calm
    assert story.rows(*sorted([*events, *[f"{at} restart" for at in awkward]]), until="21:00") == calm
