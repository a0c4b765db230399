"""A phone finds a pendant, connects, hears it and writes to it."""

import asyncio

import pytest
from bleak import BleakScanner
from bleak.exc import BleakError
from bumble import hci
from radio_stage import COMMAND, DEADLINE_S, LONG_TIMEOUT_MS, PENDANT, UP, Link, Stage, connect, find
from watchword_sim.radio import make_backend
from watchword_sim.radio.controller import AdvertisingType
from watchword_sim.radio.link import Advertisement

pytestmark = pytest.mark.anyio


async def test_phone_scans__advert_and_scan_response_and_rssi_are_heard(stage: Stage) -> None:
    stage.radio.air.rssi_dbm = -70
    await (await stage.pendant()).says("up")
    phone = stage.phone()
    heard = []
    async with BleakScanner(backend=phone.scanner) as scanner:
        async for device, advert in scanner.advertisement_data():
            heard.append(advert)
            if device.name == "PENDANT":
                break
    assert "6d1a0001-9a2b-4c53-8f7e-57a7c4b0d001" in {uuid for advert in heard for uuid in advert.service_uuids}
    assert all(-80 < advert.rssi < -60 for advert in heard)


async def test_phone_filters_by_another_service__pendant_is_not_shown(stage: Stage) -> None:
    await (await stage.pendant()).says("up")
    phone = stage.phone()
    other = ["0000180d-0000-1000-8000-00805f9b34fb"]
    await find(phone)
    async with BleakScanner(service_uuids=other, backend=phone.scanner) as scanner:
        await find(phone)  # two scanners share one radio
        assert scanner.discovered_devices == []


@pytest.mark.parametrize("interval_ms", [15, 100])
async def test_phone_connects__frames_pass_both_ways(stage: Stage, interval_ms: float) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone(interval_ms))
    assert await pendant.says("mtu") == "247"
    assert link.client.mtu_size == 247
    assert stage.radio.link.connections[0].interval_s == pytest.approx(interval_ms / 1000)
    for payload in (b"first", bytes(78), bytes(range(231))):
        await link.command(b"n" + payload)
        assert await link.next() == payload


async def test_pendant_sets_a_value__subscribers_hear_it_and_others_read_it(stage: Stage) -> None:
    await stage.pendant()
    link = await connect(stage.phone())
    await link.command(b"ulatest")
    assert await link.next() == b"latest"
    assert await link.client.read_gatt_char(UP) == b"latest"


async def test_pendant_indicates__it_learns_that_the_phone_has_it(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    await link.command(b"i")
    assert await pendant.says("confirmed") == "0"


async def test_phone_disconnects__pendant_learns_and_advertises_again(stage: Stage) -> None:
    pendant = await stage.pendant()
    phone = stage.phone()
    link = await connect(phone)
    await link.client.disconnect()
    await pendant.says("disconnected")
    assert not link.client.is_connected
    await connect(phone)


@pytest.mark.parametrize("command", [b"g", b"o"])
async def test_pendant_ends_the_link__phone_learns_at_once_and_may_connect_again(stage: Stage, command: bytes) -> None:
    await stage.pendant()
    phone = stage.phone(timeout_ms=LONG_TIMEOUT_MS)
    link = await connect(phone)
    await link.command(command)
    assert await link.is_lost() < LONG_TIMEOUT_MS / 1000
    await connect(phone)


async def test_phone_disconnects_in_a_blackout__done_after_the_supervision_timeout(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    stage.radio.air.down = True
    async with asyncio.timeout(DEADLINE_S):
        await link.client.disconnect()
    await pendant.says("disconnected")
    assert stage.radio.counts["supervision_timeouts"] == 1


async def test_nobody_advertises__connect_times_out_and_the_next_one_succeeds(stage: Stage) -> None:
    phone = stage.phone()
    absent = Link(phone, PENDANT)
    absent.client._backend._timeout = 0.3
    with pytest.raises(TimeoutError):
        await absent.open()
    await stage.pendant()
    await connect(phone)


async def test_connecting_is_cancelled_before_the_pendant_answers__the_next_connect_succeeds(stage: Stage) -> None:
    phone = stage.phone()
    connecting = asyncio.create_task(Link(phone, PENDANT).open())
    await BleakScanner.find_device_by_address(PENDANT, timeout=0.2, backend=phone.scanner)
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    await stage.pendant()
    await connect(phone)


async def test_connecting_is_cancelled_again_and_again__radio_stays_usable(stage: Stage) -> None:
    await (await stage.pendant()).says("up")
    phone = stage.phone()
    device = await find(phone)
    for wait_ms in range(0, 80, 8):  # some before the first advert, some after the link is up
        connecting = asyncio.create_task(Link(phone, device).open())
        await asyncio.wait([connecting], timeout=wait_ms / 1000)
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
    await connect(phone)
    assert len(stage.radio.link.connections) == 1


async def test_advertiser_is_gone_when_the_phone_answers__connecting_fails_with_3e(stage: Stage) -> None:
    phone = stage.phone()
    ghost_address = hci.Address("C0:FF:EE:00:00:99")
    ghost = stage.radio.add_controller("ghost")
    connecting = Link(phone, "C0:FF:EE:00:00:99")

    def advertise_once() -> None:
        ghost.send_advertising_pdu(Advertisement(ghost_address, AdvertisingType.ADV_IND, b"", b""))

    stage.repeat(advertise_once)
    with pytest.raises(BleakError, match=r"lost|failed"):
        await connecting.open()
    assert stage.radio.counts["connects_unanswered"] == 1
    assert not connecting.client.is_connected


async def test_written_value_without_a_link__clear_error(stage: Stage) -> None:
    await stage.pendant()
    link = await connect(stage.phone())
    await link.client.disconnect()
    with pytest.raises(BleakError):
        await link.client.write_gatt_char(COMMAND, b"late", response=True)


async def test_no_radio_at_the_port__scan_says_so(stage: Stage) -> None:
    port = stage.radio.hci_port
    await stage.radio.close()
    with pytest.raises(OSError):
        await BleakScanner.find_device_by_address(
            PENDANT, timeout=DEADLINE_S, backend=make_backend(port, PENDANT, None).scanner
        )


def test_supervision_timeout_too_short_for_the_interval__refused() -> None:
    with pytest.raises(ValueError, match="at least 6 intervals"):
        make_backend(1, PENDANT, None, connection_interval_ms=400, supervision_timeout_ms=720)
