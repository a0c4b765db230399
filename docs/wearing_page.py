"""What docs/wearing.md draws from the code's own tables, gestures and answers, and the card to print."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from xml.sax.saxutils import escape

from watchword_core import gestures as g

CARD = "wearing-card.svg"
CELL_MS = 50  # a character of a drawn pattern
ROOT = Path(__file__).resolve().parent.parent


def _firmware(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "firmware" / "pendant" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


felt = _firmware("felt")
OK_S = f"{g.OK_HOLD_MS / 1000:g} s"
SOS_S = f"{g.SOS_HOLD_MS / 1000:g} s"

# What each gesture means to whoever does it; one without a line here ends `make docs`.
GESTURES_SAY = {
    g.OK: "At the door: **I have arrived.** Inside: **I am well.**",
    g.OK_HELD: "**I am leaving.**",
    g.EXTEND: "**I need longer**: one step of your procedure.",
    g.CHECK: "Before the door, or a shift: **is all ready?**",
    g.DISCREET: "**No light, no sound**; once more: both are back.",
    g.DURESS: "looks like *I have arrived*, *I am well*",
    g.DURESS_HELD: "looks like *I am leaving*",
    g.DURESS_EXTEND: "looks like *I need longer*",
}
SOS_SAYS = "**Help, now.**"
PRACTICE_SAYS = "**Practise an SOS.**"
LANYARD_SAYS = "**Help, now.**"

# (number, what it means, what to do), in the order of the page.
ANSWERS = (
    (felt.SOS_GROWING, "SOS builds up", "Let go to stop it."),
    (felt.KEPT, "Kept", "It is stored. Nobody has it yet."),
    (felt.AT_HUB, "At the hub", "The hub has it, and tells people."),
    (felt.PERSON_HAS_IT, "A person has it", "Somebody has taken your alarm."),
    (felt.NOT_GETTING_THROUGH, "NOT getting through", "Nobody has it yet. Move, or call."),
    (felt.PRACTICE, "Practice", "No help is coming. In danger? Hold **SOS**."),
    (felt.FALL, "Have you fallen?", "Press OK if you are well. No answer in half a minute: it calls for help."),
    (felt.RESOLVED, "The alarm is over", "A person has ended it."),
    (felt.READY, "Ready", "Nothing is missing."),
    (felt.NOT_READY, "NOT ready", "Do not go in, tell the manager."),
    (felt.CLEARED, "You may go in", "A person has spoken with you, if your procedure wants it."),
    (felt.REFUSED, "Do NOT go in", "Nobody has spoken with you yet, or no visit is planned."),
    (felt.PROMPT, "Answer now", "Press OK, or expect a call."),
    (felt.OVERDUE, "You are overdue", "The manager is being told. Press OK or call."),
    (felt.NOBODY_WATCHING, "Nobody is watching", "No link to the hub. Rely on your phone."),
    (felt.NOT_WORN, "Not worn", "Put it on; your tracker is told."),
    (felt.LOW_BATTERY, "Battery low", "Charge it, or take another."),
    (felt.CLOSED, "The visit is closed", "Nobody expects an answer now."),
    (felt.DISCREET_ON, "Discreet", "No light and no sound."),
    (felt.DISCREET_OFF, "Not discreet", "Light and sound again."),
    (felt.FIND_ME, "Find me", "Somebody looks for this pendant."),
)


def drawn(number: int) -> str:
    """The pulses of a pattern, a character for each CELL_MS: a block is felt, a dot is not."""
    cells = ""
    for i, ms in enumerate(felt.PATTERNS[number].pulses):
        cells += ("·" if i % 2 else "█") * max(1, round(ms / CELL_MS))
    return cells


def shaped(shape: str) -> str:
    """The presses of a gesture: a dot is short, a bar is held."""
    return " ".join("●" if kind == "s" else "▬▬▬" for kind in shape)


def told(shape: str) -> str:
    """The presses in words."""
    return ", ".join("press" if kind == "s" else f"hold {OK_S}" for kind in shape)


def gestures_part() -> list[str]:
    rows = ["| button | do | | means |", "|---|---|---|---|"]
    rows.append(f"| **SOS** | hold {SOS_S} | `▬▬▬▬▬▬` | {SOS_SAYS} |")
    rows.append(f"| **lanyard** | pull it off | | {LANYARD_SAYS} |")
    ordinary = [(shape, one) for shape, one in g.SHAPES if one in GESTURES_SAY and not g.looks_like(one)]
    rows.append(f"| **OK** | press, hold {g.PRACTICE_HOLD_MS / 1000:g} s | `● ▬▬▬▬▬▬` | {PRACTICE_SAYS} |")
    return rows + [f"| **OK** | {told(s)} | `{shaped(s)}` | {GESTURES_SAY[one]} |" for s, one in ordinary]


def duress_part() -> list[str]:
    twins = [(shape, gesture) for shape, gesture in g.SHAPES if g.looks_like(gesture) is not None]
    rows = [f"| **OK** | {told(s)} | `{shaped(s)}` | {GESTURES_SAY[one]} |" for s, one in twins]
    return ["| button | do | | |", "|---|---|---|---|", *rows]


def answers_part() -> list[str]:
    known = {number for number, _, _ in ANSWERS}
    missing = [felt.NAMES[n] for n in range(1, len(felt.NAMES)) if n not in known]
    if missing:
        raise SystemExit(f"docs/wearing_page.py says nothing of {missing}: add them to ANSWERS")
    rows = ["| you feel | | |", "|---|---|---|"]
    return rows + [f"| `{drawn(number)}` | **{name}** | {says} |" for number, name, says in ANSWERS]


# -- the card: three sides of 86 x 54 mm, to print at its own size and fold

WIDTH, HEIGHT = 860, 540  # of a side, tenths of a millimetre
MOST_ANSWERS = (len(ANSWERS) + 1) // 2  # on a side
STYLE = (
    "text{font:24px sans-serif}text.b{font-weight:bold}text.h{font:bold 30px sans-serif}"
    ".on{fill:#111}.side{fill:none;stroke:#777}"
)
MS_WIDE = 0.09  # of a pulse


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(words)}</text>'


def _bar(x: float, y: float, wide: float, high: float = 18) -> str:
    return f'<rect class="on" x="{x:g}" y="{y - high:g}" width="{wide:g}" height="{high:g}" rx="3"/>'


def _pulses(x: float, y: float, number: int) -> Iterator[str]:
    pulses = felt.PATTERNS[number].pulses
    for i, ms in enumerate(pulses):
        if i % 2 == 0:
            growing = 6 + 16 * (i + 1) / len(pulses) if number in felt.GROWS else 18
            yield _bar(x, y, ms * MS_WIDE, growing)
        x += ms * MS_WIDE


def _presses(x: float, y: float, shape: str) -> Iterator[str]:
    for kind in shape:
        wide = 18 if kind == "s" else 80
        yield _bar(x, y, wide)
        x += wide + 14


def _side_of_gestures() -> Iterator[str]:
    plain = {g.OK: "arrived / I am well", g.OK_HELD: "leaving", g.EXTEND: "I need longer"}
    plain |= {g.CHECK: "is all ready?", g.DISCREET: "no light, no sound / again both"}
    yield _text(24, 44, "What you press", "h")
    yield _text(24, 96, "SOS", "b") + _bar(130, 96, 180) + _text(400, 96, f"hold {SOS_S}: help, now")
    yield _text(24, 140, "Lanyard", "b") + _text(400, 140, "pull it off: help, at once")
    y = 196
    for shape, gesture in g.SHAPES:
        if gesture in plain:
            yield _text(24, y, "OK", "b") + "".join(_presses(130, y, shape)) + _text(400, y, plain[gesture])
            y += 42
    practice = "".join(_presses(130, y, "s")) + _bar(162, y, 180)
    yield _text(24, y, "OK", "b") + practice + _text(400, y, f"hold {g.PRACTICE_HOLD_MS / 1000:g} s: practise an SOS")
    yield _text(24, HEIGHT - 66, "No buzz after a press: it was not understood. Do it again.")
    yield _text(24, HEIGHT - 28, "Not getting through, or in doubt: call 999.", "b")


def _side_of_answers(top: int, answers: Sequence[tuple[int, str, str]]) -> Iterator[str]:
    yield _text(24, top + 44, "What you feel", "h")
    for i, (number, name, _) in enumerate(answers):
        y = top + 92 + (HEIGHT - 112) / MOST_ANSWERS * i
        yield "".join(_pulses(24, y, number)) + _text(400, y, name, "b" if "NOT" in name else "")


def card() -> str:
    """The card as SVG, without the gestures of duress: it may be found by whoever threatens."""
    tops = (0, HEIGHT, 2 * HEIGHT)
    sides = [f'<rect class="side" x="1" y="{top + 1}" width="{WIDTH - 2}" height="{HEIGHT - 2}"/>' for top in tops]
    high = HEIGHT * len(tops)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="86mm" height="{high // 10}mm" viewBox="0 0 {WIDTH} {high}">'
    title = "<title>Watchword: what you press and what you feel</title>"
    page = f'<rect width="{WIDTH}" height="{high}" fill="#fff"/>'
    felt_first = _side_of_answers(tops[1], ANSWERS[:MOST_ANSWERS])
    felt_then = _side_of_answers(tops[2], ANSWERS[MOST_ANSWERS:])
    body = [
        head,
        title,
        f"<style>{STYLE}</style>",
        page,
        *sides,
        *_side_of_gestures(),
        *felt_first,
        *felt_then,
        "</svg>",
    ]
    return "\n".join(body) + "\n"
