"""The forms about people and pendants, and their commands."""

from collections.abc import Callable, Mapping

from watchword_hub.commands import (
    AddPerson,
    AssignWearer,
    ChangePerson,
    Contact,
    FindPendant,
    RevokePendant,
    SetDefaultRoles,
)

from .login import Operator

CONTACT_KINDS = {
    "sms": "mobile, also for messages",
    "work_mobile": "work mobile, calls only",
    "personal_mobile": "personal mobile, calls only",
    "home": "home phone, calls only",
    "mail": "mail",
    "push": "push service",
    "webhook": "webhook",
    "apprise": "Apprise address",
}
DEFAULT_ROLES = ("tracker", "manager", "senior")
MAX_NAME = 100
MAX_CONTACTS = 5
MAX_ADDRESS = 500

Command = AddPerson | AssignWearer | ChangePerson | FindPendant | RevokePendant | SetDefaultRoles


class FormRefused(ValueError):
    """The form can't be used; the message says which field and what to write."""


def add_person(form: Mapping[str, str], _operator: Operator) -> Command:
    name, contacts = _name_and_contacts(form)
    return AddPerson(name=name, contacts=contacts, idempotency_key=form.get("key", "")[:64])


def change_person(form: Mapping[str, str], operator: Operator) -> Command:
    person = form.get("person", "")
    if not person.isdecimal():
        raise FormRefused("Person: choose one from the list.")
    name, contacts = _name_and_contacts(form)
    return ChangePerson(person=int(person), name=name, contacts=contacts, by=operator.person)


def _name_and_contacts(form: Mapping[str, str]) -> tuple[str, tuple[Contact, ...]]:
    name = form.get("name", "").strip()
    if not name or len(name) > MAX_NAME:
        raise FormRefused(f"Name: write one of at most {MAX_NAME} letters.")
    contacts = []
    for i in range(MAX_CONTACTS):
        kind, address = form.get(f"kind{i}", ""), form.get(f"address{i}", "").strip()
        if not address:
            continue
        if kind not in CONTACT_KINDS or len(address) > MAX_ADDRESS:
            raise FormRefused("Contact: choose a kind, and write an address of at most 500 letters.")
        contacts.append(Contact(kind, address))
    return name, tuple(contacts)


def set_default_roles(form: Mapping[str, str], _operator: Operator) -> Command:
    roles = {key: form[key] for key in DEFAULT_ROLES if form.get(key)}
    if "manager" not in roles or not all(person.isdecimal() for person in roles.values()):
        raise FormRefused("Manager: choose a person; an alarm with no visit must go to somebody.")
    return SetDefaultRoles({key: int(person) for key, person in roles.items()})


def assign_wearer(form: Mapping[str, str], _operator: Operator) -> Command:
    person = form.get("person", "")
    return AssignWearer(pendant=_pendant(form), person=int(person) if person.isdecimal() else None)


def revoke_pendant(form: Mapping[str, str], operator: Operator) -> Command:
    if form.get("sure") != "yes":
        raise FormRefused("Not revoked: tick the box to confirm. The pendant must be provisioned again afterwards.")
    return RevokePendant(pendant=_pendant(form), by=operator.person)


def find_pendant(form: Mapping[str, str], operator: Operator) -> Command:
    return FindPendant(pendant=_pendant(form), by=operator.person)


def _pendant(form: Mapping[str, str]) -> int:
    pendant = form.get("pendant", "")
    if not pendant.isdecimal():
        raise FormRefused("Pendant: choose one from the list.")
    return int(pendant)


FORMS: dict[str, tuple[str, Callable[[Mapping[str, str], Operator], Command], str]] = {
    "person": ("/people", add_person, "Person added."),
    "change": ("/people", change_person, "Changed. Messages that wait go by the new ways."),
    "defaults": ("/people", set_default_roles, "From now on they are told of alarms with no visit."),
    "assign": ("/pendants", assign_wearer, "Wearer assigned."),
    "find": ("/pendants", find_pendant, "It is asked to buzz for four seconds. Nothing heard? It may be out of reach."),
    "revoke": ("/pendants", revoke_pendant, "Pendant revoked. An SOS from it is still shown, as suspect."),
}
"""By the last part of the form's address: where to go afterwards, the command, what to say."""
