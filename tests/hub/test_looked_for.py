"""Ben looks for Ana's pendant: journalled, sealed for its boot, and never under duress."""

import json

import pytest
from stage import SECOND, FakePendant, Stage
from watchword_core import words as w
from watchword_core.frames import Find
from watchword_hub.commands import FindPendant, Refusal, RevokePendant

BOOT_WHILE_MS = 130 * SECOND


def finds(stage: Stage, ana: FakePendant) -> list[Find]:
    ana.hear(stage.carriers)
    return [body for body in ana.statuses if isinstance(body, Find)]


def journalled(stage: Stage) -> list[dict[str, int]]:
    return [json.loads(row[0]) for row in stage.rows("SELECT body FROM journal WHERE kind = 'find_me' ORDER BY seq")]


def test_ben_looks_for_it__one_frame_goes_down_and_the_journal_says_who(stage: Stage) -> None:
    ana = stage.visit()
    stage.do(FindPendant(ana.id, stage.ben))
    (find,) = finds(stage, ana)
    assert find == Find(stage.clock.at_ms, 30 * SECOND)
    assert journalled(stage) == [{"by": stage.ben, "pendant": ana.id}]


def test_under_duress__refused_and_nothing_goes_down_until_it_is_resolved(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.DURESS, value=w.CHECKED_IN))
    with pytest.raises(Refusal, match="under duress"):
        stage.do(FindPendant(ana.id, stage.ben))
    assert finds(stage, ana) == [] and journalled(stage) == []
    stage.record(ana.visit, w.ACKNOWLEDGED, w.MANAGER)
    stage.record(ana.visit, w.RESOLVED, w.MANAGER)
    stage.carry(ana.heartbeat())
    stage.do(FindPendant(ana.id, stage.ben))
    assert len(finds(stage, ana)) == 1


def test_what_cannot_be_reached_is_said(stage: Stage) -> None:
    ana = stage.visit()
    stage.later(BOOT_WHILE_MS)
    with pytest.raises(Refusal, match="not heard lately"):
        stage.do(FindPendant(ana.id, stage.ben))
    stage.do(RevokePendant(ana.id, stage.ben))
    with pytest.raises(Refusal, match="revoked"):
        stage.do(FindPendant(ana.id, stage.ben))
    assert finds(stage, ana) == []
