"""What people, the notify worker and the command line may ask of the engine; each is answered after the commit.

`engine.submit(command)` gives a Future. It raises Refusal where the command may not be done, with what to do instead.
An `idempotency_key` makes a command happen at most once: sent again, it is answered as the first time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


class Refusal(Exception):
    """The command was not carried out, and nothing changed; the message is for the person who asked."""


class StoreFailed(Exception):
    """The store can't be written (disk full, most often): nothing was recorded; ask again when there is space."""


PHONES = ("work_mobile", "personal_mobile", "home")
"""Kinds of contact that people dial: shown in the tasks that ask for a call, never sent a message."""


@dataclass(frozen=True)
class Contact:
    """One way to reach a person. `kind`: sms, mail, push, webhook or apprise for messages, or one of PHONES."""

    kind: str
    address: str


@dataclass(frozen=True)
class AddPerson:
    """Answer: the person's id. The contacts that take messages are tried in this order."""

    name: str
    contacts: Sequence[Contact] = ()
    idempotency_key: str = ""


@dataclass(frozen=True)
class ChangePerson:
    """Name and contacts, all of them, from now on; messages that wait go by the new ones. Answer: None."""

    person: int
    name: str
    contacts: Sequence[Contact]
    by: int


@dataclass(frozen=True)
class SetDefaultRoles:
    """Who is told when a pendant has no visit and never had one. Roles by name. Answer: None."""

    roles: Mapping[str, int]


@dataclass(frozen=True)
class RegisterPendant:
    """Its keys must be in the keyring before its frames count. Answer: None."""

    pendant: int
    label: str


@dataclass(frozen=True)
class AssignWearer:
    """Answer: None. Refused while the pendant has an open visit or alarm. `person` None: handed back."""

    pendant: int
    person: int | None


@dataclass(frozen=True)
class RevokePendant:
    """From now on only its SOS is shown, as suspect. Answer: None."""

    pendant: int
    by: int


@dataclass(frozen=True)
class FindPendant:
    """Has a pendant buzz, so that it is found; refused while a duress is open there. Answer: None."""

    pendant: int
    by: int


@dataclass(frozen=True)
class PlanVisit:
    """Answer: the case id, which is the visit id. `roles`: worker, tracker, manager, senior, emergency_contact.

    `contacts`: emergency contacts in the order in which they are called, after the one among the roles if there is one.
    `personal` (address, client, notes, ...) stands in a row of its own that can be erased.
    """

    pendant: int
    procedure: str
    roles: Mapping[str, int]
    start_ms: int
    end_ms: int
    plan_bits: int = 0
    check_in_ms: int | None = None  # agreed beforehand
    return_by_ms: int | None = None
    personal: Mapping[str, str] = field(default_factory=dict)
    contacts: Sequence[int] = ()
    idempotency_key: str = ""


def alarms_seen(alarms: Iterable[tuple[int, int, int]]) -> str:
    """Of (slot, kind, raising count) each: one that was pressed again, or raised anew, is another one."""
    return ",".join(f"{slot}-{kind}-{ref}" for slot, kind, ref in alarms)


@dataclass(frozen=True)
class Record:
    """What a person did or heard. `kind`: a code of words.py from people. Answer: list of Followed.

    `value`: a new time, Unix ms; of a call to an emergency contact, which of them, from 0. `alarms`: those that the
    person saw open, as `alarms_seen` writes them; refused if others are open by now. None: not asked.
    """

    case: int
    kind: int
    by_role: int
    by_person: int
    who: int = 0
    what: int = 0
    value: int = 0
    via: str = ""
    text: str = ""
    idempotency_key: str = ""
    alarms: str | None = None


@dataclass(frozen=True)
class HandOver:
    """Another person takes over a role (words.TRACKER, MANAGER, SENIOR) of an open case, and its open tasks with it.

    They are told in the same commit. Answer: None.
    """

    case: int
    role: int
    person: int
    by_person: int
    text: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class ErasePersonal:
    """Erases the personal rows of a closed case; the chain stays whole. Answer: how many rows."""

    case: int
    by: int


@dataclass(frozen=True)
class Delivered:
    """The channel took it. Answer: None."""

    outbox: int


@dataclass(frozen=True)
class Undelivered:
    """The channel failed; `permanent`: trying the same address again can't help. Answer: None."""

    outbox: int
    reason: str
    permanent: bool = False


@dataclass(frozen=True)
class Followed:
    """One thing that a Record led to, in codes of words.py. `person`: who must do it or is told, None: the pendant."""

    verb: int
    by: int
    who: int
    via: int
    rung: int
    person: int | None


Command = (
    AddPerson
    | ChangePerson
    | SetDefaultRoles
    | RegisterPendant
    | AssignWearer
    | RevokePendant
    | FindPendant
    | PlanVisit
    | Record
    | HandOver
    | ErasePersonal
    | Delivered
    | Undelivered
)
