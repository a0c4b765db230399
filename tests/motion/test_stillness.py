"""How still it is kept, on MicroPython: by whom, for how long, and when that is worth a word."""

import pytest
from on_board import on_board

# A minute is six spells. `told` plays slots (x, y, z) and gives the spell and the news of each that brought some.
_STORY = """
from array import array
from pendant import stillness as s
NAMES = {s.LIES_STILL: "still", s.NOT_WORN: "not_worn", s.WORN: "worn"}
def breath(slot, mg):
    return abs(slot % 20 - 10) * mg // 10
def lying(mg):
    return lambda slot: (5, 80, 1000 + breath(slot, mg))
def sitting(mg):
    return lambda slot: (5, 900, 420 + breath(slot, mg))
def shifting(every):
    shifts = lambda slot: slot // s.SPELL_SLOTS % every == 0 and slot % s.SPELL_SLOTS < 5
    return lambda slot: (300 if shifts(slot) else 5, 900, 420 + breath(slot, 20))
def told(*parts):
    still, out, slot = s.Stillness(), [], 0
    for spells, of in parts:
        for _ in range(spells * s.SPELL_SLOTS):
            still.slot(array("h", (0,) + of(slot)), 1)
            news = still.taken()
            slot += 1
            if news:
                out.append("%d:%s" % (slot // s.SPELL_SLOTS, NAMES[news]))
    print(*out)
walk = shifting(1)
"""


def told(*parts: str) -> list[str]:
    return on_board(f"{_STORY}\ntold({', '.join(parts)})")


def test_down_already_when_the_watch_begins__asked_after_90_s_and_again_after_the_next() -> None:
    assert told("(19, lying(20))") == ["9:still", "18:still"]


def test_a_slow_slide_without_a_blow_and_then_no_move__asked_90_s_later() -> None:
    slide = "lambda slot: (5, 1000 - (slot % 50) * 20, (slot % 50) * 20)"
    assert told("(3, walk)", f"(1, {slide})", "(9, lying(20))") == ["1:worn", "13:still"]


def test_sitting_and_moving_no_more__asked_after_the_longer_time() -> None:
    assert told("(1, walk)", "(61, sitting(20))") == ["1:worn", "61:still"]


def test_who_shifts_now_and_then_is_never_asked() -> None:
    assert told("(240, shifting(45))") == ["1:worn"]


@pytest.mark.parametrize("where", ["lying(0)", "sitting(0)", "lambda slot: (990, 5, slot % 4)"])
def test_laid_down_or_hung_up__not_worn_after_a_minute_and_never_asked(where: str) -> None:
    assert told("(1, walk)", f"(72, {where})") == ["1:worn", "7:not_worn", "37:not_worn", "67:not_worn"]


def test_on_a_table_that_is_knocked_it_stays_not_worn_until_it_is_carried() -> None:
    assert told("(6, lying(0))", "(20, lying(20))", "(2, walk)", "(9, lying(20))") == [
        "6:not_worn",
        "27:worn",
        "37:still",
    ]


def test_on_a_table_that_is_knocked_again_and_again_most_of_the_stillness_is_no_body_s__never_asked() -> None:
    knocked = "lambda slot: (5, 80, 1000 + breath(slot, 20 if slot // s.SPELL_SLOTS % 5 == 4 else 0))"
    assert told("(1, walk)", f"(70, {knocked})") == ["1:worn"]


def test_breath_so_shallow_that_some_spells_show_none_is_a_body_s_all_the_same() -> None:
    shallow = "lambda slot: (5, 80, 1000 + breath(slot, 4 if slot // s.SPELL_SLOTS % 3 == 2 else 20))"
    assert told(f"(9, {shallow})") == ["9:still"]


def test_no_breath_at_all_is_told_as_not_worn__never_as_nothing() -> None:
    assert told("(1, walk)", "(9, lying(3))") == ["1:worn", "7:not_worn"]


def test_what_was_before_it_was_off_does_not_count() -> None:
    script = f"{_STORY}\nstill = s.Stillness()\n"
    script += """
for spells in (5, 5):
    for slot in range(spells * s.SPELL_SLOTS + 3):
        still.slot(array("h", lying(20)(slot)), 0)
    print(still.taken())
    still.forget()
"""
    assert on_board(script) == ["0", "0"]
