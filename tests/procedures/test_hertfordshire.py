"""Hertfordshire, lone visits: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Cora is her line manager, Dev Cora's, Ben the office. The visit is planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00"}
CLEAR = "10:00 clear hub>worker Ana 6.1"


def called_for(at: str) -> list[str]:
    """The prompt and Cora's call, at one moment."""
    return [f"{at} prompt pendant>worker Ana 7.1", f"{at} call manager>worker Ana work_mobile 7.1"]


def all_decide(at: str) -> list[str]:
    return [f"{at} decide {who} 7.1" for who in ("senior>senior Dev", "tracker>tracker Ben", "manager>manager Cora")]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "hertfordshire", VISIT)


@pytest.fixture
def agreed(tmp_path: Path) -> Story:
    """With a check-in agreed for half past ten."""
    return Story(tmp_path, "hertfordshire", VISIT | {"check_in": "10:30"})


def test_a_calm_visit(agreed: Story) -> None:
    lines = agreed.in_full("09:40 left_for_visit", "10:00 arrived", "10:28 checked_in", "10:55 departed", until="18:00")
    assert lines == [
        "09:40 tell hub>manager Cora 6.1",
        CLEAR,
        "10:55 close hub>worker Ana 4.1",
        "10:55 tell hub>manager Cora 8.1",
    ]


def test_no_reply_and_cora_decides_and_dials(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:34 decided by=manager what=call_police",
        "10:36 done by=manager do=dial_999",
        "10:50 resolved by=manager",
        until="10:59",
    )
    assert lines == [
        CLEAR,
        *called_for("10:30"),
        "10:31 decide manager>manager Cora 7.1",
        f"10:34 dial_999 manager>emergency_services {GENERAL} 1",
    ]


def test_while_the_police_are_asked_nobody_calls_her_at_the_finish_and_an_outcome_ends_it(agreed: Story) -> None:
    events = (
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:34 decided by=manager what=call_police",
        "10:36 done by=manager do=dial_999",
    )
    assert agreed.in_full(*events, until="11:40")[5:] == [
        f"11:06 tell hub>manager Cora {GENERAL} 5",
        f"11:36 tell hub>manager Cora {GENERAL} 5",
    ]
    found = agreed.in_full(*events, "10:50 spoke with=manager", "10:55 departed", until="12:00")
    assert found[5:] == ["10:55 close hub>worker Ana 4.1", "10:55 tell hub>manager Cora 8.1"]


def test_nobody_reports_at_all(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", until="10:50")
    assert lines == [
        CLEAR,
        *called_for("10:30"),
        f"10:40 tell hub>senior Dev {GENERAL} 5",
        "10:40 decide manager>manager Cora 7.1",
        "10:40 decide senior>senior Dev 7.1",
        f"10:45 tell hub>tracker Ben {GENERAL} 5",
        *all_decide("10:45"),
        *all_decide("10:50"),
    ]


def test_without_an_agreed_check_in_the_finish_is_when_she_calls(story: Story) -> None:
    lines = story.in_full("10:00 arrived", until="11:10")
    assert lines == [
        CLEAR,
        *called_for("11:00"),
        f"11:10 tell hub>senior Dev {GENERAL} 5",
        "11:10 decide manager>manager Cora 7.1",
        "11:10 decide senior>senior Dev 7.1",
    ]


def test_she_never_left_and_is_called_all_the_same(story: Story) -> None:
    assert story.in_full(until="11:00") == called_for("11:00")


def test_a_decision_not_recorded_in_five_minutes_goes_to_dev(agreed: Story) -> None:
    told = ("10:00 arrived", "10:31 call_result by=manager who=worker result=voicemail")
    lines = agreed.in_full(*told, until="10:36")
    assert lines[3:] == [
        "10:31 decide manager>manager Cora 7.1",
        f"10:36 tell hub>senior Dev {GENERAL} 5",
        "10:36 decide senior>senior Dev 7.1",
    ]
    in_time = agreed.in_full(*told, "10:35:59 decided by=manager what=not_police why=landline", until="10:59")
    assert in_time == lines[:4]


def test_a_decision_against_the_police_leaves_the_finish_watched(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:33 decided by=manager what=not_police why=signal",
        until="11:00",
    )
    assert lines[4:] == called_for("11:00")


def test_a_finish_put_off_after_the_decision_is_what_is_watched_next(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:33 decided by=manager what=not_police why=signal",
        "10:40 extended end=11:30",
        until="11:30",
    )
    assert lines[4:] == called_for("11:30")


def test_a_police_decision_that_nobody_carries_out_reaches_everybody(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:34 decided by=manager what=call_police",
        until="10:49",
    )
    assert lines[4:] == [
        f"10:34 dial_999 manager>emergency_services {GENERAL} 1",
        f"10:39 tell hub>senior Dev {GENERAL} 5",
        f"10:39 dial_999 senior>emergency_services {GENERAL} 1",
        f"10:44 tell hub>tracker Ben {GENERAL} 5",
        f"10:44 dial_999 tracker>emergency_services {GENERAL} 1",
        *[f"10:49 dial_999 {role}>emergency_services {GENERAL} 1" for role in ("manager", "senior", "tracker")],
    ]


def test_answered_on_the_call_and_on_the_decision(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:31 call_result by=manager who=worker result=safe", until="10:59")
    assert lines == [CLEAR, *called_for("10:30")]
    lines = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:34 spoke with=manager",
        until="11:00",
    )
    assert lines[3:] == ["10:31 decide manager>manager Cora 7.1", *called_for("11:00")]


def test_at_risk_on_the_call_opens_the_decision_and_the_999_task_at_once(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:31 call_result by=manager who=worker result=at_risk", until="10:41")
    assert lines[3:] == [
        "10:31 decide manager>manager Cora 7.1",
        f"10:31 tell hub>manager Cora {GENERAL} 6",
        f"10:31 dial_999 manager>emergency_services {GENERAL} 6",
        # both lapse at once, and Dev has his own five minutes for both
        f"10:36 tell hub>senior Dev {GENERAL} 5",
        f"10:36 dial_999 senior>emergency_services {GENERAL} 6",
        "10:36 decide senior>senior Dev 7.1",
        f"10:41 tell hub>tracker Ben {GENERAL} 5",
        f"10:41 dial_999 tracker>emergency_services {GENERAL} 6",
        f"10:41 tell hub>manager Cora {GENERAL} 5",
        "10:41 decide tracker>tracker Ben 7.1",
        "10:41 decide manager>manager Cora 7.1",
    ]


def test_cora_can_not_be_reached_and_dev_has_what_she_had_with_its_whole_limit(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:32 call_result by=tracker who=manager result=no_answer", until="10:42")
    assert lines[3:] == [
        f"10:32 tell hub>senior Dev {GENERAL} 5",
        "10:32 call senior>worker Ana work_mobile 7.1",
        f"10:42 tell hub>tracker Ben {GENERAL} 5",
        *sorted(all_decide("10:42")),
    ]


def test_no_senior_and_the_office_is_the_next_layer(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", until="10:40", senior=None)
    assert lines[3:] == [
        f"10:40 tell hub>tracker Ben {GENERAL} 5",
        "10:40 decide manager>manager Cora 7.1",
        "10:40 decide tracker>tracker Ben 7.1",
    ]


def test_a_check_in_made_early_is_made_and_the_finish_is_next(agreed: Story) -> None:
    assert agreed.in_full("10:00 arrived", "10:29:59 checked_in", until="11:00") == [CLEAR, *called_for("11:00")]


@pytest.mark.parametrize("contact", ["10:20 checked_in", "10:28 spoke with=manager", "10:25 extended end=11:00"])
def test_any_contact_in_the_ten_minutes_before_is_the_check_in(agreed: Story, contact: str) -> None:
    assert agreed.in_full("10:00 arrived", contact, until="11:00") == [CLEAR, *called_for("11:00")]


@pytest.mark.parametrize(
    "contact", ["10:05 checked_in", "10:19 checked_in", "10:05 extended end=11:40", "10:10 call_result result=safe"]
)
def test_contact_long_before_leaves_the_check_in_agreed(agreed: Story, contact: str) -> None:
    assert agreed.in_full("10:00 arrived", contact, until="10:30") == [CLEAR, *called_for("10:30")]


def test_a_check_in_pressed_too_early_and_brought_just_in_time_is_too_early(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:09 link_lost", "10:10 checked_in", "10:29 link_restored", until="10:30")
    assert lines[2:] == called_for("10:30")


def test_a_check_in_made_just_after_is_evidence(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:30:01 checked_in", until="10:40")
    assert lines[3] == f"10:40 tell hub>senior Dev {GENERAL} 5"


def test_speech_on_arrival_is_not_the_agreed_check_in(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:02 spoke with=manager", until="10:30")
    assert lines == [CLEAR, *called_for("10:30")]


def test_a_check_in_moved_before_it_is_due(agreed: Story) -> None:
    lines = agreed.in_full("10:00 arrived", "10:29:59 extended check_in=10:45 end=11:30", until="10:45")
    assert lines == [CLEAR, *called_for("10:45")]
    lines = agreed.in_full("10:00 arrived", "10:25 checked_in check_in=10:50", "10:49 checked_in", until="11:00")
    assert lines == [CLEAR, *called_for("11:00")]


def test_moved_after_it_was_due_only_a_person_moves_it(agreed: Story) -> None:
    late = agreed.in_full("10:00 arrived", "10:30:01 extended check_in=10:45", until="10:40")
    assert late[3:4] == [f"10:40 tell hub>senior Dev {GENERAL} 5"]
    spoken = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=safe",
        "10:31 extended check_in=10:45",
        until="10:45",
    )
    assert spoken == [CLEAR, *called_for("10:30"), *called_for("10:45")]


def test_the_finish_put_off_just_before_and_just_after(story: Story) -> None:
    before = story.in_full("10:00 arrived", "10:59:59 extended end=11:40", until="11:40")
    assert before == [CLEAR, *called_for("11:40")]
    after = story.in_full("10:00 arrived", "11:00:01 extended end=11:40", until="11:10")
    assert after[3] == f"11:10 tell hub>senior Dev {GENERAL} 5"


def test_the_finish_is_put_off_three_hours_at_most(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:30 extended end=18:00", "13:00 extended end=20:00", until="14:00")
    assert lines == [CLEAR, *called_for("14:00")]


def test_one_press_is_a_quarter_of_an_hour(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:50 extended", "11:10 extended", until="11:30")
    assert lines == [CLEAR, *called_for("11:30")]


def test_after_an_answer_past_the_finish_she_is_called_an_hour_later(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:01 call_result by=manager who=worker result=safe", until="12:01")
    assert lines[3:] == called_for("12:01")


def test_departed_late_when_cora_was_asked_already_waits_for_a_person(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:01 departed", "11:05 spoke with=manager", until="12:30")
    assert lines == [
        CLEAR,
        *called_for("11:00"),
        "11:05 close hub>worker Ana 4.1",
        "11:05 tell hub>manager Cora 8.1",
    ]


def test_no_signal_at_the_doorstep_keeps_the_door_shut_until_somebody_has_spoken(story: Story) -> None:
    refused = [
        "10:01 refuse hub>worker Ana 6.2 (No signal at the doorstep: do not go in)",
        "10:01 tell hub>manager Cora 6.2",
        "10:01 decide manager>manager Cora 6.2",
    ]
    lines = story.in_full("10:00 arrived", "10:01 no_signal", "10:06 spoke with=manager", until="10:59")
    assert lines == [CLEAR, *refused, "10:06 clear hub>worker Ana 6.1"]
    before = story.in_full(
        "10:01 no_signal", "10:02 arrived", "10:06 call_result who=worker result=safe", until="10:59"
    )
    assert before == [*refused, "10:06 clear hub>worker Ana 6.1"]


def test_no_signal_and_nobody_decides(story: Story) -> None:
    lines = story.in_full("10:01 no_signal", "10:02 arrived", until="10:21")
    assert lines[3:] == [
        f"10:11 tell hub>senior Dev {GENERAL} 5",
        "10:11 decide senior>senior Dev 6.2",
        f"10:21 tell hub>tracker Ben {GENERAL} 5",
        "10:21 decide tracker>tracker Ben 6.2",
    ]


def test_no_signal_and_she_goes_home(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:01 no_signal", "10:03 departed", until="18:00")
    assert lines[4:] == ["10:03 close hub>worker Ana 4.1", "10:03 tell hub>manager Cora 8.1"]


def test_a_worried_family_reaches_cora_before_and_after_the_visit(story: Story) -> None:
    asked = ["10:50 tell hub>manager Cora 6.1", "10:50 decide manager>manager Cora 6.1"]
    assert story.in_full("10:00 arrived", "10:50 worried_family", until="10:50")[1:] == asked
    assert story.in_full("10:00 arrived", "10:40 departed", "10:50 worried_family", until="10:50")[3:] == asked


def test_abandoned_and_cancelled(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:30 abandoned by=tracker", "10:32 departed", until="18:00")
    assert lines[1:] == [
        "10:30 mark tracker>worker Ana 7.1 (abandoned)",
        "10:32 close hub>worker Ana 4.1",
        "10:32 tell hub>manager Cora 8.1",
    ]
    lines = story.in_full("09:30 cancelled by=tracker", until="18:00")
    assert lines == ["09:30 close hub>worker Ana 6.1 (cancelled)", "09:30 mark tracker>worker Ana 6.1 (cancelled)"]


def test_a_press_made_in_time_that_arrives_too_late_is_evidence(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived", "10:20 link_lost", "10:29 checked_in", "10:30:30 link_restored", until="10:40"
    )
    assert lines[1:5] == [
        f"10:22 tell hub>tracker Ben {GENERAL} 9",
        *called_for("10:30"),
        f"10:40 tell hub>senior Dev {GENERAL} 5",
    ]


def test_a_press_that_arrives_in_time_counts(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived", "10:20 link_lost", "10:25 checked_in", "10:29:59 link_restored", until="11:00"
    )
    assert lines[1:] == [f"10:22 tell hub>tracker Ben {GENERAL} 9", *called_for("11:00")]


def test_an_sos_before_arrival_and_after_departure(story: Story) -> None:
    told = [f"09:50 tell hub>{who} {GENERAL} 2" for who in ("tracker Ben", "manager Cora")]
    assert story.in_full("09:50 sos", until="09:50") == told
    lines = story.in_full("10:00 arrived", "10:40 departed", "10:50 sos", until="10:51")
    assert lines[3:] == [
        f"10:50 tell hub>tracker Ben {GENERAL} 2",
        f"10:50 tell hub>manager Cora {GENERAL} 2",
        f"10:51 tell hub>senior Dev {GENERAL} 2",
        f"10:51 dial_999 manager>emergency_services {GENERAL} 2",
    ]


def test_restarts_change_nothing(agreed: Story) -> None:
    events = ["10:00 arrived", "10:10 no_signal", "10:15 spoke", "10:31 call_result who=worker result=no_answer"]
    calm = agreed.in_full(*events, until="11:30")
    at = ["10:00", "10:12", "10:29:59", "10:30", "10:31", "10:36", "10:40", "10:41"]
    assert agreed.in_full(*sorted(events + [f"{x} restart" for x in at]), until="11:30") == calm


def test_at_risk_while_cora_decides(agreed: Story) -> None:
    lines = agreed.in_full(
        "10:00 arrived",
        "10:31 call_result by=manager who=worker result=no_answer",
        "10:33 call_result by=manager who=worker result=at_risk",
        until="10:35",
    )
    assert lines[4:] == [
        f"10:33 tell hub>manager Cora {GENERAL} 6",
        f"10:33 dial_999 manager>emergency_services {GENERAL} 6",
    ]


def test_an_alarm_is_asked_after_until_it_is_resolved(story: Story) -> None:
    events = ("10:05 arrived", "10:10 sos", "10:10:30 acknowledged by=manager", "10:12 done by=manager do=call")
    lines = story.in_full(*events, "10:50 resolved by=manager", until="10:59")
    assert lines[3:] == [f"10:42 tell hub>manager Cora {GENERAL} 5"]


def test_a_late_extension_is_watched_once_cora_has_spoken_with_her(agreed: Story, story: Story) -> None:
    safe = "call_result by=manager who=worker result=safe"
    lines = agreed.in_full("10:00 arrived", "10:31 extended check_in=10:50", f"10:32 {safe}", until="10:50")
    assert lines == [CLEAR, *called_for("10:30"), *called_for("10:50")]
    lines = story.in_full("10:00 arrived", "11:01 extended end=11:30", f"11:02 {safe}", until="11:30")
    assert lines == [CLEAR, *called_for("11:00"), *called_for("11:30")]


def test_the_police_decided_on_while_999_is_to_be_dialled_is_one_task(agreed: Story) -> None:
    at_risk = ("10:31 call_result by=manager who=worker result=at_risk", "10:32 decided by=manager what=call_police")
    lines = agreed.in_full("10:00 arrived", *at_risk, until="10:36")
    assert [line for line in lines if "dial_999" in line] == [
        f"10:31 dial_999 manager>emergency_services {GENERAL} 6",
        f"10:36 dial_999 senior>emergency_services {GENERAL} 6",
    ]
