"""Random timelines that might have happened, as lines of CONTRACTS' rehearse: the same for the same seed.

A visit's usual course with pieces missing, doubled or late, and whatever else people, link and hub may do in between;
moments fall on deadlines, beside them or anywhere. Days on which summer time begins or ends are among them.
"""

import json
import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from play import CAST

ZONE = ZoneInfo("Europe/London")
DAYS = ("2026-11-23", "2026-03-29", "2026-10-25", "2026-06-30")  # the second and third have 23 and 25 hours
MAX_EVENTS = 40
ROLES = ("tracker", "manager", "senior")
MEANS = ("work_mobile", "personal_mobile", "home", "client_mobile", "client_landline")
RESULTS = ("no_answer", "no_answer", "voicemail", "safe", "at_risk", "duress")
CALLED = ("worker", "client", "emergency_contact", "manager", "senior", "team")
# Beside a deadline: at it, the millisecond and the second before, a second after.
BESIDE_MS = (0, -1, -1_000, 1_000)


def plan(chance, start, end):
    """A plan's line."""
    row = dict(CAST)
    for role in ("tracker", "senior"):
        if chance.random() < 0.15:
            del row[role]
    row["emergency_contacts"] = ["Eli", "Eve", "Eddy"][: chance.randrange(4)]
    row |= {"start": _stamp(start), "end": _stamp(end)}
    for key in ("first_visit", "out_of_hours", "last_visit_of_day", "returning", "unscheduled"):
        if chance.random() < 0.25:
            row[key] = True
    if chance.random() < 0.6:
        row["risk"] = "identified"
    if chance.random() < 0.3:
        row["coverage"] = "poor"
    if chance.random() < 0.2:
        row["client_phones"] = []
    if chance.random() < 0.2:
        row["meeting"] = "professionals"
    if chance.random() < 0.3:
        row["check_in"] = _stamp(_within(chance, start, end))
    if row.get("returning") and chance.random() < 0.7:
        row["return_by"] = _stamp(end + timedelta(minutes=chance.randrange(10, 90)))
    return row


def timeline(seed):
    """Its lines as rows: the plan, events in order of time, until."""
    chance = random.Random(seed)
    day = datetime.fromisoformat(chance.choice(DAYS)).replace(tzinfo=ZONE)
    start = _at(day, chance.randrange(0, 22 * 12) * 5)
    end = start + timedelta(minutes=5 * chance.randrange(2, 30))
    until = end + timedelta(minutes=chance.choice((30, 90, 240, 720)))
    rows = [{"plan": plan(chance, start, end)}]
    events = sorted(_events(chance, start, end, until), key=lambda event: event[0])
    rows += [{"at": _stamp(at), "event": name, **more} for at, name, more in events[:MAX_EVENTS] if at <= until]
    return [*rows, {"until": _stamp(until)}]


def as_lines(rows):
    """The text of a timeline's file."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def _at(day, minutes):
    """That many minutes of the clock after midnight, as an absolute moment."""
    return (day + timedelta(minutes=minutes)).astimezone(ZoneInfo("UTC"))


def _stamp(at):
    return at.isoformat(timespec="milliseconds")


def _within(chance, start, end):
    return start + timedelta(minutes=chance.randrange(int((end - start).total_seconds()) // 60 + 1))


def _events(chance, start, end, until):
    """The visit's own course, then everything else."""
    course = [
        (start - timedelta(minutes=10), "left_for_visit", {}),
        (start + timedelta(minutes=chance.randrange(-5, 25)), "arrived", {}),
        (start + timedelta(minutes=chance.randrange(0, 35)), "spoke", {"with": "tracker"}),
        (end + timedelta(minutes=chance.randrange(-20, 40)), "departed", {}),
        (end + timedelta(minutes=chance.randrange(-10, 60)), "spoke", {"with": chance.choice(ROLES)}),
        (end + timedelta(minutes=chance.randrange(10, 120)), "returned", {}),
    ]
    for event in course:
        for _ in range(chance.choice((0, 1, 1, 1, 2)) if event[1] != "arrived" else chance.choice((1, 1, 1, 0))):
            yield event
    for _ in range(chance.randrange(0, 20)):
        yield _moment(chance, start, end, until), *_anything(chance, end)


def _moment(chance, start, end, until):
    """On or beside what a procedure may have made a deadline, or anywhere."""
    if chance.random() < 0.3:
        return _within(chance, start, until)
    from_ = chance.choice((start, end, end))
    beside = timedelta(milliseconds=chance.choice(BESIDE_MS))
    return from_ + timedelta(minutes=chance.choice((0, 1, 2, 5, 10, 15, 20, 30, 60, 70, 90))) + beside


def _anything(chance, end):
    """(event, what more its line says)"""
    name = chance.choice(tuple(_MORE))
    more = {key: chance.choice(values) for key, values in _MORE[name].items()}
    if name in ("extended", "checked_in") and chance.random() < 0.6:
        more["end"] = _stamp(end + timedelta(minutes=chance.randrange(-10, 240)))
    if name == "checked_in" and chance.random() < 0.3:
        more["check_in"] = _stamp(end + timedelta(minutes=chance.randrange(0, 60)))
    if name == "call_result" and chance.random() < 0.4:
        more["via"] = sorted(chance.sample(MEANS, chance.randrange(1, 3)))
    return name, more


_BY = {"by": ROLES}
_MORE = {
    "confirmed": _BY,
    "checked_in": {},
    "extended": {},
    "sos": {},
    "man_down": {},
    "duress": {},
    "spoke": {"with": ROLES, "about": ("arrival", "departure", "other")},
    "stand_down": {},
    "abandoned": {},
    "cancelled": {},
    "acknowledged": _BY,
    "resolved": _BY,
    "call_result": {"who": CALLED, "by": ROLES, "result": RESULTS},
    "done": {"do": ("dial_999", "tell", "call"), **_BY},
    "decided": {"what": ("call_police", "not_police"), **_BY},
    "worried_family": _BY,
    "no_signal": _BY,
    "risk_checked": _BY,
    "link_lost": {},
    "link_restored": {},
    "restart": {},
}
