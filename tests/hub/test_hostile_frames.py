"""Nothing that carriers can forge, drop, repeat, delay or reorder changes what the hub believes."""

from stage import MINUTE, FakePendant, Stage
from watchword_core import visit
from watchword_core import words as w
from watchword_core.frames import PRESS, ROUTINE
from watchword_hub.commands import Record, RegisterPendant, RevokePendant

STRANGER = 0x5715


def test_forged_truncated_and_foreign_frames_are_counted_and_change_nothing(stage: Stage) -> None:
    ana = stage.visit()
    before = stage.store.last_id("journal")
    mallory = FakePendant(bytes(range(64)), stage.clock)
    genuine = ana.frame(w.SOS)
    flipped = genuine[:-1] + bytes([genuine[-1] ^ 1])
    down_frame = bytes(20)
    stage.carry(mallory.frame(w.SOS), flipped, genuine[:-1], b"", down_frame, b"\x02" + genuine[1:])
    assert stage.store.last_id("journal") == before
    assert stage.messages() == []
    assert (stage.counter("bad_seal"), stage.counter("malformed_message")) == (2, 3)
    assert stage.counter("malformed_frame") == 1
    assert stage.carriers.acked > 5  # the broker may forget what nobody can ever use


def test_a_repeated_press_is_acknowledged_again_and_counts_once(stage: Stage) -> None:
    ana = stage.visit()
    frame = ana.frame(w.SOS)
    stage.carry(frame)
    ana.hear(stage.carriers)
    ana.acked.clear()
    rows = stage.store.last_id("journal")
    stage.carry(frame, frame)
    ana.hear(stage.carriers)
    assert ana.acked == {ana.last_press}
    assert stage.store.last_id("journal") == rows
    assert stage.counter("repeated_frame") == 2


def test_two_bridges_with_the_same_frames_change_nothing_and_both_may_drop_theirs(stage: Stage) -> None:
    ana = stage.visit()
    frame = ana.frame(w.ARRIVED)
    stage.queue(frame, bridge="phone")
    stage.carry(frame, bridge="tablet")
    assert stage.kinds(ana.visit).count("arrived") == 1
    for bridge in ("phone", "tablet"):
        heard = FakePendant(bytes(64), stage.clock)
        heard.__dict__.update({"_down": ana._down, "_highest_down": ana._highest_down})
        heard.hear(stage.carriers, bridge)
        assert (PRESS, 1) in heard.acked


def test_a_late_genuine_frame_is_accepted_once_at_its_own_time(stage: Stage) -> None:
    ana = stage.visit()
    late = ana.frame(w.ARRIVED)
    pressed_ms = stage.clock.at_ms
    stage.clock.at_ms += MINUTE
    stage.carry(ana.frame(w.FELT))
    stage.clock.at_ms += MINUTE
    stage.carry(late)
    stage.carry(late)
    ana.hear(stage.carriers)
    assert ana.case().state == visit.AT_DOOR
    rows = stage.rows("SELECT event_ms, at_ms FROM journal WHERE kind = 'arrived'")
    assert rows == [(pressed_ms, stage.clock.at_ms)]


def test_a_heartbeat_from_long_ago_is_no_sign_of_life(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.ARRIVED))
    stage.record(ana.visit, w.SPOKE_ARRIVAL)
    kept_back = ana.heartbeat()
    stage.later(119_000)
    stage.carry(kept_back)
    stage.later(1_000)
    assert "silent" in stage.kinds(ana.visit)


def test_from_an_unknown_boot_only_alarms_count_until_it_answered_its_challenge(stage: Stage) -> None:
    ana = stage.visit()
    ana.restart(boot=0xFFFF_0000_0000_0001)
    arrived = ana.frame(w.ARRIVED)
    stage.carry(arrived)
    ana.hear(stage.carriers)
    assert ana.acked == {(ROUTINE, 2)}  # of the boot before
    challenge = ana.statuses[-1].challenge
    assert challenge and ana.case().state == visit.PLANNED
    stage.carry(ana.frame(w.HELLO, ROUTINE, value=challenge ^ 2))
    ana.hear(stage.carriers)
    assert ana.statuses[-1].challenge == challenge
    stage.carry(ana.frame(w.SOS))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked and ana.statuses[-1].challenge == challenge
    assert stage.messages() == [("Ben", "Ana: SOS"), ("Cora", "Ana: SOS")]
    stage.restart()  # the challenge is in the store
    stage.carry(ana.frame(w.HELLO, ROUTINE, value=challenge))
    stage.carry(arrived)
    ana.hear(stage.carriers)
    assert (PRESS, 1) in ana.acked
    assert ana.statuses[-1].challenge == 0 and ana.case().state == visit.AT_DOOR


def test_windows_and_down_counts_outlive_a_restart(stage: Stage) -> None:
    ana = stage.visit()
    frame, beat = ana.frame(w.ARRIVED), ana.heartbeat()
    stage.carry(frame, beat)
    ana.hear(stage.carriers)
    stage.restart()
    stage.carry(frame, beat)
    ana.hear(stage.carriers)  # raises if a count came again
    assert stage.kinds(ana.visit).count("arrived") == 1
    assert stage.counter("repeated_frame") == 2


def test_a_store_put_back_from_a_backup_does_not_use_its_counts_again(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(*[ana.frame(w.FELT) for _ in range(50)])
    ana.hear(stage.carriers)
    stage.store.connection.execute("UPDATE boot SET down_count = 1")
    stage.restart(down_ms=MINUTE)
    stage.carry(ana.frame(w.SOS))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked


def test_an_unknown_pendant_is_listed_until_it_is_registered(stage: Stage) -> None:
    stage.cast()
    stranger = FakePendant(stage.keyring.make(STRANGER), stage.clock, STRANGER)
    stage.carry(stranger.frame(w.SOS), stranger.heartbeat(), bridge="van")
    assert stage.rows("SELECT pendant, bridge, frames FROM stranger") == [(STRANGER, "van", 2)]
    assert stage.carriers.acked == 2
    stage.do(RegisterPendant(STRANGER, "P9"))
    assert stage.rows("SELECT * FROM stranger") == []


def test_the_list_of_strangers_is_bounded(stage: Stage) -> None:
    stage.cast()
    most = stage.limits.max_strangers
    frames = [FakePendant(bytes(64), stage.clock, 1000 + n).heartbeat() for n in range(most + 5)]
    stage.carry(*frames)
    assert len(stage.rows("SELECT pendant FROM stranger")) == most
    assert stage.counter("strangers_not_listed") == 5


def test_a_revoked_pendants_sos_is_shown_as_suspect_and_nothing_else_counts(stage: Stage) -> None:
    ana = stage.visit()
    stage.do(RevokePendant(ana.id, stage.cora))
    stage.carry(ana.frame(w.ARRIVED), ana.heartbeat())
    assert "arrived" not in stage.kinds(ana.visit)
    assert stage.counter("revoked_pendant") == 2
    stage.carry(ana.frame(w.SOS))
    suspect = "Ana: SOS (suspect: this pendant was revoked)"
    assert stage.messages() == [("Ben", suspect), ("Cora", suspect)]
    assert stage.rows("SELECT suspect FROM visit_case") == [(1,)]


def test_a_revoked_pendant_found_later_tells_the_people_of_its_last_visit(stage: Stage) -> None:
    ana = stage.visit()
    stage.record(ana.visit, w.CANCELLED)
    stage.do(RevokePendant(ana.id, stage.cora))
    stage.restart()
    stage.carry(ana.frame(w.SOS, visit=0))
    assert [who for who, _ in stage.messages()] == ["Ben", "Cora"]


def test_a_code_of_a_newer_pendant_is_kept_and_acknowledged(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(60), ana.frame(w.RESOLVED))
    ana.hear(stage.carriers)
    assert stage.kinds(ana.visit)[-2:] == ["event_60", "resolved"]
    assert (PRESS, 2) in ana.acked and stage.counter("evidence_only") == 2


def test_presses_are_taken_before_a_backlog_of_heartbeats(stage: Stage) -> None:
    ana = stage.visit()
    stage.queue(*[ana.heartbeat() for _ in range(2_000)])
    stage.carry(ana.frame(w.SOS))
    assert stage.messages()[0] == ("Ben", "Ana: SOS")
    assert len(stage.engine.inbox) > 1_000


def test_a_flood_of_presses_does_not_keep_people_from_answering(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS))
    mallory = FakePendant(bytes(64), stage.clock, STRANGER)
    flood = b"".join(mallory.frame(w.SOS) for _ in range(800))  # in one message, as large as a broker takes
    for _ in range(5):
        stage.queue(flood, lane=PRESS)
    answer = stage.engine.submit(Record(ana.visit, w.ACKNOWLEDGED, w.TRACKER, stage.ben))
    stage.engine.step()
    assert answer.done() and len(stage.engine.inbox) > 0


def test_a_revoked_pendant_learns_that_its_sos_is_at_the_hub_and_nothing_else(stage: Stage) -> None:
    ana = stage.visit()
    stage.do(RevokePendant(ana.id, stage.cora))
    ana.hear(stage.carriers)
    ana.statuses.clear()
    stage.carry(ana.frame(w.SOS))
    stage.record(ana.visit, w.ACKNOWLEDGED)
    stage.later(10 * MINUTE, step_ms=MINUTE)
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked and ana.fragments == []
    (only,) = ana.statuses
    assert (only.snapshot, only.procedure, only.hub_ms, only.lifetime_ms) == (b"", 0, 0, 0)
    ana.restart(boot=0xB008)
    stage.carry(ana.frame(w.SOS))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked and ana.statuses[-1].challenge == 0


def test_a_duress_from_an_unknown_boot_or_a_revoked_pendant_is_an_alarm_and_no_ok(stage: Stage) -> None:
    ana = stage.visit()
    ana.restart(boot=0xB009)
    stage.carry(ana.frame(w.DURESS, value=w.ARRIVED))
    case = stage.engine._state.cases[ana.visit].case
    assert case.state == visit.PLANNED and stage.messages() == [("Ben", "Ana: DURESS"), ("Cora", "Ana: DURESS")]
    stage.greet(ana)
    stage.do(RevokePendant(ana.id, stage.cora))
    stage.carry(ana.frame(w.DURESS, value=w.ARRIVED))
    case = stage.engine._state.cases[ana.visit].case
    assert case.state == visit.PLANNED and stage.kinds(ana.visit).count("duress") == 2
