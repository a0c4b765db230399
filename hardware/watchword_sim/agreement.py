"""What pendant and hub must see alike in a case, ten seconds after they can hear each other again (rule 8)."""

from watchword_core.case import Case
from watchword_core.moments import T_ARRIVE, T_END


def disagreement(pendants: Case, hubs: Case) -> str:
    """The first thing that they see differently, in words; empty when they agree."""
    for what, one, other in (
        ("state", pendants.state, hubs.state),
        ("open rungs", pendants.ladder.open_rungs(), hubs.ladder.open_rungs()),
        ("T_arrive", pendants.times[T_ARRIVE], hubs.times[T_ARRIVE]),
        ("T_end", pendants.times[T_END], hubs.times[T_END]),
        ("procedure", pendants.table.version, hubs.table.version),
        ("alarms", [s.stage for s in pendants.slots], [s.stage for s in hubs.slots]),
    ):
        if one != other:
            return f"they disagree on {what}: pendant {one}, hub {other}"
    return ""
