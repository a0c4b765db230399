"""The form that plans a visit, and its command."""

from collections.abc import Mapping, Sequence
from typing import Any

from watchword_core import words as w

from watchword_hub.commands import PlanVisit

from .names import ROLE_KEYS
from .views import Pendant, Person
from .when import BadTime, Zone

MAX_FIELD = 500
MAX_VISIT_MS = 24 * 3_600_000

FLAGS = {
    "first_visit": w.PLAN_FIRST_VISIT,
    "risk": w.PLAN_RISK,
    "poor_coverage": w.PLAN_POOR_COVERAGE,
    "out_of_hours": w.PLAN_OUT_OF_HOURS,
    "last_of_day": w.PLAN_LAST_OF_DAY,
    "returning": w.PLAN_RETURNING,
    "unscheduled": w.PLAN_UNSCHEDULED,
    "professionals": w.PLAN_PROFESSIONALS,
}
PERSONAL = ("client", "address", "car", "client_mobile", "client_landline", "notes")
ROLES = (w.TRACKER, w.MANAGER, w.SENIOR, w.EMERGENCY_CONTACT)


class PlanRefused(ValueError):
    """The form can't become a visit; the message says which field and what to write."""


def to_plan(
    form: Mapping[str, str],
    people: Sequence[Person],
    pendants: Sequence[Pendant],
    procedures: Sequence[str],
    zone: Zone,
) -> PlanVisit:
    """The command for the submitted form; raises PlanRefused. What the procedure forbids, the hub refuses."""
    start_ms, end_ms = _times(form, zone)
    roles = _roles(form, people)
    personal = {key: form.get(key, "").strip()[:MAX_FIELD] for key in PERSONAL}
    if not personal["address"]:
        raise PlanRefused("Address: write where the visit is; whoever dials 999 reads it out.")
    procedure = form.get("procedure", "")
    if procedure not in procedures:
        raise PlanRefused("Procedure: choose one from the list.")
    return PlanVisit(
        pendant=_pendant(form, pendants, roles["worker"]),
        procedure=procedure,
        roles=roles,
        start_ms=start_ms,
        end_ms=end_ms,
        plan_bits=_bits(form, roles, personal),
        personal={key: value for key, value in personal.items() if value},
        idempotency_key=form.get("key", "")[:64],
    )


def _times(form: Mapping[str, str], zone: Zone) -> tuple[int, int]:
    try:
        start_ms = zone.parse(form.get("start", ""), "Start")
        end_ms = zone.parse(form.get("end", ""), "Finish")
    except BadTime as e:
        raise PlanRefused(str(e)) from e
    if not 0 < end_ms - start_ms <= MAX_VISIT_MS:
        raise PlanRefused("Finish: it must be after the start and within 24 hours of it.")
    return start_ms, end_ms


def _roles(form: Mapping[str, str], people: Sequence[Person]) -> dict[str, int]:
    known = {person.id for person in people}
    roles: dict[str, int] = {}
    for role in (w.WORKER, *ROLES):
        chosen = form.get(ROLE_KEYS[role], "")
        if chosen:
            if not chosen.isdecimal() or int(chosen) not in known:
                raise PlanRefused(f"{ROLE_KEYS[role].capitalize()}: choose a person from the list.")
            roles[ROLE_KEYS[role]] = int(chosen)
    for key in ("worker", "manager"):
        if key not in roles:
            raise PlanRefused(f"{key.capitalize()}: every visit needs one; choose a person.")
    if roles["worker"] in (roles.get("tracker"), roles["manager"], roles.get("senior")):
        raise PlanRefused("Worker: nobody can watch their own visit; choose another tracker, manager or senior.")
    return roles


def _pendant(form: Mapping[str, str], pendants: Sequence[Pendant], worker: int) -> int:
    for pendant in pendants:
        if str(pendant.id) == form.get("pendant", "") and pendant.revoked_ms is None:
            if pendant.wearer is not None and pendant.wearer.id != worker:
                raise PlanRefused(f"Pendant: {pendant.label} is worn by {pendant.wearer.name}; assign it first.")
            return pendant.id
    raise PlanRefused("Pendant: choose one from the list.")


def _bits(form: Mapping[str, str], roles: Mapping[str, int], personal: Mapping[str, str]) -> int:
    bits = sum(bit for name, bit in FLAGS.items() if form.get(name) == "yes")
    if "tracker" not in roles:
        bits |= w.PLAN_NO_TRACKER
    if "senior" not in roles:
        bits |= w.PLAN_NO_SENIOR
    if not personal["client_mobile"] and not personal["client_landline"]:
        bits |= w.PLAN_NO_CLIENT_PHONES
    return bits


def as_draft(form: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, to show again after a refusal."""
    return {key: str(value)[:MAX_FIELD] for key, value in form.items() if key not in ("csrf", "key")}
