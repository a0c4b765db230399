"""From a sealed frame to its effect. A frame counts only if its seal holds, and only once, in whatever order it comes.

1. The clear header names the pendant. An unknown one is listed; a bad seal is counted; neither changes anything, but of
   a registered pendant's presses people are told (unreadable.py).
2. A boot that the hub doesn't know is challenged. Until it has answered, only alarms count.
3. The window of its lane says whether it is new. An old PRESS frame is acknowledged again: its answer was lost.
4. A heartbeat is news of life, battery and position. A press goes to the case; what doesn't fit is kept as evidence.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from watchword_core import words as w
from watchword_core.events import disguise, new_event
from watchword_core.frames import NO_AGE, NO_POSITION, PRACTICE, PRESS, FrameError, open_report, read_header
from watchword_core.freshness import NEW, REPEATED

from ..keyring import KeyFileError, KeyRing, NoKey
from ..store import hot
from ..store.changes import SITE, canonical
from .batch import Batch
from .cases import OpenCase, Shelf
from .duties import apply
from .events import ALARMS, FROM_PENDANT, event_name
from .limits import Limits
from .lone import lone_case
from .low_charge import note_charge
from .no_falls import note_falls
from .pendants import Boot, Pendant
from .practice import note_practice
from .state import State
from .unreadable import BAD_SEALS, take_unreadable

CHALLENGE_BYTES = 8
EARLIER_MS = 60_000  # a press this long before its visit was planned belongs to another one


class Frame(NamedTuple):
    """One frame as it came."""

    raw: bytes
    bridge: str
    received_ms: int


class Uplink:
    """Handles frames for the engine; holds nothing of its own that a restart would lose."""

    def __init__(self, keyring: KeyRing, shelf: Shelf, limits: Limits, chance: Callable[[int], bytes]) -> None:
        self._keyring = keyring
        self._shelf = shelf
        self._limits = limits
        self._chance = chance

    def take(self, frame: Frame, state: State, batch: Batch) -> None:
        """The whole effect of one frame."""
        try:
            header = read_header(frame.raw)
        except FrameError:
            batch.count("malformed_frame")
            return
        pendant = state.pendants.get(header.pendant)
        if pendant is None:
            self._note_stranger(header.pendant, frame, state, batch)
            return
        try:
            header, report = open_report(self._keyring.up(pendant.id), frame.raw)
        except (NoKey, KeyFileError) as e:
            batch.count("pendant_without_key")
            if header.lane == PRESS:
                take_unreadable(frame.raw, str(e), 1, pendant, state, batch)
            return
        except FrameError:
            batch.count("bad_seal")
            if header.lane == PRESS:
                take_unreadable(frame.raw, "its key is not the one that is here", BAD_SEALS, pendant, state, batch)
            return
        self._take_genuine(header, report, frame, pendant, state, batch)

    def is_alarm(self, raw: bytes) -> bool:
        """Whether it is a genuine alarm; changes nothing."""
        return self.alarm_in(raw) != 0

    def alarm_in(self, raw: bytes) -> int:
        """Which alarm (words.py) it is, 0: none, or not genuine; changes nothing."""
        try:
            _, report = open_report(self._keyring.up(read_header(raw).pendant), raw)
        except (FrameError, NoKey, KeyFileError):
            return 0
        return int(report.event) if report.event in ALARMS else 0

    def _note_stranger(self, pendant: int, frame: Frame, state: State, batch: Batch) -> None:
        batch.count("unknown_pendant")
        if pendant not in state.strangers:
            if len(state.strangers) >= self._limits.max_strangers:
                batch.count("strangers_not_listed")
                return
            state.strangers.add(pendant)
        _, frames = batch.strangers.get(pendant, ("", 0))
        batch.strangers[pendant] = (frame.bridge, frames + 1)

    def _take_genuine(
        self, header: Any, report: Any, frame: Frame, pendant: Pendant, state: State, batch: Batch
    ) -> None:
        pendant.carried_by(frame.bridge, frame.received_ms, self._limits.max_routes)
        if pendant.revoked_ms is not None and report.event not in ALARMS:
            batch.count("revoked_pendant")
            return
        boot = pendant.boot(header.boot) or self._new_boot(header.boot, pendant, batch)
        batch.touch_boot(boot)
        if not boot.known and not self._admit(report, boot, batch):
            batch.heartbeats.setdefault((pendant.id, boot.boot), (pendant, boot, 0, 0))
            return
        verdict = boot.window(header.lane).accept(header.count)
        if verdict == NEW:
            self._take_new(header, report, frame, pendant, boot, state, batch)
        elif verdict == REPEATED:
            batch.count("repeated_frame")
            if header.lane == PRESS:
                _answer(header, report, pendant, boot, batch)
        else:
            batch.count("frame_too_old")

    def _new_boot(self, boot: int, pendant: Pendant, batch: Batch) -> Boot:
        challenge = int.from_bytes(self._chance(CHALLENGE_BYTES), "big") | 1
        fresh = pendant.new_boot(boot, challenge, batch.now_ms)
        for old in pendant.drop_boots(self._limits.max_boots, fresh, batch.boots):
            batch.changes.add(hot.DROP_BOOT, (pendant.id, old.to_bytes(8, "big")))
            batch.count("boot_forgotten")
        return fresh

    def _admit(self, report: Any, boot: Boot, batch: Batch) -> bool:
        if report.event == w.HELLO and report.value == boot.challenge:
            boot.known = True
            return True
        batch.count("unknown_boot")
        return report.event in ALARMS

    def _take_new(
        self, header: Any, report: Any, frame: Frame, pendant: Pendant, boot: Boot, state: State, batch: Batch
    ) -> None:
        at_ms = boot.event_ms(report.ticks_ms, frame.received_ms)
        boot.take_news(report, at_ms)
        if boot.known:
            self._note_life(pendant, boot, at_ms, header, report, state, batch)
        case = pendant.case
        if case is not None and report.procedure != case.procedure.table.short_version:
            batch.stale[pendant.id] = case
        if report.event in (w.HEARTBEAT, w.HELLO):
            newest = batch.heartbeats.get((pendant.id, boot.boot))
            if newest is None or newest[3] < header.count:
                batch.heartbeats[pendant.id, boot.boot] = (pendant, boot, header.lane, header.count)
            return
        _answer(header, report, pendant, boot, batch)
        if report.event == w.PRACTICE_SOS:
            note_practice(header, report, at_ms, pendant, state, batch)
            return
        self._take_press(header, report, at_ms, pendant, boot, state, batch)

    def _note_life(
        self, pendant: Pendant, boot: Boot, at_ms: int, header: Any, report: Any, state: State, batch: Batch
    ) -> None:
        """What happened long ago and arrives now is no sign of life, so the event's own time counts."""
        pendant.heard_ms = max(pendant.heard_ms, at_ms)
        if pendant.current is None or boot.seen_ms >= pendant.current.seen_ms:
            pendant.current = boot
        case = pendant.case
        if case is not None and batch.now_ms - at_ms < self._limits.silence_ms:
            note_charge(case, pendant, report, at_ms, state, batch)
            note_falls(case, pendant, report, at_ms, state, batch)
        if case is not None and case.told_silent and batch.now_ms - at_ms < self._limits.silence_ms:
            case.told_silent = False
            batch.changes.journal(case.id, batch.now_ms, at_ms, "seen", {"pendant": pendant.id})
            apply(state, batch, case, new_event(w.SEEN, at_ms), f"{_name(header)}/seen")

    def _take_press(
        self, header: Any, report: Any, at_ms: int, pendant: Pendant, boot: Boot, state: State, batch: Batch
    ) -> None:
        case = pendant.case
        applied = report.event in FROM_PENDANT and not report.flags & PRACTICE
        if applied and report.event in ALARMS:
            if case is None:
                case = lone_case(pendant, state, batch, self._shelf)
            if pendant.revoked_ms is not None:
                case.suspect = True
        elif case is None or report.visit != case.case.visit_id or at_ms < case.opened_ms - EARLIER_MS:
            applied = False  # of another visit, or of one that had this number before the store was put back
        # From a boot that isn't known, or a revoked pendant, alarms alone count: not the OK that a duress looked like.
        ok = applied and boot.known and pendant.revoked_ms is None and case is not None and _looks_like_ok(report, case)
        _write(case, header, report, at_ms, applied, ok, batch)
        if not applied or case is None:
            batch.count("evidence_only")
            return
        self._apply(case, header, report, at_ms, ok, state, batch)

    def _apply(
        self, case: OpenCase, header: Any, report: Any, at_ms: int, ok: bool, state: State, batch: Batch
    ) -> None:
        name = _name(header)
        if report.event not in ALARMS:
            apply(state, batch, case, new_event(report.event, at_ms, w.WORKER, 0, report.about, report.value), name)
            return
        if ok:
            # The visit goes on as after what the press looked like, on both sides.
            kind, value = disguise(report.value)
            apply(state, batch, case, new_event(kind, at_ms, w.WORKER, 0, report.about, value), f"{name}/ok")
        apply(state, batch, case, new_event(report.event, at_ms, w.WORKER, 0, header.count), name)
        # The commit that writes this makes it so.
        apply(state, batch, case, new_event(w.DURABLE, batch.now_ms), name)


def _answer(header: Any, report: Any, pendant: Pendant, boot: Boot, batch: Batch) -> None:
    """A press is acknowledged; a duress of a boot that isn't known only once that is, as the OK that it looks like."""
    if boot.known or report.event != w.DURESS:
        batch.acks.append((pendant, boot, header.lane, header.count))
    else:
        batch.heartbeats.setdefault((pendant.id, boot.boot), (pendant, boot, 0, 0))


def _looks_like_ok(report: Any, case: OpenCase) -> bool:
    """Whether a duress looks like an ordinary report of this visit."""
    looks = report.event == w.DURESS and disguise(report.value)[0] in FROM_PENDANT - ALARMS
    return bool(looks and report.visit == case.case.visit_id)


def _name(header: Any) -> str:
    """The same for the same frame, whenever and by whomever it is brought."""
    return f"{header.pendant:08x}-{header.boot:016x}-{header.lane}-{header.count}"


def _write(case: OpenCase | None, header: Any, report: Any, at_ms: int, applied: bool, ok: bool, batch: Batch) -> None:
    body = {
        "pendant": header.pendant,
        "boot": f"{header.boot:016x}",
        "lane": header.lane,
        "count": header.count,
        "event": report.event,
        "visit": report.visit,
        "about": report.about,
        "value": report.value,
        "flags": report.flags,
        "battery_mv": report.battery_mv,
        "applied": applied,
    }
    if report.event == w.DURESS:
        body["ok"] = ok  # for replay: whether the visit went on as after what it looked like
    personal = ""
    if report.lat_e7 != NO_POSITION:
        personal = canonical(
            {
                "lat_e7": report.lat_e7,
                "lon_e7": report.lon_e7,
                "accuracy_m": report.accuracy_m,
                "fix_age_s": None if report.fix_age_s == NO_AGE else report.fix_age_s,
            }
        )
    where = SITE if case is None else case.id
    batch.changes.journal(where, batch.now_ms, at_ms, event_name(report.event), body, personal)
