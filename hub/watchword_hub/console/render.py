"""Templates and the filters that they use. Everything is escaped: names and notes are written by anybody."""

import secrets
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from watchword_core import words as w

from watchword_hub.clock import Clock
from watchword_hub.commands import PHONES

from . import acts, names, people, planning, tasks
from .login import Session
from .phrase import DuressPhrase
from .views import Alarm, JournalLine, Task
from .when import Zone, iso, span

BANNERS = {
    "store_full": "The hub can't write its record (disk full?). Alarms are still told to people; nothing else is kept. "
    "Call whoever looks after the hub's machine now."
}
CLOSE_MS = 60_000  # a task this close to its deadline is marked


class Pages:
    """Renders the templates of this package."""

    def __init__(self, zone: Zone, clock: Clock, phrase: DuressPhrase) -> None:
        self._zone = zone
        self._clock = clock
        self._env = Environment(
            loader=PackageLoader("watchword_hub.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters |= {
            "clock": self._clock_element,
            "short": self._short_element,
            "ago": self._ago,
            "due": self._due,
            "event": event_words,
            "role": lambda role: names.ROLES.get(role, "nobody"),
            "ways": names.ways,
            "plan_words": names.plan_words,
            "verb": tasks.verb_words,
            "severity": self._severity,
        }
        self._env.globals |= {
            "w": w,
            "names": names,
            "acts": acts,
            "people_forms": people,
            "phones": PHONES,
            "planning": planning,
            "cards": tasks.cards,
            "dial": tasks.lines,
            "outcomes": tasks.outcomes,
            "numbers_of": tasks.numbers,
            "phrase": phrase,
            "new_key": lambda: secrets.token_urlsafe(12),
            "role_of": acts.role_of,
            "at_field": zone.field,
            "alarm_title": alarm_title,
            "iso": iso,
            "zone_name": zone.name,
            "BANNERS": BANNERS,
        }

    def page(self, template: str, session: Session | None, **values: Any) -> str:
        """A whole page."""
        now_ms = self._clock.now_ms()
        raised_ms = [a.raised_ms for case in values.get("waiting", ()) for a in case.open_alarms if not a.taken]
        notice = session.notice(now_ms, max(raised_ms, default=0)) if session else None
        values = {"session": session, "notice": notice, "now_ms": now_ms, **values}
        return self._env.get_template(template).render(values)

    def piece(self, template: str, **values: Any) -> str:
        """Something that is put into a page that is there already."""
        return self._env.get_template(template).render(values)

    def _clock_element(self, ms: int | None) -> Markup:
        if ms is None:
            return Markup("not yet")
        return Markup('<time datetime="{}">{}</time>').format(iso(ms), self._zone.clock(ms))

    def _short_element(self, ms: int | None) -> Markup:
        if ms is None:
            return Markup("not set")
        return Markup('<time datetime="{}">{}</time>').format(iso(ms), self._zone.short(ms, self._clock.now_ms()))

    def _ago(self, ms: int | None) -> Markup:
        """ "02:11 ago", counted on by the browser."""
        if ms is None:
            return Markup("not yet")
        return Markup('<span data-ago="{}">{} ago</span>').format(ms, span(max(0, self._clock.now_ms() - ms)))

    def _due(self, ms: int | None) -> Markup:
        """ "in 03:12" or "03:12 late", counted on by the browser."""
        if ms is None:
            return Markup("no limit")
        left = ms - self._clock.now_ms()
        words = f"in {span(left)}" if left >= 0 else f"{span(left)} late"
        return Markup('<span data-due="{}">{}</span>').format(ms, words)

    def _severity(self, task: Task) -> str:
        """ "late", "close" or "task": the word, shape and colour of a task."""
        if task.due_ms is None:
            return "task"
        left = task.due_ms - self._clock.now_ms()
        return "late" if left < 0 else "close" if left < CLOSE_MS else "task"


def event_words(line: JournalLine) -> str:
    if isinstance(line.kind, int):
        return names.EVENTS.get(line.kind, f"event {line.kind}")
    if line.kind in names.ASKED and line.text:
        return ""
    return names.ROWS.get(line.kind, line.kind.replace("_", " "))


def alarm_title(alarm: Alarm) -> str:
    return names.ALARMS.get(alarm.kind, "ALARM")
