"""Keys and duress: what must never be seen where it doesn't belong."""

import logging
from pathlib import Path

import pytest
from stage import MINUTE, Stage
from watchword_core import words as w
from watchword_core.frames import PRACTICE
from watchword_core.seal import SealError
from watchword_hub.clock import SystemClock
from watchword_hub.keyring import KeyFileError, KeyRing, LibrarySiv, NoKey


def test_a_key_is_readable_by_the_hubs_user_alone_and_not_shown(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    keys = ring.make(7)
    ring.adopt(7)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    (file,) = (tmp_path / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(keys) == 64 and keys != ring.make(8)
    assert keys.hex() not in repr(ring) + repr(ring.up(7)) + str(vars(ring.up(7)))


def test_each_direction_has_a_key_of_its_own(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.make(7)
    ring.adopt(7)
    sealed = ring.up(7).seal(b"header", b"body")
    assert ring.up(7).open(b"header", sealed) == b"body"
    with pytest.raises(SealError):
        ring.down(7).open(b"header", sealed)
    with pytest.raises(SealError):
        ring.up(7).open(b"header", sealed[:16])


def test_keys_outlive_a_restart_and_are_replaced_by_new_ones_when_the_pendant_has_them(tmp_path: Path) -> None:
    before = KeyRing(tmp_path)
    keys = before.make(7)
    before.adopt(7)
    old = LibrarySiv(keys[:32]).seal(b"h", b"body")
    ring = KeyRing(tmp_path)
    assert ring.has(7) and not ring.has(8)
    assert ring.up(7).open(b"h", old) == b"body"
    new = LibrarySiv(ring.make(7)[:32]).seal(b"h", b"body")
    assert ring.up(7).open(b"h", old) == b"body"  # the cable was pulled: what she wears has the old key
    ring.adopt(7)
    assert ring.up(7).open(b"h", new) == b"body"
    with pytest.raises(SealError):
        ring.up(7).open(b"h", old)
    ring.adopt(7)  # with nothing new, nothing changes
    assert ring.up(7).open(b"h", new) == b"body"
    with pytest.raises(NoKey, match="provision"):
        ring.up(8)


def test_a_key_that_others_can_read_or_that_is_cut_is_not_used(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.make(7)
    ring.adopt(7)
    file = tmp_path / "00000007.key"
    file.chmod(0o644)
    with pytest.raises(KeyFileError, match="read by others"):
        ring.up(7)
    file.chmod(0o600)
    file.write_bytes(bytes(10))
    with pytest.raises(KeyFileError, match="10 bytes"):
        ring.up(7)


def test_a_pendant_that_was_not_given_its_new_key_is_heard_by_its_old_one(stage: Stage) -> None:
    ana = stage.visit()
    stage.keyring.make(ana.id)  # a technician begins to provision it anew, and the board does not take it
    stage.carry(ana.frame(w.SOS))
    assert stage.messages()[0][0] == "Ben"
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked


def test_duress_is_told_with_its_rule_and_stands_in_no_log(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ana = stage.visit()
    stage.carry(ana.frame(w.DURESS))
    stage.later(2 * MINUTE)
    bodies = [body for (body,) in stage.rows("SELECT body FROM outbox ORDER BY id")]
    assert stage.messages()[:2] == [("Ben", "Ana: DURESS"), ("Cora", "Ana: DURESS")]
    assert all("don't call the worker first" in body for body in bodies)
    assert not any("Call the worker" in body for body in bodies)
    assert "duress" not in caplog.text.lower() and "Ana" not in caplog.text


def test_practice_is_written_down_and_alarms_nobody(stage: Stage) -> None:
    ana = stage.visit()
    stage.carry(ana.frame(w.SOS, flags=PRACTICE))
    ana.hear(stage.carriers)
    assert ana.last_press in ana.acked
    assert stage.messages() == [] and stage.kinds(ana.visit)[-1] == "sos"


def test_the_systems_clock_goes_on() -> None:
    clock = SystemClock()
    first = clock.now_ms()
    assert first > 1_700_000_000_000
    assert clock.now_ms() >= first
