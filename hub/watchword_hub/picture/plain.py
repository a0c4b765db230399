"""A procedure in plain words: what starts a watch, who does what on a rung, when, and what follows."""

import tomllib
from typing import NamedTuple

from watchword_core import table as t
from watchword_core import words as w

from ..procedure_words import ANSWERS, PLAN, VIA
from ..procedures import GENERAL, Procedure

EVERY = "For every procedure"

ROLES = {
    w.WORKER: "worker",
    w.TRACKER: "tracker",
    w.MANAGER: "manager",
    w.SENIOR: "senior",
    w.EMERGENCY_CONTACT: "emergency contact",
    w.TEAM: "team",
    w.CLIENT: "client",
    w.PARTNER_AGENCIES: "partner agencies",
    w.EMERGENCY_SERVICES: "emergency services",
    w.NEXT: "next role",
}
# What starts a watch: in words, and in short, to count from.
_STARTS = {
    w.AT_LEFT: ("The worker leaves for the visit", "leaving"),
    w.AT_START: ("Planned start", "start"),
    w.AT_ARRIVED: ("The worker reports having arrived", "arrival"),
    w.AT_T_ARRIVE: ("T_arrive, when the arrival was spoken", "T_arrive"),
    w.AT_T_END: ("T_end, the expected finish", "T_end"),
    w.AT_CHECK_IN: ("The agreed check-in", "check-in"),
    w.AT_FINISH: ("The agreed check-in; T_end where none is agreed", "check-in"),
    w.AT_DEPARTED: ("The worker reports having left", "departure"),
    w.AT_CLOSED: ("The visit has ended as it should", "end"),
    w.AT_CANCELLED: ("The visit is cancelled", "cancelled"),
    w.AT_RETURN: ("The worker is expected back", "expected back"),
    w.AT_END_OF_DAY: ("The end of the day", "end of day"),
    w.AT_ALARM: ("SOS or man-down", "alarm"),
    w.AT_DURESS: ("Duress, heard or pressed in hiding", "duress"),
    w.AT_AT_RISK: ("Heard on a call: at risk", "at risk"),
    w.AT_ACKNOWLEDGED: ("Somebody acknowledges an alarm", "then"),
    w.AT_RECORDED: ("What is being done about an alarm is recorded", "then"),
    w.AT_POLICE: ("It is decided to call the police", "decision"),
    w.AT_999_DIALLED: ("The emergency services were called", "999 call"),
    w.AT_SILENT: ("Pendant or phone silent for 2 min in an open visit", "silence"),
    w.AT_WORRIED: ("The worker's family is worried", "their call"),
    w.AT_NO_SIGNAL: ("No signal at the property", "no signal"),
}
_HYPHENED = ("call-back", "check-in")  # names of watches that are one word
_MOMENTS = (w.AT_START, w.AT_T_END, w.AT_CHECK_IN, w.AT_FINISH, w.AT_RETURN, w.AT_END_OF_DAY)
_ANSWERED = {
    "speech": "a person speaks with the worker",
    "arrival spoken": "the arrival is spoken",
    "departure spoken": "the departure is spoken",
    "report": "a report from the pendant",
    "arrived": "a report of arriving",
    "departed": "a report of leaving",
    "returned": "a report of being back",
    "stand down": "the worker stands the tracker down",
    "abandoned": "the worker abandons the visit",
    "acknowledged": "somebody acknowledges",
    "taken": "manager or senior acknowledges",
    "recorded": "what is being done is recorded",
    "resolved": "a person resolves it",
    "decided": "a decision is recorded",
    "seen": "being heard again",
    "contact after T_end": "contact after T_end",
}
_SET = {
    "no tracker": "no tracker is named",
    "risk": "a risk is identified",
    "first visit": "it is a first visit",
    "poor coverage": "coverage is poor",
    "out of hours": "it is out of hours",
    "last visit of the day": "it is the day's last visit",
    "returning": "the worker returns to the office",
    "unscheduled": "the visit is unscheduled",
    "professionals": "it is a professionals' meeting",
    "no client phones": "no phone of the client's is known",
    "alone where pairs are required": "somebody would go alone where pairs are required",
}


class OfWatch(NamedTuple):
    """A watch of the procedure's file, or of general.toml."""

    number: int  # in the table
    name: str
    watch: t.Watch
    rungs: list[int]


def watches(procedure: Procedure) -> tuple[list[OfWatch], list[OfWatch]]:
    """(Those of general.toml, the file's own), in their order."""
    own = [row["id"] for row in tomllib.loads(procedure.source).get("watch", [])]
    table = procedure.table
    first = len(table.watches) - len(own)
    names = [""] * first + own
    both = [OfWatch(i, names[i], watch, table.rungs_of[i]) for i, watch in enumerate(table.watches)]
    return both[:first], both[first:]


def names_of(bits: int, words: dict[str, int]) -> list[str]:
    """The words whose bits are set."""
    return [name for name, bit in words.items() if bits & bit]


def listed(items: list[str], last: str = "or") -> str:
    """ "a, b or c"."""
    return f" {last} ".join(x for x in (", ".join(items[:-1]), items[-1]) if x) if items else ""


def seconds(s: int) -> str:
    """ "20 min", "90 s", "2 h"."""
    if s % 3600 == 0 and s >= 7200:
        return f"{s // 3600} h"
    return f"{s // 60} min" if s % 60 == 0 and s > 60 else f"{s} s"


def starts(watch: t.Watch) -> str:
    """What starts it."""
    return _STARTS[watch.anchor][0]


def title(of: OfWatch) -> str:
    """The watch's name, as a heading."""
    name = of.name if of.name in _HYPHENED else of.name.replace("-", " ")
    return name.capitalize()


def clause(procedure: Procedure, i: int) -> str:
    """The clause in brackets; only its number where everything is of `For every procedure`."""
    said = procedure.clause(i)
    return f"[{said.removeprefix(EVERY + ', ') if procedure.name == GENERAL else said}]"


def condition(when_set: int, when_clear: int) -> str:
    """Of a watch or a rung: "only where ..., not where ..."; empty: always."""
    where = [f"only where {_SET[x]}" for x in names_of(when_set, PLAN)]
    return ", ".join(where + [f"not where {_SET[x]}" for x in names_of(when_clear, PLAN)])


def only_tells(procedure: Procedure, of: OfWatch) -> bool:
    """Whether it says something once, at once, and waits for nothing."""
    rungs = [procedure.table.rungs[i] for i in of.rungs]
    return all(r.verb == w.TELL and r.by == w.HUB and not (r.after_s or r.limit_s or r.repeat_s) for r in rungs)


def answered(procedure: Procedure, watch: t.Watch) -> list[str]:
    """What ends a watch, whether that counts before its first rung opens, what is marked, what starts it again."""
    by = listed([_ANSWERED[x] for x in names_of(watch.answered_by, ANSWERS)])
    early = listed([_ANSWERED[x] for x in names_of(watch.early_by, ANSWERS)])
    if not early:
        lines = [f"Ended by: {by}."]
    elif watch.early_by == watch.answered_by:
        lines = [f"Ended, beforehand too, by: {by}."]
    else:
        lines = [f"Ended by: {by}; beforehand only by {early}."]
    if watch.mark:
        lines.append(f"Speech that ends it is marked: {procedure.what(watch.mark)} [{procedure.clause(watch.mark)}].")
    if watch.flags & t.AGAIN:
        lines.append(f"While the visit is open, again {seconds(watch.again_s)} later.")
    return lines


def _told(rung: t.Rung) -> bool:
    """Whether it tells somebody, by itself."""
    return bool(rung.verb == w.TELL and rung.by == w.HUB)


def opens(procedure: Procedure, i: int) -> str:
    """When rung i opens: "T_end + 10 min", "no answer"."""
    r = procedure.table.rungs[i]
    if r.start == t.AT:
        anchor = procedure.table.watches[r.watch].anchor
        moment = _STARTS[anchor][1]
        if r.after_s:
            return f"{moment} + {seconds(r.after_s)}"
        return f"at {moment}" if anchor in _MOMENTS or anchor == w.AT_T_ARRIVE else "at once"
    source = procedure.table.rungs[r.source]
    limit = seconds(source.limit_s)
    if _told(source):
        return f"nobody takes it in {limit}"
    unreported = f"nobody reports in {limit}"
    return {t.FAILED: "no answer", t.LAPSED: unreported, t.EITHER: f"no answer, or {unreported}"}[r.start]


def does(procedure: Procedure, i: int) -> str:
    """Who does what on rung i."""
    r = procedure.table.rungs[i]
    by, who = ROLES.get(r.by, ""), ROLES.get(r.who, "")
    if r.verb == w.CALL:
        phoned = {
            w.EMERGENCY_CONTACT: "the emergency contacts, one after another",
            w.CLIENT: "the client, to reach the worker",
            w.TEAM: "the team: who has heard of the worker?",
        }
        said = f"{by} phones {phoned.get(r.who, 'the ' + who)}"
    elif r.verb == w.TELL:
        said = f"{who} is told" if r.by == w.HUB else f"{by} informs the {who}"
    elif r.verb == w.PROMPT:
        said = "pendant prompts the worker"
    elif r.verb == w.REFUSE:
        said = f"worker may not enter: {procedure.what(i)}"
    elif r.verb == w.DECIDE:
        said = f"{by} decides what next, and records it"
    else:
        said = f"{by} dials 999"
    return said[0].upper() + said[1:]


def means(procedure: Procedure, i: int) -> str:
    """By which means, in the order in which they are tried."""
    names = [x.replace("_", " ") for x in names_of(procedure.table.rungs[i].via, VIA)]
    return ", then ".join("home telephone" if x == "home" else x for x in names)


def limit(procedure: Procedure, i: int) -> str:
    """How long rung i may take, or how often it comes again."""
    r = procedure.table.rungs[i]
    if r.repeat_s:
        return f"again every {seconds(r.repeat_s)}"
    return f"limit {seconds(r.limit_s)}" if r.limit_s else ""


def sentence(procedure: Procedure, i: int) -> str:
    """Rung i whole: "T_end + 10 min: Manager decides ... (limit 10 min) [5.3]"."""
    r = procedure.table.rungs[i]
    more = [x for x in (means(procedure, i), limit(procedure, i), condition(r.when_set, r.when_clear)) if x]
    extra = f" ({'; '.join(more)})" if more else ""
    return f"{opens(procedure, i)}: {does(procedure, i)}{extra} {clause(procedure, i)}"


def door(procedure: Procedure) -> list[str]:
    """What holds before, at and after a visit, beside the ladder: gate, refusals, end, extension, end of day."""
    table = procedure.table
    tree = tomllib.loads(procedure.source)
    at_door = procedure.clause(w.RULE_CLEAR)
    gate = "The door stays closed until a person has spoken with the worker" if table.gate else "No gate at the door"
    lines = [f"{gate} [{at_door}]."]
    for f in table.forbids:
        where = listed([_SET[x] for x in names_of(f.when_set, PLAN)], "and")
        lines.append(f"Refused where {where}: {procedure.what(f.rule)} [{procedure.clause(f.rule)}].")
    if table.ends:
        ends = listed([_ANSWERED[x] for x in names_of(table.ends, ANSWERS)])
        without = procedure.clauses.get(w.RULE_CLOSE_NO_RISK)
        own = f"; without a risk [{without}]" if without else ""
        lines.append(f"The visit is ended by: {ends} [{procedure.clause(w.RULE_CLOSE)}]{own}.")
    if table.cap_s:
        step, cap = seconds(table.step_s), seconds(table.cap_s)
        clause = tree["extension"].get("clause", "")
        lines.append(f"A press asks for {step} more; T_end moves by {cap} at most [{clause}].")
    if "end_of_day" in tree:
        day = tree["end_of_day"]
        lines.append(
            f"The end of the day is {day['at']} local time, or as pre-arranged; "
            f"T_end + {day['or_after_T_end']} where T_end is later."
        )
    if table.flags & t.MANAGER_TRACKS:
        lines.append("Out of hours the manager does the tracker's work.")
    return lines


RULE_5 = (
    "Whoever lets a limit pass is not relied on until they report again: the next layer (tracker, manager, senior) is "
    "told and gets their tasks as well. Where nothing follows, the task is asked again, at last of everybody, until "
    "somebody records an outcome [5]."
)
RULE_7 = (
    "Once a person was alerted, a report from the pendant ends nothing: it is shown as evidence, a person closes [7]."
)


def general_lines(procedure: Procedure) -> list[str]:
    """What holds in every procedure, a line a watch, with this text's own clauses."""
    lines = []
    for of in watches(procedure)[0]:
        together: dict[str, list[int]] = {}
        for i in of.rungs:
            together.setdefault(opens(procedure, i), []).append(i)
        said = [_together(procedure, when, rungs) for when, rungs in together.items()]
        lines.append(f"{starts(of.watch)}: {'; '.join(said)}.")
    return lines


def _together(procedure: Procedure, when: str, rungs: list[int]) -> str:
    """What opens at one moment: "after 60 s: senior is told and manager dials 999 (limit 5 min) [2]"."""
    steps = []
    all_told = [i for i in rungs if _told(procedure.table.rungs[i])]
    if len(all_told) > 1:
        limits = "".join(f" ({limit(procedure, i)})" for i in all_told if limit(procedure, i))
        steps.append(f"{listed([ROLES[procedure.table.rungs[i].who] for i in all_told], 'and')} are told{limits}")
    for i in rungs if len(all_told) < 2 else [i for i in rungs if i not in all_told]:
        said = does(procedure, i)
        steps.append(said[0].lower() + said[1:] + (f" ({limit(procedure, i)})" if limit(procedure, i) else ""))
    clauses = dict.fromkeys(procedure.clause(i).removeprefix(EVERY).removeprefix(", ") for i in rungs)
    said = "; ".join(x for x in clauses if x)
    return f"{when}, {listed(steps, 'and')}" + (f" [{said}]" if said else "")
