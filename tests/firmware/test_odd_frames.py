"""Genuine, and of no use here: another pendant's, a newer hub's, more than there is room for. Counted, and no harm."""

from pendant.journal import MAX_UNACKNOWLEDGED
from pendant.waiting import MAX_WAITING
from story import DOWN, PENDANT, UP, Ana, Hub, inside
from watchword_core import frames
from watchword_core import words as w

NEWER_KIND = b"\x63"
ROOMY = MAX_WAITING + 5
assert MAX_UNACKNOWLEDGED >= MAX_WAITING


def sealed(pendant, count, body):
    return frames._seal_down(DOWN, pendant, 1001, count, 0, 0, body)


def test_a_frame_for_another_pendant_and_one_of_a_newer_kind_do_nothing():
    ana, _ = inside()
    ana.receive(sealed(PENDANT + 1, 900, NEWER_KIND))
    ana.receive(sealed(PENDANT, 901, NEWER_KIND))
    assert ana.counted("other pendant") == ana.counted("newer kind") == 1 and ana.felt() == []


def test_pieces_that_no_table_has_and_a_whole_that_is_none_are_refused():
    hub = Hub().visit()
    ana = Ana(hub, tables={})
    ana.connect()
    version = hub.case.table.short_version
    for index, of in ((0, 0), (3, 3), (0, 255)):
        ana.receive(frames.seal_fragment(DOWN, PENDANT, 1001, 900 + of, frames.Fragment(version, index, of, b"?")))
    assert ana.counted("bad fragment") == 3
    ana.receive(frames.seal_fragment(DOWN, PENDANT, 1001, 800, frames.Fragment(version, 0, 1, b"?")))
    assert ana.counted("bad table") == 1 and ana.tables == {}


def test_what_flash_has_for_a_table_is_none__the_hub_is_asked_for_it():
    hub = Hub().visit()
    ana = Ana(hub, tables={hub.case.table.short_version: b"?"})
    ana.connect()
    assert ana.counted("bad table") > 0 and not ana.p.standing.has_table()


def presses(count, event=w.CHECKED_IN):
    """What the journal of an earlier boot kept, oldest first."""
    from pendant.reports import Reports

    reports = Reports(PENDANT, 900, UP, lambda now_ms: None)
    return [reports.press(event, 0, i, 0, 0, 0, 0)[2] for i in range(count)]


def woken(kept, at_once=True):
    """Ana's pendant after a reset with these in its journal, all unacknowledged."""
    hub = Hub()
    ana = Ana(hub)
    ana.journal = [[frame, 0, 900, i, not at_once] for i, frame in enumerate(kept)]
    ana.reboot(1002)
    return ana, hub


def test_more_waited_than_there_is_room_for__an_sos_is_sent_all_the_same():
    kept = presses(ROOMY)
    kept.append(presses(ROOMY + 1, w.SOS)[-1])
    ana, hub = woken(kept)
    assert ana.counted("queue full") == ROOMY - MAX_WAITING
    ana.connect()
    ana.wait(180_000)
    assert w.SOS in hub.events() and len(hub.got) == MAX_WAITING


def test_a_press_that_was_sealed_under_an_earlier_key_is_left_and_the_others_go():
    first, second = presses(2)
    ana, hub = woken([first[:-1] + bytes([first[-1] ^ 1]), second])
    assert ana.counted("unreadable press") == 1
    ana.connect()
    ana.wait(30_000)
    assert len(hub.got) == 1


def test_a_restored_hub_is_given_of_the_journal_what_there_is_room_for():
    ana, _ = woken(presses(ROOMY), at_once=False)
    ana.connect()
    ana.wait(15_000)
    ana.hub = Hub(epoch=2)
    ana.hub.down_count = {ana.boot: 1000}
    ana.wait(15_000)
    assert ana.counted("new epoch") == 1 and ana.counted("not recalled") == ROOMY - MAX_WAITING
    ana.wait(180_000)
    assert len(ana.hub.got) == MAX_WAITING
