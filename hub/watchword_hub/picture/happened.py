"""A rehearsal as a picture: time runs down, a lane for each role; what happened, and what was asked of whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from watchword_core import timeline as tl
from watchword_core import words as w
from watchword_core.events import Action

from ..procedures import Procedure
from ..rehearse import Step, Timeline, TimelineError, event_sentence, sentence
from .plain import ROLES
from .sheet import LINE, MARGIN, PAD, SHEET_MM, SIZE, SMALL, WIDTH, Sheets
from .svg import INK, Box, Canvas, text_width, wrapped

LANES = (*ROLES, w.HUB)  # from left to right; only those in which something happens are drawn
_LANE_NAMES = {**ROLES, w.HUB: "record, door", w.EMERGENCY_SERVICES: "999"}
TIME_WIDTH = 96.0
SINCE_WIDTH = 84.0
LANE_WIDTH = 88.0
MARK = 9.0
MAX_ROWS = 2000  # some 50 sheets
LEGEND = (
    "Square: something happened or was reported. Disc and bold words: what the procedure asks at that moment of the "
    "role in whose lane it stands; the arrow ends at whom they must reach. Ring: somebody is told, or the hub does it "
    "by itself. Times are local; + is the time since the line above."
)
THIN = 'stroke="#9aa0a6" stroke-width="1"'
ARROW = f'stroke="{INK}" stroke-width="1.5"'
_STYLES = {
    "event": f'fill="#fff" stroke="{INK}" stroke-width="2"',
    "task": f'fill="{INK}" stroke="{INK}" stroke-width="1"',
    "told": f'fill="#fff" stroke="{INK}" stroke-width="3"',
}
_DONE_BY_HUB = (w.CLEAR, w.REFUSE, w.MARK, w.CLOSE)


class Row(NamedTuple):
    """One moment of the picture. `to`: the lane that the arrow ends in, or that of `lane`."""

    at_ms: int
    lane: int
    to: int
    kind: str  # "event", "task", "told"
    words: str


def _event_row(timeline: Timeline, step: Step) -> Row:
    """What the timeline says happened, in the lane of whoever did it."""
    at_ms, happens, _, by, *_ = step
    lane = w.HUB if happens == tl.RESTART else (by or w.TRACKER) if happens == tl.PERSON else w.WORKER
    words = event_sentence(timeline, step)
    return Row(at_ms, lane, lane, "event", words[0].upper() + words[1:])


def _action_row(procedure: Procedure, timeline: Timeline, action: Action) -> Row:
    words = sentence(procedure, timeline, action)
    words = words[0].upper() + words[1:]
    if action.verb in _DONE_BY_HUB:
        return Row(action.at_ms, w.HUB, w.HUB, "told", words)
    if action.by in (w.HUB, w.PENDANT):
        return Row(action.at_ms, action.who, action.who, "told", words)
    return Row(action.at_ms, action.by, action.who or action.by, "task", words)


def rows(procedure: Procedure, timeline: Timeline, actions: Sequence[Action]) -> list[Row]:
    """Events and actions by time; at one moment what happened stands before what it led to.

    Raises TimelineError where that is more than a picture holds.
    """
    count = len(timeline.steps) + len(actions)
    if count > MAX_ROWS:
        raise TimelineError(f"{count} lines to draw, and a picture holds {MAX_ROWS}: let `until` be earlier")
    happened = [_event_row(timeline, step) for step in timeline.steps]
    return sorted(
        happened + [_action_row(procedure, timeline, action) for action in actions], key=lambda row: row.at_ms
    )


def _since(ms: int) -> str:
    """ "+ 1 h 05 min", "+ 20 min", "+ 30 s"; empty for the same second."""
    s = round(ms / 1000)
    if s >= 3600:
        return f"+ {s // 3600} h {s % 3600 // 60:02} min"
    if s >= 60:
        return f"+ {s // 60} min" + (f" {s % 60} s" if s % 60 else "")
    return f"+ {s} s" if s else ""


class _Chart:
    """The lanes, and where each row stands."""

    def __init__(self, canvas: Canvas, timeline: Timeline, lanes: list[int]) -> None:
        self.canvas = canvas
        self.timeline = timeline
        self.lanes = lanes
        self.first = MARGIN + TIME_WIDTH + SINCE_WIDTH
        self.words_at = self.first + len(lanes) * LANE_WIDTH + PAD
        self.words_width = WIDTH - MARGIN - self.words_at

    def x(self, lane: int) -> float:
        """The middle of a lane."""
        return self.first + (self.lanes.index(lane) + 0.5) * LANE_WIDTH

    def heads(self) -> list[list[str]]:
        """Each lane's role and name, broken to its width."""
        return [
            wrapped(f"{_LANE_NAMES[lane]} {self.timeline.names.get(lane, '')}", LANE_WIDTH - 8, SMALL, bold=True)
            for lane in self.lanes
        ]

    @property
    def head_height(self) -> float:
        """Of the lanes' names."""
        return max((len(lines) for lines in self.heads()), default=0) * LINE + 4

    def draw_heads(self, y: float) -> None:
        """The lanes' names."""
        for lane, lines in zip(self.lanes, self.heads(), strict=True):
            for n, line in enumerate(lines):
                width = text_width(line, SMALL, bold=True)
                self.canvas.text(self.x(lane) - width / 2, y + n * LINE, line, SMALL, bold=True)

    def lines(self, row: Row) -> list[str]:
        """The row's words, broken to what is left of the sheet."""
        return wrapped(row.words, self.words_width, SIZE, bold=row.kind == "task")

    def local(self, row: Row) -> datetime:
        """Its time on the wall."""
        return self.timeline.clock(row.at_ms)

    def _time(self, row: Row, before: Row | None, first: bool) -> str:
        """With the day where it is a new one, or the zone's name where the clocks went forward or back."""
        at, then = self.local(row), self.local(before) if before else None
        if then and then.utcoffset() != at.utcoffset():
            return f"{at:%Z %H:%M:%S}"
        return f"{at:%a %H:%M:%S}" if first or (then and then.date() != at.date()) else f"{at:%H:%M:%S}"

    def draw(self, row: Row, before: Row | None, y: float, height: float, first: bool) -> None:
        """One row, its top at y; `first`: on a sheet."""
        for lane in self.lanes:
            self.canvas.line([(self.x(lane), y), (self.x(lane), y + height)], THIN)
        self.canvas.text(MARGIN, y + 3, self._time(row, before, first), SIZE)
        since = _since(row.at_ms - before.at_ms) if before else ""
        self.canvas.text(MARGIN + TIME_WIDTH, y + 3, since, SMALL)
        for n, line in enumerate(self.lines(row)):
            self.canvas.text(self.words_at, y + 3 + n * LINE, line, SIZE, bold=row.kind == "task")
        middle, x = y + 11, self.x(row.lane)
        if row.to != row.lane:
            end = self.x(row.to)
            self.canvas.line([(x, middle), (end, middle)], ARROW, head=True)
        box = Box(x - MARK / 2, middle - MARK / 2, MARK, MARK)
        self.canvas.box(box, _STYLES[row.kind], radius=0 if row.kind == "event" else MARK / 2)


def drawn(procedure: Procedure, timeline: Timeline, actions: Sequence[Action]) -> tuple[Canvas, float, list[str]]:
    """The whole picture, not yet written; the height of its sheets; each row in words."""
    happened = rows(procedure, timeline, actions)
    used = {row.lane for row in happened} | {row.to for row in happened}
    sheets = Sheets()
    chart = _Chart(sheets.canvas, timeline, [lane for lane in LANES if lane in used])
    title = _title(procedure)
    sheets.canvas.text(MARGIN, sheets.room(24, gap=0), title, 20, bold=True)
    for line in wrapped(LEGEND, WIDTH - 2 * MARGIN, SMALL):
        sheets.canvas.text(MARGIN, sheets.room(LINE, gap=0), line, SMALL)
    sheet = -1
    before: Row | None = None
    said = []
    for row in happened:
        height = len(chart.lines(row)) * LINE + 6
        y = sheets.room(height, gap=0)
        if sheets.sheet != sheet:
            chart.draw_heads(y)
            sheets.room(chart.head_height, gap=0)
            y += chart.head_height
        chart.draw(row, before, y, height, sheets.sheet != sheet)
        said.append(f"{chart.local(row):%a %H:%M:%S} {row.words}")
        before, sheet = row, sheets.sheet
    foot = f"{title}; version {procedure.version.hex()}; times in {timeline.zone.key}"
    return sheets.canvas, sheets.feet(foot), said


def _title(procedure: Procedure) -> str:
    return f"{procedure.title}: what happened"


def picture(procedure: Procedure, timeline: Timeline, actions: Sequence[Action]) -> str:
    """The file."""
    canvas, height, said = drawn(procedure, timeline, actions)
    return canvas.written(_title(procedure), "\n".join(said), SHEET_MM, height)
