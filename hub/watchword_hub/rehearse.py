"""`watchword rehearse`: a timeline through the shipped machines, under a virtual clock (CONTRACTS: rehearse)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchword_core import timeline as tl
from watchword_core import words as w
from watchword_core.case import Case
from watchword_core.events import Action
from watchword_core.snapshots import first_untried

from .planned import MAX_CONTACTS, PlanTimes, plan_times
from .procedures import ROLES, VERBS, VIA, Procedure, ProcedureError, load
from .rehearsal_words import alerted_to, happened
from .second_interpreter import MicroPython, MicroPythonError

MAX_STEPS = 10_000
MIN_YEAR, MAX_YEAR = 1971, 2999
MAX_SPAN_DAYS = 31  # what nobody answers is asked again for as long as the timeline lasts
MAX_SPAN_MS = MAX_SPAN_DAYS * 24 * 3_600_000

_ROLE_NAMES = {number: name for name, number in ROLES.items()}
_VERB_NAMES = {number: name for name, number in VERBS.items()}

_KINDS = {
    "confirmed": (tl.PERSON, w.CONFIRMED),
    "left_for_visit": (tl.WORKER, w.LEFT_FOR_VISIT),
    "arrived": (tl.WORKER, w.ARRIVED),
    "departed": (tl.WORKER, w.DEPARTED),
    "returned": (tl.WORKER, w.RETURNED),
    "checked_in": (tl.WORKER, w.CHECKED_IN),
    "extended": (tl.WORKER, w.EXTENDED),
    "sos": (tl.WORKER, w.SOS),
    "man_down": (tl.WORKER, w.MAN_DOWN),
    "duress": (tl.WORKER, w.DURESS),
    "spoke": (tl.PERSON, tl.SPOKEN),
    "stand_down": (tl.PERSON, w.STAND_DOWN),
    "abandoned": (tl.PERSON, w.ABANDONED),
    "cancelled": (tl.PERSON, w.CANCELLED),
    "acknowledged": (tl.PERSON, w.ACKNOWLEDGED),
    "resolved": (tl.PERSON, w.RESOLVED),
    "call_result": (tl.PERSON, 0),
    "done": (tl.PERSON, w.DONE),
    "decided": (tl.PERSON, w.DECIDED),
    "worried_family": (tl.PERSON, w.WORRIED_FAMILY),
    "no_signal": (tl.PERSON, w.NO_SIGNAL),
    "risk_checked": (tl.PERSON, w.RISK_CHECKED),
    "link_lost": (tl.LINK_LOST, 0),
    "link_restored": (tl.LINK_RESTORED, 0),
    "restart": (tl.RESTART, 0),
}
_RESULTS = {
    "safe": w.CALL_SAFE,
    "at_risk": w.CALL_AT_RISK,
    "duress": w.CALL_DURESS,
    "no_answer": w.CALL_NO_ANSWER,
    "voicemail": w.CALL_VOICEMAIL,
}
_RUNG_UP = (w.TRACKER, w.MANAGER, w.SENIOR, w.TEAM)  # whoever rang, the worker was heard
_HEARD = (w.CALL_SAFE, w.CALL_AT_RISK, w.CALL_DURESS)
_ABOUT = {"arrival": w.SPOKE_ARRIVAL, "departure": w.SPOKE_DEPARTURE, "other": w.SPOKE}
_EVENT_KEYS = (
    "at",
    "event",
    "by",
    "with",
    "about",
    "end",
    "check_in",
    "who",
    "via",
    "name",
    "result",
    "do",
    "what",
    "why",
)
_PEOPLE = {name: role for name, role in ROLES.items() if role != w.NEXT}
_DECISIONS = {"call_police": w.CALL_POLICE, "not_police": w.NOT_POLICE}

Step = tuple[int, int, int, int, int, int, int]


class TimelineError(Exception):
    """A timeline that can't be played; names file and line."""


@dataclass
class Timeline:
    """A timeline as read: the plan's bits, moments and people, the steps, and when to stop."""

    plan: int
    times: PlanTimes
    zone: ZoneInfo
    names: dict[int, str]
    contacts: list[str]  # emergency contacts in order
    acting: bool = False  # no manager: the senior does the manager's work
    steps: list[Step] = field(default_factory=list)
    until_ms: int = 0

    def clock(self, at_ms: int) -> datetime:
        """A moment as the organisation's clocks show it."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)


def _ms(value: Any, what: str, zone: ZoneInfo) -> int:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as e:
        raise TimelineError(f"{what} is {value!r}; write a time such as 2026-11-22T10:00:00Z") from e
    if not MIN_YEAR <= at.year <= MAX_YEAR:
        raise TimelineError(f"{what} is {value!r}; a visit is between {MIN_YEAR} and {MAX_YEAR}")
    return round((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1000)


def _one_of(words: dict[str, int], value: Any, what: str) -> int:
    if not isinstance(value, str) or value not in words:
        raise TimelineError(f"{what} is {value!r}; it can be: {', '.join(words)}")
    return words[value]


_PLAN_WORDS = {"risk": ("none", "identified"), "coverage": ("good", "poor")}
_PLAN_FLAGS = {
    "first_visit": w.PLAN_FIRST_VISIT,
    "out_of_hours": w.PLAN_OUT_OF_HOURS,
    "last_visit_of_day": w.PLAN_LAST_OF_DAY,
    "returning": w.PLAN_RETURNING,
    "unscheduled": w.PLAN_UNSCHEDULED,
    "pairs_required": w.PLAN_ALONE,
}
_PLAN_NAMES = ("worker", "tracker", "manager", "senior")
_PLAN_OTHERS = ("emergency_contacts", "start", "end", "check_in", "return_by", "meeting", "client_phones", "timezone")


def _given(row: dict[str, Any], key: str, left_out: Any) -> Any:
    """What the plan says; null is nothing said."""
    return left_out if row.get(key) is None else row[key]


def _check_plan(row: dict[str, Any]) -> None:
    """Refuses what would be played as something else than was meant."""
    for key in row:
        if key not in (*_PLAN_WORDS, *_PLAN_FLAGS, *_PLAN_NAMES, *_PLAN_OTHERS, "joint"):
            raise TimelineError(f"the plan has {key!r}, which nobody reads")
    for key, words in _PLAN_WORDS.items():
        if _given(row, key, words[0]) not in words:
            raise TimelineError(f"{key} is {row[key]!r}; it can be: {', '.join(words)}")
    for key in (*_PLAN_FLAGS, "joint"):
        if not isinstance(_given(row, key, False), bool):
            raise TimelineError(f"{key} is {row[key]!r}; it can be: true, false")
    for key in _PLAN_NAMES:
        if not isinstance(row.get(key) or "", str):
            raise TimelineError(f"{key} is {row[key]!r}; write a name")


def _contacts(row: dict[str, Any]) -> list[str]:
    given = row.get("emergency_contacts") or []
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(name, str) and name for name in given):
        raise TimelineError("emergency_contacts is a list of names")
    if len(given) > MAX_CONTACTS:
        raise TimelineError(f"{len(given)} emergency contacts; a plan holds {MAX_CONTACTS}")
    return given


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError) as e:
        raise TimelineError(f"timezone {value!r} is not known; write one such as Europe/London") from e


def _plan(row: dict[str, Any], procedure: Procedure) -> Timeline:
    _check_plan(row)
    contacts = _contacts(row)
    bits = len(contacts) * w.PLAN_CONTACT
    for bit, given in (
        (w.PLAN_NO_TRACKER, not row.get("tracker")),
        (w.PLAN_NO_SENIOR, not row.get("senior")),
        (w.PLAN_RISK, _given(row, "risk", "none") != "none"),
        (w.PLAN_POOR_COVERAGE, row.get("coverage") == "poor"),
        (w.PLAN_PROFESSIONALS, row.get("meeting") == "professionals"),
        (w.PLAN_NO_CLIENT_PHONES, not _given(row, "client_phones", True)),
        *((bit, row.get(key)) for key, bit in _PLAN_FLAGS.items()),
    ):
        bits |= bit if given else 0
    if row.get("joint"):
        bits &= ~w.PLAN_ALONE
    zone = _zone("Europe/London" if row.get("timezone") is None else row["timezone"])
    names = {ROLES[role]: row[role] for role in _PLAN_NAMES if row.get(role)}
    acting = w.MANAGER not in names and w.SENIOR in names  # no manager: the next layer
    if acting:
        names[w.MANAGER] = names.pop(w.SENIOR)
        bits |= w.PLAN_NO_SENIOR
    moments = {key: _ms(row[key], key, zone) for key in ("check_in", "return_by") if row.get(key) is not None}
    try:
        times = plan_times(
            procedure.table,
            bits,
            _ms(row.get("start"), "start", zone),
            _ms(row.get("end"), "end", zone),
            moments.get("check_in"),
            moments.get("return_by"),
            zone,
        )
    except ValueError as e:
        raise TimelineError(f"the plan's {e}") from e
    return Timeline(bits, times, zone, names, contacts, acting)


def _steps(row: dict[str, Any], timeline: Timeline) -> list[Step]:
    for key in row:
        if key not in _EVENT_KEYS:
            raise TimelineError(f"the event has {key!r}, which nobody reads; it can have: {', '.join(_EVENT_KEYS)}")
    zone = timeline.zone
    at_ms = _ms(row.get("at"), "at", zone)
    name = row.get("event")
    if not isinstance(name, str) or name not in _KINDS:
        raise TimelineError(f"event is {name!r}; it can be: {', '.join(_KINDS)}")
    happens, kind = _KINDS[name]
    by = who = what = value = 0
    if happens == tl.PERSON:
        key = "with" if name == "spoke" else "by"
        said = row.get(key)
        by = _one_of(_PEOPLE, said or "tracker", key) if said or name == "acknowledged" else 0
    if name == "spoke":
        by = 0 if by == w.WORKER else by  # with her: by whom is not said
        kind = _one_of(_ABOUT, row["about"], "about") if "about" in row else kind
    elif name == "call_result":
        kind = _one_of(_RESULTS, row.get("result"), "result")
        who = _one_of(_PEOPLE, row.get("who", "worker"), "who")
        what = _via(row.get("via", []))
        if who == w.EMERGENCY_CONTACT:
            what = _which(row.get("name"), timeline.contacts)
        if by == w.WORKER and who in _RUNG_UP and kind in _HEARD:
            by, who = who, by
    elif name == "done":
        what = _one_of(VERBS, row.get("do"), "do")
        who = _one_of(_PEOPLE, row["who"], "who") if row.get("who") else 0
    elif name == "decided":
        what = _one_of(_DECISIONS, row.get("what"), "what")
    elif name in ("extended", "checked_in"):
        moved = [
            (at_ms, happens, w.EXTENDED, 0, 0, of, _ms(row[key], key, zone))
            for key, of in (("end", 0), ("check_in", w.AT_FINISH))
            if row.get(key) is not None
        ]
        if moved:
            return [(at_ms, happens, kind, 0, 0, 0, 0), *moved] if name == "checked_in" else moved
    return [(at_ms, happens, kind, by, who, what, value)]


def _which(name: Any, contacts: list[str]) -> int:
    """Which of the emergency contacts was called, as a bit; 0: the one whose turn it was."""
    if name is None or not contacts:
        return 0
    return 1 << _one_of({given: contacts.index(given) for given in contacts}, name, "name")


def _via(value: Any) -> int:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list):
        raise TimelineError(f"via is {value!r}; it can be: {', '.join(VIA)}")
    return sum({_one_of(VIA, word, "via") for word in words})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once each: of two, nobody knows which was meant."""
    row = dict(pairs)
    if len(row) != len(pairs):
        raise TimelineError("a key stands twice in an object: " + ", ".join(key for key, _ in pairs))
    return row


def _row(line: str) -> dict[str, Any]:
    """One line, whose text can be printed again."""
    row = json.loads(line, object_pairs_hook=_once)
    if not isinstance(row, dict):
        raise TimelineError("a line is one JSON object")
    if "until" in row and len(row) > 1:
        raise TimelineError("until stands alone on the last line")
    json.dumps(row, ensure_ascii=False).encode()  # half a character can't be printed again
    return row


def read_timeline(path: Path, procedure: Procedure) -> Timeline:
    """Reads a file of JSON lines; raises TimelineError naming file and line. Nothing is half done."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise TimelineError(f"{path}: not readable: {e}") from e
    timeline: Timeline | None = None
    done = False
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _row(line)
            if done:
                raise TimelineError("nothing may follow until")
            if timeline is None:
                if not isinstance(row.get("plan"), dict):
                    raise TimelineError('the first line is {"plan": {…}}')
                timeline = _plan(row["plan"], procedure)
            elif "until" in row:
                timeline.until_ms = _ms(row["until"], "until", timeline.zone)
                done = True
            else:
                timeline.steps += _steps(row, timeline)
            _in_order(timeline, done)
        except (ValueError, RecursionError) as e:  # numbers of thousands of digits, lists in lists without end
            raise TimelineError(f"{path}:{n}: not JSON that can be read: {e}") from e
        except TimelineError as e:
            raise TimelineError(f"{path}:{n}: {e}") from e
    if timeline is None or not done:
        raise TimelineError(f'{path}:{max(1, len(lines))}: the last line is {{"until": TIME}}, and it is missing')
    return timeline


def _in_order(timeline: Timeline, done: bool) -> None:
    times = [step[0] for step in timeline.steps[-4:]] + ([timeline.until_ms] if done else [])
    if times != sorted(times):
        raise TimelineError("this is earlier than the line before; events stand in order of time")
    first_ms = min([timeline.times.start_ms, *(step[0] for step in timeline.steps[:1])])
    if times and times[-1] - first_ms > MAX_SPAN_MS:
        raise TimelineError(f"this is more than {MAX_SPAN_DAYS} days after the start")
    if len(timeline.steps) > MAX_STEPS:
        raise TimelineError(f"more than {MAX_STEPS} events")


def play(procedure: Procedure, timeline: Timeline) -> list[Action]:
    """The actions, on this interpreter."""
    case = Case(procedure.table, timeline.plan, 1, *timeline.times)
    actions: list[Action] = tl.Player(case).play(timeline.steps, timeline.until_ms)
    return actions


def play_on_micropython(procedure: Procedure, timeline: Timeline, second: MicroPython) -> list[Action]:
    """The actions, on the pendant's interpreter; raises MicroPythonError."""
    return second.play(procedure.table, timeline.plan, timeline.times, timeline.steps, timeline.until_ms)


def _name(timeline: Timeline, role: int, which: int) -> str | None:
    """Whoever holds a role; `which` of the emergency contacts."""
    if role == w.EMERGENCY_CONTACT:
        return timeline.contacts[which] if which < len(timeline.contacts) else None
    return timeline.names.get(role)


def _role_name(timeline: Timeline, role: int) -> str:
    return _ROLE_NAMES[w.SENIOR if timeline.acting and role == w.MANAGER else role]


def as_row(procedure: Procedure, timeline: Timeline, action: Action) -> dict[str, Any]:
    """One action as CONTRACTS prints it."""
    who = action.who or action.by
    at = datetime.fromtimestamp(action.at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row = {
        "at": at.replace(".000Z", "Z"),
        "do": _VERB_NAMES[action.verb],
        "by": _role_name(timeline, action.by),
        "who": _role_name(timeline, who),
        "name": _name(timeline, who, action.what),
        "via": [name for name, bit in VIA.items() if action.via & bit],
        "rung": procedure.rung_name(action.rung),
        "clause": procedure.clause(action.rung),
    }
    what = procedure.what(action.rung)
    if what is not None:
        row["why" if action.verb == w.REFUSE else "what"] = what
    return row


_SENTENCES = {
    "call": "{by} must phone {who} now ({via})",
    "tell": "{who} is alerted: {about}",
    "tell by": "{by} must tell {who} now",
    "prompt": "the pendant prompts {who}",
    "clear": "{who} may enter",
    "refuse": "{who} may not enter: {what}",
    "decide": "{by} must record a decision",
    "dial_999": "{by} must dial 999",
    "mark": "the record is marked: {what}",
    "close": "the visit is closed",
}


def for_people(procedure: Procedure, timeline: Timeline, actions: list[Action]) -> Iterator[str]:
    """What happened and what came of it, as somebody would want to read it, in the organisation's own time."""
    yield f"{procedure.title}  (version {procedure.version.hex()})"
    told = [(action.at_ms, 1, sentence(procedure, timeline, action)) for action in actions]
    told += [(step[0], 0, event_sentence(timeline, step)) for step in timeline.steps]
    told.sort(key=lambda line: line[:2])
    moments = [timeline.clock(at_ms) for at_ms, _, _ in told]
    zone = " %Z" if len({at.utcoffset() for at in moments}) > 1 else ""  # summer time begins or ends in between
    days = {at.date() for at in moments}
    if len(days) == 1:
        yield f"{moments[0]:%A %d %B %Y}, {timeline.zone}"
    for at, (_, asked, said) in zip(moments, told, strict=True):
        yield f"{at:{'%a ' if len(days) > 1 else ''}%H:%M:%S{zone}}  {'  ' if asked else '- '}{said}"


def event_sentence(timeline: Timeline, step: Step) -> str:
    """One step of a timeline in words."""

    def spoken(role: int) -> str:
        several = role == w.EMERGENCY_CONTACT and len(timeline.contacts) > 1
        if several and not step[5]:
            return "an emergency contact"
        return _spoken(timeline, role, first_untried(step[5] - 1) if several else 0)

    return happened(step, spoken, timeline.clock)


def sentence(procedure: Procedure, timeline: Timeline, action: Action) -> str:
    """One action in words, with its clause."""
    row = as_row(procedure, timeline, action)
    told = action.verb == w.TELL and action.by == w.HUB
    said = _SENTENCES["tell by" if action.verb == w.TELL and not told else row["do"]].format(
        by=_spoken(timeline, action.by),
        who=_spoken(timeline, action.who or action.by, action.what),
        via=" or ".join(row["via"]).replace("_", " ") or "any means",
        what=row.get("what") or row.get("why"),
        about=alerted_to(procedure, action.rung) if told else "",
    )
    return f"{said}  [{row['clause']}]"


def _spoken(timeline: Timeline, role: int, which: int = 0) -> str:
    name = _name(timeline, role, which)
    role_name = _role_name(timeline, role).replace("_", " ")
    return f"{name} ({role_name})" if name else f"the {role_name}"


def rehearse(procedure: Procedure, timeline: Timeline, on: str = "cpython") -> tuple[list[Action], bool]:
    """The actions, and whether both interpreters agreed (always true unless `on` is "both")."""
    if on == "cpython":
        return play(procedure, timeline), True
    with MicroPython() as second:
        actions = play_on_micropython(procedure, timeline, second)
    return actions, on != "both" or play(procedure, timeline) == actions


def run(procedure_name: str, timeline_path: Path, on: str = "cpython", as_json: bool = False) -> int:
    """The command: prints the trace; 0 well, 1 the interpreters differ, 2 unusable input with one line on stderr."""
    try:
        procedure = load(procedure_name)
        timeline = read_timeline(timeline_path, procedure)
        actions, agreed = rehearse(procedure, timeline, on)
    except (ProcedureError, TimelineError, MicroPythonError) as e:
        print(f"watchword rehearse: {e}", file=sys.stderr)
        return 2
    if as_json:
        for action in actions:
            print(json.dumps(as_row(procedure, timeline, action), ensure_ascii=False))
    else:
        for line in for_people(procedure, timeline, actions):
            print(line)
    if not agreed:
        print("watchword rehearse: CPython and MicroPython decided differently: don't use this build", file=sys.stderr)
        return 1
    return 0
