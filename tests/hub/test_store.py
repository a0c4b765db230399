"""The store: one schema, one writer, a journal that shows every change to it."""

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from stage import MINUTE, Stage
from watchword_core import words as w
from watchword_hub.commands import AddPerson, ErasePersonal, Refusal
from watchword_hub.store.chain import BrokenChain, verify_chain
from watchword_hub.store.lock import DirectoryInUse
from watchword_hub.store.migrate import NewerStore, migrate
from watchword_hub.store.schema import metadata
from watchword_hub.store.store import FILE_NAME, Store


def test_migrations_make_the_schema_that_the_code_uses(template: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{template / FILE_NAME}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.connection.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(NewerStore, match="9999"):
        migrate(tmp_path / FILE_NAME)


@pytest.mark.parametrize("at_statement", [6, 12, 24])
def test_a_hub_that_is_killed_while_it_migrates_starts_the_next_time(tmp_path: Path, at_statement: int) -> None:
    from sqlalchemy import Engine, event

    path, count = tmp_path / FILE_NAME, itertools.count(1)

    def killed(*_: object) -> None:
        if next(count) == at_statement:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", killed)
    try:
        with pytest.raises(KeyboardInterrupt):
            migrate(path)
    finally:
        event.remove(Engine, "before_cursor_execute", killed)
    with closing(sqlite3.connect(path)) as half:
        assert half.execute("SELECT name FROM sqlite_master").fetchall() == []
    migrate(path)
    Store(tmp_path).close()


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    migrate(tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()
    migrate(tmp_path / FILE_NAME)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_nobody_else_reads_it_though_the_folder_is_open_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for _ in range(2):  # made, and found
        store = Store(tmp_path)
        store.connection.execute("CREATE TABLE IF NOT EXISTS address (text)")
        seen = {file.name for file in tmp_path.iterdir() if file.stat().st_mode & 0o077}
        store.close()
        assert seen <= {"reserve"}  # which holds zeros
        (tmp_path / FILE_NAME).chmod(0o644)


def test_a_second_hub_on_the_same_directory_is_refused(stage: Stage) -> None:
    with pytest.raises(DirectoryInUse, match="in use by another hub"):
        Store(stage.folder)
    stage.restart()  # the first one's end frees it


def test_every_commit_waits_for_the_disk(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(synced=True)
    assert stage.store.value("PRAGMA journal_mode") == "wal"
    assert stage.store.value("PRAGMA synchronous") == 2


def told(stage: Stage) -> int:
    """A visit with an SOS, ended; its case."""
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS, lat_e7=515_000_000, lon_e7=-1_000_000, accuracy_m=5, fix_age_s=2))
    stage.record(ana.visit, w.ACKNOWLEDGED, text="Ana says that the client is calm")
    stage.record(ana.visit, w.RESOLVED)
    stage.record(ana.visit, w.CANCELLED)
    assert stage.kinds(ana.visit)[-1] == "closed"
    return ana.visit


def test_erasing_what_is_personal_leaves_the_chain_whole(stage: Stage) -> None:
    case = told(stage)
    bodies = " ".join(row[0] for row in stage.rows("SELECT body FROM journal"))
    assert "calm" not in bodies and "515000000" not in bodies
    assert verify_chain(stage.store.connection).erased == 0
    assert stage.do(ErasePersonal(case, stage.cora)) == 2
    assert stage.rows("SELECT * FROM personal") == []
    assert verify_chain(stage.store.connection).erased == 2


def test_an_open_case_is_not_erased(stage: Stage) -> None:
    ana = stage.visit()
    with pytest.raises(Refusal, match="is open"):
        stage.do(ErasePersonal(ana.visit, stage.cora))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET body = '{}' WHERE kind = 'sos'",
        "UPDATE journal SET event_ms = event_ms + 1 WHERE kind = 'sos'",
        "DELETE FROM journal WHERE kind = 'sos'",
        "DELETE FROM journal WHERE seq = (SELECT MAX(seq) FROM journal)",
        "UPDATE personal SET body = 'something else'",
        "UPDATE site_chain SET head = zeroblob(32) WHERE seq = (SELECT MAX(seq) FROM site_chain)",
        "DELETE FROM site_chain WHERE seq = (SELECT MIN(seq) FROM site_chain)",
    ],
)
def test_whatever_is_changed_afterwards_is_found(stage: Stage, change: str) -> None:
    told(stage)
    verify_chain(stage.store.connection)
    stage.store.connection.execute(change)
    with pytest.raises(BrokenChain):
        verify_chain(stage.store.connection)


def test_the_chain_goes_on_after_a_restart(stage: Stage) -> None:
    told(stage)
    stage.restart(down_ms=MINUTE)
    stage.do(AddPerson("Fay"))
    assert verify_chain(stage.store.connection).rows == stage.store.last_id("journal")


def test_a_reader_sees_only_what_is_committed(stage: Stage) -> None:
    reader = sqlite3.connect(stage.store.path)
    stage.store._begin()
    stage.store.connection.execute("INSERT INTO meta (name, value) VALUES ('x', 'y')")
    assert reader.execute("SELECT * FROM meta WHERE name = 'x'").fetchall() == []
    stage.store.connection.execute("ROLLBACK")
    reader.close()


def test_a_store_of_the_first_schema_keeps_its_visits_and_tasks(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from watchword_hub.store.migrate import _FOLDER

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["path"] = tmp_path / FILE_NAME
    command.upgrade(config, "0001")
    old = sqlite3.connect(tmp_path / FILE_NAME)
    old.execute("INSERT INTO pendant (id, label) VALUES (7, 'P1')")
    old.execute(
        """INSERT INTO visit_case (id, pendant, procedure, version, plan, roles, suspect, state, stages, snapshot,
        opened_ms) VALUES (1, 7, 'homemaker-enhanced', x'00', 0, '{}', 0, 0, '', x'', 5)"""
    )
    old.execute(
        """INSERT INTO task (id, visit_case, rung, verb, by_role, who_role, via, opened_ms)
        VALUES (1, 1, 2, 1, 2, 1, 3, 5)"""
    )
    old.commit()
    old.close()
    store = Store(tmp_path)  # migrates
    assert store.rows("SELECT id, contacts FROM visit_case") == [(1, "[]")]
    assert store.rows("SELECT id, via, what FROM task") == [(1, 3, 0)]
    store.close()
