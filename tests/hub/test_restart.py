"""The hub is killed and comes back: nothing is lost, no deadline moves, what is overdue fires once, in order."""

from stage import MINUTE, SECOND, Stage
from watchword_core import words as w
from watchword_core.frames import PRESS
from watchword_hub.engine.procedure_book import BuiltIn
from watchword_hub.procedures import compile_text, load
from watchword_hub.store.chain import verify_chain


def cleared(stage: Stage) -> int:
    """Ana is inside; the call-back is due in 20 minutes. Her visit."""
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    return ana.visit


def due(stage: Stage) -> list[int]:
    return [row[0] for row in stage.rows("SELECT due_ms FROM visit_case")]


def test_a_restart_in_mid_visit_moves_no_deadline(stage: Stage) -> None:
    cleared(stage)
    before = due(stage)
    stage.restart(down_ms=3 * SECOND)
    assert due(stage) == before == [stage.clock.at_ms - 3 * SECOND + 20 * MINUTE]
    stage.engine.step()
    assert due(stage) == before


def test_what_fell_due_while_the_hub_was_down_fires_once_in_order(stage: Stage) -> None:
    case = cleared(stage)
    stage.restart(down_ms=31 * MINUTE)
    stage.engine.step()
    rows = stage.rows(
        "SELECT event_ms, kind, body FROM journal WHERE visit_case = ? AND kind IN ('call', 'prompt', 'tell')", (case,)
    )
    kinds = [kind for _, kind, _ in rows]
    assert kinds.count("call") == 1 and kinds.count("prompt") == 1
    assert [at for at, _, _ in rows] == sorted(at for at, _, _ in rows)
    stage.restart()
    for _ in range(5):
        stage.engine.step()
    assert [kind for kind in stage.kinds(case) if kind == "call"] == ["call"]
    verify_chain(stage.store.connection)


def test_after_a_downtime_each_person_gets_one_message_for_all_that_fell_due(stage: Stage) -> None:
    case = cleared(stage)
    before = len(stage.messages())
    stage.restart(down_ms=75 * MINUTE)  # past the call-back and past the planned end
    stage.engine.step()
    people = [who for who, _ in stage.messages()[before:]]
    assert len(people) == len(set(people)) and {"Ben", "Cora"} <= set(people)
    bodies = stage.rows("SELECT body FROM outbox WHERE id > ?", (before,))
    assert any(body.count("\n") > 0 for (body,) in bodies)
    assert len([kind for kind in stage.kinds(case) if kind in ("call", "decide", "tell")]) > len(people)


def test_a_short_restart_combines_nothing(stage: Stage) -> None:
    ana = stage.visit()
    stage.restart(down_ms=2 * SECOND)
    stage.carry(ana.frame(w.SOS), ana.frame(w.DURESS))
    assert len(stage.messages()) == 4


def test_a_restart_in_mid_sos_tells_the_senior_at_its_time(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.later(30 * SECOND)
    stage.restart(down_ms=3 * SECOND)
    stage.later(26 * SECOND)
    assert "Dev" not in [who for who, _ in stage.messages()]
    stage.later(SECOND)
    assert "Dev" in [who for who, _ in stage.messages()]
    tasks = stage.rows("SELECT verb, person, due_ms FROM task WHERE ended_ms IS NULL")
    assert tasks == [(w.DIAL_999, stage.cora, stage.clock.at_ms + 5 * MINUTE)]


def test_open_tasks_are_ended_by_what_is_recorded_after_a_restart(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    stage.later(61 * SECOND)
    stage.restart()
    stage.record(ana.visit, w.DONE, w.MANAGER, what=w.DIAL_999)
    assert stage.rows("SELECT outcome FROM task WHERE verb = ?", (w.DIAL_999,)) == [("done",)]


def test_a_killed_hub_gets_the_unacknowledged_press_again_and_counts_it_once(stage: Stage) -> None:
    ana = stage.visit()
    frame = ana.frame(w.SOS)
    stage.queue(frame)
    stage.restart()  # before the step: the broker still has it
    stage.carry(frame)
    stage.restart()  # after the commit, before the bridge heard
    stage.carry(frame)
    ana.hear(stage.carriers)
    assert (PRESS, 1) in ana.acked
    assert stage.kinds(ana.visit).count("sos") == 1


def test_everyone_has_the_whole_silence_limit_again_after_a_restart(stage: Stage) -> None:
    case = cleared(stage)
    stage.later(100 * SECOND)
    stage.restart(down_ms=10 * SECOND)
    stage.later(119 * SECOND)
    assert "silent" not in stage.kinds(case)
    stage.later(2 * SECOND)
    assert stage.kinds(case).count("silent") == 1
    stage.restart()
    stage.later(3 * MINUTE)
    assert stage.kinds(case).count("silent") == 1  # Ben knows already


def test_a_clock_behind_the_journal_is_told_and_time_goes_on_from_the_later(stage: Stage) -> None:
    cleared(stage)
    stage.engine.step()
    before, deadlines = stage.clock.at_ms, due(stage)
    stage.restart(down_ms=-3600 * SECOND)
    assert stage.engine.now_ms() == before
    assert stage.messages()[-1] == ("Cora", "Watchword: the clock went back")
    assert stage.counter("clock_behind") == 1
    stage.later(20 * MINUTE)
    assert deadlines == [before + 20 * MINUTE]
    assert "call" in [kind for (kind,) in stage.rows("SELECT kind FROM journal")]


class Changed(BuiltIn):
    """The safety lead has changed the file since the visit began."""

    def get(self, name: str):  # type: ignore[no-untyped-def]
        return compile_text("changed.toml", load(name).source.replace('after = "20 min"', 'after = "5 min"'))


def test_a_visit_runs_to_its_end_on_the_version_that_it_began_with(stage: Stage) -> None:
    case = cleared(stage)
    before = due(stage)
    stage.procedures = Changed()
    stage.restart()
    stage.later(6 * MINUTE, MINUTE)
    assert due(stage) != [] and "call" not in stage.kinds(case)
    assert stage.rows("SELECT version FROM visit_case") == [(load("homemaker-enhanced").table.version,)]
    assert before == [stage.clock.at_ms - 6 * MINUTE + 20 * MINUTE]


def test_pendants_notice_that_a_store_was_put_back(stage: Stage) -> None:
    ana = stage.visit()
    stage.restart()
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    before = ana.statuses[-1].epoch
    assert before == ana.statuses[0].epoch != 0
    stage.restart(restored=True)
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    assert ana.statuses[-1].epoch not in (0, before)


def test_the_machines_clock_is_set_while_the_hub_is_down__no_event_is_dated_wrong(stage: Stage) -> None:
    ana = stage.visit()
    for step_ms in (60 * MINUTE, -20 * MINUTE):
        stage.carry(ana.heartbeat())
        stage.later(10 * SECOND)
        stage.clock.step_ms += step_ms
        stage.restart(down_ms=3 * SECOND)
        stage.engine.step()
        pressed_ms = stage.engine.now_ms()
        stage.carry(ana.frame(w.CHECKED_IN))
        (event_ms,) = stage.rows("SELECT event_ms FROM journal WHERE kind = 'checked_in' ORDER BY seq DESC LIMIT 1")[0]
        assert abs(event_ms - pressed_ms) <= SECOND
        assert "silent" not in stage.kinds(ana.visit)


def test_the_machine_was_off_for_long__ticks_are_learnt_again(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.heartbeat())
    stage.later(10 * SECOND)
    stage.clock.machine_boot = "second"
    stage.clock.step_ms += 60 * MINUTE
    stage.restart(down_ms=3 * SECOND)
    stage.carry(ana.frame(w.CHECKED_IN))
    (event_ms,) = stage.rows("SELECT event_ms FROM journal WHERE kind = 'checked_in'")[0]
    assert abs(event_ms - stage.engine.now_ms()) <= SECOND


def test_a_press_from_before_the_visit_was_planned_is_evidence(stage: Stage) -> None:
    ana = stage.visit()
    late = ana.frame(w.ARRIVED, visit=ana.visit + 1)
    stage.record(ana.visit, w.CANCELLED)
    stage.later(5 * MINUTE)
    stage.plan(ana)
    stage.carry(late)
    assert "arrived" in stage.kinds(ana.visit) and "tell" not in stage.kinds(ana.visit)


def epoch(stage: Stage) -> int:
    return stage.engine._state.epoch


def copy_of_the_store(stage: Stage) -> bytes:
    """The database as a copy that was made with care."""
    stage.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return stage.store.path.read_bytes()


def put_back(stage: Stage, copy: bytes) -> None:
    stage.close()
    for beside in ("-wal", "-shm"):
        stage.store.path.with_name(stage.store.path.name + beside).unlink(missing_ok=True)
    stage.store.path.write_bytes(copy)
    stage.open()


def test_a_store_put_back_from_a_copy_is_noticed_and_pendants_are_asked_again(stage: Stage) -> None:
    ana = stage.visit()
    copy, before = copy_of_the_store(stage), epoch(stage)
    stage.carry(ana.frame(w.SOS))
    stage.later(10 * SECOND)
    put_back(stage, copy)
    stage.carry(ana.heartbeat())
    ana.hear(stage.carriers)
    assert ana.statuses[-1].epoch == epoch(stage) != before
    after = epoch(stage)
    stage.restart()
    assert epoch(stage) == after


def test_a_kill_at_any_moment_is_no_restore(stage: Stage) -> None:
    ana, before = stage.visit(), epoch(stage)
    for _ in range(5):
        stage.carry(ana.frame(w.SOS))
        stage.restart(down_ms=7 * SECOND)
    assert epoch(stage) == before


def test_a_marker_that_cannot_be_read_or_written_stops_nothing(stage: Stage) -> None:
    before = epoch(stage)
    marker = stage.folder / "newest"
    assert marker.stat().st_mode & 0o077 == 0
    marker.write_text("?")
    stage.restart()
    assert epoch(stage) == before
    marker.unlink()
    marker.mkdir()
    stage.restart()
    stage.later(10 * SECOND)
    assert epoch(stage) == before and stage.store.marker.failed > 0
