"""What a pendant's newest frame said of itself: which clock it goes by, whether its place is of before a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("boot", sa.Column("flags", sa.Integer, nullable=False, server_default="0"))
