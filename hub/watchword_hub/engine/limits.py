"""The engine's limits and paces, in one place, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What simulation and tests may change; the defaults are the product's."""

    max_batch: int = 512  # frames and commands a transaction: beyond it commits grow longer, not cheaper
    silence_ms: int = 120_000  # general rule 9
    tick_ms: int = 5_000  # a commit and a feed beat at least this often, so that silence means frozen
    collect_every: int = 4_096  # items, between two walks of the garbage collector over what came in
    retry_ms: int = 1_000  # between tries to commit while the store can't be written
    fault_retry_ms: int = 60_000  # before a deadline whose handling failed is tried again
    status_lifetime_ms: int = 60_000  # what a status says may be felt for this long
    find_heard_ms: int = 120_000  # a pendant that was silent longer can't be asked to buzz
    find_lifetime_ms: int = 30_000  # later it would buzz for somebody who has gone away
    fragments_every_ms: int = 4_000  # between two sendings of one table to one pendant
    route_ms: int = 600_000  # a bridge that carried nothing of a pendant for this long is not sent its answers
    max_routes: int = 4  # bridges that a pendant's answers go to
    max_boots: int = 256  # of a pendant, whose windows are known: an SOS from one before them would count as new
    max_kept: int = 8_192  # frames kept in memory while the store can't be written
    max_in_memory: int = 131_072  # pendants with their visits, people: the others are read when they are needed
    max_strangers: int = 256  # unknown pendants that are listed
    max_told: int = 10_000  # messages told from memory and remembered, so as to tell each once
    max_tries: int = 3  # by one contact method
    first_backoff_ms: int = 5_000  # doubles with each try
    keep_commands_ms: int = 24 * 3_600_000  # how long a command's idempotency key is known
