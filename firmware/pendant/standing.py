"""How things stand: the visit and the alarm as the hub last said, with the wearer's own presses laid over it."""

from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core import words as w
from watchword_core.case import restore
from watchword_core.events import disguise, new_event
from watchword_core.moments import T_END
from watchword_core.snapshots import ALARM, DURESS, heading_of
from watchword_core.table import Table, TableError

from . import answers


class Standing:
    """`case` is None while there is none or its table is missing; the alarm's stage is known without any table."""

    def __init__(self, find_table, counters):
        self.case = None
        self.alarm = a.NONE
        self.table = None
        self.wanted = 0  # short version of the table that the hub's snapshot needs
        self._find_table = find_table
        self._counters = counters
        self._heading = None
        self._snapshot = b""  # the hub's latest

    def take(self, short_version, snapshot):
        """Starts again from a snapshot; b"": no visit and no alarm. False: it can't be read, and all stays."""
        try:
            heading = heading_of(snapshot) if snapshot else None
        except ValueError:
            self._counters.count("unreadable snapshot")
            return False
        self.wanted, self._snapshot, self._heading, self.case = short_version, snapshot, heading, None
        table = None if heading is None else self._table_of(short_version)
        try:
            self.case = None if table is None else restore(table, snapshot)
        except ValueError:
            self._counters.count("unreadable snapshot")
        return True

    def adopt(self, short_version, snapshot):
        """`take`, with the hub's word on the alarm; whether this is another visit than before.

        In one visit an alarm never goes back to none. Where the hub has none all the same, it has the press and could
        not handle it, or was put back from a copy: nobody has ended it, so it stays.
        """
        old = 0 if self._heading is None else self._heading.visit_id
        if not self.take(short_version, snapshot):
            return False
        new = self._heading
        stage = a.NONE if new is None else new.slots[ALARM].stage
        if stage != a.NONE or not old or new is None or new.visit_id != old or not answers.alarm_open(self.alarm):
            self.alarm = stage
        return old != 0 and new is not None and new.visit_id != old

    def apply(self, press, at_ms, now_ms):
        """Lays one press over it; `at_ms`, `now_ms` by the hub's clock, None while it is not set."""
        report = press.report
        if report.event in (w.SOS, w.MAN_DOWN):
            self.alarm = a.TABLE[self.alarm][a.RAISE][0]
        if self.case is None or not at_ms or report.event == w.PRACTICE_SOS:
            return
        if report.visit != self.case.visit_id and not press.is_alarm():
            return
        what = press.count if press.is_alarm() else report.about
        value = report.value
        if report.event == w.DURESS:  # the visit goes on as after what it looked like
            kind, its_value = disguise(value)
            if report.visit == self.case.visit_id:
                self.case.handle(new_event(kind, at_ms, what=report.about, value=its_value), now_ms)
            value = 0
        self.case.handle(new_event(report.event, at_ms, what=what, value=value), now_ms)

    def durable(self, press, now_ms):
        """The hub has this alarm."""
        if press.report.event in (w.SOS, w.MAN_DOWN):
            self.alarm = a.TABLE[self.alarm][a.DURABLE][0]
        if press.is_alarm() and self.case is not None and now_ms is not None:
            self.case.handle(new_event(w.DURABLE, now_ms), now_ms)

    def view(self):
        """What the wearer may know of it."""
        if self.case is not None:
            return answers.View(self.case.visit_id, self.case.state, self.alarm)
        if self._heading is None:
            return answers.View(0, v.CLOSED, self.alarm)
        state = v.AT_DOOR if self._heading.state == v.INSIDE else self._heading.state  # no table, no open door
        return answers.View(self._heading.visit_id, state, self.alarm)

    def is_open(self):
        """Whether a visit or an alarm is, as the wearer may know it: a duress alone is as if nothing were."""
        return answers.visit_open(self.view()) or answers.alarm_open(self.alarm)

    def lacks_procedure(self):
        """Whether what is open runs a table that is not here, or not readable."""
        return self.is_open() and self.wanted != 0 and self.case is None

    def under_duress(self):
        """Whether a duress is open. For what must not happen then: nothing that is felt because of a press may ask."""
        state = self._heading if self.case is None else self.case
        return state is not None and answers.alarm_open(state.slots[DURESS].stage)

    def bound_to(self):
        """(visit id, short version of the table that runs) for a report."""
        visit = 0 if self._heading is None else self._heading.visit_id
        return visit, self.wanted if self.has_table() else 0

    def has_table(self):
        """Whether the wanted table is there."""
        return self.table is not None and self.table.short_version == self.wanted

    def extended_end_ms(self):
        """The new end that is asked for, so that a repeat asks for nothing more; 0: one step, whatever the end is."""
        if self.case is None or self.case.times[T_END] is None:
            return 0
        return self.case.times[T_END] + self.case.table.ms(self.case.table.step_s)

    def to_bytes(self):
        """The snapshot to remember."""
        return self._snapshot if self.case is None else self.case.snapshot()

    def _table_of(self, short_version):
        if not self.has_table():
            self.table = None
            compiled = self._find_table(short_version)
            if compiled is None:
                return None
            self.table = self._read(compiled, short_version)
        return self.table

    def _read(self, compiled, short_version):
        """The Table, or None when flash has changed a bit of it: one could open the door, or leave a prompt out."""
        try:
            table = Table(compiled)
        except TableError:
            table = None
        if table is None or table.short_version != short_version:
            self._counters.count("bad table")
            return None
        return table
