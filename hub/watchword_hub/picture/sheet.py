"""Blocks one under another on sheets of A4, landscape; nothing is cut by the edge of a sheet."""

from .svg import INK, Box, Canvas, wrapped

SHEET_MM = (297, 210)
WIDTH = 1340.0  # px of a sheet
HIGH = (210 - 16) / (297 - 16)  # height of a sheet by its width, margins left out
MARGIN = 12.0
FOOT = 18.0  # at the end of each sheet
GAP = 12.0  # between blocks
PAD = 9.0  # within a box
SIZE = 13.0  # px; 2.7 mm on paper
SMALL = 12.0
LINE = 16.0
NOTE = 15.0  # a line of small text
_TEXTS = 'fill="#fff" stroke="#767676" stroke-width="1"'


class Sheets:
    """Where the next block stands; one that doesn't fit on what is left of a sheet starts another."""

    def __init__(self, least_width: float = 0.0, least_height: float = 0.0) -> None:
        """`least_width`, `least_height`: of the largest block, px; where it is larger than a sheet, all is smaller."""
        self.width = max(WIDTH, least_width + 2 * MARGIN, (least_height + MARGIN + FOOT) / HIGH)
        self.height = self.width * HIGH  # of one sheet
        self.canvas = Canvas(self.width)
        self._filled = [MARGIN]  # of each sheet, from its own top

    @property
    def sheet(self) -> int:
        """The last one, from 0."""
        return len(self._filled) - 1

    def room(self, height: float, earlier: bool = False, gap: float = GAP) -> float:
        """The top of a block of this height, under the last one; `earlier`: or on the first sheet that has room."""
        fits = [n for n, filled in enumerate(self._filled) if filled + height <= self.height - FOOT]
        sheet = fits[0] if earlier and fits else self.sheet
        if sheet not in fits and self._filled[sheet] > MARGIN:
            sheet += 1
            self._filled.append(MARGIN)
        top = sheet * self.height + self._filled[sheet]
        self._filled[sheet] += height + gap
        return top

    def feet(self, line: str) -> float:
        """Writes under each sheet what it is part of; the height of all."""
        sheets = len(self._filled)
        at = 0.0
        for n, filled in enumerate(self._filled):
            at = n * self.height + (self.height - 16 if n + 1 < sheets else min(filled + 4, self.height - 16))
            self.canvas.text(MARGIN, at, f"{line}, sheet {n + 1} of {sheets}", 10)
        return at + 16

    def texts(self, title: str, lines: list[str], columns: int, earlier: bool = False) -> None:
        """A box of plain lines, in columns."""
        columns = min(columns, len(lines))
        inner = self.width - 2 * MARGIN
        width = (inner - 2 * PAD - (columns - 1) * 2 * PAD) / columns
        blocks = [wrapped(line, width - 12, SMALL) for line in lines]
        per_column: list[list[list[str]]] = [[] for _ in range(columns)]
        each = sum(len(b) for b in blocks) / columns
        filled = 0
        for block in blocks:
            per_column[min(columns - 1, int((filled + len(block) / 2) / each))].append(block)
            filled += len(block)
        depth = max(sum(len(b) for b in column) for column in per_column)
        height = 2 * PAD + LINE + 2 + depth * NOTE
        top = self.room(height, earlier)
        self.canvas.box(Box(MARGIN, top, inner, height), _TEXTS)
        self.canvas.text(MARGIN + PAD, top + PAD, title, SIZE + 1, bold=True)
        for n, column in enumerate(per_column):
            x, y = MARGIN + PAD + n * (width + 2 * PAD), top + PAD + LINE + 2
            for block in column:
                self.canvas.box(Box(x, y + 5, 5, 5), f'fill="{INK}"', radius=0)
                for line in block:
                    self.canvas.text(x + 12, y, line, SMALL)
                    y += NOTE
