"""Northamptonshire, lone visits: timelines, each line with its clause, on both interpreters.

Ana wears the pendant, Cora is her manager, Dev Cora's. A section 4 visit is planned from 10:00 to 11:00.
"""

from pathlib import Path

import pytest
from play import GENERAL, Story

VISIT = {"start": "10:00", "end": "11:00", "risk": "identified"}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, "northamptonshire", VISIT)


def test_nobody_answers_and_cora_goes_on_to_999(story: Story) -> None:
    lines = story.in_full(
        "09:40 left_for_visit",
        "10:00 arrived",
        "12:01 call_result by=manager who=worker via=work_mobile result=no_answer",
        "12:02 call_result by=manager who=worker via=personal_mobile result=voicemail",
        "12:03 call_result by=manager who=emergency_contact result=no_answer",
        "12:04 call_result by=manager who=emergency_contact result=no_answer",
        "12:05 done by=manager do=dial_999",
        until="12:30",
    )
    assert lines == [
        "09:40 tell hub>manager Cora 4.5",
        "10:00 clear hub>worker Ana 4.5",
        "11:00 prompt pendant>worker Ana 4.5",
        "12:00 call manager>worker Ana work_mobile,personal_mobile 4.6",
        "12:00 prompt pendant>worker Ana 4.5",
        "12:01 call manager>worker Ana personal_mobile 4.6",
        "12:02 call manager>emergency_contact Eli 4.6",
        "12:03 call manager>emergency_contact Eve 4.6",
        "12:04 dial_999 manager>emergency_services 4.6",
        "12:05 tell hub>senior Dev 4.6",
    ]


def test_nobody_reports_at_all(story: Story) -> None:
    lines = story.in_full("10:00 arrived", until="12:35")
    assert lines[3:] == [
        "12:00 prompt pendant>worker Ana 4.5",
        f"12:10 tell hub>senior Dev {GENERAL} 5",
        *[f"12:10 call {role}>emergency_contact Eli 4.6" for role in ("manager", "senior")],
        f"12:20 tell hub>tracker Ben {GENERAL} 5",
        *[f"12:20 call {role}>emergency_contact Eve 4.6" for role in ("manager", "senior", "tracker")],
        *[f"12:30 dial_999 {role}>emergency_services 4.6" for role in ("manager", "senior", "tracker")],
        *[f"12:35 dial_999 {role}>emergency_services 4.6" for role in ("manager", "senior", "tracker")],
    ]
