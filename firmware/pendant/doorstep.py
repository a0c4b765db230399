"""The check before the door, and at the start of a shift: one gesture, one felt answer.

Ready is felt only after a sealed answer to a heartbeat that was sent after the gesture: a link is no proof. What is
missing is counted under its name; the hub sees the same in that heartbeat.
"""

from watchword_core.moments import T_END

from .power import percent

ANSWER_MS = 5_000  # how long the sealed answer may take
FIX_MAX_AGE_S = 600
CHARGE_MIN = 720  # minutes on duty with a full cell (docs: the reference board's budget)
MARGIN_MIN = 60
SHIFT_MIN = 480  # what the charge must be for while no visit is open

LINK = "link"
CLOCK = "clock"
CHARGE = "charge"
POSITION = "position"
PROCEDURE = "procedure"
WORN = "worn"
FALLS = "falls"


class Doorstep:
    """One check at a time; asked again, it starts again."""

    def __init__(self):
        self.until_ms = None  # None: no check is under way
        self._count = 0

    def begin(self, count, now_ms):
        """Heartbeat `count` has just been sent; only an answer to it or to a later one counts."""
        self._count = count
        self.until_ms = now_ms + ANSWER_MS

    def answered_by(self, count):
        """Whether a check is under way that the hub's answer to heartbeat `count` is proof for."""
        return self.until_ms is not None and count >= self._count

    def end(self):
        self.until_ms = None


def missing(hub_ms, battery_mv, fix_age_s, standing, worn, sees_falls):
    """The names of what is missing, besides the link. None: `hub_ms` not set, `fix_age_s` never, the others unknown."""
    found = []
    if hub_ms is None:
        found.append(CLOCK)
    if percent(battery_mv) * CHARGE_MIN // 100 < _minutes(standing, hub_ms) + MARGIN_MIN:
        found.append(CHARGE)
    if fix_age_s is None or fix_age_s > FIX_MAX_AGE_S:
        found.append(POSITION)
    if standing.lacks_procedure():
        found.append(PROCEDURE)
    if worn is False:
        found.append(WORN)
    if sees_falls is False:
        found.append(FALLS)
    return found


def _minutes(standing, hub_ms):
    """How long the charge has to last."""
    case = standing.case
    if case is None or not case.visit_id or case.times[T_END] is None or hub_ms is None:
        return SHIFT_MIN
    return max(0, case.times[T_END] - hub_ms) // 60_000
