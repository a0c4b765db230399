"""A procedure's ladder as a picture: a panel for each watch, its rungs in the order in which they open.

Panels stand on shelves, shelves on sheets of A4, landscape; nothing is cut by the edge of a sheet. What a box means is
in its words; its border only says it again.
"""

from collections.abc import Iterator
from typing import NamedTuple

from watchword_core import table as t
from watchword_core import words as w

from ..procedures import GENERAL, Procedure
from . import plain
from .sheet import FOOT, GAP, HIGH, LINE, MARGIN, NOTE, PAD, SHEET_MM, SIZE, SMALL, Sheets
from .svg import INK, Box, Canvas, wrapped

CARD = 173.0
BETWEEN = 30.0  # cards: room for an arrow
ARROW = f'stroke="{INK}" stroke-width="1.5"'
PANEL = 'fill="#f4f5f7" stroke="#767676" stroke-width="1"'
TIME = 'fill="#dde1e6"'
_STYLES = {
    w.CALL: f'fill="#fff" stroke="{INK}" stroke-width="2"',
    w.DECIDE: f'fill="#fff" stroke="{INK}" stroke-width="2"',
    w.DIAL_999: f'fill="#fff" stroke="{INK}" stroke-width="5"',
    w.REFUSE: f'fill="#fff" stroke="{INK}" stroke-width="5"',
    w.PROMPT: f'fill="#fff" stroke="{INK}" stroke-width="1.5" stroke-dasharray="5 4"',
    w.TELL: 'fill="#fff" stroke="#767676" stroke-width="1"',
}
LEGEND = (
    "Read each panel from left to right: a box headed by a time opens then, if nothing has ended the watch; one at an "
    "arrow's end opens when the box before it gets no answer or no report. Thin border: somebody is told. Firm: a "
    "person has a task, with a limit. Heavy: 999, or the door. Dashed: the pendant, by itself. [4.2] is the clause."
)


class Card(NamedTuple):
    """One rung in a panel: its column and row, and its lines."""

    rung: int
    column: int
    row: int
    head: list[str]
    lines: list[str]

    @property
    def height(self) -> float:
        return (len(self.head) + len(self.lines)) * LINE + 2 * PAD + 4


class Panel(NamedTuple):
    """One watch, laid out from 0, 0."""

    title: list[str]
    notes: list[str]
    cards: list[Card]
    row_heights: list[float]
    width: float
    height: float


def places(procedure: Procedure, rungs: list[int]) -> dict[int, tuple[int, int]]:
    """Column and row of each rung: those that count from the start by their time, each follower right of its source."""
    table = procedure.table
    place: dict[int, tuple[int, int]] = {}
    taken: set[tuple[int, int]] = set()

    def put(i: int, column: int, row: int) -> None:
        while (column, row) in taken:
            row += 1
        place[i] = (column, row)
        taken.add((column, row))
        for follower in table.after[i]:
            put(follower, column + 1, row)

    timed = [i for i in rungs if table.rungs[i].start == t.AT]
    for after_s in sorted({table.rungs[i].after_s for i in timed}):
        column = 1 + max((c for c, _ in taken), default=-1)
        together = [i for i in timed if table.rungs[i].after_s == after_s]
        for i in sorted(
            together, key=lambda i: not table.after[i]
        ):  # what goes on first, so that its arrow is straight
            put(i, column, 0)
    return place


def card(procedure: Procedure, i: int, column: int, row: int) -> Card:
    """The words of one rung, broken to the card's width."""
    r = procedure.table.rungs[i]
    inner = CARD - 2 * PAD
    lines = wrapped(plain.does(procedure, i), inner, SIZE, bold=True)
    lines = [f"*{line}" for line in lines]
    for more in (plain.means(procedure, i), plain.condition(r.when_set, r.when_clear)):
        lines += wrapped(more, inner, SIZE)
    last = " ".join(x for x in (plain.limit(procedure, i), plain.clause(procedure, i)) if x)
    opens = plain.opens(procedure, i)
    head = wrapped(opens[0].upper() + opens[1:] + (":" if r.start != t.AT else ""), inner, SMALL, bold=r.start == t.AT)
    return Card(i, column, row, head, lines + wrapped(last, inner, SIZE))


def _where(watch: t.Watch) -> str:
    return plain.condition(watch.when_set, watch.when_clear)


def panel(procedure: Procedure, of: plain.OfWatch) -> Panel:
    """One watch."""
    place = places(procedure, of.rungs)
    cards = [card(procedure, i, *place[i]) for i in of.rungs]
    columns = 1 + max(c.column for c in cards)
    row_heights = [max(c.height for c in cards if c.row == row) for row in range(1 + max(c.row for c in cards))]
    width = 2 * PAD + columns * CARD + (columns - 1) * BETWEEN
    title = wrapped(plain.title(of), width - 2 * PAD, SIZE + 1, bold=True)
    said = [", ".join(x for x in (f"From: {plain.starts(of.watch)}", _where(of.watch)) if x) + "."]
    if not plain.only_tells(procedure, of):
        said += plain.answered(procedure, of.watch)
    notes = wrapped(" ".join(said), width - 2 * PAD, SMALL)
    top = PAD + len(title) * (LINE + 1) + len(notes) * NOTE + 6
    return Panel(title, notes, cards, row_heights, width, top + sum(x + PAD for x in row_heights))


Row = tuple[Panel, ...]  # beside each other
Stack = tuple[Row, ...]  # under each other; the first row is one panel, which is as wide as the stack
Shelf = tuple[Stack, ...]  # beside each other


def shelves(panels: list[Panel], width: float) -> list[Shelf]:
    """The lowest of a few ways to arrange the panels, about in their order."""
    ways = [_arranged(panels, width, most) for most in (0.0, 50.0, 100.0, 200.0, width)]
    return min(ways, key=lambda way: sum(shelf_height(shelf) + GAP for shelf in way))


def _arranged(panels: list[Panel], width: float, most: float) -> list[Shelf]:
    """Each panel where the picture grows least; not where a stack would make its shelf grow by more than `most`, px."""
    found: list[Shelf] = []
    for one in panels:
        best: Shelf = (((one,),),)
        where, growth = len(found), one.height + GAP
        for n, old in enumerate(found):
            for new in _with(old, one, width):
                if shelf_height(new) > width * HIGH - FOOT:
                    continue
                grows = shelf_height(new) - shelf_height(old)
                if grows < growth and (grows <= most or len(new) > len(old)):
                    where, best, growth = n, new, grows
        found[where : where + 1] = [best]
    return found


def _with(shelf: Shelf, one: Panel, width: float) -> Iterator[Shelf]:
    """The shelf with one panel more: on its right, under a stack, or right in a stack's last row."""
    if sum(stack[0][0].width + GAP for stack in shelf) + one.width <= width:
        yield (*shelf, ((one,),))
    for n, stack in enumerate(shelf):
        whole = stack[0][0].width
        if len(stack) > 1 and sum(p.width + PAD for p in stack[-1]) + one.width <= whole:
            yield (*shelf[:n], (*stack[:-1], (*stack[-1], one)), *shelf[n + 1 :])
        if one.width <= whole:
            yield (*shelf[:n], (*stack, (one,)), *shelf[n + 1 :])


def row_height(row: Row) -> float:
    """The highest panel's."""
    return max(p.height for p in row)


def shelf_height(shelf: Shelf) -> float:
    """The highest stack's."""
    return max(sum(row_height(row) + GAP for row in stack) - GAP for stack in shelf)


def _draw_shelf(canvas: Canvas, procedure: Procedure, shelf: Shelf, top: float) -> None:
    left = MARGIN
    for stack in shelf:
        y = top
        for row in stack:
            x = left
            for one in row:
                _draw_panel(canvas, procedure, one, x, y)
                x += one.width + PAD
            y += row_height(row) + GAP
        left += stack[0][0].width + GAP


def _draw_panel(canvas: Canvas, procedure: Procedure, one: Panel, x: float, y: float) -> None:
    canvas.box(Box(x, y, one.width, one.height), PANEL)
    at = y + PAD
    for line in one.title:
        canvas.text(x + PAD, at, line, SIZE + 1, bold=True)
        at += LINE + 1
    for line in one.notes:
        canvas.text(x + PAD, at, line, SMALL)
        at += NOTE
    at += 6
    boxes = {}
    for c in one.cards:
        top = at + sum(h + PAD for h in one.row_heights[: c.row])
        boxes[c.rung] = Box(x + PAD + c.column * (CARD + BETWEEN), top, CARD, c.height)
    for c in one.cards:
        r = procedure.table.rungs[c.rung]
        _draw_card(canvas, c, boxes[c.rung], r)
        if r.start != t.AT:
            _draw_arrow(canvas, boxes[r.source], boxes[c.rung])


def _draw_card(canvas: Canvas, c: Card, box: Box, r: t.Rung) -> None:
    canvas.box(box, _STYLES[w.CALL if r.limit_s and r.verb == w.TELL else r.verb])
    timed = r.start == t.AT
    if timed:
        canvas.box(Box(box.x + 4, box.y + 4, box.width - 8, len(c.head) * LINE + 3), TIME, radius=2)
    at = box.y + PAD - 2
    for line in c.head:
        canvas.text(box.x + PAD, at, line, SMALL, bold=timed)
        at += LINE
    at += 4
    for line in c.lines:
        canvas.text(box.x + PAD, at, line.removeprefix("*"), SIZE, bold=line.startswith("*"))
        at += LINE


def _draw_arrow(canvas: Canvas, source: Box, to: Box) -> None:
    """From the source's right edge to the left edge of what follows it; down the gap between, if that is lower."""
    from_y, to_y = source.y + 22, to.y + 22
    start, end = source.x + source.width, to.x
    if source.y == to.y:
        canvas.line([(start, to_y), (end, to_y)], ARROW, head=True)
    else:
        middle = start + BETWEEN / 2
        canvas.line([(start, from_y), (middle, from_y), (middle, to_y), (end, to_y)], ARROW, head=True)


def drawn(procedure: Procedure) -> tuple[Canvas, float]:
    """The whole picture, not yet written, and the height of its sheets."""
    general, own = plain.watches(procedure)
    panels = [panel(procedure, of) for of in own]
    sheets = Sheets(max((p.width for p in panels), default=0.0), max((p.height for p in panels), default=0.0))
    inner = sheets.width - 2 * MARGIN
    canvas = sheets.canvas
    canvas.text(MARGIN, sheets.room(24, gap=0), procedure.title, 20, bold=True)
    legend = wrapped(f"Version {procedure.version.hex()}. {LEGEND}", inner, SMALL)
    top = sheets.room(len(legend) * NOTE - 4)
    for n, line in enumerate(legend):
        canvas.text(MARGIN, top + n * NOTE, line, SMALL)
    if procedure.name != GENERAL:
        sheets.texts("Before, at and after the visit", plain.door(procedure), 2)
    for shelf in shelves(panels, inner):
        _draw_shelf(canvas, procedure, shelf, sheets.room(shelf_height(shelf)))
    lines = [*(plain.general_lines(procedure) if general else []), plain.RULE_5, plain.RULE_7]
    sheets.texts("In every procedure (the number is the rule's)", lines, 2, earlier=True)
    return canvas, sheets.feet(f"{procedure.title}, version {procedure.version.hex()}")


def described(procedure: Procedure) -> str:
    """The same in words, for who can't see it."""
    general, own = plain.watches(procedure)
    said = plain.door(procedure) if procedure.name != GENERAL else []
    for of in own:
        head = ", ".join(x for x in (plain.starts(of.watch), _where(of.watch)) if x)
        said.append(f"{plain.title(of)}, from: {head}.")
        said += [plain.sentence(procedure, i) + "." for i in of.rungs]
    return "\n".join([*said, *(plain.general_lines(procedure) if general else []), plain.RULE_5, plain.RULE_7])


def picture(procedure: Procedure) -> str:
    """The file."""
    canvas, height = drawn(procedure)
    return canvas.written(f"{procedure.title}: the ladder", described(procedure), SHEET_MM, height)
