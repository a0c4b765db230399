"""Alembic's entry: one SQLite file, its path given by migrate.py, all missing revisions in one transaction."""

from alembic import context
from sqlalchemy import create_engine
from watchword_hub.store.schema import metadata

engine = create_engine(f"sqlite:///{context.config.attributes['path']}")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
