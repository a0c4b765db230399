"""The form that plans a visit: what it means, what of it the procedure forbids, and its command."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from watchword_core import words as w
from watchword_core.table import plan_fits

from watchword_hub.commands import PlanVisit
from watchword_hub.engine.procedure_book import Procedure, Procedures
from watchword_hub.office import OfficeHours
from watchword_hub.planned import MAX_CONTACTS

from .names import ROLE_KEYS
from .views import Pendant, Person
from .when import BadTime, Zone

MAX_FIELD = 500
MAX_VISIT_MS = 24 * 3_600_000

FLAGS = {
    "first_visit": (w.PLAN_FIRST_VISIT, "First visit to this client"),
    "risk": (w.PLAN_RISK, "Risk identified"),
    "poor_coverage": (w.PLAN_POOR_COVERAGE, "Poor phone coverage"),
    "last_of_day": (w.PLAN_LAST_OF_DAY, "Last visit of the day"),
    "returning": (w.PLAN_RETURNING, "Returns to the office"),
    "unscheduled": (w.PLAN_UNSCHEDULED, "Unscheduled"),
    "professionals": (w.PLAN_PROFESSIONALS, "Professionals' meeting"),
    "pairs_required": (w.PLAN_ALONE, "Pairs are required here"),
}
OUT_OF_HOURS = "out_of_hours"  # "": worked out, "yes", "no"
JOINT = "joint"
CHECKED = ("procedure", "start", "end", "tracker", "senior", OUT_OF_HOURS, JOINT, *FLAGS)
"""The fields that a plan's check needs: none of them says who the client is."""
PERSONAL = ("client", "address", "car", "client_mobile", "client_landline", "second_worker", "notes")
ROLES = (w.TRACKER, w.MANAGER, w.SENIOR)
CONTACTS = ("emergency_contact", *(f"contact{n}" for n in range(2, MAX_CONTACTS + 1)))


class PlanRefused(ValueError):
    """The form can't become a visit; the message says which field and what to write."""


class Checked(NamedTuple):
    """What a plan comes to. `hours`: out of hours or not, and why, or what is wrong with the times.

    `forbidden`: each reason with its clause.
    """

    hours: str
    forbidden: tuple[str, ...]


class Planning:
    """What planning needs of the site."""

    def __init__(
        self, names: Sequence[str], book: Procedures, zone: Zone, office: OfficeHours, refused: Sequence[str] = ()
    ) -> None:
        self.names = tuple(names)
        self.refused = tuple(refused)  # files of the site's own that can't be used: line and reason
        self._book = book
        self._zone = zone
        self._office = office

    def titles(self) -> dict[str, str]:
        """Each procedure's title by its name."""
        return {name: str(getattr(self._book.get(name), "title", name)) for name in self.names}

    def check(self, form: Mapping[str, str]) -> Checked:
        """For a form that may not be complete yet; raises nothing."""
        roles = {key: 0 for key in ("tracker", "senior") if form.get(key)}
        try:
            start_ms, end_ms = self._times(form)
            outside, why = self._hours(form, start_ms, end_ms)
            words = ("Out of hours" if outside else "In office hours") + (f": {why}" if why else "")
        except PlanRefused as e:
            outside, words = form.get(OUT_OF_HOURS) == "yes", str(e)
        forbidden: tuple[str, ...] = ()
        if form.get("procedure") in self.names:
            forbidden = _forbidden(self._book.get(form["procedure"]), _bits(form, roles, outside))
        return Checked(words, forbidden)

    def to_plan(self, form: Mapping[str, str], people: Sequence[Person], pendants: Sequence[Pendant]) -> PlanVisit:
        """The command for the submitted form; raises PlanRefused."""
        start_ms, end_ms = self._times(form)
        roles = _roles(form, people)
        personal = {key: form.get(key, "").strip()[:MAX_FIELD] for key in PERSONAL}
        if not personal["address"]:
            raise PlanRefused("Address: write where the visit is; whoever dials 999 reads it out.")
        procedure = form.get("procedure", "")
        if procedure not in self.names:
            raise PlanRefused("Procedure: choose one from the list.")
        if form.get(JOINT) == "yes" and not personal["second_worker"]:
            raise PlanRefused("Second worker: write who comes along on a joint visit.")
        return_by_ms = self._agreed(form, "return_by", "Expected back", end_ms)
        bits = _bits(form, roles, self._hours(form, start_ms, end_ms)[0])
        if return_by_ms is not None:
            bits |= w.PLAN_RETURNING
        if not personal["client_mobile"] and not personal["client_landline"]:
            bits |= w.PLAN_NO_CLIENT_PHONES
        forbidden = _forbidden(self._book.get(procedure), bits)
        if forbidden and form.get("anyway") != "yes":
            raise PlanRefused(f"Forbidden: {'; '.join(forbidden)}. Change the plan, or tick the box above the button.")
        return PlanVisit(
            pendant=_pendant(form, pendants, roles["worker"]),
            procedure=procedure,
            roles=roles,
            start_ms=start_ms,
            end_ms=end_ms,
            plan_bits=bits,
            check_in_ms=self._agreed(form, "check_in", "Agreed check-in", start_ms),
            return_by_ms=return_by_ms,
            contacts=_contacts(form, people, roles["worker"]),
            personal={key: value for key, value in personal.items() if value},
            idempotency_key=form.get("key", "")[:64],
        )

    def _times(self, form: Mapping[str, str]) -> tuple[int, int]:
        try:
            start_ms = self._zone.parse(form.get("start", ""), "Start")
            end_ms = self._zone.parse(form.get("end", ""), "Finish")
        except BadTime as e:
            raise PlanRefused(str(e)) from e
        if not 0 < end_ms - start_ms <= MAX_VISIT_MS:
            raise PlanRefused("Finish: it must be after the start and within 24 hours of it.")
        return start_ms, end_ms

    def _agreed(self, form: Mapping[str, str], field: str, name: str, after_ms: int) -> int | None:
        text = form.get(field, "").strip()
        if not text:
            return None
        try:
            at_ms = self._zone.parse(text, name)
        except BadTime as e:
            raise PlanRefused(str(e)) from e
        if not 0 <= at_ms - after_ms <= MAX_VISIT_MS:
            raise PlanRefused(f"{name}: it can't be before the visit's {'start' if field == 'check_in' else 'finish'}.")
        return at_ms

    def _hours(self, form: Mapping[str, str], start_ms: int, end_ms: int) -> tuple[bool, str]:
        """Whether it is out of hours, and why."""
        said = form.get(OUT_OF_HOURS, "")
        if said in ("yes", "no"):
            return said == "yes", "as you say"
        why = self._office.outside(start_ms, end_ms, self._zone.zone)
        return bool(why), why


def _forbidden(procedure: Procedure, bits: int) -> tuple[str, ...]:
    """Why a plan may not be carried out, each with its clause (For every procedure, 10)."""
    rules = [f.rule for f in procedure.table.forbids if plan_fits(bits, f.when_set, f.when_clear)]
    return tuple(f"{procedure.what(rule)} [{procedure.clause(rule)}]" for rule in rules)


def _roles(form: Mapping[str, str], people: Sequence[Person]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for role in (w.WORKER, *ROLES):
        chosen = _person(form, ROLE_KEYS[role], people)
        if chosen is not None:
            roles[ROLE_KEYS[role]] = chosen
    for key in ("worker", "manager"):
        if key not in roles:
            raise PlanRefused(f"{key.capitalize()}: every visit needs one; choose a person.")
    if roles["worker"] in (roles.get("tracker"), roles["manager"], roles.get("senior")):
        raise PlanRefused("Worker: nobody can watch their own visit; choose another tracker, manager or senior.")
    return roles


def _contacts(form: Mapping[str, str], people: Sequence[Person], worker: int) -> tuple[int, ...]:
    chosen = [_person(form, key, people) for key in CONTACTS]
    found = tuple(dict.fromkeys(person for person in chosen if person is not None))
    if worker in found:
        raise PlanRefused("Emergency contact: the worker can't be their own; choose somebody else.")
    return found


def _person(form: Mapping[str, str], key: str, people: Sequence[Person]) -> int | None:
    chosen = form.get(key, "")
    if not chosen:
        return None
    if not chosen.isdecimal() or int(chosen) not in {person.id for person in people}:
        raise PlanRefused(f"{key.capitalize().replace('_', ' ')}: choose a person from the list.")
    return int(chosen)


def _pendant(form: Mapping[str, str], pendants: Sequence[Pendant], worker: int) -> int:
    for pendant in pendants:
        if str(pendant.id) == form.get("pendant", "") and pendant.revoked_ms is None:
            if pendant.wearer is not None and pendant.wearer.id != worker:
                raise PlanRefused(f"Pendant: {pendant.label} is worn by {pendant.wearer.name}; assign it first.")
            return pendant.id
    raise PlanRefused("Pendant: choose one from the list.")


def _bits(form: Mapping[str, str], roles: Mapping[str, int], out_of_hours: bool) -> int:
    bits = sum(bit for name, (bit, _) in FLAGS.items() if form.get(name) == "yes")
    if form.get(JOINT) == "yes":
        bits &= ~w.PLAN_ALONE
    if out_of_hours:
        bits |= w.PLAN_OUT_OF_HOURS
    if "tracker" not in roles:
        bits |= w.PLAN_NO_TRACKER
    if "senior" not in roles:
        bits |= w.PLAN_NO_SENIOR
    return bits


def as_draft(form: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, to show again after a refusal."""
    return {key: str(value)[:MAX_FIELD] for key, value in form.items() if key not in ("csrf", "key")}
