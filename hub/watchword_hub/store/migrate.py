"""Brings a store to the schema of this version, with Alembic; refuses one from a newer version."""

import sqlite3
from pathlib import Path

HEAD = "0004"  # the newest revision in migrations/versions
_FOLDER = Path(__file__).parent / "migrations"


class NewerStore(Exception):
    """The store was written by a newer Watchword; downgrading would lose what it knows."""


class CannotMigrate(Exception):
    """The store can't be brought to this version's schema now: no space left, most often."""


def migrate(path: Path) -> None:
    """Runs the missing migrations on the store file at `path`, which is made if it isn't there."""
    found = _revision(path)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise NewerStore(f"{path} is of schema {found}, this version knows {HEAD}: run the newer Watchword")
    # Imported only where there is work: Alembic takes longer to load than the rest of the hub to start.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DatabaseError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["path"] = path
    try:
        command.upgrade(config, "head")
    except DatabaseError as e:
        raise CannotMigrate(f"{path} can't be brought to schema {HEAD}: {e.orig}") from e


def _revision(path: Path) -> str | None:
    if not path.exists():
        return None
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.OperationalError:
        return None  # an empty file: no table yet
    finally:
        connection.close()
    return str(rows[0][0]) if rows else None
