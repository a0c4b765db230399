"""Two phones that a technician made known, Ben's and Dev's: one carries, and the other takes over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bleak import BleakScanner
from pendant import felt
from waiting import until_async
from watchword_core import words as w
from watchword_sim.radio import make_backend
from worn import WITHIN_S, Carrier, Worn

LOOK_S = 0.5
LOOKS = 20
MADE = "no more phones"  # how the firmware says that the technician's mode is over


async def made_known(ana: Worn, phone: Carrier) -> None:
    """By a technician; then it is disconnected."""
    await ana.board.kill()
    await ana.let_pair()
    before = ana.board.stdout.count(MADE)
    await ana.board.start()
    await phone.connect()
    await until_async(lambda: ana.board.stdout.count(MADE) > before, "it is known", WITHIN_S)
    await phone.disconnect()


@contextlib.asynccontextmanager
async def two_known(ana: Worn, keys: Path) -> AsyncIterator[tuple[Carrier, Carrier]]:
    """(Ben's, Dev's), both known to the pendant and neither connected."""
    phones = []
    for name, address in (("ben", "F0:F1:F2:F3:F4:01"), ("dev", "F0:F1:F2:F3:F4:02")):
        phone = Carrier(ana.air, ana.hub, make_backend(ana.air.hci_port, address, keys / name, 15))
        await made_known(ana, phone)
        phones.append(phone)
    yield phones[0], phones[1]
    for phone in phones:
        await phone.end()


async def connected(phone: Carrier) -> None:
    """It is found, connects and hears."""
    before = len(phone.heard)
    await phone.connect()
    await until_async(lambda: len(phone.heard) > before, "it hears", WITHIN_S)


async def goes_off_the_air(phone: Carrier) -> None:
    """No advert reaches it any more: the pendant has a carrier in use."""
    for _ in range(LOOKS):
        if not await BleakScanner.discover(timeout=LOOK_S, backend=phone.phone.scanner):
            return
    raise AssertionError("the pendant stays on the air")


def test_both_are_near__one_carries_and_when_it_dies_the_other_does(wear, tmp_path):
    async def scenario():
        async with wear() as ana, two_known(ana, tmp_path) as (ben, dev):
            await connected(ben)
            await goes_off_the_air(dev)
            await ben.phone.close()  # its battery is flat: no goodbye
            await connected(dev)
            heard = len(dev.heard)
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)
            assert ana.hub.events() == [w.SOS] and len(dev.heard) > heard

    asyncio.run(scenario())


@pytest.mark.soak
def test_both_connect_at_the_same_moment__both_hear_an_sos_and_it_counts_once(wear, tmp_path):
    async def scenario():
        async with wear() as ana, two_known(ana, tmp_path) as (ben, dev):
            ben.answers = dev.answers = False  # so that neither is in use before both are there
            await connected(ben)
            await connected(dev)
            await ana.hold("sos", felt.KEPT)
            ben.answers = dev.answers = True
            await ana.feels(felt.AT_HUB)
            await goes_off_the_air(ben if not ben.client.is_connected else dev)
            assert ana.hub.events() == [w.SOS]
            assert [ben.client.is_connected, dev.client.is_connected].count(True) == 1, "one in use, the other let go"

    asyncio.run(scenario())


@pytest.mark.soak
def test_the_one_in_use_fades_and_comes_back__each_takes_over_from_the_other(wear, tmp_path):
    async def scenario():
        async with wear() as ana, two_known(ana, tmp_path) as (ben, dev):
            await connected(ben)
            await ana.hold("sos", felt.KEPT)
            await ana.feels(felt.AT_HUB)
            await goes_off_the_air(dev)
            for fades, comes in ((ben, dev), (dev, ben)):
                fades.answers = False  # it has lost its network
                await connected(comes)
                await until_async(lambda gone=fades: not gone.client.is_connected, "the faded one is let go", WITHIN_S)
                await goes_off_the_air(fades)
                fades.answers = True
            assert ana.hub.events() == [w.SOS]

    asyncio.run(scenario())
