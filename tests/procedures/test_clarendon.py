"""Clarendon, home visits: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Cora is the centre's manager, Dev hers, Ben the centre. The visit is planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00"}
CLEAR = "10:00 clear hub>worker Ana Home visit 2"


def reminded(at: str) -> str:
    return f"{at} prompt pendant>worker Ana Home visit 2"


def dial_999(at: str, role: str = "manager") -> str:
    return f"{at} dial_999 {role}>emergency_services Home visit 2"


def tell_agencies(at: str, role: str = "manager") -> str:
    return f"{at} tell {role}>partner_agencies Home visit 2"


def late(at: str) -> list[str]:
    """What Cora must do immediately."""
    return [dial_999(at), tell_agencies(at)]


def closed(at: str) -> list[str]:
    return [f"{at} close hub>worker Ana Following 3", f"{at} tell hub>manager Cora Following 3"]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "clarendon", VISIT)


def test_a_calm_visit(story: Story) -> None:
    lines = story.in_full("09:40 left_for_visit", "10:05 arrived", "11:05 departed", until="18:00")
    assert lines == ["10:05 clear hub>worker Ana Home visit 2", *closed("11:05")]


def test_she_does_not_arrive_and_nobody_reports(story: Story) -> None:
    assert story.in_full(until="10:35") == [
        reminded("10:10"),
        *late("10:20"),
        f"10:25 tell hub>senior Dev {GENERAL} 5",
        dial_999("10:25", "senior"),
        tell_agencies("10:25", "senior"),
        f"10:30 tell hub>tracker Ben {GENERAL} 5",
        dial_999("10:30", "tracker"),
        tell_agencies("10:30", "tracker"),
        *[dial_999("10:35", role) for role in ("manager", "senior", "tracker")],
    ]


def test_she_does_not_leave_and_cora_does_both(story: Story) -> None:
    done = ("11:22 done by=manager do=dial_999", "11:24 done by=manager do=tell")
    lines = story.in_full("10:00 arrived", *done, until="12:30")
    assert lines[:4] == [CLEAR, reminded("11:10"), *late("11:20")]
    # The visit is open, and nothing is asked of anybody any more: Cora is reminded until she records how it ended.
    assert lines[4:] == [f"{at} tell hub>manager Cora {GENERAL} 5" for at in ("11:54", "12:24")]
    resolved = story.in_full("10:00 arrived", *done, "12:00 resolved by=manager", until="12:20")
    assert resolved[5:] == late("12:20")


def test_nothing_falls_due_before_twenty_minutes_are_over(story: Story) -> None:
    assert story.in_full(until="10:19:59") == [reminded("10:10")]
    assert story.in_full("10:19:59 arrived", until="11:09")[1:] == ["10:19:59 clear hub>worker Ana Home visit 2"]
    assert story.in_full("10:00 arrived", until="11:19:59") == [CLEAR, reminded("11:10")]


def test_the_agencies_that_nobody_told_go_to_dev_after_ten_minutes(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:22 done by=manager do=dial_999", until="11:30")
    assert lines[4:] == [f"11:30 tell hub>senior Dev {GENERAL} 5", tell_agencies("11:30", "senior")]


def test_cora_can_not_be_reached_and_dev_has_both_at_once(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:21 call_result who=manager result=no_answer", until="11:25")
    assert lines[4:] == [
        f"11:21 tell hub>senior Dev {GENERAL} 5",
        dial_999("11:21", "senior"),
        tell_agencies("11:21", "senior"),
    ]


def test_no_senior_and_the_centre_is_the_next_layer(story: Story) -> None:
    assert story.in_full(until="10:25", senior=None)[3:] == [
        f"10:25 tell hub>tracker Ben {GENERAL} 5",
        dial_999("10:25", "tracker"),
        tell_agencies("10:25", "tracker"),
    ]


def test_contact_before_she_arrives_restarts_the_count(story: Story) -> None:
    lines = story.in_full("10:15 checked_in", until="10:35")
    assert lines == [reminded("10:10"), reminded("10:25"), *late("10:35")]
    lines = story.in_full("10:15 spoke with=manager", "10:34:59 arrived", until="11:00")
    assert lines == [reminded("10:10"), reminded("10:25"), "10:34:59 clear hub>worker Ana Home visit 2"]


def test_contact_before_the_visit_changes_nothing(story: Story) -> None:
    assert story.in_full("09:50 checked_in", until="10:20") == [reminded("10:10"), *late("10:20")]


def test_contact_after_the_finish_restarts_the_count(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:15 checked_in", until="11:35")
    assert lines == [CLEAR, reminded("11:10"), reminded("11:25"), *late("11:35")]
    lines = story.in_full("10:00 arrived", "11:15 call_result who=worker result=safe", until="11:35")
    assert lines == [CLEAR, reminded("11:10"), reminded("11:25"), *late("11:35")]


def test_contact_during_the_visit_leaves_the_finish_as_it_is(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:05 spoke about=arrival", "10:50 checked_in", until="11:20")
    assert lines == [CLEAR, reminded("11:10"), *late("11:20")]


def test_voicemail_never_counts(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:15 call_result who=worker result=voicemail", until="11:20")
    assert lines == [CLEAR, reminded("11:10"), *late("11:20")]


def test_the_finish_put_off_just_before_and_just_after(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:19:59 extended end=11:40", until="12:00")
    assert lines == [CLEAR, reminded("11:10"), reminded("11:50"), *late("12:00")]
    lines = story.in_full("10:00 arrived", "11:20:01 extended end=11:40", until="11:25")
    assert lines[4:5] == [f"11:25 tell hub>senior Dev {GENERAL} 5"]


def test_the_finish_is_put_off_three_hours_at_most(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:30 extended end=18:00", "13:50 extended", until="14:20")
    assert lines == [CLEAR, reminded("14:10"), *late("14:20")]


def test_a_later_finish_does_not_excuse_a_late_arrival(story: Story) -> None:
    assert story.in_full("09:50 extended end=12:00", until="10:20") == [reminded("10:10"), *late("10:20")]


def test_departed_late_when_cora_was_asked_already_waits_for_a_person(story: Story) -> None:
    lines = story.in_full(
        "10:00 arrived",
        "11:21 departed",
        "11:22 done by=manager do=dial_999",
        "11:24 spoke with=manager",
        until="18:00",
    )
    assert lines[4:] == closed("11:24")


def test_arrived_late_when_cora_was_asked_already_ends_nothing(story: Story) -> None:
    lines = story.in_full("10:21 arrived", until="10:25")
    assert lines[3:5] == ["10:21 clear hub>worker Ana Home visit 2", f"10:25 tell hub>senior Dev {GENERAL} 5"]


def test_speech_restarts_the_count_and_ends_the_999_task(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:21 spoke with=manager", until="11:41")
    assert lines[4:] == [reminded("11:31"), *late("11:41")]


@pytest.mark.parametrize(("left", "due"), [("09:40", "10:20"), ("10:00", "10:20"), ("10:12", "10:32")])
def test_whoever_leaves_late_makes_contact_by_saying_so(story: Story, left: str, due: str) -> None:
    lines = story.in_full(f"{left} left_for_visit", until=due)
    assert [line for line in lines if "999" in line or "tell" in line] == late(due)
    again = story.in_full("10:05 left_for_visit", "10:12 left_for_visit", until="10:32")
    assert [line for line in again if "999" in line or "tell" in line] == late("10:32")


def test_contact_held_up_by_the_link_counts_from_when_it_was_made(story: Story) -> None:
    lost = ("10:00 arrived", "10:50 link_lost")
    lines = story.in_full(*lost, "11:05 checked_in", "11:09 link_restored", until="11:25")
    assert lines[2:] == [reminded("11:15"), *late("11:25")]
    before = story.in_full(*lost, "10:55 checked_in", "11:15 link_restored", until="11:20")
    assert before[2:] == [reminded("11:10"), *late("11:20")]


def test_cora_says_that_the_agencies_were_told_without_saying_who(story: Story) -> None:
    for told in ("done do=tell", "done do=tell who=partner_agencies"):
        lines = story.in_full("10:00 arrived", "11:21 done by=manager do=dial_999", f"11:22 {told}", until="11:40")
        assert lines[4:] == []


def test_at_risk_on_a_call(story: Story) -> None:
    asked = [f"10:30 tell hub>manager Cora {GENERAL} 6", f"10:30 dial_999 manager>emergency_services {GENERAL} 6"]
    assert story.in_full("10:00 arrived", "10:30 call_result who=worker result=at_risk", until="10:30")[1:] == asked


def test_a_worried_family_reaches_cora(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:40 departed", "12:00 worried_family", until="12:00")
    assert lines[3:] == [
        f"12:00 tell hub>manager Cora {GENERAL[:-1]}",
        f"12:00 decide manager>manager Cora {GENERAL[:-1]}",
    ]


def test_abandoned_and_cancelled(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:10 abandoned by=tracker", "10:20 departed", until="18:00")
    assert lines[1:] == ["10:10 mark tracker>worker Ana Procedures in Homes 1 (abandoned)", *closed("10:20")]
    lines = story.in_full("09:30 cancelled by=tracker", until="18:00")
    assert lines == [
        "09:30 close hub>worker Ana Home visit 4 (cancelled)",
        "09:30 mark tracker>worker Ana Home visit 4 (cancelled)",
    ]


def test_abandoning_is_contact_and_nobody_waits_for_her_arrival_any_more(story: Story) -> None:
    on_the_way = story.in_full("10:15 abandoned by=tracker", until="11:09:59")
    assert on_the_way == [
        "10:10 prompt pendant>worker Ana Home visit 2",
        "10:15 mark tracker>worker Ana Procedures in Homes 1 (abandoned)",
    ]
    late = story.in_full("10:00 arrived", "11:15 abandoned by=tracker", until="11:34:59")
    assert [line for line in late if "dial_999" in line] == []
    late = story.in_full("10:00 arrived", "11:15 abandoned by=tracker", until="11:35")
    assert "11:35 dial_999 manager>emergency_services Home visit 2" in late


def test_an_arrival_that_comes_through_in_time_and_too_late(story: Story) -> None:
    lost = ("10:10 link_lost", "10:12 arrived")
    in_time = story.in_full(*lost, "10:19:59 link_restored", until="11:00")
    assert in_time == [reminded("10:10"), "10:19:59 clear hub>worker Ana Home visit 2"]
    too_late = story.in_full(*lost, "10:20:01 link_restored", until="10:25")
    assert too_late[4:5] == [f"10:25 tell hub>senior Dev {GENERAL} 5"]


def test_an_sos_on_the_way_there_and_back(story: Story) -> None:
    assert story.in_full("09:50 sos", until="09:50") == [
        f"09:50 tell hub>tracker Ben {GENERAL} 2",
        f"09:50 tell hub>manager Cora {GENERAL} 2",
    ]
    lines = story.in_full("10:00 arrived", "10:40 departed", "10:50 sos", until="10:51")
    assert lines[5:] == [
        f"10:51 tell hub>senior Dev {GENERAL} 2",
        f"10:51 dial_999 manager>emergency_services {GENERAL} 2",
    ]


def test_duress(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:30 duress", until="10:31")
    assert lines[1:] == [
        f"10:30 tell hub>tracker Ben {GENERAL} 3",
        f"10:30 tell hub>manager Cora {GENERAL} 3",
        f"10:31 tell hub>senior Dev {GENERAL} 5",
        f"10:31 dial_999 tracker>emergency_services {GENERAL} 3",
    ]


def test_restarts_change_nothing(story: Story) -> None:
    events = ["10:15 checked_in", "10:21 arrived", "11:15 checked_in", "11:36 call_result who=manager result=no_answer"]
    calm = story.in_full(*events, until="12:30")
    at = ["10:10", "10:16", "10:35", "11:10", "11:34:59", "11:35", "11:36", "11:41"]
    assert story.in_full(*sorted(events + [f"{x} restart" for x in at]), until="12:30") == calm


def test_a_worried_family_and_cora_calls_the_police(story: Story) -> None:
    lines = story.in_full(
        "10:00 arrived",
        "10:10 worried_family",
        "10:12 decided by=manager what=call_police",
        "10:15 done by=manager do=dial_999",
        "10:20 spoke with=manager",
        until="10:30",
    )
    assert lines[3:] == [f"10:12 dial_999 manager>emergency_services {GENERAL} 1"]


def test_after_the_999_call_she_is_heard_of_and_the_count_starts_again(story: Story) -> None:
    done = ("11:21 done by=manager do=dial_999", "11:22 done by=manager do=tell", "11:25 resolved by=manager")
    lines = story.in_full("10:00 arrived", *done, "11:30 spoke with=manager", until="11:50")
    assert lines[4:] == [reminded("11:40"), *late("11:50")]


def test_a_late_new_finish_is_where_the_count_begins_again_once_she_was_heard(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "11:22 extended end=11:45", "11:24 spoke with=manager", until="12:05")
    assert lines == [CLEAR, reminded("11:10"), *late("11:20"), reminded("11:55"), *late("12:05")]
