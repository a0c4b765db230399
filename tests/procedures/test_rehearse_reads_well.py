"""What `watchword rehearse` prints for people: what happened, who does what, in local time, and the clause."""

import json
from pathlib import Path

import pytest
from play import CAST
from watchword_hub import rehearse as r
from watchword_hub.procedures import built_in_names

PLAN = CAST | {"start": "2026-07-06T09:00:00Z", "end": "2026-07-06T10:00:00Z"}


def printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], procedure: str, plan: dict[str, object], *rows: object
) -> list[str]:
    path = tmp_path / "timeline.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ({"plan": plan}, *rows)), encoding="utf-8")
    assert r.run(procedure, path) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(r.load(procedure).title)
    return out[1:]


def event(at: str, name: str, **more: object) -> dict[str, object]:
    return {"at": f"2026-07-06T{at}Z", "event": name, **more}


def test_without_a_manager_the_senior_does_the_managers_work_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(
        tmp_path,
        capsys,
        "hertfordshire",
        PLAN | {"manager": None},
        event("10:01:00", "call_result", who="worker", by="senior", result="no_answer"),
        event("10:02:00", "sos"),
        {"until": "2026-07-06T10:03:00Z"},
    )
    assert lines[2:] == [
        "11:00:00    Dev (senior) must phone Ana (worker) now (work mobile)  [7.1]",
        "11:01:00  - Ana (worker) is called: no answer",
        "11:01:00    Dev (senior) must record a decision  [7.1]",
        "11:02:00  - Ana (worker) presses SOS",
        "11:02:00    Ben (tracker) is alerted: alarm  [For every procedure, 2]",
        "11:02:00    Dev (senior) is alerted: alarm  [For every procedure, 2]",
        "11:03:00    Dev (senior) is alerted: alarm  [For every procedure, 2]",
        "11:03:00    Dev (senior) must dial 999  [For every procedure, 2]",
    ]


def test_a_visit_reads_as_a_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(
        tmp_path,
        capsys,
        "homemaker-enhanced",
        PLAN,
        event("09:00:00", "arrived"),
        event("09:02:00", "spoke", **{"with": "tracker"}),
        event("09:23:00", "call_result", who="worker", result="no_answer"),
        event("09:32:30", "decided", by="manager", what="call_police"),
        event("09:34:00", "done", by="manager", do="dial_999"),
        event("09:40:00", "extended", end="2026-07-06T10:30:00Z"),
        event("09:50:00", "call_result", who="worker", result="duress"),
        {"until": "2026-07-06T09:51:00Z"},
    )
    assert lines == [
        "Monday 06 July 2026, Europe/London",
        "10:00:00  - Ana (worker) reports: arrived",
        "10:00:00    Ben (tracker) is alerted: arrived  [3.1]",
        "10:02:00  - Ben (tracker) and Ana (worker) have spoken",
        "10:02:00    Ana (worker) may enter  [3.1]",
        "10:22:00    the pendant prompts Ana (worker)  [5.1.3]",
        "10:22:00    Ben (tracker) must phone Ana (worker) now (work mobile)  [4.2.2]",
        "10:23:00  - Ana (worker) is called: no answer",
        "10:23:00    Ben (tracker) must phone the client now (client mobile or client landline)  [5.1.1]",
        "10:32:00    Cora (manager) is alerted: no contact since entering  [5.1.2]",
        "10:32:00    Cora (manager) must record a decision  [5.1.2]",
        "10:32:30  - Cora (manager) decides: call the police",
        "10:32:30    Cora (manager) must dial 999  [For every procedure, 1]",
        "10:34:00  - Cora (manager) confirms: dial 999 is done",
        "10:34:00    Cora (manager) is alerted: 999 was dialled  [6.2]",
        "10:34:00    Dev (senior) is alerted: 999 was dialled  [6.2]",
        "10:40:00  - Ana (worker) needs longer: the finish is 11:30",
        "10:50:00  - Ana (worker) is called: the duress phrase",
        "10:50:00    Ben (tracker) is alerted: duress  [For every procedure, 3]",
        "10:50:00    Cora (manager) is alerted: duress  [For every procedure, 3]",
        "10:51:00    Dev (senior) is alerted: a task was not reported on  [For every procedure, 5]",
        "10:51:00    Ben (tracker) must dial 999  [For every procedure, 3]",
    ]


def test_a_refusal_a_mark_and_what_a_person_must_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = printed(
        tmp_path,
        capsys,
        "homemaker-standard",
        PLAN | {"tracker": None},
        event("09:00:00", "arrived"),
        event("09:01:00", "cancelled", by="manager"),
        {"until": "2026-07-06T09:02:00Z"},
    )
    assert refused[2:] == [
        "10:00:00    Ana (worker) may not enter: No tracker = no visit  [3]",
        "10:00:00    Cora (manager) is alerted: arrived  [3.1]",
        "10:01:00  - the visit is cancelled",
        "10:01:00    the visit is closed  [2]",
        "10:01:00    the record is marked: cancelled  [2]",
    ]
    late = printed(tmp_path, capsys, "clarendon", PLAN, {"until": "2026-07-06T09:20:00Z"})
    assert late[-1] == "10:20:00    Cora (manager) must tell the partner agencies now  [Home visit 2]"


def test_several_days_and_the_hour_that_comes_twice_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = CAST | {"start": "2026-10-24T23:30:00Z", "end": "2026-10-25T00:30:00Z"}
    lines = printed(tmp_path, capsys, "hertfordshire", plan, {"until": "2026-10-25T01:40:00Z"})
    assert lines[0] == "Sunday 25 October 2026, Europe/London"
    assert lines[1] == "01:30:00 BST    the pendant prompts Ana (worker)  [7.1]"
    assert [line[:12] for line in lines if "01:30" in line] == ["01:30:00 BST"] * 2 + ["01:30:00 GMT"] * 3


@pytest.mark.parametrize("procedure", built_in_names())
def test_every_event_and_verb_has_its_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], procedure: str) -> None:
    more = {"done": {"do": "call"}, "decided": {"what": "not_police"}, "acknowledged": {"by": "manager"}}
    rows = []
    for minute, name in enumerate(r._KINDS):
        for how in [{"result": result} for result in r._RESULTS] if name == "call_result" else [more.get(name, {})]:
            rows.append(event(f"09:{minute:02}:00", name, **how))
    plan = PLAN | {"last_visit_of_day": True, "return_by": "2026-07-06T12:00:00Z"}
    lines = printed(tmp_path, capsys, procedure, plan, *rows, {"until": "2026-07-06T23:00:00Z"})
    assert not [line for line in lines if "None" in line or "{" in line or ("  - " in line and not line.split("- ")[1])]
