"""Where Ana is, on the whole firmware: the receiver is switched, its place is sent, kept, and back after a cut."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sky import Sky, sentence
from watchword_core import frames
from watchword_sim.virtual_hub import START_MS
from watchword_sim.virtual_stage import VirtualStage

SECOND = 1_000
MINUTE = 60_000
GGA = b"GPGGA,132820.60,4134.49821229,N,09345.03351845,W,2,09,1.0,278.020,M,-31.442,M,7.6,0133"
PLACE = (415_749_702, -937_505_586, 5)
_PRESSES = """SELECT journal.body, personal.body FROM journal LEFT JOIN personal ON personal.seq = journal.seq
    WHERE journal.kind = 'sos' ORDER BY journal.seq"""


class Place(Sky):
    """One place, `clear` permitting."""

    def __init__(self, stage: VirtualStage) -> None:
        self.clear = True
        self.dated = False  # it tells the date too: so the time is known
        self.hangs_at_ms: int | None = None  # it repeats for ever what it said then
        super().__init__(stage)

    def says(self) -> bytes:
        if not self.clear:
            return b""
        at_ms = self._stage.now_ms if self.hangs_at_ms is None else self.hangs_at_ms
        return sentence(dated(at_ms) if self.dated else GGA)


def dated(now_ms: int) -> bytes:
    """The place of GGA with the true time."""
    at = datetime.fromtimestamp((START_MS + now_ms) // 1000, UTC)
    return f"GPRMC,{at:%H%M%S},A,4134.49821229,N,09345.03351845,W,0.0,,{at:%d%m%y},,".encode()


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    with VirtualStage(tmp_path) as stage:
        yield stage


def sos_place(stage: VirtualStage) -> tuple[tuple[int, int, int], int | None, bool]:
    """(position and accuracy, age s, whether of before a restart) of the latest SOS, as the hub's journal has it."""
    body, personal = list(stage.hub.store.rows(_PRESSES))[-1]
    place = json.loads(personal)
    old = bool(json.loads(body)["flags"] & frames.OLD_PLACE)
    return (place["lat_e7"], place["lon_e7"], place["accuracy_m"]), place["fix_age_s"], old


def clock_of_sos(stage: VirtualStage) -> int:
    """Which clock was set, as the latest SOS says."""
    body, _ = list(stage.hub.store.rows(_PRESSES))[-1]
    return int(json.loads(body)["flags"]) & (frames.CLOCK_SET | frames.CLOCK_GNSS)


def sos(stage: VirtualStage) -> None:
    stage.until_felt("at the hub", 15 * SECOND, stage.hold_sos())


def test_the_receiver_is_on_for_a_fix_now_and_then_and_all_the_time_in_an_alarm(stage: VirtualStage) -> None:
    sky = Place(stage)
    stage.run(10 * SECOND)
    stage.hub.plan_visit()
    stage.run(16 * MINUTE)
    assert 20 * SECOND < sky.on_ms < 2 * MINUTE
    began_ms, before_ms = stage.now_ms, sky.on_ms
    sos(stage)
    stage.run(5 * MINUTE)
    assert sky.on_ms - before_ms >= stage.now_ms - began_ms - 10 * SECOND
    place, age_s, old = sos_place(stage)
    assert place == PLACE and age_s is not None and age_s < 7 * 60 and not old


def test_the_last_known_place_comes_back_after_a_power_cut_with_its_age_and_as_what_it_is(stage: VirtualStage) -> None:
    sky = Place(stage)
    stage.hub.plan_visit()
    stage.run(MINUTE)
    sky.clear = False
    stage.run(10 * MINUTE)
    stage.lose_power()
    stage.run(MINUTE)
    stage.power_on()
    stage.run(10 * SECOND)
    sos(stage)
    place, age_s, old = sos_place(stage)
    assert place == PLACE and old
    assert age_s is not None and 10 * 60 <= age_s <= 13 * 60

    sky.clear = True
    stage.run(20 * SECOND)
    sos(stage)
    assert sos_place(stage) == (PLACE, 0, False)


def test_after_a_restart_without_a_link_the_time_is_the_receivers_and_then_the_hubs(stage: VirtualStage) -> None:
    sky = Place(stage)
    sky.dated = True
    stage.hub.plan_visit()
    stage.run(MINUTE)
    stage.lose_power()
    stage.radio.down = True
    stage.power_on()
    stage.run(40 * SECOND)
    pressed_ms = stage.hold_sos()
    stage.radio.down = False
    stage.until_felt("at the hub", 20 * SECOND, pressed_ms)
    assert clock_of_sos(stage) == frames.CLOCK_GNSS
    sos(stage)
    assert clock_of_sos(stage) == frames.CLOCK_SET


def test_the_receiver_hangs_and_repeats_itself__the_place_grows_old(stage: VirtualStage) -> None:
    sky = Place(stage)
    sky.dated = True
    stage.hub.plan_visit()
    stage.run(MINUTE)
    sos(stage)
    sky.hangs_at_ms = stage.now_ms
    stage.run(5 * MINUTE)
    sos(stage)
    _, age_s, old = sos_place(stage)
    assert age_s is not None and 4 * 60 <= age_s <= 6 * 60 and not old
