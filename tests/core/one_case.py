"""Ana's visit, told event by event: one hour from START, on the small table unless another is given."""

from small_table import MINUTE, small_table
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import new_event

START = 1_795_000_000_000
END = START + 60 * MINUTE


def at(minutes):
    """That many minutes after START, Unix ms."""
    return START + int(minutes * MINUTE)


def planned(plan=0, gate=1, table=None, check_in=None, return_by=None, day_ends=None):
    """Before she arrives; the plan's further moments in minutes."""
    more = [None if minutes is None else at(minutes) for minutes in (check_in, return_by, day_ends)]
    return Case(table or small_table(gate), plan, 7, START, END, *more)


def inside(table=None, plan=0):
    """Arrived at 0, spoken with at 2."""
    case = planned(plan, table=table)
    tell(case, w.ARRIVED, 0)
    tell(case, w.SPOKE_ARRIVAL, 2, w.TRACKER)
    return case


def tell(case, kind, minutes=0.0, by=0, who=0, what=0, value=0, late=0):
    """Something happens `minutes` after START and is heard `late` minutes later: [(verb, by, who)]."""
    return [one[1:4] for one in hear(case, kind, minutes, by, who, what, value, late)]


def hear(case, kind, minutes=0.0, by=0, who=0, what=0, value=0, late=0):
    """As `tell`: [(minute, verb, by, who, via, rung, what)]."""
    return whole(case.handle(new_event(kind, at(minutes), by, who, what, value), at(minutes + late)))


def until(case, minutes):
    """[(minute, verb, by, who)] of what falls due up to then."""
    return [one[:4] for one in run(case, minutes)]


def run(case, minutes):
    """As `until`: [(minute, verb, by, who, via, rung, what)]."""
    seen = []
    while True:
        due = case.next_deadline_ms()
        if due is None or due > at(minutes):
            return seen
        seen += whole(case.handle_deadline(due))


def whole(actions):
    """Actions with their time in minutes after START."""
    return [((a.at_ms - START) / MINUTE, a.verb, a.by, a.who, a.via, a.rung, a.what) for a in actions]
