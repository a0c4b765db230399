"""What NimBLE does to firmware that doesn't expect it, the simulated radio does too."""

import pytest
from radio_stage import COMMAND, SHORT, Stage, connect

pytestmark = pytest.mark.anyio


async def test_advert_over_31_bytes__fails_with_nimbles_code(stage: Stage) -> None:
    assert await (await stage.pendant()).says("long advert") == "-18"


async def test_notify_without_a_link__enotconn(stage: Stage) -> None:
    assert await (await stage.pendant()).says("notify nobody") == "107"


async def test_passkeys_are_not_modelled__einval_rather_than_a_pairing_that_would_differ(stage: Stage) -> None:
    assert await (await stage.pendant()).says("passkeys") == "22"


async def test_write_longer_than_the_buffer__cut_to_20_bytes(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    await link.client.write_gatt_char(SHORT, bytes(78), response=True)
    assert await pendant.says("short") == "20"


async def test_notify_longer_than_the_mtu__cut_to_mtu_less_3(stage: Stage) -> None:
    await stage.pendant()
    link = await connect(stage.phone())
    await link.command(b"a")
    assert await link.next() == bytes(range(250))[: 247 - 3]


async def test_address_kept_beyond_the_handler__is_poison(stage: Stage) -> None:
    pendant = await stage.pendant()
    await connect(stage.phone())
    assert await pendant.says("view") == str(b"\xdd" * 6)


async def test_handler_raises_once__interrupts_are_over_for_good(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    await link.client.write_gatt_char(COMMAND, b"x", response=True)
    await pendant.says("ValueError: a bug in the handler")
    await link.command(b"nunheard")  # accepted by the stack, but no handler looks at it
    await link.client.disconnect()
    await pendant.says("still running")
    assert link.heard.empty()


async def test_more_notifications_than_buffers__enomem_and_the_rest_arrive_whole(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    await link.command(b"f200")
    refused, errno = (await pendant.says("flood")).split()
    assert errno == "12"
    arrived = [await link.next() for _ in range(200 - int(refused))]
    assert arrived == [bytes(60)] * len(arrived)


async def test_notify_in_a_blackout__success_is_not_delivery(stage: Stage) -> None:
    pendant = await stage.pendant()
    link = await connect(stage.phone())
    await link.command(b"f1")
    await link.next()
    await link.client.write_gatt_char(COMMAND, b"d2", response=True)
    stage.radio.air.down = True
    assert await pendant.says("late flood") == "0 0"  # queued without an error
    await link.is_lost()
    assert link.heard.empty()


async def test_subscription_is_not_persisted__phone_hears_nothing_until_it_subscribes_again(stage: Stage) -> None:
    pendant = await stage.pendant()
    phone = stage.phone()
    link = await connect(phone)
    await link.client.disconnect()
    await pendant.says("disconnected")
    await link.open()
    await link.command(b"nlost")
    await link.command(b"f0")
    await pendant.says("flood")
    assert link.heard.empty()
    await link.subscribe()
    await link.command(b"nheard")
    assert await link.next() == b"heard"


async def test_four_links_are_all_that_there_are__no_advert_beside_them(stage: Stage) -> None:
    pendant = await stage.pendant()
    for number in range(1, 5):
        link = await connect(stage.phone(address=f"F0:F1:F2:F3:F5:{number:02X}"))
        await link.command(b"w")
        assert await pendant.says("advertises again") == ("12" if number == 4 else "0")
