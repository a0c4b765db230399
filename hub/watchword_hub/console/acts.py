"""What each button records. A page offers an act only where it means something; this file checks it again.

Every act becomes one `Record` command. `role` is for whom the operator acts (the one the procedure asked, or the one
chosen in the form), the person is always the operator who is logged in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from watchword_core import words as w

from watchword_hub.commands import HandOver, Record, alarms_seen

from .login import Operator
from .names import STAFF, VIA_KEYS
from .views import Case, Task
from .when import BadTime, Zone

MAX_TEXT = 2000

CALL_OUTCOMES = {
    "safe": (w.CALL_SAFE, "Safe"),
    "no_answer": (w.CALL_NO_ANSWER, "No answer"),
    "voicemail": (w.CALL_VOICEMAIL, "Voicemail"),
    "at_risk": (w.CALL_AT_RISK, "At risk"),
    "duress": (w.CALL_DURESS, "Duress phrase heard"),
}
PLAIN = {
    "confirmed": w.CONFIRMED,
    "risk_checked": w.RISK_CHECKED,
    "left": w.LEFT_FOR_VISIT,
    "returned": w.RETURNED,
    "worried": w.WORRIED_FAMILY,
    "no_signal": w.NO_SIGNAL,
    "spoke_arrival": w.SPOKE_ARRIVAL,
    "spoke_departure": w.SPOKE_DEPARTURE,
    "spoke": w.SPOKE,
    "arrived": w.ARRIVED,
    "departed": w.DEPARTED,
    "stand_down": w.STAND_DOWN,
    "abandon": w.ABANDONED,
    "cancel": w.CANCELLED,
}


class Unusable(Exception):
    """The form can't be recorded; the message tells the operator why and what to do."""


@dataclass(frozen=True)
class Asked:
    """One submitted form about one case."""

    case: Case
    act: str
    form: Mapping[str, str]
    operator: Operator
    zone: Zone

    @property
    def text(self) -> str:
        return self.form.get("text", "").strip()[:MAX_TEXT]

    def role(self) -> int:
        """For whom it is recorded: as chosen, else the operator's own role here, else who watches the visit."""
        chosen = self.form.get("role", "")
        if chosen:
            return self._known_role(chosen, STAFF)
        return role_of(self.case, self.operator)

    def task(self) -> Task:
        """The task that the button belongs to. One that is over may hide that the situation has changed."""
        for task in self.case.tasks:
            if str(task.id) == self.form.get("task", ""):
                return task
        raise Unusable("Not recorded: this task is already over. Read the page again, then record what you did below.")

    def who(self) -> int:
        return self._known_role(self.form.get("who", ""), range(w.WORKER, w.EMERGENCY_SERVICES))

    def _known_role(self, chosen: str, allowed: tuple[int, ...] | range) -> int:
        if not chosen.isdecimal() or int(chosen) not in allowed:
            raise Unusable("Not recorded: choose a role from the list.")
        return int(chosen)

    def record(
        self,
        kind: int,
        role: int,
        who: int = 0,
        what: int = 0,
        value: int = 0,
        via: str = "",
        alarms: str | None = None,
    ) -> Record:
        return Record(
            case=self.case.id,
            kind=kind,
            by_role=role,
            by_person=self.operator.person,
            who=who,
            what=what,
            value=value,
            via=via,
            text=self.text,
            idempotency_key=self.form.get("key", "")[:64],
            alarms=alarms,
        )


def role_of(case: Case, operator: Operator) -> int:
    """The role that an operator holds in a case; who is not part of it acts for whoever watches."""
    for role in STAFF:
        person = case.people.get(role)
        if person is not None and person.id == operator.person:
            return role
    return w.MANAGER if case.plan & w.PLAN_NO_TRACKER else w.TRACKER


def to_record(asked: Asked) -> Record | HandOver:
    """The command for a submitted form; raises Unusable."""
    if asked.act in CALL_OUTCOMES:
        return _call(asked)
    if asked.act in PLAIN:
        return asked.record(PLAIN[asked.act], asked.role())
    how = _OTHERS.get(asked.act)
    if how is None:
        raise Unusable("Not recorded: this page knows no such button. Load it again.")
    return how(asked)


def _call(asked: Asked) -> Record:
    """How a call of a task ended; `via` of the form: by which of its numbers, none: by all of them."""
    kind, _ = CALL_OUTCOMES[asked.act]
    task = asked.task()
    chosen = asked.form.get("via", "")
    if chosen and not (chosen.isdecimal() and int(chosen) in VIA_KEYS and int(chosen) & (task.via or int(chosen))):
        raise Unusable("Not recorded: this number is not in the task any more. Read the page again.")
    tried = int(chosen) if chosen else 0
    means = [VIA_KEYS[bit] for bit in sorted(VIA_KEYS) if (tried or task.via) & bit]
    which = task.what if task.who_role == w.EMERGENCY_CONTACT else 0
    if task.who_role == w.EMERGENCY_CONTACT:
        tried = 1 << which
    return asked.record(kind, task.by_role, who=task.who_role, what=tried, value=which, via=" ".join(means))


def _told(asked: Asked) -> Record:
    task = asked.task()
    if task.verb != w.TELL or task.told_by_hub:
        raise Unusable("Not recorded: this task does not ask to tell anybody. Load the page again.")
    return asked.record(w.DONE, task.by_role, who=task.who_role, what=w.TELL)


def _worker_found(kind: int) -> Callable[[Asked], Record]:
    """Heard from the worker by whatever way, no task having asked for it."""
    return lambda asked: asked.record(kind, asked.role(), who=w.WORKER)


def _other_call(asked: Asked) -> Record:
    kind, _ = CALL_OUTCOMES.get(asked.form.get("result", ""), (0, ""))
    if not kind:
        raise Unusable("Not recorded: choose how the call ended.")
    return asked.record(kind, asked.role(), who=asked.who())


def _dialled_999(asked: Asked) -> Record:
    task = asked.task()
    if task.verb != w.DIAL_999:
        raise Unusable("Not recorded: this task is not a 999 call. Load the page again.")
    return asked.record(w.DONE, task.by_role, what=w.DIAL_999)


def _not_needed(asked: Asked) -> Record:
    """A 999 task that is over without a call. With an alarm open that is for whoever resolves the alarm."""
    task = asked.task()
    if task.verb != w.DIAL_999:
        raise Unusable("Not recorded: this task is not a 999 call. Load the page again.")
    if asked.case.open_alarms:
        raise Unusable("Not recorded: an alarm is open. Resolve it, if it is over; that ends this task too.")
    _need_text(asked, "why 999 is not needed")
    return asked.record(w.RESOLVED, task.by_role, what=w.DIAL_999, alarms="")  # none may have come meanwhile


def _done(asked: Asked) -> Record:
    _need_text(asked, "what is being done")
    return asked.record(w.DONE, asked.role())


def _decide(asked: Asked) -> Record:
    """A decision that no task asked for."""
    decided = {"police": w.CALL_POLICE, "not_police": w.NOT_POLICE}.get(asked.form.get("decision", ""))
    if decided is None:
        raise Unusable("Not recorded: choose what was decided.")
    _need_text(asked, "what was decided, and why")
    return asked.record(w.DECIDED, asked.role(), what=decided)


def _police(asked: Asked) -> Record:
    return asked.record(w.DECIDED, asked.task().by_role, what=w.CALL_POLICE)


def _not_police(asked: Asked) -> Record:
    task = asked.task()
    _need_text(asked, "why the police are not called")
    return asked.record(w.DECIDED, task.by_role, what=w.NOT_POLICE)


def _acknowledge(asked: Asked) -> Record:
    if not asked.case.open_alarms:
        raise Unusable("Not recorded: no alarm is open here any more.")
    if not asked.form.get("role"):
        raise Unusable("Not recorded: choose who has the alarm now.")
    return asked.record(w.ACKNOWLEDGED, asked.role())


def _resolve(asked: Asked) -> Record:
    if not asked.case.open_alarms:
        raise Unusable("Not recorded: no alarm is open here any more.")
    _need_text(asked, "how the alarm ended")
    if asked.form.get("sure") != "yes":
        raise Unusable("Not resolved: tick the box to confirm that the alarm is over.")
    seen = asked.form.get("alarms") or None
    if seen not in (None, open_slots(asked.case)):
        raise Unusable("Not resolved: another alarm has come since you opened this page. Read it first.")
    return asked.record(w.RESOLVED, asked.role(), alarms=seen)


def open_slots(case: Case) -> str:
    """Which alarms a page showed: resolving ends them all, so none may have come unseen."""
    return alarms_seen((alarm.slot, alarm.kind, alarm.ref) for alarm in case.open_alarms)


def _extend(asked: Asked) -> Record:
    return asked.record(w.EXTENDED, asked.role(), value=_time(asked, "end", "new finish"))


def _check_in(asked: Asked) -> Record:
    value = _time(asked, "at", "next check-in")
    if not value:
        raise Unusable("Not recorded: write when the worker checks in next.")
    return asked.record(w.EXTENDED, asked.role(), what=w.AT_FINISH, value=value)


def _time(asked: Asked, field: str, name: str) -> int:
    """A time of the form, 0: none was written."""
    text = asked.form.get(field, "").strip()
    try:
        return asked.zone.parse(text, name) if text else 0
    except BadTime as e:
        raise Unusable(f"Not recorded: {e}") from e


def _need_text(asked: Asked, what: str) -> None:
    if not asked.text:
        raise Unusable(f"Not recorded: write {what}.")


def _hand_over(asked: Asked) -> HandOver:
    person = asked.form.get("person", "")
    if not person.isdecimal():
        raise Unusable("Not handed over: choose who takes over.")
    if not asked.form.get("role"):
        raise Unusable("Not handed over: choose what is handed over.")
    key = asked.form.get("key", "")[:64]
    return HandOver(asked.case.id, asked.role(), int(person), asked.operator.person, asked.text, key)


_OTHERS: dict[str, Callable[[Asked], Record | HandOver]] = {
    "hand_over": _hand_over,
    "call": _other_call,
    "told": _told,
    "heard_at_risk": _worker_found(w.CALL_AT_RISK),
    "heard_duress": _worker_found(w.CALL_DURESS),
    "decide": _decide,
    "check_in": _check_in,
    "dialled_999": _dialled_999,
    "not_needed": _not_needed,
    "done": _done,
    "police": _police,
    "not_police": _not_police,
    "acknowledge": _acknowledge,
    "resolve": _resolve,
    "extend": _extend,
}
