"""What would grow for ever does not, and nothing that is in use is forgotten."""

from collections.abc import Callable

from stage import MINUTE, Stage
from watchword_core import words as w
from watchword_hub.commands import AddPerson, RevokePendant
from watchword_hub.engine.limits import Limits

HOUR = 60 * MINUTE


def boots(stage: Stage) -> set[int]:
    return {int.from_bytes(row[0], "big") for row in stage.rows("SELECT boot FROM boot")}


def test_boots_beyond_the_limit_are_forgotten__never_the_one_in_use(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(limits=Limits(max_boots=4))
    ana = stage.visit()
    in_use = ana.boot
    for boot in range(1, 11):
        stage.clock.at_ms += MINUTE
        ana.restart(boot)
        stage.carry(ana.heartbeat())
    assert boots(stage) == {in_use, 8, 9, 10} and stage.counter("boot_forgotten") == 7
    stage.restart()
    assert boots(stage) == {in_use, 8, 9, 10}
    ana.hear(stage.carriers)
    stage.carry(ana.frame(w.SOS))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked


def test_a_revoked_pendant_that_restarts_for_ever_leaves_nothing(stage: Stage) -> None:
    ana = stage.visit()
    stage.do(RevokePendant(ana.id, stage.cora))
    before = boots(stage)
    for boot in range(1, 11):
        ana.restart(boot)
        stage.carry(ana.heartbeat(), ana.frame(w.ARRIVED))
    assert boots(stage) == before and stage.counter("revoked_pendant") == 20


def test_answers_to_commands_are_forgotten_while_the_hub_runs(stage: Stage) -> None:
    stage.cast()
    command = AddPerson("Fay", idempotency_key="once")
    fay = stage.do(command)
    stage.later(23 * HOUR, step_ms=10 * MINUTE)
    assert stage.do(command) == fay
    stage.later(2 * HOUR, step_ms=10 * MINUTE)
    assert stage.rows("SELECT * FROM command_done") == []
