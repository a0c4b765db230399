"""What a pendant is told: sealed statuses, and its table, in fragments, when it runs another one.

Each status has the whole snapshot of the case, so that any one of them that arrives brings both sides to agreement.

Sent after the commit, to every bridge that lately carried the pendant's frames: each may hold a copy that waits for it.
"""

import logging
from collections import Counter
from collections.abc import Callable

from watchword_core import alarm as a
from watchword_core import visit as v
from watchword_core.frames import (
    MAX_FRAGMENT_BYTES,
    PRESS,
    ROUTINE,
    Find,
    Fragment,
    FrameError,
    Status,
    seal_find,
    seal_fragment,
    seal_status,
)
from watchword_core.snapshots import ALARM

from ..keyring import KeyFileError, KeyRing, NoKey
from .batch import Answer, Batch
from .cases import OpenCase
from .limits import Limits
from .pendants import Pendant
from .state import State

MAX_DOWN_FRAMES = 256  # of one broker message: under its 64 KiB

PublishDown = Callable[[str, bytes, int], bool]  # bridge, whole DOWN frames end to end, lane; False: not sent

log = logging.getLogger(__name__)


class Answers:
    """Seals and publishes; counts in `counters` what could not be sent."""

    def __init__(self, keyring: KeyRing, publish_down: PublishDown, limits: Limits, counters: Counter[str]) -> None:
        self._keyring = keyring
        self._publish_down = publish_down
        self._limits = limits
        self._counters = counters

    def plan_fragments(self, batch: Batch, state: State) -> None:
        """Adds the pieces of its case's table for each pendant that runs another, not too often."""
        for pendant_id, case in batch.stale.items():
            pendant = state.pendants[pendant_id]
            sent_ms = pendant.air.fragments_ms
            if (
                pendant.revoked_ms is not None
                or pendant.current is None
                or not needs_table(case)
                or (sent_ms is not None and batch.now_ms - sent_ms < self._limits.fragments_every_ms)
            ):
                continue
            pendant.air.fragments_ms = batch.now_ms
            for fragment in fragments(case):
                batch.answer_fragment(pendant, pendant.current, fragment)

    def send(self, batch: Batch, state: State, hub_ms: int) -> None:
        """Everything that the batch owes to pendants."""
        waiting: dict[tuple[str, int], list[bytes]] = {}
        statuses: dict[int, Status] = {}
        for answer in batch.answers:
            bridges = self._routes(answer.pendant, batch.now_ms)
            if not bridges:
                continue
            try:
                frame = self._seal(answer, state, hub_ms, statuses)
            except (FrameError, NoKey, KeyFileError) as e:
                # Withheld, so that the pendant tells its wearer the truth: not getting through.
                self._counters["answer_not_sealed"] += 1
                log.error("pendant %08x gets no answer: %s", answer.pendant.id, e)
                continue
            lane = ROUTINE if answer.ack_lane == ROUTINE else PRESS
            for bridge in bridges:
                waiting.setdefault((bridge, lane), []).append(frame)
        for (bridge, lane), frames in sorted(waiting.items()):  # PRESS is the lower number
            for i in range(0, len(frames), MAX_DOWN_FRAMES):
                if not self._publish_down(bridge, b"".join(frames[i : i + MAX_DOWN_FRAMES]), lane):
                    self._counters["answer_not_sent"] += 1

    def _seal(self, answer: Answer, state: State, hub_ms: int, statuses: dict[int, Status]) -> bytes:
        pendant, boot, number, ack_lane, ack_count, fragment, find = answer
        siv = self._keyring.down(pendant.id)
        if fragment is not None:
            return bytes(seal_fragment(siv, pendant.id, boot.boot, number, fragment))
        if find:
            return bytes(seal_find(siv, pendant.id, boot.boot, number, Find(hub_ms, self._limits.find_lifetime_ms)))
        status = statuses.get(pendant.id)
        if status is None:
            status = statuses[pendant.id] = self._status(pendant, state, hub_ms)
        if not boot.known and pendant.revoked_ms is None:
            status = status._replace(challenge=boot.challenge)
        return bytes(seal_status(siv, pendant.id, boot.boot, number, ack_lane, ack_count, status))

    def _status(self, pendant: Pendant, state: State, hub_ms: int) -> Status:
        case = pendant.case
        if pendant.revoked_ms is not None:
            # Says that its SOS is here, and no more: long expired, so that an empty snapshot is not felt as "resolved".
            return Status(0, 0, state.epoch, 0, 0, b"")
        if case is None:
            return Status(hub_ms, 0, state.epoch, 0, self._limits.status_lifetime_ms, b"")
        procedure = case.procedure.table.short_version
        return Status(hub_ms, 0, state.epoch, procedure, self._limits.status_lifetime_ms, case.snapshot)

    def _routes(self, pendant: Pendant, now_ms: int) -> list[str]:
        return [bridge for bridge, at in pendant.air.routes.items() if now_ms - at < self._limits.route_ms]


def needs_table(case: OpenCase) -> bool:
    """Not for a duress alone: as after an OK with no visit, nothing is to be perceived of it on the air."""
    visit_open = case.is_visit and case.case.state != v.CLOSED
    return visit_open or a.RAISED <= case.case.slots[ALARM].stage < a.RESOLVED


def fragments(case: OpenCase) -> list[Fragment]:
    """The pieces of a case's table."""
    table = case.procedure.table
    pieces = range(0, len(table.compiled), MAX_FRAGMENT_BYTES)
    return [
        Fragment(table.short_version, i, len(pieces), table.compiled[at : at + MAX_FRAGMENT_BYTES])
        for i, at in enumerate(pieces)
    ]
