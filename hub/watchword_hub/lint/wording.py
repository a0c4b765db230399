"""Times, people and runs in the words of a safety lead."""

from collections.abc import Iterable

from ..procedure_words import PLAN, ROLES, named, named_bits
from .runs import NOTHING, Move


def seconds(ms: int) -> int:
    """Up to the next whole second: a "no" in the last moment comes a millisecond before it."""
    return -(-ms // 1000)


def time(s: int) -> str:
    """As "1 h 20 min", "90 s", "0 min"."""
    if s % 60:
        return f"{s // 60} min {s % 60} s" if s > 120 else f"{s} s"
    hours, minutes = divmod(s // 60, 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes or not hours else [])
    return " ".join(parts)


def role(number: int) -> str:
    """A role as it is spoken of."""
    return named(ROLES, number).replace("_", " ") if number else "nobody"


def plan(bits: int, of: int) -> str:
    """What a plan says of the conditions in `of`."""
    return ", ".join(named_bits(PLAN, bits & of) + [f"not {name}" for name in named_bits(PLAN, of & ~bits)])


def story(moves: Iterable[Move]) -> str:
    """A run, move by move, with the time since the watch began."""
    told = []
    now_ms = 0
    for move in moves:
        now_ms += move.after_ms
        if move.what == NOTHING:
            told.append(f"nobody reports until {time(seconds(now_ms))}")
        else:
            told.append(f"{role(move.who)}: {move.what}, at {time(seconds(now_ms))}")
    return "; ".join(told)
