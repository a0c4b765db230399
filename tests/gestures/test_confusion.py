"""Whatever hands do, no ordinary gesture is taken for an alarm and no SOS is missed."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from watchword_core import gestures as g
from watchword_sim import hands

ROOT = Path(__file__).resolve().parents[2]
FEW = 200


@cache
def shaken() -> tuple[str, Counter[tuple[int, int]]]:
    """What is made of FEW of each gesture, with the allowances as they are."""
    return hands.report(FEW, hands.SEED)


def test_no_ordinary_gesture_is_read_as_an_alarm_and_no_sos_is_missed() -> None:
    text, total = shaken()
    print(text)
    assert sum(total.values()) == FEW * len(hands.KINDS) * len(hands.ROWS)
    assert hands.alarms_by_mistake(total) == hands.sos_missed(total) == hands.practice_by_mistake(total) == 0


def test_what_is_read_as_practice_is_none_of_its_own_meaning() -> None:
    assert hands.read_as(g.OK, [g.OK, g.PRACTICE]) == g.PRACTICE
    found = Counter({(g.DURESS, g.PRACTICE): 2, (g.PRACTICE, g.PRACTICE): 5, (g.PRACTICE, g.SOS): 1})
    assert hands.practice_by_mistake(found) == 2 and hands.alarms_by_mistake(found) == 1


def test_most_duress_is_understood_by_whatever_hands() -> None:
    _, total = hands.report(FEW, hands.SEED + 1)
    meant = [gesture for gesture in hands.DURESS for _ in range(FEW * len(hands.KINDS))]
    understood = sum(total[one, read] for one in hands.DURESS for read in hands.DURESS)
    assert understood >= 0.98 * len(meant)


@pytest.mark.parametrize("slip", ["SOS_SLIP_MS", "OK_SLIP_MS", "HELD_SLIP_MS", "KNOCK_MS"])
def test_without_one_of_the_allowances_the_matrix_shows_it(slip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, before = shaken()
    monkeypatch.setattr(g, slip, 0)
    _, after = hands.report(FEW, hands.SEED)
    assert sum(after[one, one] for one in hands.ROWS) < sum(before[one, one] for one in hands.ROWS)
    if slip == "SOS_SLIP_MS":
        assert hands.sos_missed(after) > 0


def test_the_same_seed_is_the_same_matrix() -> None:
    assert hands.report(5, 1) == hands.report(5, 1) != hands.report(5, 2)


@pytest.mark.soak
def test_ten_thousand_of_each_and_docs_wearing_quotes_them() -> None:
    text, total = hands.report(hands.TRIALS, hands.SEED)
    print(text)
    assert hands.alarms_by_mistake(total) == hands.sos_missed(total) == hands.practice_by_mistake(total) == 0
    assert text in (ROOT / "docs" / "wearing.md").read_text(encoding="utf-8"), "put the output of `make gestures` there"
