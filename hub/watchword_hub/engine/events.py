"""Which events may come from whom, and their names in the journal."""

from watchword_core import words as w

ALARMS = frozenset((w.SOS, w.MAN_DOWN, w.DURESS))

# A pendant's frame may say these; a number beyond them is from a newer pendant, and is kept as evidence only.
FROM_PENDANT = ALARMS | {w.ARRIVED, w.CHECKED_IN, w.DEPARTED, w.EXTENDED, w.LEFT_FOR_VISIT, w.RETURNED}

# People may record these; the rest only the hub or a pendant can know.
FROM_PEOPLE = frozenset(
    (
        w.LEFT_FOR_VISIT,
        w.ARRIVED,
        w.DEPARTED,
        w.RETURNED,
        w.CONFIRMED,
        w.SPOKE_ARRIVAL,
        w.SPOKE_DEPARTURE,
        w.SPOKE,
        w.STAND_DOWN,
        w.ABANDONED,
        w.CANCELLED,
        w.EXTENDED,
        w.ACKNOWLEDGED,
        w.RESOLVED,
        w.CALL_SAFE,
        w.CALL_AT_RISK,
        w.CALL_DURESS,
        w.CALL_NO_ANSWER,
        w.CALL_VOICEMAIL,
        w.DONE,
        w.DECIDED,
        w.WORRIED_FAMILY,
        w.NO_SIGNAL,
        w.RISK_CHECKED,
    )
)

NAME_OF_EVENT = {
    w.HEARTBEAT: "heartbeat",
    w.HELLO: "hello",
    w.ARRIVED: "arrived",
    w.CHECKED_IN: "checked_in",
    w.DEPARTED: "departed",
    w.EXTENDED: "extended",
    w.SOS: "sos",
    w.MAN_DOWN: "man_down",
    w.DURESS: "duress",
    w.LEFT_FOR_VISIT: "left_for_visit",
    w.RETURNED: "returned",
    w.FELT: "felt",
    w.PRACTICE_SOS: "practice_sos",
    w.CONFIRMED: "confirmed",
    w.SPOKE_ARRIVAL: "spoke_arrival",
    w.SPOKE_DEPARTURE: "spoke_departure",
    w.SPOKE: "spoke",
    w.STAND_DOWN: "stand_down",
    w.ABANDONED: "abandoned",
    w.CANCELLED: "cancelled",
    w.ACKNOWLEDGED: "acknowledged",
    w.RESOLVED: "resolved",
    w.CALL_SAFE: "call_safe",
    w.CALL_AT_RISK: "call_at_risk",
    w.CALL_DURESS: "call_duress",
    w.CALL_NO_ANSWER: "call_no_answer",
    w.CALL_VOICEMAIL: "call_voicemail",
    w.DONE: "done",
    w.DECIDED: "decided",
    w.WORRIED_FAMILY: "worried_family",
    w.NO_SIGNAL: "no_signal",
    w.RISK_CHECKED: "risk_checked",
    w.SILENT: "silent",
    w.SEEN: "seen",
    w.DURABLE: "durable",
}

NAME_OF_VERB = {
    w.CALL: "call",
    w.TELL: "tell",
    w.PROMPT: "prompt",
    w.CLEAR: "clear",
    w.REFUSE: "refuse",
    w.DECIDE: "decide",
    w.DIAL_999: "dial_999",
    w.MARK: "mark",
    w.CLOSE: "close",
}


def event_name(kind: int) -> str:
    """The journal's name; an unknown number keeps its digits."""
    return NAME_OF_EVENT.get(kind) or f"event_{kind}"
