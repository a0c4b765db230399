"""Links fade, break and come back; firmware and phones are killed."""

import asyncio
import random

import pytest
from bleak.exc import BleakError
from radio_stage import DEADLINE_S, LONG_TIMEOUT_MS, PENDANT, SUPERVISION_TIMEOUT_MS, Stage, connect
from waiting import until_async
from watchword_sim.radio import Air

pytestmark = pytest.mark.anyio

TIMEOUT_S = SUPERVISION_TIMEOUT_MS / 1000
LATE_S = 1.5  # two busy cores


async def test_blackout__both_sides_notice_when_the_supervision_timeout_has_passed(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    stage.radio.air.down = True
    assert TIMEOUT_S <= await link.is_lost() + 0.02 < TIMEOUT_S + LATE_S
    await pendant.says("disconnected")
    assert not link.client.is_connected
    assert stage.radio.counts["supervision_timeouts"] == 1


async def test_blackout_shorter_than_the_timeout__link_holds_and_what_waited_arrives(stage: Stage) -> None:
    await stage.pendant()
    link = await connect(stage.phone())
    stage.radio.air.down = True
    writing = asyncio.create_task(link.command(b"nwaited"))
    lost_before = stage.radio.counts["events_lost"]
    await until_async(lambda: stage.radio.counts["events_lost"] >= lost_before + 10, "ten lost connection events")
    stage.radio.air.down = False
    await writing
    assert await link.next() == b"waited"
    assert not link.lost.is_set()


async def test_one_event_in_three_is_lost__all_arrives_in_order(stage: Stage) -> None:
    await stage.pendant()
    link = await connect(stage.phone())
    stage.radio.air.loss = 0.33
    for number in range(10):
        await link.command(b"n%d" % number)
    assert [await link.next() for _ in range(10)] == [b"%d" % number for number in range(10)]
    assert stage.radio.counts["events_lost"] > 0


async def test_out_of_range_and_back__phone_reconnects_and_subscribes_again(stage: Stage) -> None:
    await stage.pendant()
    phone = stage.phone()
    link = await connect(phone)
    stage.radio.air.rssi_dbm = -110
    await link.is_lost()
    stage.radio.air.rssi_dbm = -60
    again = await connect(phone)
    await again.command(b"nback")
    assert await again.next() == b"back"


async def test_request_under_way_when_the_link_is_lost__fails_instead_of_hanging(stage: Stage) -> None:
    await stage.pendant()
    link = await connect(stage.phone())
    stage.radio.air.down = True
    with pytest.raises(BleakError, match="link was lost"):
        async with asyncio.timeout(DEADLINE_S):
            await link.command(b"nnever")


async def test_drop_links__both_sides_lose_it_at_once(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone(timeout_ms=LONG_TIMEOUT_MS))
    stage.radio.drop_links()
    assert await link.is_lost() < LONG_TIMEOUT_MS / 1000
    await pendant.says("disconnected")


async def test_firmware_is_killed__phone_learns_by_timeout_and_finds_it_again_after_the_restart(stage: Stage) -> None:
    pendant = await stage.pendant()
    phone = stage.phone(timeout_ms=LONG_TIMEOUT_MS)
    link = await connect(phone)
    await pendant.kill()
    restarted = await stage.pendant()  # it advertises while the phone still believes in the old link
    await restarted.says("up")
    assert not link.lost.is_set()
    assert await link.is_lost() < LONG_TIMEOUT_MS / 1000 + LATE_S
    again = await connect(phone)
    await again.command(b"nrestarted")
    assert await again.next() == b"restarted"


async def test_phone_is_killed__pendant_learns_by_timeout_and_advertises_again(stage: Stage) -> None:
    pendant = await stage.pendant()
    phone = stage.phone()
    await connect(phone)
    await phone.close()
    await pendant.says("disconnected")
    await connect(phone)  # opens its radio again by itself


async def test_three_pendants_at_once__one_out_of_range_leaves_the_others_alone(stage: Stage) -> None:
    addresses = [PENDANT, "C0:FF:EE:00:00:02", "C0:FF:EE:00:00:03"]
    for address in addresses:
        await stage.pendant(address)
    phone = stage.phone()
    links = [await connect(phone, address) for address in addresses]
    stage.radio.air_of(addresses[1]).down = True
    await links[1].is_lost()
    for link in (links[0], links[2]):
        await link.command(b"nhere")
        assert await link.next() == b"here"
        assert not link.lost.is_set()


@pytest.mark.parametrize(("rssi_dbm", "chance"), [(-55, 0), (-88, 0), (-94, 0.5), (-100, 1), (-120, 1)])
def test_weak_signal__loss_grows_from_none_to_all(rssi_dbm: float, chance: float) -> None:
    assert Air(rssi_dbm=rssi_dbm).loss_chance == pytest.approx(chance)


def test_same_seed__same_luck() -> None:
    def luck(seed: int) -> list[bool]:
        rng, air = random.Random(seed), Air(loss=0.5)
        return [air.loses(rng) for _ in range(64)]

    assert luck(1) == luck(1) != luck(2)


def test_loss_that_is_no_chance__refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Air(loss=30)


def test_knob_that_is_none__refused_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match="rssi_dbm, shadow_db, loss, down"):
        Air().rssi = -70
