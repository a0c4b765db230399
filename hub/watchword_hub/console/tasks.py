"""How a task reads: who does what, by which numbers; one card for what several people were asked."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup
from watchword_core import words as w

from . import names
from .views import Case, Person, Task


class Line(NamedTuple):
    """One number to dial. `bit`: which means of words.py it is, 0: none of them; `number` "": not known."""

    bit: int
    label: str
    number: str


class Card(NamedTuple):
    """A task, and who else was asked the same."""

    task: Task
    others: tuple[str, ...]


def cards(tasks: Sequence[Task], person: int) -> list[Card]:
    """The tasks in their order, what several people were asked once: as the operator's own, if they were asked."""
    by_rung: dict[int, list[Task]] = {}
    for task in tasks:
        by_rung.setdefault(task.rung, []).append(task)
    found = []
    for same in by_rung.values():
        mine = next((task for task in same if task.by_person == person), same[0])
        found.append(Card(mine, tuple(_by(task) for task in same if task is not mine)))
    return found


def verb_words(task: Task, others: Sequence[str] = ()) -> Markup:
    """What to do now, as one sentence that starts with who does it."""
    who = task.who_name or names.THE.get(task.who_role, "somebody")
    if task.verb == w.TELL and task.told_by_hub:
        return Markup("<b>{}</b> has been told and has not answered").format(who)
    said = {
        w.CALL: f"phone {who}",
        w.TELL: f"tell {who}",
        w.DECIDE: "decide what happens next, and record it",
        w.DIAL_999: "dial 999 now",
    }.get(task.verb, f"act on {who}")
    people = Markup(" or ").join(Markup("<b>{}</b>").format(name) for name in (_by(task), *others))
    return Markup("{}: {}").format(people, said)


def _by(task: Task) -> str:
    return task.by_name or names.ROLES.get(task.by_role, "somebody")


def outcomes(case: Case, task: Task, several: bool) -> dict[str, str]:
    """The buttons for how a call ended, by act. Whoever is not the worker may answer and know nothing of them.

    `several`: each number has its own button for voicemail.
    """
    name = case.worker
    if task.who_role == w.WORKER:
        said = {"safe": "Safe", "no_answer": "No answer", "at_risk": "At risk"}
    elif task.who_role == w.CLIENT:
        said = {"safe": f"Spoke with {name}: safe", "no_answer": f"No answer, or {name} not reached"}
        said["at_risk"] = f"{name} is at risk"
    else:
        said = {"safe": f"They know that {name} is safe", "no_answer": "No answer, or they don't know"}
        said["at_risk"] = f"{name} is at risk"
    if several:
        said["no_answer"] = "No answer from any of them"
    else:
        said["voicemail"] = "Voicemail"
    if task.who_role in (w.WORKER, w.CLIENT):
        said["duress"] = "Duress phrase heard"
    return {act: said[act] for act in ("safe", "no_answer", "voicemail", "at_risk", "duress") if act in said}


def lines(case: Case, task: Task) -> list[Line]:
    """The numbers to dial for a call, in the order of the procedure."""
    if task.who_role == w.CLIENT:
        bits = task.via or w.CLIENT_MOBILE | w.CLIENT_LANDLINE
        return [Line(bit, names.VIA[bit], case.personal.get(names.VIA_KEYS[bit], "")) for bit in _each(bits)]
    if task.who_role == w.EMERGENCY_CONTACT:
        person = case.contacts[task.what] if task.what < len(case.contacts) else None
        return numbers(person)
    person = case.people.get(task.who_role)
    if person is None or not task.via:
        return numbers(person)
    return [Line(bit, names.VIA[bit], _number(person, bit)) for bit in _each(task.via)]


def _each(bits: int) -> list[int]:
    return [bit for bit in sorted(names.VIA) if bits & bit]


def _number(person: Person, bit: int) -> str:
    """A person's number of one kind; the one that takes their messages is the work mobile where no other is known."""
    kinds = (names.VIA_KEYS[bit], "sms") if bit == w.WORK_MOBILE else (names.VIA_KEYS[bit],)
    found = [contact.address for kind in kinds for contact in person.contacts if contact.kind == kind]
    return found[0] if found else ""


def numbers(person: Person | None) -> list[Line]:
    """All numbers of a person, work before home."""
    if person is None:
        return []
    found = []
    for bit, label in names.VIA.items():
        found += [Line(bit, label, c.address) for c in person.contacts if c.kind == names.VIA_KEYS[bit]]
    found += [Line(0, "mobile", c.address) for c in person.contacts if c.kind == "sms"]
    return list({line.number: line for line in reversed(found)}.values())[::-1]
