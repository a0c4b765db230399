"""Homemaker, enhanced tracking: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Ben tracks, Cora manages, Dev is her senior. The visit is planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00", "first_visit": True, "client_phones": True}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "homemaker-enhanced", VISIT)


ARRIVAL = ["10:00 tell hub>tracker 3.1", "10:02 clear hub>worker 3.1"]


def test_the_example_of_the_contract(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:23 call_result who=worker result=no_answer", until="10:40")
    assert lines == [
        *ARRIVAL,
        "10:22 prompt pendant>worker 5.1.3",
        "10:22 call tracker>worker 4.2.2",
        "10:23 call tracker>client 5.1.1",
        "10:32 tell hub>manager 5.1.2",
        "10:32 decide manager>manager 5.1.2",
    ]


def test_the_example_of_the_contract_to_the_letter(story: Story) -> None:
    rows = story.rows("10:00 arrived", "10:02 spoke", "10:23 call_result who=worker result=no_answer", until="10:40")
    rungs = [row.pop("rung") for row in rows]
    assert all(rungs)
    keys = ("at", "do", "by", "who", "name", "via", "clause")
    client = ["client_mobile", "client_landline"]
    assert rows == [
        dict(zip(keys, ("2026-11-23T" + at + ":00Z", *row), strict=True))
        for at, *row in (
            ("10:00", "tell", "hub", "tracker", "Ben", [], "3.1"),
            ("10:02", "clear", "hub", "worker", "Ana", [], "3.1"),
            ("10:22", "prompt", "pendant", "worker", "Ana", [], "5.1.3"),
            ("10:22", "call", "tracker", "worker", "Ana", ["work_mobile"], "4.2.2"),
            ("10:23", "call", "tracker", "client", None, client, "5.1.1"),
            ("10:32", "tell", "hub", "manager", "Cora", [], "5.1.2"),
            ("10:32", "decide", "manager", "manager", "Cora", [], "5.1.2"),
        )
    ]


def test_a_calm_visit(story: Story) -> None:
    lines = story.lines(
        "10:00 arrived",
        "10:02 spoke",
        "10:22:30 call_result who=worker result=safe",
        "10:50 departed",
        "10:51 spoke",
        until="13:00",
    )
    assert lines == [
        *ARRIVAL,
        "10:22 prompt pendant>worker 5.1.3",
        "10:22 call tracker>worker 4.2.2",
        "10:22:30 mark tracker>worker 4.2.3 (call-back done)",
        "10:50 tell hub>tracker 3.5",
        "10:51 mark tracker>worker 3.5 (D)",
        "10:51 close hub>worker 3.5",
    ]


def test_nobody_speaks_with_ana_at_the_door(story: Story) -> None:
    lines = story.lines("10:00 arrived", until="10:26")
    assert lines == [
        "10:00 tell hub>tracker 3.1",
        f"10:05 tell hub>manager {GENERAL} 8",
        f"10:15 tell hub>senior {GENERAL} 5",
        f"10:25 tell hub>tracker {GENERAL} 8",
    ]


def test_voicemail_never_counts(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:01 call_result who=worker result=voicemail", until="10:04")
    assert lines == ["10:00 tell hub>tracker 3.1"]
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:23 call_result who=worker result=voicemail", until="10:24")
    assert lines[-1] == "10:23 call tracker>client 5.1.1"


def test_no_tracker_no_visit(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke with=manager", until="10:04", tracker=None)
    assert lines == [
        "10:00 refuse hub>worker 4.1 (No tracker = no visit)",
        "10:00 tell hub>manager 3.1",
        "10:02 refuse hub>worker 4.1 (No tracker = no visit)",
    ]


def test_every_other_means_and_then_the_manager_at_thirty_minutes(story: Story) -> None:
    lines = story.lines(
        "10:00 arrived",
        "10:02 spoke",
        "10:23 call_result who=worker result=no_answer",
        "10:24 call_result who=client result=no_answer",
        "10:25 call_result who=worker via=personal_mobile result=no_answer",
        until="10:32",
    )
    assert lines[4:] == [
        "10:23 call tracker>client 5.1.1",
        "10:24 call tracker>worker 5.1.1",
        "10:32 tell hub>manager 5.1.2",
        "10:32 decide manager>manager 5.1.2",
    ]


def test_a_client_without_phones_is_passed_over(story: Story) -> None:
    lines = story.lines(
        "10:00 arrived",
        "10:02 spoke",
        "10:23 call_result who=worker result=no_answer",
        until="10:24",
        client_phones=False,
    )
    assert lines[-1] == "10:23 call tracker>worker 5.1.1"


def test_nobody_reports_at_all_and_it_climbs_to_everybody(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", until="10:52")
    assert lines[4:] == [
        "10:32 tell hub>manager 5.1.2",
        "10:32 decide manager>manager 5.1.2",
        f"10:42 tell hub>senior {GENERAL} 5",
        "10:42 decide senior>senior 5.1.2",
        f"10:52 tell hub>tracker {GENERAL} 5",
        "10:52 decide tracker>tracker 5.1.2",
    ]


def test_standing_down_ends_the_call_back_and_not_the_finish(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:10 stand_down", until="11:00")
    assert lines[2:] == [
        "10:10 mark tracker>worker 4.2.2 (stood down)",
        "11:00 prompt pendant>worker 3.4",
        "11:00 call tracker>worker 3.4",
    ]


def test_at_risk_opens_the_next_rung_and_the_999_task_at_once(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:23 call_result who=worker result=at_risk", until="10:24")
    assert lines[4:] == [
        "10:23 call tracker>client 5.1.1",
        f"10:23 tell hub>manager {GENERAL} 6",
        f"10:23 dial_999 manager>emergency_services {GENERAL} 6",
    ]


def test_the_managers_decision_ends_the_call_back_and_a_person_dials(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:33 decided by=manager what=call_police", until="10:38")
    assert lines[6:] == [
        f"10:33 dial_999 manager>emergency_services {GENERAL} 1",
        f"10:38 tell hub>senior {GENERAL} 5",
        f"10:38 dial_999 senior>emergency_services {GENERAL} 1",
    ]


def test_the_finish_is_put_off_just_before_and_not_just_after(story: Story) -> None:
    called = ("10:00 arrived", "10:02 spoke", "10:22 call_result who=worker result=safe")
    before = story.lines(*called, "10:59:59 extended end=11:30", until="11:29")
    assert not [line for line in before if line.startswith("11")]
    after = story.lines(*called, "11:00:01 extended end=11:30", until="11:10")
    assert after[-2:] == ["11:10 tell hub>manager 5.3", "11:10 decide manager>manager 5.3"]


def test_an_sos_before_arrival_and_nobody_acknowledges(story: Story) -> None:
    lines = story.lines("09:50 sos", until="10:10")
    assert lines == [
        f"09:50 tell hub>tracker {GENERAL} 2",
        f"09:50 tell hub>manager {GENERAL} 2",
        f"09:51 tell hub>senior {GENERAL} 2",
        f"09:51 dial_999 manager>emergency_services {GENERAL} 2",
        f"09:56 tell hub>senior {GENERAL} 5",
        f"09:56 dial_999 senior>emergency_services {GENERAL} 2",
        f"10:01 tell hub>tracker {GENERAL} 5",
        f"10:01 dial_999 tracker>emergency_services {GENERAL} 2",
        *[f"10:06 dial_999 {role}>emergency_services {GENERAL} 2" for role in ("manager", "senior", "tracker")],
    ]


def test_an_acknowledged_sos_that_nobody_records_goes_to_the_next(story: Story) -> None:
    lines = story.lines("10:00 sos", "10:00:30 acknowledged by=tracker", until="10:12:30")
    assert lines[2:] == [f"10:02:30 tell hub>manager {GENERAL} 2", f"10:12:30 tell hub>senior {GENERAL} 5"]


def test_whoever_may_not_go_in_was_spoken_with_all_the_same(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke with=manager", until="10:30", tracker=None)
    assert not [line for line in lines if line > "10:02 s"]


def test_spoken_with_at_the_door_while_the_link_was_down(story: Story) -> None:
    lost = ("09:58 link_lost", "10:00 arrived", "10:02 spoke")
    silent = f"10:00 tell hub>tracker {GENERAL} 9"
    lines = story.lines(*lost, "10:05 link_restored", until="10:22")
    assert [line for line in lines if line != silent] == [
        "10:05 clear hub>worker 3.1",
        "10:05 tell hub>tracker 3.1",
        "10:22 prompt pendant>worker 5.1.3",
        "10:22 call tracker>worker 4.2.2",
    ]
    late = story.lines(*lost, "10:30 link_restored", until="10:30")
    assert [line for line in late if line.startswith("10:30 call")] == ["10:30 call tracker>worker 4.2.2"]


@pytest.mark.parametrize("spoke", ["09:59 spoke", "10:02 spoke about=other", "10:02 spoke with=client"])
def test_what_was_no_speech_at_the_door_opens_none_later(story: Story, spoke: str) -> None:
    events = sorted(["09:58 link_lost", "10:00 arrived", spoke])
    lines = story.lines(*events, "10:04 link_restored", until="10:09")
    assert not [line for line in lines if "clear" in line] and f"10:05 tell hub>manager {GENERAL} 8" in lines


def test_spoken_with_on_leaving_while_the_link_was_down(story: Story) -> None:
    lost = ("10:00 arrived", "10:02 spoke", "10:10 stand_down", "10:40 link_lost", "10:50 departed")
    lines = story.lines(*lost, "10:51 spoke", "10:55 link_restored", until="11:30")
    assert lines[-2:] == ["10:55 mark tracker>worker 3.5 (D)", "10:55 close hub>worker 3.5"]
    for told in ("10:49 spoke", "10:51 spoke about=other"):
        lines = story.lines(*sorted([*lost, told]), "10:55 link_restored", until="11:00")
        assert lines[-1] == "11:00 call tracker>worker 3.4"


def test_once_ben_was_asked_to_call_only_speech_after_that_closes_it(story: Story) -> None:
    lost = ("10:00 arrived", "10:02 spoke", "10:10 stand_down", "10:40 link_lost", "10:50 departed", "10:51 spoke")
    lines = story.lines(*lost, "11:05 link_restored", "11:06 spoke", until="11:30")
    assert "11:05 close hub>worker 3.5" not in lines and lines[-1] == "11:06 close hub>worker 3.5"


def test_a_manager_who_does_not_answer_is_followed_by_the_senior_at_once(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:33 call_result who=manager result=no_answer", until="10:34")
    assert lines[6:] == [f"10:33 tell hub>senior {GENERAL} 5", "10:33 decide senior>senior 5.1.2"]
    lines = story.lines("10:00 sos", "10:01:30 call_result who=manager result=no_answer", until="10:05")
    assert lines[4:] == [
        f"10:01:30 tell hub>senior {GENERAL} 5",
        f"10:01:30 dial_999 senior>emergency_services {GENERAL} 2",
    ]


def test_a_resolved_sos_tells_nobody_any_more(story: Story) -> None:
    lines = story.lines(
        "10:00 sos", "10:00:30 acknowledged by=tracker", "10:01 resolved by=tracker", "10:02 arrived", until="10:06"
    )
    assert [line for line in lines if line > "10:00:30"] == ["10:02 tell hub>tracker 3.1"]
    lines = story.lines(
        "10:00 sos",
        "10:00:30 acknowledged by=tracker",
        "10:01 done by=tracker do=tell",
        "10:20 resolved by=tracker",
        until="10:50",
    )
    assert len(lines) == 2


def test_an_sos_after_departure(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:10 departed", "10:11 spoke", "10:12 sos", until="10:12")
    assert lines[-2:] == [f"10:12 tell hub>tracker {GENERAL} 2", f"10:12 tell hub>manager {GENERAL} 2"]


def test_duress_heard_on_a_call(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:23 call_result who=worker result=duress", until="10:24")
    assert lines[4:] == [
        f"10:23 tell hub>tracker {GENERAL} 3",
        f"10:23 tell hub>manager {GENERAL} 3",
        f"10:24 tell hub>senior {GENERAL} 5",
        f"10:24 dial_999 tracker>emergency_services {GENERAL} 3",
    ]


def test_a_departure_that_nobody_spoke_about_is_called_for_at_the_finish(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:10 stand_down", "10:40 departed", until="11:00")
    assert lines[3:] == [
        "10:40 tell hub>tracker 3.5",
        "11:00 prompt pendant>worker 3.4",
        "11:00 call tracker>worker 3.4",
    ]


def test_a_lost_link_is_shown_and_starts_nothing_else(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:05 link_lost", until="10:10")
    assert lines[2:] == [f"10:07 tell hub>tracker {GENERAL} 9"]


def test_news_from_before_the_link_came_back_keeps_its_own_time(story: Story) -> None:
    lines = story.lines(
        "09:55 link_lost", "10:00 arrived", "10:06 link_restored", "10:07 spoke", "10:27 restart", until="10:27"
    )
    assert lines == [
        "10:06 tell hub>tracker 3.1",
        f"10:06 tell hub>manager {GENERAL} 8",
        "10:07 clear hub>worker 3.1",
        "10:27 prompt pendant>worker 5.1.3",
        "10:27 call tracker>worker 4.2.2",
    ]


def test_a_worried_family_reaches_the_manager(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:02 spoke", "10:10 worried_family", until="10:10")
    assert lines[2:] == ["10:10 tell hub>manager 8.3", "10:10 decide manager>manager 8.3"]


def test_restarts_change_nothing(story: Story) -> None:
    events = ["10:00 arrived", "10:02 spoke", "10:23 call_result who=worker result=no_answer", "10:33 sos"]
    calm = story.lines(*events, until="12:00")
    at = ["10:01", "10:10", "10:22", "10:30", "10:34"]
    restarted = story.lines(*sorted(events + [f"{x} restart" for x in at]), until="12:00")
    assert restarted == calm


def test_a_work_phone_that_is_not_answered_says_nothing_of_the_personal_one(story: Story) -> None:
    called = ("10:00 arrived", "10:02 spoke", "10:22:30 call_result who=worker via=work_mobile result=no_answer")
    lines = story.lines(*called, until="10:31", client_phones=False)
    assert lines[4:] == ["10:22:30 call tracker>worker 5.1.1"]


CALLED_BACK = ("10:00 arrived", "10:02 spoke with=tracker")


def test_a_tracker_who_can_not_be_reached_leaves_the_call_to_cora_at_once(story: Story) -> None:
    lines = story.lines(*CALLED_BACK, "10:25 call_result by=senior who=tracker result=no_answer", until="10:32")
    assert lines[4:] == [
        f"10:25 tell hub>manager {GENERAL} 5",
        "10:25 call manager>worker 4.2.2",
        "10:32 tell hub>manager 5.1.2",
        "10:32 decide manager>manager 5.1.2",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "10:26 call_result who=worker result=safe",
        "10:26 call_result who=client result=safe",
        "10:26 spoke with=manager",
        "10:15 spoke with=team",
        "10:26 stand_down by=tracker",
    ],
)
def test_the_call_back_is_answered_at_any_rung_and_cora_hears_nothing(story: Story, answer: str) -> None:
    failed = "10:23 call_result who=worker result=no_answer"
    lines = story.lines(*CALLED_BACK, *sorted([failed, answer]), until="10:59")
    assert not [line for line in lines if "manager" in line]
    assert lines[-1] in (
        "10:26 mark tracker>worker 4.2.3 (call-back done)",
        "10:15 mark tracker>worker 4.2.3 (call-back done)",
        "10:26 mark tracker>worker 4.2.2 (stood down)",
    )


def test_a_press_is_no_call_back(story: Story) -> None:
    lines = story.lines(*CALLED_BACK, "10:21 checked_in", "10:24 checked_in", "10:25 extended", until="10:32")
    assert lines[2:] == [
        "10:22 prompt pendant>worker 5.1.3",
        "10:22 call tracker>worker 4.2.2",
        "10:32 tell hub>manager 5.1.2",
        "10:32 decide manager>manager 5.1.2",
    ]


def test_at_risk_through_the_client_and_on_the_personal_mobile(story: Story) -> None:
    failed = ["10:23 call_result who=worker result=no_answer", "10:24 call_result who=client result=no_answer"]
    asked = [f"tell hub>manager {GENERAL} 6", f"dial_999 manager>emergency_services {GENERAL} 6"]
    lines = story.lines(*CALLED_BACK, failed[0], "10:25 call_result who=client result=at_risk", until="10:25")
    assert lines[5:] == ["10:25 call tracker>worker 5.1.1", *[f"10:25 {line}" for line in asked]]
    lines = story.lines(*CALLED_BACK, *failed, "10:25 call_result who=worker result=at_risk", until="10:25")
    sooner = ["10:25 tell hub>manager 5.1.2", "10:25 decide manager>manager 5.1.2"]
    assert lines[6:] == [*sooner, *[f"10:25 {line}" for line in asked]]


def test_police_were_called_and_cora_and_dev_hear_of_it(story: Story) -> None:
    lines = story.lines("10:00 sos", "10:01:30 done by=manager do=dial_999", until="10:01:30")
    assert lines[4:] == ["10:01:30 tell hub>manager 6.2", "10:01:30 tell hub>senior 6.2"]


def test_abandoned_for_a_concern_and_still_nobody_lets_go_before_she_has_spoken(story: Story) -> None:
    lines = story.lines(*CALLED_BACK, "10:10 abandoned by=tracker", "10:20 spoke with=tracker", until="18:00")
    assert lines[2:] == [
        "10:10 mark tracker>worker 4.2.2 (abandoned)",
        "10:20 mark tracker>worker 3.5 (D)",
        "10:20 close hub>worker 3.5",
    ]


@pytest.mark.parametrize(("asked", "marked"), [("stand_down", "stood down"), ("abandoned", "abandoned")])
def test_the_two_answers_of_the_call_back(story: Story, asked: str, marked: str) -> None:
    before = story.lines(*CALLED_BACK, f"10:10 {asked} by=tracker", until="11:00")
    assert before[2:] == [
        f"10:10 mark tracker>worker 4.2.2 ({marked})",
        "11:00 prompt pendant>worker 3.4",
        "11:00 call tracker>worker 3.4",
    ]
    on_it = story.lines(*CALLED_BACK, f"10:22:30 {asked} by=tracker", until="10:50")
    assert on_it[-2:] == [
        "10:22:30 mark tracker>worker 4.2.3 (call-back done)",
        f"10:22:30 mark tracker>worker 4.2.2 ({marked})",
    ]


def test_cancelled_before_the_visit(story: Story) -> None:
    lines = story.lines("09:30 cancelled by=tracker", until="18:00")
    assert lines == ["09:30 close hub>worker 2 (cancelled)", "09:30 mark tracker>worker 2 (cancelled)"]


def test_no_signal_inside_and_cora_decides_whether_to_abort(story: Story) -> None:
    lines = story.lines(
        *CALLED_BACK, "10:12 no_signal by=tracker", "10:15 decided by=manager what=not_police", until="10:22"
    )
    assert lines[2:] == [
        "10:12 tell hub>tracker 6.3",
        "10:12 tell hub>manager 6.4",
        "10:12 decide manager>manager 6.4",
        "10:22 prompt pendant>worker 5.1.3",
        "10:22 call tracker>worker 4.2.2",
    ]


def test_not_returning_after_the_last_visit(story: Story) -> None:
    lines = story.lines(*CALLED_BACK, "10:20 spoke about=departure", until="18:00", last_visit_of_day=True)
    assert lines[-2:] == ["10:20 close hub>worker 3.5", "10:20 tell hub>manager 7"]


def test_the_link_is_lost_around_the_call_back(story: Story) -> None:
    lines = story.lines(*CALLED_BACK, "10:19 link_lost", "10:21 sos", "10:23 link_restored", until="10:23")
    assert lines[2:] == [
        f"10:21 tell hub>tracker {GENERAL} 9",
        "10:22 prompt pendant>worker 5.1.3",
        "10:22 call tracker>worker 4.2.2",
        f"10:23 tell hub>tracker {GENERAL} 2",
        f"10:23 tell hub>manager {GENERAL} 2",
        f"10:23 tell hub>senior {GENERAL} 2",
        f"10:23 dial_999 manager>emergency_services {GENERAL} 2",
    ]


def test_the_finish_goes_on_to_the_clients_phones_and_to_cora(story: Story) -> None:
    called = (*CALLED_BACK, "10:22:30 spoke with=tracker", "11:01 call_result who=worker result=no_answer")
    assert story.lines(*called, until="11:10")[5:] == [
        "11:00 prompt pendant>worker 3.4",
        "11:00 call tracker>worker 3.4",
        "11:01 call tracker>client 3.6",
        "11:10 tell hub>manager 5.3",
        "11:10 decide manager>manager 5.3",
    ]
    at_risk = story.lines(*called, "11:03 call_result who=client result=at_risk", until="11:03")
    assert at_risk[8:] == [
        "11:03 tell hub>manager 5.3",
        "11:03 decide manager>manager 5.3",
        f"11:03 tell hub>manager {GENERAL} 6",
        f"11:03 dial_999 manager>emergency_services {GENERAL} 6",
    ]


def test_at_risk_while_cora_decides(story: Story) -> None:
    lines = story.lines(*CALLED_BACK, "10:33 call_result by=manager who=worker result=at_risk", until="10:37")
    assert lines[-2:] == [
        f"10:33 tell hub>manager {GENERAL} 6",
        f"10:33 dial_999 manager>emergency_services {GENERAL} 6",
    ]


def test_the_new_finish_agreed_by_telephone_is_what_is_watched_next(story: Story) -> None:
    events = (*CALLED_BACK, "10:22:30 spoke", "11:02 call_result who=worker result=safe", "11:02 extended end=11:45")
    lines = story.lines(*events, until="11:55")
    assert [line[:5] for line in lines[7:]] == ["11:45", "11:45", "11:55", "11:55"]


def test_a_new_finish_that_comes_too_late_counts_once_ben_has_spoken_with_her(story: Story) -> None:
    called = (*CALLED_BACK, "10:22:30 spoke", "11:01 extended end=11:45", "11:02 call_result who=worker result=safe")
    lines = story.lines(*called, until="11:55")
    assert [line[:5] for line in lines if line > "11:00:"] == ["11:45", "11:45", "11:55", "11:55"]


@pytest.mark.parametrize("by", ["tracker", "manager"])
@pytest.mark.parametrize("said", ["call_result result=safe by=", "call_result result=no_answer by=", "spoke with="])
def test_who_acknowledged_says_what_is_being_done_by_what_they_report(story: Story, said: str, by: str) -> None:
    alarm = (*CALLED_BACK, "10:10 sos", "10:10:20 acknowledged by=tracker")
    lines = story.lines(*alarm, f"10:11:30 {said}{by}", until="10:21")
    told = [line for line in lines if line.startswith("10:12:20")]
    assert told == ([] if by == "tracker" else [f"10:12:20 tell hub>manager {GENERAL} 2"])
    at_risk = story.lines(*alarm, f"10:11:30 call_result result=at_risk by={by}", until="10:12:30")
    assert [line for line in at_risk if line.startswith("10:12:20")] == told


def test_a_late_no_answer_of_bens_leaves_what_cora_has_to_do(story: Story) -> None:
    late = "11:16 call_result by=tracker who=worker result=no_answer"
    without = story.lines(*CALLED_BACK, "10:22:30 spoke", until="11:20")
    assert "11:10 decide manager>manager 5.3" in without
    lines = story.lines(*CALLED_BACK, "10:22:30 spoke", late, until="11:19")
    assert [line for line in lines if line.startswith("11:16")] == ["11:16 call tracker>client 3.6"]
