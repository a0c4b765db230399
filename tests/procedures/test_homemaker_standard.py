"""Homemaker, standard tracking: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Ben tracks, Cora manages, Dev is her senior. Ana has met the client; planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00", "client_phones": True}
ARRIVAL = ["10:00 tell hub>tracker Ben 3.1", "10:02 clear hub>worker Ana 3.1"]
IN = ("10:00 arrived", "10:02 spoke with=tracker")
CALLED = ["11:00 prompt pendant>worker Ana 3.4", "11:00 call tracker>worker Ana work_mobile 3.4"]
CORA_DECIDES = ["11:10 tell hub>manager Cora 5.3", "11:10 decide manager>manager Cora 5.3"]
CLIENT = "client_mobile,client_landline"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "homemaker-standard", VISIT)


def test_abandoned_at_the_door_only_the_departure_is_waited_for(story: Story) -> None:
    lines = story.lines("10:00 arrived", "10:03 abandoned by=tracker", until="11:00")
    assert lines == [
        "10:00 tell hub>tracker 3.1",
        "10:03 mark tracker>worker 9 (abandoned)",
        "11:00 prompt pendant>worker 3.4",
        "11:00 call tracker>worker 3.4",
    ]
    late = story.lines("10:00 arrived", "10:07 abandoned by=tracker", until="10:59")
    assert late[1:] == [f"10:05 tell hub>manager {GENERAL} 8", "10:07 mark tracker>worker 9 (abandoned)"]


def test_a_calm_visit_has_no_call_back(story: Story) -> None:
    lines = story.in_full(*IN, "10:50 departed", "10:51 spoke with=tracker", until="18:00")
    assert lines == [
        *ARRIVAL,
        "10:50 tell hub>tracker Ben 3.5",
        "10:51 mark tracker>worker Ana 3.5 (D)",
        "10:51 close hub>worker Ana 3.5",
    ]


def test_no_contact_at_the_finish_to_the_last_rung(story: Story) -> None:
    lines = story.in_full(
        *IN,
        "11:01 call_result by=tracker who=worker result=no_answer",
        "11:03 call_result by=tracker who=client result=voicemail",
        "11:12 decided by=manager what=call_police",
        "11:14 done by=manager do=dial_999",
        until="11:20",
    )
    assert lines == [
        *ARRIVAL,
        *CALLED,
        f"11:01 call tracker>client {CLIENT} 3.6",
        *CORA_DECIDES,
        f"11:12 dial_999 manager>emergency_services {GENERAL} 1",
        "11:14 tell hub>manager Cora 6.2",
        "11:14 tell hub>senior Dev 6.2",
    ]


def test_one_of_the_clients_phones_and_then_the_other(story: Story) -> None:
    lines = story.in_full(
        *IN,
        "11:01 call_result who=worker result=no_answer",
        "11:03 call_result who=client via=client_mobile result=no_answer",
        until="11:09",
    )
    assert lines[4:] == [f"11:01 call tracker>client {CLIENT} 3.6", "11:03 call tracker>client client_landline 3.6"]


def test_a_client_without_phones_leaves_it_to_cora(story: Story) -> None:
    lines = story.in_full(*IN, "11:01 call_result who=worker result=no_answer", until="11:10", client_phones=False)
    assert lines[4:] == CORA_DECIDES


def test_nobody_reports_at_all(story: Story) -> None:
    assert story.in_full(*IN, until="11:40") == [
        *ARRIVAL,
        *CALLED,
        *CORA_DECIDES,
        f"11:20 tell hub>senior Dev {GENERAL} 5",
        "11:20 decide senior>senior Dev 5.3",
        f"11:30 tell hub>tracker Ben {GENERAL} 5",
        "11:30 decide tracker>tracker Ben 5.3",
        *[f"11:40 decide {who} 5.3" for who in ("manager>manager Cora", "senior>senior Dev", "tracker>tracker Ben")],
    ]


def test_poor_coverage_changes_neither_minute_nor_person(story: Story) -> None:
    lines = story.in_full(*IN, "11:01 call_result who=worker result=no_answer", until="11:10", coverage="poor")
    assert lines[5:] == CORA_DECIDES


def test_answered_at_each_rung(story: Story) -> None:
    tried = (*IN, "11:01 call_result who=worker result=no_answer")
    assert story.in_full(*IN, "11:01 call_result who=worker result=safe", until="11:20") == [*ARRIVAL, *CALLED]
    through_the_client = story.in_full(*tried, "11:03 call_result who=client result=safe", until="11:22")
    assert through_the_client[5:] == []
    by_cora = story.in_full(*tried, "11:11 spoke with=manager", until="11:30")
    assert by_cora[5:] == CORA_DECIDES


def test_after_an_answer_she_is_called_again_until_there_is_a_new_finish(story: Story) -> None:
    called = (*IN, "11:01 call_result who=worker result=safe")
    again = ["11:21 prompt pendant>worker Ana 3.4", "11:21 call tracker>worker Ana work_mobile 3.4"]
    assert story.in_full(*called, until="11:21")[4:] == again
    agreed = story.in_full(*called, "11:02 extended end=11:40", until="11:40")
    assert agreed[4:] == [line.replace("11:00", "11:40") for line in CALLED]


def test_at_risk_at_each_rung(story: Story) -> None:
    asked = [f"11:05 tell hub>manager Cora {GENERAL} 6", f"11:05 dial_999 manager>emergency_services {GENERAL} 6"]
    at_once = story.in_full(*IN, "11:05 call_result who=worker result=at_risk", until="11:05")
    assert at_once[4:] == [f"11:05 call tracker>client {CLIENT} 3.6", *asked]
    tried = (*IN, "11:01 call_result who=worker result=no_answer")
    through_the_client = story.in_full(*tried, "11:05 call_result who=client result=at_risk", until="11:05")
    sooner = [line.replace("11:10", "11:05") for line in CORA_DECIDES]
    assert through_the_client[5:] == [*sooner, *asked]


def test_nobody_speaks_with_ana_at_the_door(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:03 call_result who=worker result=voicemail", until="10:15")
    assert lines == [
        "10:00 tell hub>tracker Ben 3.1",
        f"10:05 tell hub>manager Cora {GENERAL} 8",
        f"10:15 tell hub>senior Dev {GENERAL} 5",
    ]


def test_anyone_on_the_staff_may_take_the_arrival_call(story: Story) -> None:
    for role in ("tracker", "manager", "senior", "team"):
        assert story.in_full("10:00 arrived", f"10:02 spoke with={role}", until="10:30") == ARRIVAL


def test_speech_before_the_door_clears_nothing(story: Story) -> None:
    lines = story.in_full("09:58 spoke with=tracker", "10:00 arrived", until="10:04")
    assert lines == ["10:00 tell hub>tracker Ben 3.1"]


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"tracker": None}, "3 (No tracker = no visit)"),
        ({"first_visit": True}, "4 (Meeting a client for the first time: enhanced tracking must be used)"),
        ({"risk": "identified"}, "4 (A risk is identified: enhanced tracking must be used)"),
    ],
)
def test_a_forbidden_visit_is_refused_at_the_door_whoever_speaks(
    story: Story, plan: dict[str, object], why: str
) -> None:
    lines = story.in_full("10:00 arrived", "10:02 spoke with=manager", "10:03 departed", until="10:04", **plan)
    assert [line for line in lines if "refuse" in line] == [
        f"{at} refuse hub>worker Ana {why}" for at in ("10:00", "10:02")
    ]
    assert not [line for line in lines if "clear" in line]


def test_a_press_at_the_finish_is_no_speech(story: Story) -> None:
    assert story.in_full(*IN, "10:58 checked_in", "11:05 checked_in", until="11:10")[2:] == [*CALLED, *CORA_DECIDES]


def test_the_finish_put_off_just_before_and_just_after(story: Story) -> None:
    assert story.in_full(*IN, "10:59:59 extended end=11:30", until="11:29") == ARRIVAL
    assert story.in_full(*IN, "11:00:01 extended end=11:30", until="11:10")[2:] == [*CALLED, *CORA_DECIDES]


def test_the_finish_is_put_off_two_hours_at_most(story: Story) -> None:
    lines = story.in_full(*IN, "10:30 extended end=15:00", "12:59 extended", until="13:00")
    assert lines[2:] == [line.replace("11:00", "13:00") for line in CALLED]


def test_a_departure_that_nobody_spoke_about(story: Story) -> None:
    unspoken = story.in_full(*IN, "10:40 departed", until="11:10")
    assert unspoken[2:] == ["10:40 tell hub>tracker Ben 3.5", *CALLED, *CORA_DECIDES]
    late = story.in_full(*IN, "11:05 departed", "11:08 call_result who=worker result=safe", until="18:00")
    assert late[4:] == [
        "11:05 tell hub>tracker Ben 3.5",
        "11:08 mark tracker>worker Ana 3.5 (D)",
        "11:08 close hub>worker Ana 3.5",
    ]


def test_not_returning_after_the_last_visit_cora_expects_a_call_too(story: Story) -> None:
    ended = (*IN, "10:51 spoke about=departure with=tracker")
    last = story.in_full(*ended, until="18:00", last_visit_of_day=True)
    assert last[-1] == "10:51 tell hub>manager Cora 7"
    assert story.in_full(*ended, until="18:00", last_visit_of_day=True, returning=True) == last[:-1]
    assert story.in_full(*ended, until="18:00") == last[:-1]


def test_no_signal_is_settled_between_worker_and_office(story: Story) -> None:
    lines = story.in_full("10:00 arrived", "10:01 no_signal", "10:02 call_result who=worker result=safe", until="10:30")
    assert lines[1:] == [
        "10:01 tell hub>tracker Ben 6.3",
        "10:01 tell hub>manager Cora 6.4",
        "10:01 decide manager>manager Cora 6.4",
        ARRIVAL[1],
    ]


def test_a_worried_family_reaches_cora_at_once(story: Story) -> None:
    lines = story.in_full(*IN, "10:51 spoke about=departure with=tracker", "18:00 worried_family", until="18:10")
    assert lines[4:] == [
        "18:00 tell hub>manager Cora 8.3",
        "18:00 decide manager>manager Cora 8.3",
        f"18:10 tell hub>senior Dev {GENERAL} 5",
        "18:10 decide senior>senior Dev 8.3",
    ]


def test_abandoned_and_cancelled(story: Story) -> None:
    lines = story.in_full(*IN, "10:10 abandoned by=tracker", "10:20 spoke with=tracker", until="18:00")
    assert lines[2:] == [
        "10:10 mark tracker>worker Ana 9 (abandoned)",
        "10:20 mark tracker>worker Ana 3.5 (D)",
        "10:20 close hub>worker Ana 3.5",
    ]
    lines = story.in_full("09:30 cancelled by=tracker", until="18:00")
    assert lines == ["09:30 close hub>worker Ana 2 (cancelled)", "09:30 mark tracker>worker Ana 2 (cancelled)"]


def test_duress_on_the_call_at_the_finish(story: Story) -> None:
    lines = story.in_full(
        *IN, "11:01 call_result who=worker result=duress", "11:01:59 acknowledged by=manager", until="11:03"
    )
    assert lines[4:] == [f"11:01 tell hub>tracker Ben {GENERAL} 3", f"11:01 tell hub>manager Cora {GENERAL} 3"]


def test_restarts_change_nothing(story: Story) -> None:
    events = [
        *IN,
        "10:40 departed",
        "11:01 call_result who=worker result=no_answer",
        "11:12 sos",
        "11:20 acknowledged by=tracker",
    ]
    calm = story.in_full(*events, until="12:00")
    at = ["10:01", "10:45", "11:00", "11:01:30", "11:10", "11:12", "11:13", "11:20", "11:22", "11:23"]
    assert story.in_full(*sorted(events + [f"{x} restart" for x in at]), until="12:00") == calm


def test_a_new_finish_that_comes_too_late_counts_once_ben_has_spoken_with_her(story: Story) -> None:
    late = ("11:01 extended end=11:30", "11:02 call_result who=worker result=safe")
    lines = story.in_full(*IN, *late, until="11:30")
    assert lines == [*ARRIVAL, *CALLED, *[line.replace("11:00", "11:30") for line in CALLED]]
    assert lines == story.in_full(*IN, late[1], late[0].replace("11:01", "11:02"), until="11:30")
