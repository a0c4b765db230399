"""Who believes that messages reach them, and none can: their ways are not set up on this hub."""

from collections.abc import Collection

from .names import STAFF
from .views import Overview, Person


def out_of_reach(person: Person, kinds: Collection[str]) -> bool:
    """Whether none of a person's ways for messages is one of the `kinds` that this hub can send by."""
    return person.can_be_told and not any(contact.kind in kinds for contact in person.contacts)


def staff_out_of_reach(overview: Overview, kinds: Collection[str]) -> list[str]:
    """Of those who track, manage or are asked next in what is open: their names, once each."""
    staff = (person for case in overview.cases for role, person in case.people.items() if role in STAFF)
    return sorted({person.name for person in staff if out_of_reach(person, kinds)})
