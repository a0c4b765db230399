"""The pendants of a worker: each plan asks whether they have a visit open, however many pendants there are."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("pendant_wearer", "pendant", ["wearer"])
