"""Who holds which role, when, and how they are reached: read from a people file, and held against a procedure.

The form is told in docs/writing-a-procedure.md. Hours are local, of the wall clock, and come again each week.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchword_core import words as w
from watchword_core.table import MANAGER_TRACKS, Rung

from ..procedure_file import ProcedureError, ProcedureFile, text_of
from ..procedure_words import ROLES, VIA, named_bits
from ..procedures import MAX_FILE_BYTES, Place, Procedure
from . import wording
from .findings import Finding

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
_HOURS = re.compile(r"(?:(every day)|([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))?) (\d{2}):(\d{2})-(\d{2}):(\d{2})")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"[a-z][a-z0-9+]*://\S+")
_WEB = re.compile(r"https?://\S+")
_ADDRESS = {"sms": _PHONE, "mail": _MAIL, "push": _URL, "webhook": _WEB, "apprise": _URL}
_TOLD = (w.TRACKER, w.MANAGER, w.SENIOR)  # by the hub, on their contact methods
_PHONED = (w.EMERGENCY_CONTACT, w.TEAM, w.PARTNER_AGENCIES)  # by a person
HOLDABLE = {name: ROLES[name] for name in ("worker", "tracker", "manager", "senior", "emergency_contact", "team")} | {
    "partner_agencies": w.PARTNER_AGENCIES
}


@dataclass(frozen=True)
class Holder:
    """One person, as the file names them."""

    name: str
    roles: frozenset[int]
    minutes: bytes  # of the week: 1 where they are there
    reached: bool  # by at least one contact method
    phones: Mapping[str, str]  # by means, and "phone"


@dataclass(frozen=True)
class Roster:
    """Everybody, and the minutes of the week that have to be covered."""

    source: str
    asked: bytes
    holders: tuple[Holder, ...]


# -- reading


def read_people(path: Path) -> Roster:
    """The people in a file; raises ProcedureError with its line and the reason."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ProcedureError(str(path), 0, f"file is larger than {MAX_FILE_BYTES} bytes")
        text = text_of(path)
    except OSError as e:
        raise ProcedureError(str(path), 0, f"not readable: {e}") from e
    f = ProcedureFile(str(path), text)
    f.known(f.tree, ("timezone", "hours", "person"), ("timezone", "person"))
    try:
        ZoneInfo(f.text(f.tree, "timezone"))
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise f.error(
            f"timezone {f.tree['timezone']!r} is not known; write one such as Europe/London", "timezone"
        ) from e
    asked = _week(f, f.tree)
    return Roster(str(path), asked, tuple(_holder(f, row) for row in f.rows(f.tree, "person", "person")))


def _holder(f: ProcedureFile, row: Mapping[str, Any]) -> Holder:
    f.enter("person")
    f.known(row, ("name", "roles", "hours", "contacts", "phone", *VIA), ("name", "roles"))
    roles = frozenset(f.word({"roles": role}, "roles", HOLDABLE) for role in _list(f, row, "roles"))
    phones = {means: f.text(row, means) for means in ("phone", *VIA) if means in row}
    for means, number in phones.items():
        if not _PHONE.fullmatch(number):
            raise f.error(f"{means} is {number!r}; write a telephone number such as +44 20 7946 0000", means)
    contacts = _list(f, row, "contacts") if "contacts" in row else []
    for contact in contacts:
        kind, _, address = contact.partition(" ")
        if kind not in _ADDRESS or not _ADDRESS[kind].fullmatch(address):
            kinds = ", ".join(_ADDRESS)
            raise f.error(
                f'{contact!r} is no contact method; write its kind ({kinds}) and address: "sms +44…"', "contacts"
            )
    return Holder(f.text(row, "name"), roles, _week(f, row), bool(contacts), phones)


def _list(f: ProcedureFile, row: Mapping[str, Any], key: str) -> list[str]:
    value = row[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise f.error(f'{key} is {value!r}; write a list of texts, such as ["…"]', key)
    return value


def _week(f: ProcedureFile, row: Mapping[str, Any]) -> bytes:
    """The minutes that `hours` names; every one where it is left out."""
    if "hours" not in row:
        return b"\1" * WEEK_MIN
    minutes = bytearray(WEEK_MIN)
    for told in _list(f, row, "hours"):
        found = _HOURS.fullmatch(told)
        span = None if found is None else _span(*found.groups())
        if span is None:
            raise f.error(
                f'hours has {told!r}; write such as "Mon-Fri 08:30-17:30" or "every day 17:30-08:30"', "hours"
            )
        days, start, length = span
        for day in days:
            for minute in range(start, start + length):
                minutes[(day * DAY_MIN + minute) % WEEK_MIN] = 1  # past midnight it is the next day
    return bytes(minutes)


def _span(always: str, first: str, last: str, *clock: str) -> tuple[list[int], int, int] | None:
    """Days, the first minute of each, and for how many; None: no such days or times."""
    hour, minute, to_hour, to_minute = (int(part) for part in clock)
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if start >= DAY_MIN or end > DAY_MIN or minute > 59 or to_minute > 59 or start == end:
        return None
    if always:
        days = list(range(7))
    elif first in DAYS and (not last or last in DAYS):
        at = DAYS.index(first)
        days = [(at + n) % 7 for n in range((DAYS.index(last or first) - at) % 7 + 1)]
    else:
        return None
    return days, start, (end - start) % DAY_MIN or DAY_MIN


# -- held against a procedure


def missing(procedure: Procedure, roster: Roster) -> Iterator[Finding]:
    """Whoever a rung needs and the file does not give, with the first such rung's line."""
    for role, i in _named(procedure).items():
        place = procedure.rung_places[i]
        gap = _gap(roster.asked, _held(procedure, roster, role))
        if gap:
            reason = f"nobody is {wording.role(role)} {gap}{_cure(role)} ({roster.source})"
            yield Finding("people", place, reason)
    for i, r in enumerate(procedure.table.rungs):
        if r.verb == w.CALL and r.who == w.WORKER and r.via:
            yield from _numbers(procedure.rung_places[i], r, roster)
    yield from _one_alone(procedure, roster)


def _named(procedure: Procedure) -> dict[int, int]:
    """The first rung to need each role; the file's own before the general ones."""
    own = procedure.watch_places[-1].source
    needed: dict[int, int] = {}
    order = sorted(range(len(procedure.rung_places)), key=lambda i: procedure.rung_places[i].source != own)
    for i in order:
        r = procedure.table.rungs[i]
        for role in (r.by, r.who):
            if role in (*_TOLD, *_PHONED):
                needed.setdefault(role, i)
    needed.setdefault(w.SENIOR, order[0])  # the last layer (For every procedure, 5)
    return needed


def _held(procedure: Procedure, roster: Roster, role: int) -> bytes:
    """The minutes at which somebody does this role's work and can be reached."""
    roles = {role}
    if role == w.TRACKER and procedure.table.flags & MANAGER_TRACKS:
        roles.add(w.MANAGER)  # the file lets the manager track out of hours
    there = [h.minutes for h in roster.holders if h.roles & roles and _reached(h, role)]
    return bytes(map(max, *there)) if len(there) > 1 else (there[0] if there else bytes(WEEK_MIN))


def _reached(holder: Holder, role: int) -> bool:
    return holder.reached if role in _TOLD else "phone" in holder.phones


def _cure(role: int) -> str:
    return " with a contact method" if role in _TOLD else " with a phone"


def _gap(asked: bytes, held: bytes) -> str:
    """The first hours that are asked for and not held, in words; "": none."""
    if not any(held) and any(asked):
        return "at any hour"
    open_ = [n for n in range(WEEK_MIN) if asked[n] and not held[n]]
    if not open_:
        return ""
    first = next((n for n in open_ if not (asked[n - 1] and not held[n - 1])), open_[0])
    last = first
    while asked[(last + 1) % WEEK_MIN] and not held[(last + 1) % WEEK_MIN]:
        last = (last + 1) % WEEK_MIN
    more = len(open_) - ((last - first) % WEEK_MIN + 1)
    return f"from {_moment(first)} to {_moment(last + 1)}" + (", and at other times" if more else "")


def _moment(minute: int) -> str:
    day, rest = divmod(minute % WEEK_MIN, DAY_MIN)
    return f"{DAYS[day]} {rest // 60:02}:{rest % 60:02}"


def _numbers(place: Place, r: Rung, roster: Roster) -> Iterator[Finding]:
    """Workers who have none of the numbers that a rung has them called on."""
    means = named_bits(VIA, r.via)
    without = [h.name for h in roster.holders if w.WORKER in h.roles and not any(m in h.phones for m in means)]
    if without:
        said = " or ".join(means).replace("_", " ")
        yield Finding("people", place, f"{', '.join(without)}: no {said} to be called on ({roster.source})")
    if not any(w.WORKER in h.roles for h in roster.holders):
        yield Finding("people", place, f"nobody is worker, so that nobody's numbers are known ({roster.source})")


def _one_alone(procedure: Procedure, roster: Roster) -> Iterator[Finding]:
    """Hours at which one person is all the layers: when they are silent, nobody else would know."""
    staff = [h for h in roster.holders if h.reached and h.roles & set(_TOLD)]
    several = bytes(sum(minutes) > 1 for minutes in zip(*(h.minutes for h in staff), strict=True)) if staff else b""
    nobody = bytes(not any(minutes) for minutes in zip(*(h.minutes for h in staff), strict=True)) if staff else b""
    alone = _gap(roster.asked, bytes(map(max, several, nobody))) if staff else ""
    if alone:
        reason = f"one person is every layer {alone}: when they are silent, nobody else is told ({roster.source})"
        yield Finding("people", Place("", roster.source, 0), reason)
