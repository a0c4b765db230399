"""Alembic's entry: one SQLite file, its path given by migrate.py, all missing revisions in one transaction.

Python's driver begins none before a change of tables, and each would be committed by itself: a hub that is killed in
between would find half a schema at its next start, and every start after. So the driver is told to begin nothing, and
SQLAlchemy begins.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event
from watchword_hub.store.schema import metadata

engine = create_engine(f"sqlite:///{context.config.attributes['path']}")


@event.listens_for(engine, "connect")
def _begin_nothing(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
