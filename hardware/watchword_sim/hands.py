"""Hands that press the pendant's buttons, well and badly, and what the firmware's own gestures make of it.

`make gestures` prints the confusion matrix. Everything is drawn from a seed, so that one number plays it again. The
figures of each kind of hands are assumptions, set down here to be argued with; nobody's hands were measured.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from random import Random
from typing import NamedTuple

from watchword_core import gestures as g

SEED = 4
TRIALS = 10_000
NOTHING = 0
SILENT = (g.SOS_STARTED, g.SOS_LET_GO, g.PRACTICE_STARTED, g.PRACTICE_LET_GO)  # nothing is reported of them
ORDINARY = (g.OK, g.OK_HELD, g.EXTEND, g.CHECK, g.DISCREET, g.PRACTICE)
DURESS = tuple(twin for twin, _ in g.TWINS)
ROWS = (*ORDINARY, *DURESS, g.SOS)
SHAPE_OF = {gesture: shape for shape, gesture in g.SHAPES} | {g.PRACTICE: "sh"}
HOLD_MS = (1300, 2200)
SOS_MS = (3150, 5000)
PRACTICE_MS = (4350, 6200)
SOS_BUTTON_KNOCKED_MS = (10, 300)
KNOCK_MS = (3, 35)
REPEAT_PAUSE_MS = (500, 2500)  # nothing felt yet, so once more
TREMOR_HZ = (4, 12)

Edge = tuple[float, int, bool]  # ms (whole ones on the board), button, down


class Hands(NamedTuple):
    """How somebody presses; ranges in ms, shares from 0 to 1."""

    name: str
    press_ms: tuple[int, int] = (80, 350)
    pause_ms: tuple[int, int] = (170, 400)
    bounce_ms: float = 0  # a contact that closes or opens chatters for up to this long
    slip_share: float = 0  # of a tremor's beats in which a pressed contact opens
    slip_ms: tuple[int, int] = (3, 60)
    knock_share: float = 0  # of presses after which the pendant swings back and OK is knocked
    repeat_share: float = 0  # of gestures that are done once or twice more


KINDS = (
    Hands("steady"),
    Hands("worn contact", bounce_ms=15),
    Hands("gloves", press_ms=(150, 900), pause_ms=(180, 420), bounce_ms=25),
    Hands("shaking", slip_share=0.5, knock_share=0.3),
    Hands("repeating", repeat_share=1),
    Hands("all of it", (150, 900), (200, 420), 15, 0.4, (3, 50), 0.3, 0.5),
)


def edges_of(gesture: int, hands: Hands, chance: Random) -> list[tuple[int, int, bool]]:
    """What the contacts do while these hands mean `gesture`, in order."""
    edges: list[Edge] = []
    at = chance.uniform(0, 1000)
    times = 1 + (chance.randint(1, 2) if chance.random() < hands.repeat_share else 0)
    for _ in range(times):
        for button, held, pause in _strokes(gesture, hands, chance):
            edges += _press(button, at, held, hands, chance)
            at += held + pause
        at += chance.uniform(*REPEAT_PAUSE_MS)
    if hands.knock_share and gesture != g.SOS:  # the recessed button is reached too, but not for long
        knocked = chance.uniform(0, at)
        edges += [
            (knocked, g.SOS_BUTTON, True),
            (knocked + chance.uniform(*SOS_BUTTON_KNOCKED_MS), g.SOS_BUTTON, False),
        ]
    return sorted(((int(at), button, down) for at, button, down in edges), key=lambda edge: edge[0])


def _strokes(gesture: int, hands: Hands, chance: Random) -> list[tuple[int, float, float]]:
    """(button, held ms, pause after it ms) of each press meant."""
    if gesture == g.SOS:
        return [(g.SOS_BUTTON, chance.uniform(*SOS_MS), 0)]
    shape, hold_ms = SHAPE_OF[gesture], PRACTICE_MS if gesture == g.PRACTICE else HOLD_MS
    held = [chance.uniform(*(hold_ms if kind == "h" else hands.press_ms)) for kind in shape]
    pauses = [chance.uniform(*hands.pause_ms) for _ in shape[1:]]
    return [(g.OK_BUTTON, *both) for both in zip(held, [*pauses, 0], strict=True)]


def _press(button: int, at: float, held: float, hands: Hands, chance: Random) -> list[Edge]:
    """One press, as its contact has it."""
    turns = [at, *_slips(at, held, hands, chance), at + held]  # the contact changes at each: down first
    edges: list[Edge] = []
    for i, turn in enumerate(turns):
        following = turns[i + 1] if i + 1 < len(turns) else turn + hands.bounce_ms + 1
        edges += _bounced(button, turn, i % 2 == 0, min(hands.bounce_ms, (following - turn) / 2), chance)
    if button == g.OK_BUTTON and chance.random() < hands.knock_share:
        knocked = at + held + chance.uniform(hands.bounce_ms + 1, hands.pause_ms[0] - KNOCK_MS[1] - 1)
        edges += [(knocked, button, True), (knocked + chance.uniform(*KNOCK_MS), button, False)]
    return edges


def _slips(at: float, held: float, hands: Hands, chance: Random) -> list[float]:
    """When a shaking finger leaves the contact and finds it again."""
    turns: list[float] = []
    beat = 1000 / chance.uniform(*TREMOR_HZ)
    moment = at + beat
    while hands.slip_share and moment + hands.slip_ms[1] + hands.bounce_ms < at + held:
        if chance.random() < hands.slip_share:
            turns += [moment, moment + min(chance.uniform(*hands.slip_ms), beat * 0.45)]
        moment += beat
    return turns


def _bounced(button: int, at: float, down: bool, within_ms: float, chance: Random) -> list[Edge]:
    turns = sorted(chance.uniform(0, within_ms) for _ in range(2 * chance.randint(0, 3))) if within_ms else []
    return [(at, button, down), *((at + turn, button, down == bool(i % 2)) for i, turn in enumerate(turns))]


def heard(edges: list[tuple[int, int, bool]]) -> list[int]:
    """The gestures that the firmware makes of them."""
    machine, gestures = g.Gestures(), []
    for at, button, down in [*edges, (edges[-1][0] + 10_000, 0, False)]:
        due = machine.next_deadline_ms()
        while due is not None and due <= at:
            gestures.append(machine.handle_deadline(due))
            due = machine.next_deadline_ms()
        if button:
            gestures.append(machine.edge(button, down, at))
    return [gesture for gesture in gestures if gesture is not None and gesture not in SILENT]


def read_as(meant: int, gestures: list[int]) -> int:
    """One for the matrix: the gravest of what was not meant, if anything was not, or NOTHING."""
    wrong = {gesture for gesture in gestures if gesture != meant}
    for gesture in (g.SOS, *DURESS, *ORDINARY):
        if gesture in wrong:
            return gesture
    return meant if gestures else NOTHING


def confusion(hands: Hands, trials: int, seed: int) -> Counter[tuple[int, int]]:
    """(meant, read as): how often, with `trials` of each gesture."""
    found: Counter[tuple[int, int]] = Counter()
    for meant in ROWS:
        chance = Random(f"{seed} {hands.name} {meant}")  # noqa: S311 - hands, not secrets
        for _ in range(trials):
            found[meant, read_as(meant, heard(edges_of(meant, hands, chance)))] += 1
    return found


def alarms_by_mistake(found: Counter[tuple[int, int]]) -> int:
    """Ordinary gestures that were read as duress or SOS."""
    return sum(found[meant, read] for meant in ORDINARY for read in (*DURESS, g.SOS))


def practice_by_mistake(found: Counter[tuple[int, int]]) -> int:
    """Whatever was meant as something else and read as practice: an SOS or a duress among it would be hidden."""
    return sum(n for (meant, read), n in found.items() if read == g.PRACTICE != meant)


def sos_missed(found: Counter[tuple[int, int]]) -> int:
    return sum(n for (meant, read), n in found.items() if meant == g.SOS and read != g.SOS)


def as_text(hands: str, found: Counter[tuple[int, int]]) -> str:
    """The matrix: a row for what was meant, a column for what it was read as."""
    lines = [f"{hands:20}" + "".join(f"{_short(read):>10}" for read in (*ROWS, NOTHING))]
    for meant in ROWS:
        lines.append(
            f"  {g.NAMES[meant]:18}" + "".join(f"{found[meant, read] or '.':>10}" for read in (*ROWS, NOTHING))
        )
    return "\n".join(lines)


def _short(gesture: int) -> str:
    return g.NAMES[gesture].replace("duress, as OK ", "d. ").replace("duress, as ", "d. ") or "nothing"


def report(trials: int, seed: int) -> tuple[str, Counter[tuple[int, int]]]:
    """(the text of all matrices, their sum)."""
    total: Counter[tuple[int, int]] = Counter()
    parts = [f"seed {seed}; {trials} of each gesture by each kind of hands; rows: meant, columns: read as"]
    for hands in KINDS:
        found = confusion(hands, trials, seed)
        total += found
        parts.append(as_text(hands.name, found))
    parts.append(as_text("together", total))
    parts.append(
        f"ordinary gestures read as duress or SOS: {alarms_by_mistake(total)}; SOS missed: {sos_missed(total)}; "
        f"read as practice: {practice_by_mistake(total)}"
    )
    return "\n\n".join(parts), total


def main(arguments: list[str]) -> int:
    """Exit status: 1 when an ordinary gesture was read as an alarm, anything as practice, or an SOS was missed."""
    parser = argparse.ArgumentParser(prog="make gestures", description="Who presses what, and what it is read as.")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)
    text, total = report(asked.trials, asked.seed)
    print(text)
    return int(bool(alarms_by_mistake(total) or sos_missed(total) or practice_by_mistake(total)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
