"""One poisoned event: it is kept, its people are told, and everything beside it goes on."""

import pytest
from stage import MINUTE, SECOND, Stage
from watchword_core import visit
from watchword_core import words as w
from watchword_core.case import _HANDLERS, Case
from watchword_core.frames import PRESS
from watchword_core.ladder import Ladder
from watchword_core.table import Table
from watchword_hub.commands import AddPerson, Contact, SetDefaultRoles
from watchword_hub.engine.faults import ALARM_AGAIN_MS
from watchword_hub.engine.procedure_book import BuiltIn, Procedure
from watchword_hub.procedures import load
from watchword_hub.store.chain import verify_chain


def ana_can_be_reached(stage: Stage) -> None:
    stage.store.connection.execute("INSERT INTO contact_method VALUES (?, 0, 'mail', 'ana@example.org')", (stage.ana,))
    stage.restart()


LOOK = "Ana: needs a look now"


class PoisonedTable(Table):
    """Raises where an extension's length is asked for, as a fault in the machine would."""

    poisoned = True

    def ms(self, seconds: int) -> int:
        if seconds == self.cap_s and PoisonedTable.poisoned:
            raise ZeroDivisionError("poisoned")
        return int(super().ms(seconds))


class Poisoned(BuiltIn):
    """Homemaker's procedure, with a fault in it."""

    def get(self, name: str) -> Procedure:
        good = load(name)

        class Bad:
            name = good.name
            table = PoisonedTable(good.table.compiled)
            clause = staticmethod(good.clause)
            rung_name = staticmethod(good.rung_name)
            what = staticmethod(good.what)

        return Bad()


@pytest.fixture
def poisoned(make_stage) -> Stage:  # type: ignore[no-untyped-def]
    stage = make_stage(procedures=Poisoned())
    assert isinstance(stage, Stage)
    return stage


def test_a_poisoned_press_is_kept_raw_its_people_told_and_the_others_go_on(poisoned: Stage) -> None:
    ana = poisoned.visit()
    other = poisoned.provision(0xB0B, "P2")
    bad, good = ana.frame(w.EXTENDED), ana.frame(w.ARRIVED)
    poisoned.carry(bad, good, other.frame(w.SOS))
    ana.hear(poisoned.carriers)
    assert ana.case().state == visit.AT_DOOR
    assert {(PRESS, 1), (PRESS, 2)} <= ana.acked
    kept = poisoned.rows("SELECT visit_case, body FROM journal WHERE kind = 'faulted'")
    assert [case for case, _ in kept] == [ana.visit] and bad.hex() in kept[0][1]
    assert [who for who, subject in poisoned.messages() if subject == LOOK] == ["Ben", "Cora"]
    assert any(subject == "pendant P2: SOS" for _, subject in poisoned.messages())
    poisoned.carry(bad)
    assert poisoned.counter("faulted_event") == 1  # a repeat is only a repeat
    verify_chain(poisoned.store.connection)


def test_the_message_is_in_the_commit_that_keeps_the_fault(poisoned: Stage) -> None:
    ana = poisoned.visit()
    said: list[str] = []
    poisoned.store.connection.set_trace_callback(said.append)
    poisoned.carry(ana.frame(w.EXTENDED))
    poisoned.store.connection.set_trace_callback(None)
    assert said.count("COMMIT") == 1
    assert any("INTO outbox" in sql for sql in said[: said.index("COMMIT")])


def test_a_command_that_fails_is_answered_and_told(poisoned: Stage) -> None:
    ana = poisoned.visit()
    with pytest.raises(ZeroDivisionError):
        poisoned.record(ana.visit, w.EXTENDED)
    assert [who for who, subject in poisoned.messages() if subject == LOOK] == ["Ben", "Cora"]
    assert poisoned.record(ana.visit, w.ABANDONED) != []


def test_the_wearer_is_never_the_one_told_of_a_fault(poisoned: Stage) -> None:
    ana = poisoned.visit()
    poisoned.record(ana.visit, w.CANCELLED)
    poisoned.do(SetDefaultRoles({"manager": poisoned.ana}))
    poisoned.do(AddPerson("Fay", [Contact("mail", "fay@example.org")]))
    ana_can_be_reached(poisoned)
    poisoned.plan(ana, roles={"worker": poisoned.ana, "manager": poisoned.eli})
    poisoned.carry(ana.frame(w.EXTENDED))
    told = [who for who, subject in poisoned.messages() if subject == LOOK]
    assert "Ana" not in told and {"Ben", "Cora", "Dev", "Fay"} <= set(told)


def test_a_deadline_that_fails_is_told_and_tried_again_later(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))

    def broken(_ladder: Ladder, _now_ms: int) -> None:
        raise ZeroDivisionError("poisoned")

    with monkeypatch.context() as patched:
        patched.setattr(Ladder, "handle_deadline", broken)
        stage.later(5 * MINUTE + 30 * SECOND)
    faults = stage.counter("faulted_event")
    assert faults == 4 + 1  # the silence at 2, 3, 4 and 5 minutes, the deadline at 5: each once a minute
    assert (LOOK) in [subject for _, subject in stage.messages()]
    stage.later(MINUTE)
    assert "Cora" in [who for who, subject in stage.messages() if subject != LOOK]
    assert stage.counter("faulted_event") == faults


def breaks(_case: Case, _event: object, _now_ms: int) -> None:
    raise ZeroDivisionError("poisoned")


@pytest.mark.parametrize("visit_open", [True, False])
def test_an_alarm_that_fails_is_told_as_one_and_not_acknowledged__its_repeat_is_handled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, visit_open: bool
) -> None:
    ana = stage.visit()
    if not visit_open:
        stage.record(ana.visit, w.CANCELLED)
    before = len(stage.messages())
    sos = ana.frame(w.SOS)
    with monkeypatch.context() as patched:
        patched.setitem(_HANDLERS, w.SOS, breaks)
        for _ in range(3):
            stage.carry(sos)
            stage.later(10 * SECOND)
        ana.hear(stage.carriers)
        assert ana.last_press not in ana.acked, "she feels that it isn't getting through"
        subject = "Ana: SOS, and Watchword can't handle it"
        assert stage.messages()[before:] == [("Ben", subject), ("Cora", subject)]
        stage.clock.at_ms += ALARM_AGAIN_MS
        stage.carry(sos)
        assert stage.messages()[before:].count(("Ben", subject)) == 2
    stage.carry(sos)
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked
    assert [who for who, about in stage.messages() if about == "Ana: SOS"] == ["Ben", "Cora", "Dev", "Cora"]
    verify_chain(stage.store.connection)


def test_a_duress_that_fails_is_told_with_its_rule(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = stage.visit()
    monkeypatch.setitem(_HANDLERS, w.DURESS, breaks)
    stage.carry(ana.frame(w.DURESS, value=w.CHECKED_IN))
    bodies = [body for (body,) in stage.rows("SELECT body FROM outbox WHERE subject LIKE '%DURESS%'")]
    assert len(bodies) == 2 and all(body.endswith("don't call the worker first.") for body in bodies)
