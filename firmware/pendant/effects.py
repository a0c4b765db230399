"""What the pendant's logic asks its shell for, to be carried out in the order given."""

from collections import namedtuple

Keep = namedtuple("Keep", ("frame", "hub_ms"))  # append a press to the journal; hub_ms: when, 0: clock not set
Settled = namedtuple("Settled", ("boot", "count"))  # the hub has that press: note it in the journal
Send = namedtuple("Send", ("frame",))  # notify this frame; success is not delivery
Feel = namedtuple("Feel", ("pattern",))  # felt.*
Light = namedtuple("Light", ("state",))  # felt.LIGHT_*
Remember = namedtuple("Remember", ("memory",))  # bytes for the state file, atomically
Shelve = namedtuple("Shelve", ("short_version", "compiled"))  # keep this table in flash
Recall = namedtuple("Recall", ())  # the hub's store is another one: give `recalled` what the journal still has
