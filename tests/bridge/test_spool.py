"""What the bridge keeps until the hub has it."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sealed import ANA, BOOT, DEV, down, up
from watchword_bridge import spool as spool_module
from watchword_bridge.spool import RESEND_MAX_MS, RESEND_MS, Spool, SpoolError, SpoolInUse
from watchword_core.frames import PRESS, ROUTINE, read_header


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.db")
    yield spool
    spool.close()


def keep(spool: Spool, frame: bytes, now_ms: int = 0) -> bool:
    return spool.keep(frame, read_header(frame), now_ms)


def acknowledge(spool: Spool, lane: int, count: int, pendant: int = ANA) -> int:
    return spool.acknowledged(read_header(down(1, pendant, (lane, count))))


def frames_due(spool: Spool, now_ms: int) -> list[bytes]:
    return [frame for _, frame in spool.due(now_ms)]


def test_bridge_killed__press_frames_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    bridge = (
        "import sys, pathlib, signal; from watchword_bridge.spool import Spool; from watchword_core.frames import *\n"
        "s = Spool(pathlib.Path(sys.argv[1]))\n"
        "for f in sys.argv[2:]: s.keep(bytes.fromhex(f), read_header(bytes.fromhex(f)), 0)\n"
        "s.write(); print('written', flush=True); signal.pause()"
    )
    sent = [up(3), up(1), up(2, DEV)]
    command = [sys.executable, "-c", bridge, str(path), *(frame.hex() for frame in sent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        os.kill(process.pid, signal.SIGKILL)
    after = Spool(path)
    assert frames_due(after, 1) == sent
    assert acknowledge(after, PRESS, 1) == 1
    after.write()
    after.close()
    again = Spool(path)
    assert frames_due(again, 1) == [sent[0], sent[2]]
    again.close()


def test_a_frame_is_durable_after_write_and_not_before(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert spool._db.execute("PRAGMA synchronous").fetchone() == (2,), "FULL: fsync at every commit"
    assert spool._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_acknowledged_before_it_was_written__costs_the_disk_nothing(spool: Spool) -> None:
    before = spool._db.total_changes
    keep(spool, up(1))
    acknowledge(spool, PRESS, 1)
    spool.write()
    assert spool._db.total_changes == before
    keep(spool, up(2))
    spool.write()
    assert spool._db.total_changes == before + 1


def test_only_the_hubs_acknowledgement_of_that_very_frame_drops_it(spool: Spool) -> None:
    keep(spool, up(1))
    keep(spool, up(1, lane=ROUTINE))
    assert acknowledge(spool, PRESS, 2) == 0
    assert acknowledge(spool, PRESS, 1, DEV) == 0
    assert acknowledge(spool, 0, 0) == 0
    assert len(spool) == 2
    assert acknowledge(spool, ROUTINE, 1) == 1
    assert acknowledge(spool, PRESS, 1) == 1
    assert len(spool) == 0
    assert acknowledge(spool, PRESS, 1) == 0, "told twice"


def test_repeated_by_the_pendant__kept_and_published_once(spool: Spool) -> None:
    assert keep(spool, up(1)) is True
    assert keep(spool, up(1)) is False
    assert keep(spool, up(1, lane=ROUTINE)) is True
    assert keep(spool, up(1, lane=ROUTINE)) is False
    assert spool.counters["duplicates"] == 2
    assert len(spool) == 2


def test_forged_frame_of_the_same_count_does_not_keep_the_genuine_one_out(spool: Spool) -> None:
    genuine = up(1)
    forged = genuine[:-1] + bytes([genuine[-1] ^ 1])
    assert keep(spool, forged)
    assert keep(spool, genuine)
    assert frames_due(spool, RESEND_MS) == [forged, genuine]
    assert acknowledge(spool, PRESS, 1) == 2


def test_press_goes_before_routine_and_the_newest_heartbeat_counts(spool: Spool) -> None:
    keep(spool, up(1, lane=ROUTINE))
    keep(spool, up(2, lane=ROUTINE))
    keep(spool, up(1))
    assert spool.due(RESEND_MS) == [(PRESS, up(1)), (ROUTINE, up(2, lane=ROUTINE))]
    assert spool.counters["routine_replaced"] == 1


def test_repeats_grow_apart_to_a_limit_and_start_anew_after_a_reconnect(spool: Spool) -> None:
    keep(spool, up(1))
    now_ms, gaps = 0, []
    for _ in range(7):
        since = now_ms
        while not frames_due(spool, now_ms):
            now_ms += 1000
        gaps.append(now_ms - since)
    assert gaps[:3] == [RESEND_MS, RESEND_MS, 2 * RESEND_MS]
    assert gaps[-1] == RESEND_MAX_MS
    spool.all_due(now_ms)
    assert frames_due(spool, now_ms) == [up(1)]
    assert frames_due(spool, now_ms + RESEND_MS) == [up(1)]


def test_limits_hold_and_what_is_not_kept_is_published_and_counted(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_PRESS_FRAMES_PER_PENDANT", 2)
    monkeypatch.setattr(spool_module, "MAX_PRESS_FRAMES", 3)
    assert all(keep(spool, up(count)) for count in range(4))
    assert len(spool) == 2
    assert keep(spool, up(1, DEV)), "another pendant has room"
    assert keep(spool, up(2, DEV))
    assert len(spool) == 3
    assert spool.counters["press_not_kept"] == 3


def test_routine_of_many_pendants_is_bounded(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "MAX_ROUTINE_PENDANTS", 2)
    for pendant in (1, 2, 3):
        keep(spool, up(1, pendant, ROUTINE))
    assert frames_due(spool, RESEND_MS) == [up(1, 2, ROUTINE), up(1, 3, ROUTINE)]
    assert spool.counters["routine_dropped"] == 1


def test_disk_refuses__frames_stay_in_memory_and_are_written_later(spool: Spool) -> None:
    keep(spool, up(1))
    spool._db.execute("PRAGMA query_only = ON")
    with pytest.raises(SpoolError, match="check the disk"):
        spool.write()
    assert spool.counters["write_failed"] == 1
    assert frames_due(spool, RESEND_MS) == [up(1)]
    spool._db.execute("PRAGMA query_only = OFF")
    spool.write()
    assert spool._db.execute("SELECT frame FROM press").fetchall() == [(up(1),)]


def test_two_bridges_on_one_spool__the_second_is_refused(tmp_path: Path, spool: Spool) -> None:
    with pytest.raises(SpoolInUse, match="another bridge"):
        Spool(tmp_path / "spool.db")


def test_unreadable_spool_is_moved_aside_and_the_bridge_starts(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    path.write_bytes(b"not a database " * 100)
    spool = Spool(path)
    assert len(spool) == 0
    assert keep(spool, up(1))
    spool.write()
    spool.close()
    assert (tmp_path / "spool.db.unreadable").read_bytes().startswith(b"not a database")
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM press").fetchone() == (1,)


def test_boot_ids_of_64_bits_are_kept_whole(spool: Spool) -> None:
    keep(spool, up(1))
    spool.write()
    assert read_header(frames_due(spool, RESEND_MS)[0]).boot == BOOT
