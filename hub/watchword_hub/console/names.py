"""The words that people read for the numbers in shared/watchword_core/words.py."""

from watchword_core import visit as v
from watchword_core import words as w

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
    w.HUB: "hub",
    w.PENDANT: "pendant",
}
THE = {role: name if role == w.EMERGENCY_SERVICES else f"the {name}" for role, name in ROLES.items()}
ROLE_KEYS = {role: name.replace(" ", "_") for role, name in ROLES.items()}  # as in CONTRACTS and a case's roles
STAFF = (w.TRACKER, w.MANAGER, w.SENIOR)

VIA = {
    w.WORK_MOBILE: "work mobile",
    w.PERSONAL_MOBILE: "personal mobile",
    w.HOME: "home phone",
    w.CLIENT_MOBILE: "client's mobile",
    w.CLIENT_LANDLINE: "client's landline",
}
VIA_KEYS = {
    w.WORK_MOBILE: "work_mobile",
    w.PERSONAL_MOBILE: "personal_mobile",
    w.HOME: "home",
    w.CLIENT_MOBILE: "client_mobile",
    w.CLIENT_LANDLINE: "client_landline",
}

VISIT_STATES = dict(enumerate(v.STATES))
ALARMS = {w.SOS: "SOS", w.MAN_DOWN: "MAN DOWN", w.DURESS: "DURESS", w.CALL_DURESS: "DURESS"}

PLAN = {
    w.PLAN_RISK: "risk identified",
    w.PLAN_FIRST_VISIT: "first visit",
    w.PLAN_POOR_COVERAGE: "poor coverage",
    w.PLAN_OUT_OF_HOURS: "out of hours",
    w.PLAN_LAST_OF_DAY: "last visit of the day",
    w.PLAN_RETURNING: "returning",
    w.PLAN_UNSCHEDULED: "unscheduled",
    w.PLAN_PROFESSIONALS: "professionals' meeting",
    w.PLAN_NO_TRACKER: "no tracker",
    w.PLAN_NO_SENIOR: "no senior",
    w.PLAN_NO_CLIENT_PHONES: "no client phones",
    w.PLAN_ALONE: "alone where pairs are required",
}

EVENTS = {
    w.ARRIVED: "arrived at the door",
    w.CHECKED_IN: "worker reports: I'm safe",
    w.DEPARTED: "worker reports: leaving",
    w.EXTENDED: "needs longer",
    w.SOS: "SOS",
    w.MAN_DOWN: "man down",
    w.DURESS: "duress",
    w.LEFT_FOR_VISIT: "left for the visit",
    w.RETURNED: "returned",
    w.FELT: "the wearer felt the answer",
    w.PRACTICE_SOS: "PRACTICE SOS: no alarm",
    w.CONFIRMED: "information read and content to go",
    w.SPOKE_ARRIVAL: "spoke with the worker on arrival",
    w.SPOKE_DEPARTURE: "spoke with the worker on departure",
    w.SPOKE: "spoke with the worker",
    w.STAND_DOWN: "worker asked to stand down",
    w.ABANDONED: "visit abandoned",
    w.CANCELLED: "visit cancelled",
    w.ACKNOWLEDGED: "alarm acknowledged",
    w.RESOLVED: "resolved",
    w.CALL_SAFE: "call: safe",
    w.CALL_AT_RISK: "call: at risk",
    w.CALL_DURESS: "call: duress phrase heard",
    w.CALL_NO_ANSWER: "call: no answer",
    w.CALL_VOICEMAIL: "call: voicemail",
    w.DONE: "done",
    w.DECIDED: "decided",
    w.WORRIED_FAMILY: "family is worried",
    w.NO_SIGNAL: "no signal",
    w.RISK_CHECKED: "risk information checked",
    w.SILENT: "pendant not heard",
    w.SEEN: "pendant heard again",
    w.DURABLE: "kept by the hub",
}
"""One line each, for people."""

ROWS = {
    "opened": "case opened",
    "closed": "closed",
    "delivered": "message delivered",
    "undelivered": "message NOT delivered",
    "nobody_told": "could NOT be told by any means: phone them",
    "faulted": "an event could not be handled",
    "unreadable_press": "a press could not be read: provision the pendant anew",
    "silent": "pendant not heard",
    "seen": "pendant heard again",
    "low_charge": "pendant's charge runs out",
    "not_worn": "pendant not worn",
    "no_falls": "pendant sees no falls",
    "handed_over": "handed over",
    "erased": "personal details erased",
}
"""Journal rows that are no case events."""

ASKED = ("call", "tell", "prompt", "clear", "refuse", "decide", "dial_999", "mark", "close")
"""Rows of what the procedure asks: their text says it all."""

UNSHOWN = ("details", "delivered")
"""Rows that a timeline for people leaves out: they are in the record, and only in the way here."""


def ways(via: int) -> str:
    """The means of a call in the order to try them, "work mobile, then personal mobile"; "" for none."""
    return ", then ".join(name for bit, name in sorted(VIA.items()) if via & bit)


def plan_words(plan: int) -> list[str]:
    """What the plan says, one phrase each."""
    return [name for bit, name in PLAN.items() if plan & bit]
