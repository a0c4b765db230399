"""A registered pendant whose presses the hub can't open: the wearer may have pressed SOS, and somebody must know."""

from stage import MINUTE, FakePendant, Stage
from watchword_core import words as w
from watchword_hub.engine.unreadable import AGAIN_MS, BAD_SEALS
from watchword_hub.store.chain import verify_chain

CANNOT_READ = "Ana: a press that can't be read"


def told(stage: Stage) -> list[str]:
    return [who for who, subject in stage.messages() if subject == CANNOT_READ]


def lose_the_key(stage: Stage, pendant: FakePendant) -> None:
    next((stage.folder / "keys").glob(f"{pendant.id:08x}*")).unlink()
    stage.keyring._sealers.clear()


def test_the_key_is_missing__who_is_in_charge_is_told_once_a_day(stage: Stage) -> None:
    ana = stage.visit()
    lose_the_key(stage, ana)
    sos = ana.frame(w.SOS)
    stage.carry(sos, sos, ana.heartbeat())
    stage.restart()
    stage.carry(sos)
    ana.hear(stage.carriers)
    assert told(stage) == ["Ben", "Cora"] and ana.last_press not in ana.acked
    kept = stage.rows("SELECT body FROM journal WHERE kind = 'unreadable_press'")
    assert len(kept) == 1 and sos.hex() in kept[0][0]
    stage.clock.at_ms += AGAIN_MS
    stage.carry(sos)
    assert told(stage) == ["Ben", "Cora"] * 2
    verify_chain(stage.store.connection)


def test_others_can_read_the_key_file__it_is_told_too(stage: Stage) -> None:
    ana = stage.visit()
    next((stage.folder / "keys").glob(f"{ana.id:08x}*")).chmod(0o644)
    stage.keyring._sealers.clear()
    stage.carry(ana.frame(w.SOS))
    assert told(stage) == ["Ben", "Cora"]


def test_a_pendant_with_an_old_key_presses_sos__told_when_it_repeats(stage: Stage) -> None:
    ana = stage.visit()
    old = FakePendant(bytes(range(64)), stage.clock)
    sos = old.frame(w.SOS)
    for _ in range(BAD_SEALS - 1):
        stage.carry(sos)
    assert told(stage) == []
    stage.carry(old.heartbeat(), sos)
    assert told(stage) == ["Ben", "Cora"]
    for _ in range(200):
        stage.carry(old.frame(w.SOS))
        stage.clock.at_ms += MINUTE
    assert told(stage) == ["Ben", "Cora"] and stage.kinds(ana.visit).count("unreadable_press") == 1


def test_without_a_visit_the_manager_is_told(stage: Stage) -> None:
    stage.cast()
    pendant = stage.provision()
    lose_the_key(stage, pendant)
    stage.carry(pendant.frame(w.SOS))
    assert stage.messages() == [("Cora", "pendant P1: a press that can't be read")]
