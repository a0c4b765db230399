"""Strangers near Ana: what they learn of her pendant, and how long they can hold it."""

import asyncio

from bleak import BleakScanner
from pendant import felt
from pendant.links import AUTHENTICATE_MS, MAX_LINKS
from watchword_core import frames
from watchword_core import words as w
from worn import DOWN, LATE_S, OURS, UP, Stranger

SLOW_MS = 20_000  # of a supervision timeout; Bluetooth allows 32 s


def test_forges_frames__let_go_after_two_seconds_and_the_pendant_is_on_the_air(wear):
    async def scenario():
        async with wear() as ana, Stranger(ana) as stranger:
            forged = bytes([frames.VERSION, frames.DOWN]) + bytes(frames.DOWN_BYTES - 2)
            await stranger.client.start_notify(UP, lambda *_: None)
            await stranger.client.write_gatt_char(DOWN, forged, response=True)
            assert await stranger.is_let_go() <= AUTHENTICATE_MS / 1000 + LATE_S
            await ana.connect()
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)

    asyncio.run(scenario())


def test_holds_a_link__anas_phone_comes_beside_it_and_takes_over(wear):
    async def scenario():
        async with wear() as ana, Stranger(ana) as stranger:
            await ana.connect()
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)
            await stranger.is_let_go()
            assert ana.hub.events() == [w.SOS] and ana.client.is_connected

    asyncio.run(scenario())


def test_more_strangers_than_there_are_links__anas_phone_is_let_in_all_the_same(wear):
    async def scenario():
        async with wear() as ana:
            crowd = [await Stranger(ana, number).__aenter__() for number in range(MAX_LINKS)]
            try:
                await ana.connect()
                await ana.hold("sos", felt.KEPT)
                await ana.feels(felt.AT_HUB)
            finally:
                for stranger in crowd:
                    await stranger.__aexit__()

    asyncio.run(scenario())


def test_three_strangers_go_out_of_range_and_their_links_end_slowly__anas_phone_is_let_in_meanwhile(wear):
    async def scenario():
        async with wear() as ana:
            for number in range(MAX_LINKS):
                async with Stranger(ana, number, SLOW_MS):
                    pass  # then its radio is off: it hears no goodbye
            began_s = asyncio.get_running_loop().time()
            await ana.connect()
            took_s = asyncio.get_running_loop().time() - began_s
            assert took_s < AUTHENTICATE_MS / 1000 + LATE_S < SLOW_MS / 1000
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)

    asyncio.run(scenario())


def test_listens__hears_our_service_and_no_name_and_nothing_of_the_wearer(wear):
    async def scenario():
        async with wear() as ana:
            found = await BleakScanner.discover(timeout=0.5, return_adv=True, backend=ana.phone.scanner)
            ((device, advert),) = found.values()
            assert advert.service_uuids == [OURS]
            assert (device.name, advert.local_name, advert.manufacturer_data, advert.service_data) == (
                None,
                None,
                {},
                {},
            )

    asyncio.run(scenario())


def test_while_a_carrier_is_in_use__not_on_the_air(wear):
    async def scenario():
        async with wear() as ana:
            await ana.connect()
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)
            assert await BleakScanner.discover(timeout=0.5, backend=ana.phone.scanner) == []

    asyncio.run(scenario())
