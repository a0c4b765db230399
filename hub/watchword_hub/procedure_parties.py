"""Who acts in a rung, and upon whom: what is no sense between people is refused before anybody relies on it."""

from collections.abc import Mapping
from typing import Any

from watchword_core import words as w

from .procedure_file import ProcedureFile
from .procedure_words import ROLES, VIA, named_bits

STAFF = {name: ROLES[name] for name in ("tracker", "manager", "senior")}
_OTHERS = {name: ROLES[name] for name in ("emergency_contact", "team", "partner_agencies")}
_CALLED = STAFF | {name: ROLES[name] for name in ("worker", "client")} | _OTHERS
_TOLD = STAFF | _OTHERS | {"next": ROLES["next"]}
_CLIENTS_PHONES = w.CLIENT_MOBILE | w.CLIENT_LANDLINE

# What a rung of each verb reads beside what every rung does: a key that nobody reads must not look as if it did.
_READS = {
    w.CALL: ("by", "who", "via", "limit", "repeat"),
    w.TELL: ("by", "who", "limit", "repeat"),
    w.PROMPT: ("repeat",),
    w.REFUSE: ("why",),
    w.DECIDE: ("by", "limit", "repeat"),
    w.DIAL_999: ("by", "limit", "repeat"),
}
_SOMETIMES_READ = {key for keys in _READS.values() for key in keys}
_NEEDS = {w.CALL: ("by", "who"), w.TELL: ("who",), w.REFUSE: ("why",), w.DECIDE: ("by",), w.DIAL_999: ("by",)}


def parties(f: ProcedureFile, row: Mapping[str, Any], verb: int) -> tuple[int, int]:
    """Who acts, and upon whom; raises ProcedureError at the key that makes no sense."""
    for key in row:
        if key in _SOMETIMES_READ and key not in _READS[verb]:
            raise f.error(f"{key} says nothing in a rung that is to {row['do']}: leave it out", key)
    f.known(row, row, _NEEDS.get(verb, ()))
    if verb == w.PROMPT:
        return w.PENDANT, w.WORKER
    if verb == w.REFUSE:
        return w.HUB, w.WORKER
    by = f.word(row, "by", STAFF | ({"hub": w.HUB} if verb == w.TELL else {}), "hub" if verb == w.TELL else "")
    if verb in (w.DECIDE, w.DIAL_999):
        return by, w.EMERGENCY_SERVICES if verb == w.DIAL_999 else 0
    who = _upon(f, row, verb, by)
    if who == by:
        raise f.error(f"by and who are both {row['who']}: nobody is to {row['do']} themselves", "who")
    return by, who


def _upon(f: ProcedureFile, row: Mapping[str, Any], verb: int, by: int) -> int:
    if row["who"] == "emergency_services":
        raise f.error('emergency services are asked for by do = "dial_999", which needs by and no who', "who")
    if verb == w.TELL:
        who = f.word(row, "who", _TOLD)
        if by == w.HUB and who in _OTHERS.values():
            raise f.error(f"nothing but a person reaches {row['who']}: say in by who has to tell them", "who")
        return who
    who = f.word(row, "who", _CALLED)
    via = f.bits(row, "via", VIA)
    strange = via & ~_CLIENTS_PHONES if who == w.CLIENT else via & _CLIENTS_PHONES
    if strange:
        phones = " and ".join(named_bits(VIA, strange))
        cure = "write client_mobile or client_landline" if who == w.CLIENT else 'write who = "client"'
        raise f.error(f"{row['who']} can't be called by {phones}: {cure}", "via")
    return who
