"""What carriers forge, hold back, repeat and mix up changes nothing, and is counted."""

from pendant import felt
from story import DOWN, MINUTE, PENDANT, T0, UP, Ana, Hub, a_table, at_the_door, inside
from watchword_core import alarm as a
from watchword_core import frames, gestures, table
from watchword_core import visit as v
from watchword_core import words as w


def cleared_status(ana, hub, **how):
    """The status that would clear Ana, and the hub as it was."""
    snapshot = hub.case.snapshot()
    hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
    frame = hub.status(ana.now_ms, how.pop("boot", ana.boot), **how)
    from watchword_core.case import restore

    hub.case = restore(hub.case.table, snapshot)
    return frame


def test_forged_truncated_and_reflected_frames():
    ana, hub = at_the_door()
    frame = cleared_status(ana, hub)
    forged = [
        frame[:i] + bytes([frame[i] ^ 1]) + frame[i + 1 :] for i in range(frames.DOWN_HEADER_BYTES, len(frame), 17)
    ]
    forged += [frame[:-1], frame + b"\0", b"", ana.journal[-1][0]]
    for bad in forged:
        ana.receive(bad)
    assert ana.felt() == []
    assert ana.counted("forged") == len(forged)
    assert ana.p.standing.view().state == v.AT_DOOR


def test_a_header_that_was_tampered_with_is_forged():
    ana, hub = at_the_door()
    frame = cleared_status(ana, hub)
    for i in range(2, frames.DOWN_HEADER_BYTES):
        ana.receive(frame[:i] + bytes([frame[i] ^ 1]) + frame[i + 1 :])
    assert ana.felt() == [] and ana.p.standing.view().state == v.AT_DOOR


def test_a_repeated_status_is_counted_and_does_nothing():
    ana, hub = at_the_door()
    frame = cleared_status(ana, hub)
    ana.receive(frame)
    assert ana.felt() == [felt.CLEARED]
    hub.down_count[ana.boot] += 5
    ana.receive(hub.status(ana.now_ms, ana.boot))  # the hub says: still at the door
    ana.felt()
    ana.receive(frame)
    assert ana.felt() == [] and ana.counted("repeated") == 1
    assert ana.p.standing.view().state == v.AT_DOOR


def test_a_clearance_held_back_for_over_a_minute_has_expired():
    ana, hub = at_the_door()
    frame = cleared_status(ana, hub)
    ana.disconnect()
    ana.wait(MINUTE + 1_000)
    ana.felt()
    ana.receive(frame)
    assert felt.CLEARED not in ana.felt()
    assert ana.counted("expired") == 1


def test_a_clearance_for_an_earlier_boot_does_nothing():
    ana, hub = at_the_door()
    frame = cleared_status(ana, hub)
    ana.reboot(1002)
    ana.connect()
    ana.felt()
    ana.receive(frame)
    assert ana.felt() == [] and ana.counted("other boot") == 1


def test_without_a_clock_only_an_answer_to_its_own_heartbeat_is_believed():
    hub = Hub().visit()
    hub.case.state = v.INSIDE
    ana = Ana(hub)
    ana.receive(hub.status(0, ana.boot))
    assert ana.p.standing.case is None and ana.counted("no clock") == 1


def test_an_answer_that_took_11_s_does_not_set_the_clock():
    hub = Hub().visit()
    ana = Ana(hub)
    asked = ana.p.linked(True, 0)
    heartbeat = next(e.frame for e in asked if hasattr(e, "frame"))
    answer = hub.hear(heartbeat, 100)
    ana.now_ms = 11_000
    ana.receive(answer)
    assert ana.p.watch.hub_ms(11_000) is None and ana.counted("no clock") == 1


def test_a_held_back_acknowledgement_still_counts_and_its_snapshot_does_not():
    ana, hub = inside()
    ana.disconnect()
    ana.press(gestures.SOS)
    frame = ana.journal[-1][0]
    answer = hub.hear(frame, ana.now_ms)
    ana.wait(2 * MINUTE)
    ana.felt()
    ana.receive(answer)
    assert ana.felt() == [felt.AT_HUB]
    assert ana.counted("expired") == 1 and ana.p.standing.alarm == a.AT_HUB


def test_frames_held_back_do_not_count_as_watching():
    ana, hub = inside()
    held = [hub.status(ana.now_ms, ana.boot) for _ in range(10)]
    ana.disconnect()
    said = 0
    for frame in held:
        ana.wait(4_000)
        ana.receive(frame)
        said += ana.felt().count(felt.NOBODY_WATCHING)
    assert said == 1


def test_the_acknowledgement_of_an_overtaken_status_counts():
    ana, hub = inside()
    ana.disconnect()
    ana.press(gestures.OK)
    answer = hub.hear(ana.journal[-1][0], ana.now_ms)
    ana.receive(hub.status(ana.now_ms, ana.boot))
    ana.felt()
    ana.receive(answer)
    assert ana.felt() == [felt.AT_HUB] and ana.counted("repeated") == 1


def test_an_unknown_boot_is_challenged__hello_then_the_press_again():
    hub = Hub().visit()
    ana = Ana(hub)
    ana.link = False
    asked = ana.p.linked(True, 0)
    heartbeat = next(e.frame for e in asked if hasattr(e, "frame"))
    ana.perform(ana.p.gesture(gestures.OK, 0))
    ana.did = []
    ana.perform(ana.p.received(hub.status(0, ana.boot, (frames.ROUTINE, 1), challenge=0xABCDEF0123456789), 0))
    sent = [frames.open_report(UP, e.frame) for e in ana.did if type(e).__name__ == "Send"]
    assert [(h.lane, r.event, r.value) for h, r in sent] == [(frames.ROUTINE, w.HELLO, 0xABCDEF0123456789)]
    assert heartbeat and ana.p.next_deadline_ms(0) == 300
    again = [e.frame for e in ana.p.handle_deadline(300) if type(e).__name__ == "Send"]
    assert again == [ana.journal[-1][0]]


def test_a_challenge_for_an_earlier_boot_with_a_press_waiting_is_answered_for_it():
    ana, hub = at_the_door()
    ana.disconnect()
    ana.press(gestures.OK)
    ana.reboot(1002)
    ana.did = []
    ana.perform(ana.p.received(hub.status(ana.now_ms, 1001, challenge=5), 0))
    sent = [frames.open_report(UP, e.frame) for e in ana.did if type(e).__name__ == "Send"]
    assert [(h.boot, r.event, r.value) for h, r in sent] == [(1001, w.HELLO, 5)]


def test_a_hub_restored_from_an_old_copy_is_given_what_the_journal_has():
    ana, hub = inside()
    ana.press(gestures.OK)
    ana.felt()
    restored = Hub(hub.case, epoch=2)
    restored.down_count = {ana.boot: 1000}
    ana.hub = restored
    ana.wait(15_000)
    assert restored.events() == [w.ARRIVED, w.CHECKED_IN]
    assert ana.felt() == []
    assert ana.counted("new epoch") == 1


def test_a_hub_restored_from_before_the_sos__nobody_has_ended_it_and_it_is_raised_anew():
    for place in (inside, lambda: (Ana(Hub()), None)):
        ana, _ = place()
        ana.connect()
        ana.press(gestures.SOS)
        ana.felt()
        restored = Hub(epoch=2)
        restored.down_count = {ana.boot: 1000}
        ana.hub = restored
        ana.wait(15_000)
        assert w.SOS in restored.events()
        assert felt.RESOLVED not in ana.felt(forget=False) and ana.p.standing.alarm == a.AT_HUB
        restored.person(w.RESOLVED, ana.now_ms)
        ana.felt()
        ana.wait(15_000)
        assert ana.felt() == [felt.RESOLVED], "a person has"


def test_a_hub_is_restored_before_this_boot_heard_of_it__what_it_said_to_the_boot_before_counts():
    ana = Ana(Hub())
    ana.press(gestures.SOS)
    ana.reboot(1002)
    ana.receive(ana.hub.hear(ana.journal[-1][0], ana.now_ms))
    assert felt.AT_HUB in ana.felt()
    ana.hub = Hub(epoch=2)
    ana.connect()
    ana.wait(15_000)
    assert felt.RESOLVED not in ana.felt() and ana.hub.events() == [w.SOS]


def test_the_hub_has_the_sos_and_could_not_handle_it__no_resolution_is_invented():
    ana, hub = inside()
    hub.take = lambda header, report, now_ms: None
    ana.press(gestures.SOS)
    ana.wait(15_000)
    assert ana.felt() == [felt.KEPT, felt.AT_HUB] and ana.p.standing.alarm == a.AT_HUB
    hub.case = None  # the visit is over, and the alarm with it
    ana.wait(15_000)
    assert sorted(ana.felt()) == sorted([felt.CLOSED, felt.RESOLVED])


def test_a_snapshot_that_cannot_be_read_changes_nothing_and_is_counted():
    ana, hub = inside()
    ana.press(gestures.SOS)
    ana.felt()
    count = hub.down_count[ana.boot] = hub.down_count[ana.boot] + 1
    odd = frames.Status(T0 + ana.now_ms, 0, hub.epoch, hub.case.table.short_version, 60_000, b"?")
    ana.receive(frames.seal_status(DOWN, PENDANT, ana.boot, count, 0, 0, odd))
    assert ana.felt() == [] and ana.counted("unreadable snapshot") == 1
    assert ana.p.standing.alarm == a.AT_HUB and ana.p.standing.view().state == v.INSIDE


def test_a_table_that_flash_has_changed_a_bit_of_opens_no_door():
    hub = Hub().visit()
    ana = Ana(hub, tables={hub.case.table.short_version: a_table(gate=0).compiled})
    ana.connect()
    ana.felt()
    ana.press(gestures.OK)
    assert felt.REFUSED in ana.felt() and ana.counted("bad table") > 0
    for frame in fragments(hub.case.table):
        ana.receive(frame)
    assert ana.tables[hub.case.table.short_version] == hub.case.table.compiled and ana.p.standing.has_table()


def test_the_hubs_clock_is_set_back_an_hour__the_pendant_follows_its_own_heartbeat():
    ana, _hub = inside()
    import story

    story.T0 -= 3_600_000
    try:
        ana.wait(40_000)
        assert not ana.p.watch.silent and ana.p.watch.clock_steps == 1
    finally:
        story.T0 += 3_600_000


def test_without_its_table_the_door_stays_shut__and_opens_when_the_pieces_came():
    hub = Hub().visit()
    ana = Ana(hub, tables={})
    ana.connect()
    ana.felt()
    ana.press(gestures.OK)
    assert felt.REFUSED in ana.felt()
    assert hub.events() == [w.ARRIVED]
    hub.person(w.SPOKE_ARRIVAL, ana.now_ms)
    ana.wait(10_000)
    assert felt.CLEARED not in ana.felt()
    ana.press(gestures.OK)
    assert felt.REFUSED in ana.felt()
    for frame in fragments(hub.case.table):
        ana.receive(frame)
    assert felt.CLEARED in ana.felt()
    assert ana.tables[hub.case.table.short_version] == hub.case.table.compiled


def fragments(whole, claimed=0):
    """The table in pieces, last first."""
    size = frames.MAX_FRAGMENT_BYTES
    pieces = [whole.compiled[i : i + size] for i in range(0, len(whole.compiled), size)]
    version = claimed or whole.short_version
    sealed = []
    for i in range(len(pieces)):
        fragment = frames.Fragment(version, i, len(pieces), pieces[i])
        sealed.insert(0, frames.seal_fragment(DOWN, PENDANT, 1001, 500 + i, fragment))
    return sealed


def test_pieces_whose_hash_is_another_versions_are_thrown_away():
    hub = Hub().visit()
    ana = Ana(hub, tables={})
    ana.connect()
    other = a_table(gate=0, forbids=(table.Forbid(1, 0, 1),) * 40)
    for frame in fragments(other, hub.case.table.short_version):
        ana.receive(frame)
    assert ana.counted("bad table") == 1 and ana.tables == {}
    for frame in fragments(other):
        ana.receive(frame)
    assert ana.counted("unwanted fragment") == len(fragments(other))


def test_memory_that_was_torn_is_counted_and_the_pendant_starts_anyway():
    ana, _ = inside()
    ana.state = ana.state[:-3]
    ana.reboot(1002)
    assert ana.counted("unreadable memory") == 1
    ana.connect()
    assert ana.p.standing.case.door_open()
    assert T0


def test_a_revoked_pendants_sos_is_felt_at_the_hub_and_no_resolution_is_invented():
    ana, hub = inside()
    ana.disconnect()
    ana.press(gestures.SOS)
    ana.felt()
    count = hub.down_count[ana.boot] = hub.down_count.get(ana.boot, 0) + 1
    plain = frames.Status(0, 0, hub.epoch, 0, 0, b"")
    ana.receive(frames.seal_status(DOWN, PENDANT, ana.boot, count, frames.PRESS, ana.p.reports.press_count, plain))
    assert ana.felt() == [felt.AT_HUB]
    assert ana.p.standing.alarm == a.AT_HUB
