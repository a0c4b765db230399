"""Several emergency contacts of a visit, called in their order: who they are, and which of them a call is to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("visit_case", sa.Column("contacts", sa.Text, nullable=False, server_default="[]"))
    op.add_column("task", sa.Column("what", sa.Integer, nullable=False, server_default="0"))
