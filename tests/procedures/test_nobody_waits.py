"""What `watchword check` found that the ladder left with nobody: each as the timeline that showed it."""

from pathlib import Path

from play import Story

UNREPORTED = "For every procedure, 5"


def test_a_decision_that_lapses_is_the_seniors_though_a_call_is_still_being_tried(tmp_path: Path) -> None:
    story = Story(tmp_path, "homemaker-enhanced", {"start": "10:00", "end": "12:00", "first_visit": True})
    lines = story.lines(
        "10:00 arrived",
        "10:00 spoke",
        "10:29:59 call_result who=worker result=no_answer",
        "10:39:58 call_result who=client result=no_answer",
        "10:45 call_result who=worker result=no_answer",
        until="10:45",
    )
    assert lines[lines.index("10:39:58 call tracker>worker 5.1.1") + 1 :] == [
        f"10:40 tell hub>senior {UNREPORTED}",
        "10:40 decide senior>senior 5.1.2",
        # the last number failed, and nobody is asked to call it once more: the senior decides
    ]


def test_a_number_that_belongs_to_another_call_leaves_this_one_as_it_was(tmp_path: Path) -> None:
    plan = {"start": "10:00", "end": "11:00", "last_visit_of_day": True}
    story = Story(tmp_path, "northamptonshire", plan)
    lines = story.in_full("19:31 call_result who=worker via=work_mobile result=no_answer", until="19:31")
    assert not [line for line in lines if line.startswith("19:31 call manager>worker")]


def test_a_rung_that_the_plan_does_not_have_is_no_end_of_the_ladder(tmp_path: Path) -> None:
    """No client's phone to call: found at risk at the finish, the text's next rung is the manager's, at once."""
    plan = {"start": "10:00", "end": "11:00", "first_visit": True, "client_phones": False}
    story = Story(tmp_path, "homemaker-enhanced", plan)
    lines = story.lines(
        "10:00 arrived",
        "10:00 spoke",
        "10:15 spoke",
        "11:02 call_result who=worker result=at_risk",
        until="11:02",
    )
    assert "11:02 decide manager>manager 5.3" in lines
