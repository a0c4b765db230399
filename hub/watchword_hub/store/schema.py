"""The store's tables, as SQLAlchemy Core. Migrations make them (migrations/versions); a test holds both to one shape.

Times are Unix ms by the hub's clock. Boot ids are 8 bytes, big-endian: SQLite's integers end at 63 bits.
The journal holds ids only; what the law may ask to erase stands in `personal`, `person`, `contact_method`, in the
position columns of `boot`, and in `outbox` texts.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
)

contact_method = Table(
    "contact_method",
    metadata,
    Column("person", Integer, ForeignKey("person.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # tried in this order
    Column("kind", Text, nullable=False),  # sms, mail, push, webhook, apprise
    Column("address", Text, nullable=False),
)

pendant = Table(
    "pendant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("wearer", Integer, ForeignKey("person.id")),
    Column("revoked_ms", Integer),
)
Index("pendant_wearer", pendant.c.wearer)

# Everything that a frame changes by itself stands in one row, so that a heartbeat costs one statement.
boot = Table(
    "boot",
    metadata,
    Column("pendant", Integer, ForeignKey("pendant.id"), primary_key=True),
    Column("boot", LargeBinary, primary_key=True),
    Column("press_window", LargeBinary, nullable=False),
    Column("routine_window", LargeBinary, nullable=False),
    Column("offset_ms", Integer),  # hub ms at the pendant's tick 0, NULL: not known
    Column("known", Integer, nullable=False),  # 1: it answered its challenge
    Column("challenge", LargeBinary, nullable=False),
    Column("down_count", Integer, nullable=False),  # the highest that a status to it may have used
    Column("seen_ms", Integer, nullable=False),  # when the newest of its frames was made
    Column("battery_mv", Integer, nullable=False),
    Column("lat_e7", Integer),
    Column("lon_e7", Integer),
    Column("accuracy_m", Integer),
    Column("fix_age_s", Integer),
    Column("flags", Integer, nullable=False, server_default="0"),  # of its newest frame: core frames.py
)

visit_case = Table(
    "visit_case",
    metadata,
    Column("id", Integer, primary_key=True),  # also the visit's id in frames
    Column("pendant", Integer, ForeignKey("pendant.id"), nullable=False),
    Column("procedure", Text, nullable=False),
    Column("version", LargeBinary, nullable=False),
    Column("plan", Integer, nullable=False),  # words.PLAN_* bits
    Column("roles", Text, nullable=False),  # JSON: role name -> person id
    Column("contacts", Text, nullable=False, server_default="[]"),  # JSON: emergency contacts' person ids, in order
    Column("suspect", Integer, nullable=False),  # 1: raised by a revoked pendant
    Column("state", Integer, nullable=False),
    Column("stages", Text, nullable=False),  # JSON: stage of each alarm slot
    Column("snapshot", LargeBinary, nullable=False),
    Column("due_ms", Integer),
    Column("opened_ms", Integer, nullable=False),
    Column("closed_ms", Integer),
)
Index("visit_case_due", visit_case.c.due_ms)
Index("visit_case_open", visit_case.c.closed_ms, visit_case.c.pendant)

task = Table(
    "task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("visit_case", Integer, ForeignKey("visit_case.id"), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("verb", Integer, nullable=False),
    Column("by_role", Integer, nullable=False),
    Column("person", Integer),  # who must do it; NULL: nobody could be found, everyone sees it
    Column("who_role", Integer, nullable=False),
    Column("via", Integer, nullable=False),
    Column("what", Integer, nullable=False, server_default="0"),  # which of several emergency contacts, from 0
    Column("opened_ms", Integer, nullable=False),
    Column("due_ms", Integer),
    Column("ended_ms", Integer),
    Column("outcome", Text),
)
Index("task_open", task.c.ended_ms, task.c.visit_case)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("visit_case", Integer, nullable=False),  # 0: the site's own
    Column("at_ms", Integer, nullable=False),  # when the hub wrote it
    Column("event_ms", Integer, nullable=False),  # when it happened
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON, ids only
    Column("personal_hash", LargeBinary, nullable=False),  # empty: nothing personal belongs to it
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
Index("journal_case", journal.c.visit_case, journal.c.seq)

site_chain = Table(
    "site_chain",
    metadata,
    Column("seq", Integer, primary_key=True),  # of the journal row that is the head
    Column("visit_case", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

personal = Table(
    "personal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),  # the journal row that asked for it
    Column("visit_case", Integer, nullable=False),
    Column("person", Integer, nullable=False),
    Column("role", Integer, nullable=False),  # as which they are told
    Column("kind", Text, nullable=False),  # of the contact method
    Column("position", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued, delivered, failed
    Column("next_try_ms", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_ms", Integer, nullable=False),
    Column("delivered_ms", Integer),
    Column("reason", Text),
)
Index("outbox_due", outbox.c.state, outbox.c.next_try_ms)

stranger = Table(
    "stranger",
    metadata,
    Column("pendant", Integer, primary_key=True),
    Column("bridge", Text, nullable=False),
    Column("first_ms", Integer, nullable=False),
    Column("last_ms", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

procedure_version = Table(
    "procedure_version",
    metadata,
    Column("version", LargeBinary, primary_key=True),
    Column("name", Text, nullable=False),
    Column("compiled", LargeBinary, nullable=False),
    Column("lines", Text, nullable=False),  # JSON: rung index -> [its name, its clause]
)

command_done = Table(
    "command_done",
    metadata,
    Column("idempotency_key", Text, primary_key=True),
    Column("answer", Text, nullable=False),  # JSON
    Column("at_ms", Integer, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),  # epoch, alive_ms, clock, default_roles
    Column("value", Text, nullable=False),
)
