# ruff: noqa: PTH102, PTH107, PTH116, PTH123, PTH106, PTH208 (MicroPython has no pathlib)
"""The journal: what it has survives a power cut at every byte, and its oldest acknowledged presses make room."""

import os

from pendant import identity, memory
from pendant import journal as journal_module
from pendant.flash import Flash
from pendant.journal import MAX_RECALLED, MAX_SEGMENTS, RECORD_BYTES, SEGMENT_RECORDS, Journal
from story import PENDANT, T0, UP
from watchword_core import frames
from watchword_core import words as w


class Folder:
    """A fresh folder, gone afterwards: `with Folder() as path`."""

    def __enter__(self):
        self.path = "/tmp/ww-journal-%d" % int.from_bytes(os.urandom(6), "big")
        os.mkdir(self.path)
        return self.path

    def __exit__(self, *error):
        for name in os.listdir(self.path):
            os.remove(self.path + "/" + name)
        os.rmdir(self.path)


def a_frame(count, boot=1001):
    report = frames.Report(w.SOS, 0, 0, count, 0, 0, 0, frames.NO_POSITION, frames.NO_POSITION, 0, frames.NO_AGE, 0)
    return frames.seal_report(UP, frames.PRESS, PENDANT, boot, count, report)


def segments(folder):
    return sorted([name for name in os.listdir(folder) if name.startswith("journal-")])


def contents(path):
    with open(path, "rb") as f:
        return f.read()


def test_a_press_is_there_after_the_power_was_cut_and_until_the_hub_has_it():
    with Folder() as folder:
        journal = Journal(folder)
        journal.keep(a_frame(1), T0)
        journal.keep(a_frame(2), 0)
        assert Journal(folder).unacknowledged() == [(a_frame(1), T0), (a_frame(2), 0)]
        journal.settle(1001, 1)
        assert Journal(folder).unacknowledged() == [(a_frame(2), 0)]
        assert Journal(folder).latest() == [(a_frame(1), T0), (a_frame(2), 0)]


def test_a_write_torn_at_every_byte_loses_that_press_alone_and_is_counted():
    with Folder() as folder:
        journal = Journal(folder)
        journal.keep(a_frame(1), T0)
        journal.keep(a_frame(2), T0)
        name = folder + "/" + segments(folder)[0]
        whole = contents(name)
        for cut in range(RECORD_BYTES, len(whole)):
            with open(name, "wb") as f:
                f.write(whole[:cut])
            again = Journal(folder)
            assert again.unacknowledged() == [(a_frame(1), T0)], cut
            assert again.torn == (cut > RECORD_BYTES), cut
            again.keep(a_frame(3), T0)
            assert Journal(folder).unacknowledged() == [(a_frame(1), T0), (a_frame(3), T0)], cut
            for extra in segments(folder)[1:]:
                os.remove(folder + "/" + extra)


def test_a_flipped_bit_is_not_taken_for_a_press():
    with Folder() as folder:
        Journal(folder).keep(a_frame(1), T0)
        name = folder + "/" + segments(folder)[0]
        whole = contents(name)
        for i in range(0, len(whole), 7):
            with open(name, "wb") as f:
                f.write(whole[:i] + bytes([whole[i] ^ 4]) + whole[i + 1 :])
            assert Journal(folder).unacknowledged() == [] and Journal(folder).torn == 1


def test_full__the_oldest_acknowledged_go_and_what_waits_stays_in_order():
    with Folder() as folder:
        journal = Journal(folder)
        journal.keep(a_frame(1), T0)
        journal.keep(a_frame(2), T0)
        for count in range(3, 3 + SEGMENT_RECORDS * MAX_SEGMENTS):
            journal.keep(a_frame(count), T0)
            journal.settle(1001, count)
        journal.keep(a_frame(9_000), T0)
        assert len(segments(folder)) == MAX_SEGMENTS
        again = Journal(folder)
        waiting = [frames.read_header(frame).count for frame, _ in again.unacknowledged()]
        assert waiting == [1, 2, 9_000]
        assert len(again.latest()) == MAX_RECALLED
        assert max([os.stat(folder + "/" + name)[6] for name in segments(folder)]) <= 4096


def test_a_file_is_replaced_as_a_whole_and_only_wanted_tables_stay():
    with Folder() as folder:
        flash = Flash(folder + "/")
        flash.replace("state", b"old")
        with open(folder + "/state.new", "wb") as f:
            f.write(b"ne")  # the power was cut here
        assert flash.read("state") == b"old"
        flash.replace("state", b"new")
        assert flash.read("state") == b"new" and flash.read("nothing") is None
        for version in (1, 2, 3):
            flash.shelve(version, bytes([version]), version - 1)
        assert flash.table(1) is None and flash.table(2) == b"\2" and flash.table(3) == b"\3"


def test_memory_comes_back_as_it_was_or_not_at_all():
    for m in (
        memory.Memory(None, 1, 0, 0, 0, b""),
        memory.Memory(7, (1 << 64) - 1, 9, 0xFFFFFFFF, 3, b"snapshot"),
    ):
        stored = memory.to_bytes(m)
        assert memory.from_bytes(stored) == m
        for cut in range(len(stored)):
            assert memory.from_bytes(stored[:cut]) is None
    assert memory.from_bytes(None) is None


def test_a_key_file_of_another_length_is_no_key():
    with Folder() as folder:
        flash = Flash(folder)
        assert identity.read(flash) is None
        flash.replace("key", bytes(identity.KEY_FILE_BYTES - 1))
        assert identity.read(flash) is None
        flash.replace("key", bytes(range(64)) + b"\0\0\0\7")
        assert identity.read(flash) == identity.Identity(bytes(range(32)), bytes(range(32, 64)), 7)


def test_provisioned_anew__the_earlier_wearers_visit_and_presses_are_forgotten():
    with Folder() as folder:
        flash = Flash(folder)
        ana, ben = identity.Identity(b"a" * 32, b"b" * 32, 7), identity.Identity(b"c" * 32, b"d" * 32, 7)
        assert not identity.settle_in(ana, flash)
        flash.replace("state", b"a visit")
        Journal(folder).keep(a_frame(1), T0)
        assert not identity.settle_in(ana, flash)
        assert len(Journal(folder).unacknowledged()) == 1
        assert identity.settle_in(ben, flash)
        assert flash.read("state") is None and Journal(folder).unacknowledged() == []


class TornFile:
    """Takes half of what is written, then flash is full."""

    def __init__(self, f):
        self.f = f

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.f.close()

    def close(self):
        self.f.close()

    def write(self, content):
        self.f.write(content[: len(content) // 2])
        raise OSError(28)


def test_a_press_kept_after_flash_was_full_for_a_moment_is_there_after_a_reset():
    with Folder() as folder:
        kept = Journal(folder)
        kept.keep(a_frame(1), T0)
        journal_module.open = lambda path, mode: TornFile(open(path, mode))  # noqa: SIM115
        try:
            kept.keep(a_frame(2), T0)
            raise AssertionError("kept, and flash was full")
        except OSError:
            pass
        finally:
            del journal_module.open
        kept.keep(a_frame(3), T0)
        assert Journal(folder).unacknowledged() == [(a_frame(1), T0), (a_frame(3), T0)]


def test_flash_does_not_give_what_is_in_it__the_pendant_starts_all_the_same_and_keeps_what_comes():
    with Folder() as folder:
        Journal(folder).keep(a_frame(1), T0)

        def worn(path, mode):
            if mode == "rb":
                raise OSError(84)
            return open(path, mode)

        journal_module.open = worn
        try:
            again = Journal(folder)
            assert again.unread == 1 and again.unacknowledged() == [] and again.latest() == []
            again.keep(a_frame(2), T0)
        finally:
            del journal_module.open
        assert len(segments(folder)) == 2, "nothing goes behind what can't be read"
        assert Journal(folder).unacknowledged() == [(a_frame(1), T0), (a_frame(2), T0)]


def test_presses_of_another_version_of_frames_end_no_boot_and_make_room():
    with Folder() as folder:
        Journal(folder).keep(bytes([frames.VERSION + 1]) + a_frame(1)[1:], T0)
        journal = Journal(folder)
        assert journal.foreign == 1 and journal.unacknowledged() == []
        most, journal_module.MAX_SEGMENTS = journal_module.MAX_SEGMENTS, 1
        try:
            for count in range(2, 2 + SEGMENT_RECORDS):
                journal.keep(a_frame(count), T0)
        finally:
            journal_module.MAX_SEGMENTS = most
        again = Journal(folder)
        assert again.foreign == 0 and len(again.unacknowledged()) == SEGMENT_RECORDS
