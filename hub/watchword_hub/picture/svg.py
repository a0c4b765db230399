"""A page of boxes, arrows and text whose places are known beforehand, written as SVG.

Widths come from a table, so that a picture is the same wherever it is made; each text is told its width (`textLength`),
so that another font can't run it into its neighbour. No scripts, no fonts of its own.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape

INK = "#1a1a1a"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"

# Thousandths of the font's size, of Helvetica and what is drawn to its measures (Arial, Liberation Sans).
_WIDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r’‘“”",
    355: '"',
    389: "*",
    500: "Jcksvxyz",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OTHER = 556  # digits and most small letters
_WIDEST = 1000  # whatever is not Latin
_BOLD = 1.09


class Box(NamedTuple):
    """Pixels of the picture, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Box") -> bool:
        """Whether they share more than an edge."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line, px."""
    thousandths = sum(_WIDTH_OF.get(c, _OTHER if c.isascii() else _WIDEST) for c in text)
    return thousandths * size / 1000 * (_BOLD if bold else 1)


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Lines no wider than `width`, broken between words, and within one that is wider than a line."""
    lines: list[str] = []
    pieces = [piece for word in text.split() for piece in _pieces(word, width, size, bold)]
    for word in pieces:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(word: str, width: float, size: float, bold: bool) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and text_width(piece + character, size, bold) > width:
            yield piece
            piece = ""
        piece += character
    yield piece


def _legible(text: str) -> str:
    """What XML can hold: names come from people's files."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


class Canvas:
    """Collects what is drawn; `texts` are the places of all texts."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.height = 0.0
        self.texts: list[tuple[str, Box]] = []
        self._parts: list[str] = []

    def text(self, x: float, y: float, line: str, size: float = 13, bold: bool = False, ink: str = INK) -> None:
        """One line, its top left corner at x, y."""
        width = text_width(line, size, bold)
        self.texts.append((line, Box(x, y, width, size * 1.2)))
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y + size:g}" font-size="{size:g}"{weight} fill="{ink}" '
            f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs">{escape(_legible(line))}</text>'
        )
        self.height = max(self.height, y + size * 1.2)

    def box(self, box: Box, style: str, radius: float = 4) -> None:
        """A rectangle; `style` are its SVG attributes."""
        x, y, width, height = box
        self._parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" {style}/>')
        self.height = max(self.height, y + height)

    def line(self, points: Iterable[tuple[float, float]], style: str, head: bool = False) -> None:
        """A line through points, with an arrow's head at its end or not."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        end = ' marker-end="url(#head)"' if head else ""
        self._parts.append(f'<polyline points="{path}" fill="none" {style}{end}/>')

    def written(self, title: str, describes: str, page_mm: tuple[int, int], height: float | None = None) -> str:
        """The picture as a file. `describes`: the same for who can't see it. `page_mm`: width and height of a sheet."""
        height = height or self.height + 16
        width_mm = page_mm[0] - 16
        height_mm = width_mm * height / self.width
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm}mm" height="{height_mm:.1f}mm" '
                f'viewBox="0 0 {self.width:g} {height:g}" font-family="{FONT}" role="img" aria-labelledby="t d">',
                f'<title id="t">{escape(_legible(title))}</title>',
                f'<desc id="d">{escape(_legible(describes))}</desc>',
                f"<style>@page {{ size: {page_mm[0]}mm {page_mm[1]}mm; margin: 8mm }}</style>",
                '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
                f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="{INK}"/></marker></defs>',
                f'<rect width="{self.width:g}" height="{height:g}" fill="#fff"/>',
                *self._parts,
                "</svg>",
                "",
            ]
        )
