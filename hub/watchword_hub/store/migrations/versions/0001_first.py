"""The first schema. Never edited: a change is a new revision beside this one."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "command_done",
        sa.Column("idempotency_key", sa.Text, primary_key=True),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at_ms", sa.Integer, nullable=False),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("visit_case", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.Integer, nullable=False),
        sa.Column("event_ms", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("personal_hash", sa.LargeBinary, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("journal_case", "journal", ["visit_case", "seq"])
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("visit_case", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("next_try_ms", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_ms", sa.Integer, nullable=False),
        sa.Column("delivered_ms", sa.Integer),
        sa.Column("reason", sa.Text),
    )
    op.create_index("outbox_due", "outbox", ["state", "next_try_ms"])
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "personal",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "procedure_version",
        sa.Column("version", sa.LargeBinary, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("compiled", sa.LargeBinary, nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
    )
    op.create_table(
        "site_chain",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("visit_case", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "stranger",
        sa.Column("pendant", sa.Integer, primary_key=True),
        sa.Column("bridge", sa.Text, nullable=False),
        sa.Column("first_ms", sa.Integer, nullable=False),
        sa.Column("last_ms", sa.Integer, nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
    )
    op.create_table(
        "contact_method",
        sa.Column("person", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
    )
    op.create_table(
        "pendant",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("wearer", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("revoked_ms", sa.Integer),
    )
    op.create_table(
        "boot",
        sa.Column("pendant", sa.Integer, sa.ForeignKey("pendant.id"), primary_key=True),
        sa.Column("boot", sa.LargeBinary, primary_key=True),
        sa.Column("press_window", sa.LargeBinary, nullable=False),
        sa.Column("routine_window", sa.LargeBinary, nullable=False),
        sa.Column("offset_ms", sa.Integer),
        sa.Column("known", sa.Integer, nullable=False),
        sa.Column("challenge", sa.LargeBinary, nullable=False),
        sa.Column("down_count", sa.Integer, nullable=False),
        sa.Column("seen_ms", sa.Integer, nullable=False),
        sa.Column("battery_mv", sa.Integer, nullable=False),
        sa.Column("lat_e7", sa.Integer),
        sa.Column("lon_e7", sa.Integer),
        sa.Column("accuracy_m", sa.Integer),
        sa.Column("fix_age_s", sa.Integer),
    )
    op.create_table(
        "visit_case",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pendant", sa.Integer, sa.ForeignKey("pendant.id"), nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("version", sa.LargeBinary, nullable=False),
        sa.Column("plan", sa.Integer, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("suspect", sa.Integer, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("stages", sa.Text, nullable=False),
        sa.Column("snapshot", sa.LargeBinary, nullable=False),
        sa.Column("due_ms", sa.Integer),
        sa.Column("opened_ms", sa.Integer, nullable=False),
        sa.Column("closed_ms", sa.Integer),
    )
    op.create_index("visit_case_due", "visit_case", ["due_ms"])
    op.create_index("visit_case_open", "visit_case", ["closed_ms", "pendant"])
    op.create_table(
        "task",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("visit_case", sa.Integer, sa.ForeignKey("visit_case.id"), nullable=False),
        sa.Column("rung", sa.Integer, nullable=False),
        sa.Column("verb", sa.Integer, nullable=False),
        sa.Column("by_role", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer),
        sa.Column("who_role", sa.Integer, nullable=False),
        sa.Column("via", sa.Integer, nullable=False),
        sa.Column("opened_ms", sa.Integer, nullable=False),
        sa.Column("due_ms", sa.Integer),
        sa.Column("ended_ms", sa.Integer),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("task_open", "task", ["ended_ms", "visit_case"])
